"""Commands: what a call of a shell ran, read from its text, its exit code and its output.

    recognise("cd shop && FOO=1 uv run pytest -q | tail -5", exit_code=0, output="3 passed in 0.1s")

gives two commands: a test run of `pytest`, whole, that passed with 3 tests, and `tail`. One file of
this shelf knows one tool, or one kind of tools; a new tool is a new file.

- Nothing is run. Scripts of `package.json` and targets of a `Makefile` are looked up through
  `files` and stand for what they run; each of those commands carries the text that was written.
- Words of the shell itself (`cd`, `export`, `true`) are no commands here, and what the shell
  certainly did not come to (`false && pytest`) is left out. Bodies of heredocs are text, unless a
  shell is fed with them.
- The exit code of the call is a command's own only where the rules of the shell say so; otherwise
  the outcome is read from the output, where it shows. “Cannot tell” is an answer: no exit code, and
  the outcome `unknown`.
- A run of no tests has not passed, whatever it exits with.

Text and output come from a model: they are bounded, and nothing here raises.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from audition.events import CommandOutcome, CommandRole, FailureKind

LONGEST_OUTPUT = 1 << 19
"""Characters of an output that are read, the last ones."""

_COLOURS = re.compile(r"\x1b\[[0-9;?]{0,20}[ -/]?[@-~]")


@dataclass(frozen=True, kw_only=True)
class Ran:
    """A command that a call ran, or may have run."""

    text: str
    """The command alone, as it was written, without assignments and redirections."""
    tool: str
    """The program that did the work: `pytest`, `node`, `ruff`, `git`, …"""
    role: CommandRole
    exit_code: int | None = None
    """None where the exit code of the call does not have to be this command's."""
    outcome: CommandOutcome = "unknown"
    failure: FailureKind | None = None
    """Why a test or lint run failed, as far as its output tells."""
    tests: int | None = None
    """How many tests it says it ran, skipped ones left out."""
    whole: bool = False
    """Nothing on the command line narrows what it tests or lints."""
    argv: tuple[str, ...] = ()
    """The program by its bare name and its arguments, without what stood before it."""


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
    """The commands of a call, in order; at most 200.

    `exit_code` is that of the whole, None where there is none. `files` gives a small text file at
    the moment of the call by its path, relative to where the call began unless the text itself
    went to an absolute one; None where there is no such file.
    """
    from audition.commands._judging import judged
    from audition.commands._leaves import Grower

    grower = Grower(files)
    tree = grower.read(text)
    is_known = grower.is_whole and not timed_out
    shown = _COLOURS.sub("", output[-LONGEST_OUTPUT:]).replace("\r\n", "\n")
    leaves = judged(tree, exit_code if is_known else None, shown, timed_out=timed_out)
    return tuple(
        Ran(
            text=leaf.text,
            tool=leaf.use.tool if leaf.use else leaf.argv[0],
            role=leaf.use.role if leaf.use else "other",
            exit_code=leaf.exit_code,
            outcome=judgement.outcome,
            failure=judgement.failure,
            tests=judgement.tests,
            whole=leaf.use.whole if leaf.use else False,
            argv=leaf.argv,
        )
        for leaf, judgement in leaves
    )
