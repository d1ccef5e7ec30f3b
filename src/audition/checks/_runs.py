"""The agent's own runs of tests and linters: in which tree, and what they can have covered.

What such a command printed never decides a verdict. It only tells that the step was made.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from audition.checks._probes import is_configuration
from audition.events import Change, Command, CommandRole, Commit, Head, ModelCall
from audition.evidence import Evidence
from audition.project import fits
from audition.trees import File, Tree

_BY_PRODUCTS = ("__snapshots__/**", "*.snap", "*.ambr")
"""What a test run writes by itself, though it lies among the tests."""

_RAN_NOTHING = ("no_runner", "usage", "no_tests")


@dataclass(frozen=True, kw_only=True)
class Run:
    """A tool call that ran tests or a linter."""

    call: int
    """The number of the tool call."""
    number: int
    """The number of the last event that the call caused."""
    command: Command
    """The first command of the role in it."""
    commands: tuple[Command, ...]
    tree: dict[str, File] = field(repr=False)
    """The working tree after the call."""
    is_mixed: bool
    """The same call changed code, tests or configuration: what it ran them on cannot be told."""

    @property
    def says_passed(self) -> bool:
        """Every command of it says that it passed."""
        return all(command.outcome == "passed" for command in self.commands)

    @property
    def says_failed(self) -> bool:
        """Every command of it says that it failed."""
        return all(command.outcome == "failed" for command in self.commands)

    @property
    def is_whole(self) -> bool:
        """Nothing narrowed one of its commands."""
        return any(command.whole for command in self.commands)

    def covers(self, path: str, name: str) -> bool:
        """Whether a test can have been part of it: files that it names must be or hold the test's.

        Options that choose tests by name (`-k`, `-t`) are taken at their word.
        """
        return any(_covers(command, self.tree, path, name) for command in self.commands)


def runs_of(evidence: Evidence, role: CommandRole) -> tuple[Run, ...]:
    """The agents' runs of this role, in order, without those that could run nothing at all."""
    calls: dict[int, list[Command]] = {}
    for command in evidence.of(Command):
        ran = not command.recorded_by_git and command.failure not in _RAN_NOTHING
        if command.role == role and ran:
            calls.setdefault(command.call, []).append(command)
    ends, mixed = _ends(evidence), _mixed(evidence)
    return tuple(
        Run(
            call=call,
            number=ends[call],
            command=commands[0],
            commands=tuple(commands),
            tree=evidence.tree_after(ends[call]),
            is_mixed=call in mixed,
        )
        for call, commands in calls.items()
    )


def unseen(evidence: Evidence, first: Run, second: Run) -> bool:
    """Whether one turn held both runs, so that the model saw neither before it asked for both."""
    one, other = first.command, second.command
    if (one.agent, one.parent) != (other.agent, other.parent):
        return False
    turns = (
        turn
        for turn in evidence.of(ModelCall)
        if (turn.agent, turn.parent) == (one.agent, one.parent)
    )
    return not any(first.call < turn.number < second.call for turn in turns)


def _ends(evidence: Evidence) -> dict[int, int]:
    """The last event of every call; its result may come after the events of a later call."""
    kinds = (Command, Change, Commit, Head)
    return {event.call: event.number for event in evidence.trace if isinstance(event, kinds)}


def _mixed(evidence: Evidence) -> set[int]:
    """The calls that changed what a run rests on."""
    return {
        change.call
        for change in evidence.changes
        if not fits(change.file.path, _BY_PRODUCTS)
        and (evidence.role(change.file.path) != "other" or is_configuration(change.file.path))
    }


def _covers(command: Command, tree: Tree, path: str, name: str) -> bool:
    chosen = list(_named_tests(command.argv or tuple(command.text.split()), tree))
    if command.whole or not chosen:
        return True
    for place, _, wanted in (words.partition("::") for words in chosen):
        is_there = path == place or path.startswith(f"{place}/") or path.endswith(f"/{place}")
        plain = wanted.partition("[")[0]
        is_named = not plain or name == plain or name.startswith(f"{plain}::")
        if is_there and (is_named or not name):
            return True
    return False


def _named_tests(words: Iterable[str], tree: Tree) -> Iterable[str]:
    """The words of a command line that name files or folders of the tree, or tests in them."""
    for written in words:
        word = written.removeprefix("./").rstrip("/")
        place = word.partition("::")[0]
        for path in tree:
            if place and (path == place or path.startswith(f"{place}/")):
                yield word
                break
            if "." in place and path.endswith(f"/{place}"):
                yield word
                break
