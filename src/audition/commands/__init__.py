"""Commands: what a shell text ran. One file is one family of programs.

    recognise("cd app && uv run pytest -q | tail -3", exit_code=0, output="3 passed in 0.02s")

gives `cd`, then pytest as a test run that passed 3 tests. The text is parsed as a shell parses it;
nothing is run. An exit code is a command's own only where the shell says so: not before a `;`, a
pipe or `|| true`. Where it is not, the output is read if it says enough; "unknown" is an answer.
What a text cannot tell (a script that starts the tests) is not guessed.

`npm test`, `npm run NAME` and `make NAME` are what the workspace's own files say that they are.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import ClassVar, Protocol

from audition import parts
from audition.commands._scripts import resolved
from audition.commands._shell import Simple, parse
from audition.commands._wrappers import unwrapped
from audition.events import CommandOutcome, CommandRole, FailureKind

MOST_COMMANDS = 100
"""Of one text; what follows is left out."""
_DEEPEST = 4
"""How often a script may call another."""


@dataclass(frozen=True, kw_only=True)
class Ran:
    """One command that was run."""

    text: str
    """The command alone, without what stands around it."""
    tool: str
    """The program that did the work."""
    role: CommandRole
    exit_code: int | None = None
    """None where the exit code of the whole does not have to be this command's."""
    outcome: CommandOutcome = "unknown"
    failure: FailureKind | None = None
    tests: int | None = None
    """How many tests it says it ran."""
    whole: bool = False
    """Nothing on the command line narrows what it tests or lints."""
    argv: tuple[str, ...] = ()


@dataclass(frozen=True)
class Purpose:
    """What a command line is for."""

    tool: str
    role: CommandRole
    whole: bool = False


@dataclass(frozen=True)
class Said:
    """What an output says of a run."""

    outcome: CommandOutcome = "unknown"
    failure: FailureKind | None = None
    tests: int | None = None


class Family(Protocol):
    """A file of this shelf."""

    programs: ClassVar[frozenset[str]]
    """The names that its command lines begin with."""

    def purpose(self, argv: Sequence[str]) -> Purpose | None:
        """What a command line is for; None where it is not the family's business after all."""

    def said(self, output: str, exit_code: int | None) -> Said:
        """What the output of such a run says; `exit_code` where it is the run's own."""


def nothing(path: str) -> str | None:
    """A workspace without files."""
    return None


def recognise(
    text: str,
    *,
    exit_code: int | None,
    output: str,
    timed_out: bool = False,
    files: Callable[[str], str | None] = nothing,
) -> tuple[Ran, ...]:
    """The commands of a text, in the order in which they stand; never raises.

    Args:
        text: What the shell was given.
        exit_code: What the shell ended with; None where it did not.
        output: What all of it printed.
        timed_out: Whether time ran out.
        files: A small text file of the workspace by its path, None where there is none.
    """
    simple = _all(parse(text, None if timed_out else exit_code), files, 0)
    found = [_known(command) for command, _ in zip(simple, range(MOST_COMMANDS), strict=False)]
    told = {
        role: [ran for ran, family in found if ran.role == role and family is not None]
        for role in ("test", "lint")
    }
    return tuple(
        # Two runs share one output: it tells of neither.
        _judged(ran, family, output if len(told.get(ran.role, ())) == 1 else "", timed_out)
        for ran, family in found
    )


def _all(
    commands: Iterable[Simple], files: Callable[[str], str | None], depth: int
) -> Iterator[Simple]:
    """Every command without what is wrapped around it, scripts replaced by what they say."""
    for command in commands:
        inner = unwrapped(command)
        if inner is None:
            continue
        script = resolved(inner, files) if depth < _DEEPEST else None
        if script is None:
            yield inner
        else:
            yield from _all(parse(script, inner.exit_code), files, depth + 1)


def _known(command: Simple) -> tuple[Ran, Family | None]:
    program = command.argv[0]
    ran = Ran(
        text=command.text,
        tool=program,
        role="other",
        exit_code=command.exit_code,
        argv=command.argv,
    )
    for family in families():
        purpose = family.purpose(command.argv) if program in family.programs else None
        if purpose is not None:
            known = replace(ran, tool=purpose.tool, role=purpose.role, whole=purpose.whole)
            return known, family
    return ran, None


def _judged(ran: Ran, family: Family | None, output: str, timed_out: bool) -> Ran:
    """The command with its outcome: by its own exit code, else by what the output says."""
    said = family.said(output, ran.exit_code) if family is not None else Said()
    if timed_out and ran.role in ("test", "lint"):
        return replace(ran, outcome="failed", failure="timeout", tests=said.tests)
    outcome = said.outcome
    if ran.exit_code is not None:
        outcome = "passed" if ran.exit_code == 0 else "failed"
    failure = said.failure if outcome == "failed" else None
    return replace(ran, outcome=outcome, failure=failure, tests=said.tests)


@cache
def families() -> tuple[Family, ...]:
    """Every family of the shelf."""
    found = (parts.find("commands", name) for name in parts.names("commands"))
    return tuple(family() for family in found if family is not None)
