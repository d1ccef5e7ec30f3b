"""View data of what a trial hands over: the files at the end, the whole change, what git has of it.

Files are listed by folder, and no folder lies inside another, so that a tree of any depth is a list
of bounded length.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from audition.evidence import Evidence
from audition.outcome import Outcome
from audition.project import Role, fits
from audition.report.diffs import FileDiff, Room, file_diffs
from audition.report.figures import counted
from audition.trees import EXECUTABLE, LINK, OTHER, ChangeKind, FileChange, Tree, differences

MOST_FILES = 250
MOST_DIFFS = 50
_NAMED_AT_MOST = 8
_LONGEST_PATH = 200
_SIGNS: dict[ChangeKind, Literal["A", "M", "D"]] = {"created": "A", "modified": "M", "deleted": "D"}
_KINDS = {EXECUTABLE: "executable", LINK: "link", OTHER: "no regular file"}


@dataclass(frozen=True)
class HandedFile:
    """One file at the end, or one that is no longer there."""

    path: str
    name: str
    role: Role
    what: ChangeKind | None
    """None where it is as it was."""
    sign: Literal["A", "M", "D", ""]
    kind: str = ""
    """Empty for an ordinary file."""


@dataclass(frozen=True)
class Folder:
    """The files that lie right in one folder."""

    name: str
    files: tuple[HandedFile, ...]
    changed: int


@dataclass(frozen=True)
class HandedOver:
    """What a trial hands over."""

    states: tuple[str, ...]
    """Where HEAD is, and what it does not hold, in sentences."""
    folders: tuple[Folder, ...]
    files: int
    """At the end."""
    changed: int
    left_off: int
    """Files that are not listed."""
    diffs: tuple[FileDiff, ...]
    """From the base to the working tree at the end."""
    diffs_left_off: int
    head_diffs: tuple[FileDiff, ...]
    """From the base to HEAD, where that is another change."""


def handed_over(evidence: Evidence, room: Room) -> HandedOver:
    """What a trial at work hands over.

    Raises:
        NotRecordedError: no agent worked in it.
    """
    outcome = evidence.work
    final = evidence.final_tree
    changes = differences(outcome.base_tree, final)
    files, left_off = _listed(evidence, final, changes)
    committed = [change for change in outcome.head_files if change not in changes]
    return HandedOver(
        states=(*_head_states(outcome), *_tree_states(evidence), *outcome.notes[:_NAMED_AT_MOST]),
        folders=_folders(files),
        files=len(final),
        changed=len(changes),
        left_off=left_off,
        diffs=file_diffs(evidence, changes[:MOST_DIFFS], room),
        diffs_left_off=max(0, len(changes) - MOST_DIFFS),
        head_diffs=file_diffs(evidence, committed[:MOST_DIFFS], room),
    )


def _listed(
    evidence: Evidence, final: Tree, changes: tuple[FileChange, ...]
) -> tuple[list[HandedFile], int]:
    """Files to list, changed ones before any other where there are too many; and how many more."""
    what: Mapping[str, ChangeKind] = {change.path: change.what for change in changes}
    paths = [*sorted(what), *(path for path in sorted(final) if path not in what)]
    files = [_file(evidence, path, final, what.get(path)) for path in paths[:MOST_FILES]]
    return files, max(0, len(paths) - MOST_FILES)


def _file(evidence: Evidence, path: str, final: Tree, what: ChangeKind | None) -> HandedFile:
    lies = final.get(path)
    return HandedFile(
        path=path,
        name=_short(path.rpartition("/")[2]),
        role=evidence.role(path),
        what=what,
        sign=_SIGNS[what] if what else "",
        kind=_KINDS.get(lies.mode, "") if lies else "",
    )


def _folders(files: list[HandedFile]) -> tuple[Folder, ...]:
    by_folder: dict[str, list[HandedFile]] = {}
    for file in sorted(files, key=lambda file: file.path):
        by_folder.setdefault(file.path.rpartition("/")[0], []).append(file)
    return tuple(
        Folder(
            f"{_short(name)}/" if name else "./", tuple(inside), sum(bool(f.what) for f in inside)
        )
        for name, inside in sorted(by_folder.items())
    )


def _short(name: str) -> str:
    return name if len(name) <= _LONGEST_PATH else f"…{name[-_LONGEST_PATH:]}"


def _head_states(outcome: Outcome) -> list[str]:
    on = f"on {_short(outcome.head_branch)}" if outcome.head_branch else "on no branch"
    if outcome.head == outcome.base:
        states = [f"HEAD is {on}, at the commit that the trial began with: nothing was committed."]
    else:
        commits = counted(len(outcome.history), "commit")
        states = [f"HEAD is {on} at {outcome.head[:10]}, {commits} after the base."]
    if not outcome.base_is_ancestor:
        states.append("The commit that the trial began with is no longer in HEAD's history.")
    if outcome.head_branch != outcome.branch:
        states.append(f"The trial began on {_short(outcome.branch) or 'no branch'}.")
    others = sorted(set(outcome.branches) - {outcome.branch, outcome.head_branch})
    if others:
        states.append(f"Further branches: {_few(others)}.")
    return states


def _tree_states(evidence: Evidence) -> list[str]:
    outcome = evidence.work
    apart = differences(evidence.head_tree, evidence.final_tree)
    ignored = [c.path for c in apart if c.what == "created" and fits(c.path, outcome.ignored)]
    rest = [change for change in apart if change.path not in set(ignored)]
    if not rest:
        states = ["The working tree is clean: HEAD holds everything."]
    else:
        named = (("created", "Untracked"), ("modified", "Changed and not committed"))
        kinds = (*named, ("deleted", "Deleted and not committed"))
        found = ((words, [c.path for c in rest if c.what == what]) for what, words in kinds)
        states = [f"{words}: {_few(paths)}." for words, paths in found if paths]
    return [*states, *([f"Ignored by git: {_few(ignored)}."] if ignored else [])]


def _few(names: Iterable[str]) -> str:
    every = [_short(name) for name in names]
    more = f" and {len(every) - _NAMED_AT_MOST} more" if len(every) > _NAMED_AT_MOST else ""
    return ", ".join(every[:_NAMED_AT_MOST]) + more
