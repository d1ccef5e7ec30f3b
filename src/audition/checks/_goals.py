"""Goals: the code that a trial hands over, and how much of it an earlier version already held."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from audition.checks._work import is_plain
from audition.evidence import Evidence
from audition.sources import code_lines
from audition.trees import File, FileChange, Tree

Lines = Counter[str]

_READ = (".py", ".js", ".mjs", ".cjs", ".jsx", ".ts", ".mts", ".cts", ".tsx")
"""Endings of the languages in which code can be told from what surrounds it."""
_RECOGNISED = 4
"""Lines from which on code under another name is taken for the same code."""


@dataclass(frozen=True)
class Goal:
    """What the delivered change does to one file of the implementation."""

    path: str
    lines: Lines
    """The lines that it adds; where it adds none, those that it takes away."""
    before: Lines
    """The lines of the base."""
    adds: bool

    def reached(self, version: Lines) -> int:
        """How many of the lines a version already added, or took away."""
        done = version - self.before if self.adds else self.before - version
        return (done & self.lines).total()

    def is_mostly(self, version: Lines) -> bool:
        """Whether a version already held more than half of it."""
        return 2 * self.reached(version) > self.lines.total()


def goals(evidence: Evidence, change: Iterable[FileChange]) -> list[Goal]:
    """What the change does to the implementation, file by file; no goal where it does nothing."""
    mine = [each for each in change if evidence.role(each.path) == "implementation"]
    lines = [
        (
            each.path,
            _lines(evidence, each.path, each.before),
            _lines(evidence, each.path, each.after),
        )
        for each in mine
    ]
    gone, come = Lines(), Lines()
    for _, before, after in lines:
        gone.update(before - after)
        come.update(after - before)
    added = [Goal(path, after - before - gone, before, adds=True) for path, before, after in lines]
    lost = [Goal(path, before - after - come, before, adds=False) for path, before, after in lines]
    pairs = zip(added, lost, strict=True)
    return [goal for more, less in pairs if (goal := more if more.lines else less).lines]


def version(
    evidence: Evidence, change: FileChange, goal: Goal, *, final: Tree, held: set[str]
) -> Lines | None:
    """What a change makes of the file that a goal is about, under its own or another name.

    Under another name it is the same code where the file was only renamed, or where the lines were
    new in another file of the implementation and are not there at the end.

    Args:
        evidence: Where the contents are.
        change: The change that made the version.
        goal: What is handed over of one file.
        final: The tree that is handed over.
        held: Every content that the goal's file ever had, by its id.
    """
    if change.path == goal.path:
        return _lines(evidence, goal.path, change.after)
    if not goal.adds or change.after is None or goal.lines.total() < _RECOGNISED:
        return None
    if change.after.blob in held:
        return _lines(evidence, goal.path, change.after)
    if evidence.role(change.path) != "implementation":
        return None
    others = (evidence.work.base_tree.get(change.path), final.get(change.path))
    first, last = (_lines(evidence, change.path, file) for file in others)
    return _lines(evidence, change.path, change.after) - (first | last)


def contents(evidence: Evidence, wanted: list[Goal]) -> dict[str, set[str]]:
    """Every content that a file of the implementation ever had, by its id."""
    held: dict[str, set[str]] = {goal.path: set() for goal in wanted}
    for change in evidence.changes:
        if change.file.path in held and change.file.after:
            held[change.file.path].add(change.file.after.blob)
    return held


def _lines(evidence: Evidence, path: str, file: File | None) -> Lines:
    """The lines of code in a file, read as the language of a path."""
    if file is None or not is_plain(file):
        return Counter()
    if path.lower().endswith(_READ):
        return Counter(code_lines(path, evidence.content(file)))
    stripped = (line.strip() for line in evidence.text(file).splitlines())
    return Counter(line for line in stripped if line)
