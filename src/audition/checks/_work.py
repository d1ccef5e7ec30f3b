"""What several checks ask of agents at work: in which steps files changed, what is handed over."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import Annotated, Literal

from pydantic import AfterValidator

from audition.events import DELEGATING_TOOLS, Change, ToolCall
from audition.evidence import Evidence
from audition.project import fits
from audition.trees import EXECUTABLE, REGULAR, File, FileChange

Handover = Literal["commit", "worktree"]
"""Where the delivered change is looked for."""


def _readable(globs: str | tuple[str, ...]) -> str | tuple[str, ...]:
    for glob in as_globs(globs) or ("",):
        if not glob.strip() or glob.startswith("#"):
            raise ValueError("names no path")
        try:
            fits("any", (glob,))
        except ValueError as error:
            raise ValueError(f"is not a glob: {error}") from None
    return globs


Globs = Annotated[str | tuple[str, ...], AfterValidator(_readable)]
"""One glob or several, read as in a `.gitignore`; `!glob` takes out again what the others name."""


@dataclass(frozen=True)
class Step:
    """What one tool call changed. In which order it did so cannot be told."""

    changes: tuple[Change, ...]

    @property
    def first(self) -> int:
        """The number of its first change: the tree of the step before ends below it."""
        return self.changes[0].number

    @property
    def numbers(self) -> tuple[int, ...]:
        """The events that show it: the call, where there is one, and the first change."""
        call = self.changes[0].call
        return (call, self.first) if call else (self.first,)

    def touches(self, evidence: Evidence, *roles: str) -> bool:
        """Whether it changes a file of one of these roles."""
        return any(evidence.role(change.file.path) in roles for change in self.changes)


def steps(evidence: Evidence) -> tuple[Step, ...]:
    """The steps in which the workspace changed, in order."""
    groups = groupby(evidence.changes, key=lambda change: change.call)
    return tuple(Step(tuple(changes)) for _, changes in groups)


def is_committed(evidence: Evidence, where: Handover | None) -> bool:
    """Whether HEAD is what the trial hands over.

    Where a check does not say: HEAD, if its tree is another than the base's; else the working
    tree. Work that is committed by half is judged by that half.
    """
    return bool(evidence.work.head_files) if where is None else where == "commit"


def delivered(evidence: Evidence, where: Handover | None) -> tuple[FileChange, ...]:
    """The change that the trial hands over; see `is_committed`."""
    return evidence.delivered(committed=is_committed(evidence, where))


def did_no_work(evidence: Evidence) -> bool:
    """No agent used a tool, but to hand the request on: then nothing was left alone on purpose."""
    calls = evidence.of(ToolCall)
    return all(call.tool in DELEGATING_TOOLS for call in calls) and not evidence.changes


def as_globs(paths: str | tuple[str, ...]) -> tuple[str, ...]:
    """One glob or several, as several."""
    return (paths,) if isinstance(paths, str) else paths


def is_plain(file: File | None) -> bool:
    """Whether it is a file with a content of its own: no link, no pipe, not gone."""
    return file is not None and file.mode in (REGULAR, EXECUTABLE)


def listed(names: Iterable[str], most: int = 4) -> str:
    """`a, b, c, d and 3 more`; `nothing` where there is none."""
    every = list(names)
    more = f" and {len(every) - most} more" if len(every) > most else ""
    return ", ".join(every[:most]) + more if every else "nothing"


def last_number(evidence: Evidence) -> tuple[int, ...]:
    """The last event, which is all there is to show for what did not happen."""
    return tuple(event.number for event in evidence.trace[-1:])
