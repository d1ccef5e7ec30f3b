"""View data of one trial, all of it: its events, and what agents at work left behind."""

from collections.abc import Mapping
from dataclasses import dataclass

from audition.events import Commit
from audition.evidence import Evidence
from audition.report.diffs import ENDLESS, LONGEST_DIFF_LINES, FileDiff, Room, file_diff, file_diffs
from audition.report.handed_over import HandedOver, handed_over
from audition.report.harness_runs import HarnessRun, harness_view, result_words
from audition.report.strip import Strip, strip_view
from audition.report.timeline import EventView, Seen, event_views
from audition.score import Score

_LEAST_COMMIT = 7
"""Characters of a commit's id that name it."""
_FILES_OF_A_COMMIT = 50


@dataclass(frozen=True)
class Extent:
    """How much of a trial is shown."""

    events: int | None = None
    longest: int | None = None
    """Characters of one text."""
    timeline: tuple[int, int] = (ENDLESS, ENDLESS)
    """Of all texts and diffs of the timeline together: characters, and bytes when compressed."""
    change: tuple[int, int] = (ENDLESS, ENDLESS)
    """The same of the diffs of what is handed over."""
    diff_lines: int = LONGEST_DIFF_LINES


@dataclass(frozen=True)
class Work:
    """What agents at work did and left behind."""

    strip: Strip
    handed: HandedOver
    runs: tuple[HarnessRun, ...]
    targets: Mapping[str, tuple[str, str]]
    """Paths and commits that the evidence of a check can name: `file` or `commit`, and which."""


@dataclass(frozen=True)
class TraceView:
    """One trial."""

    events: tuple[EventView, ...]
    left_off: int
    """Events that are not shown."""
    work: Work | None
    """None for a trial in which no agent worked."""


def trace_view(evidence: Evidence, scores: tuple[Score, ...], extent: Extent) -> TraceView:
    """All of a trial that there is to show, as far as the extent goes."""
    trace = evidence.trace if extent.events is None else evidence.trace[: extent.events]
    left_off = len(evidence.trace) - len(trace)
    if evidence.outcome is None:
        events = event_views(trace, scores, longest=extent.longest)
        return TraceView(events, left_off, None)
    handed = handed_over(evidence, Room(*extent.change, lines=extent.diff_lines))
    harness = harness_view(evidence)
    room = Room(*extent.timeline, lines=extent.diff_lines)
    shown = Evidence(trace, evidence.outcome, evidence.project, evidence.contents)
    seen = Seen(
        diffs=_diffs(shown, room),
        probed={number: result_words(probed) for number, probed in harness.probes.items()},
        room=room,
    )
    events = event_views(trace, scores, longest=extent.longest, seen=seen)
    work = Work(
        strip=strip_view(shown, harness.probes),
        handed=handed,
        runs=harness.runs,
        targets=_targets(shown, handed),
    )
    return TraceView(events, left_off, work)


def place_of(item: str, targets: Mapping[str, tuple[str, str]]) -> tuple[str, str] | None:
    """The place that an evidence names: a path, a path with a line or a test, or a commit."""
    path = item.partition("::")[0]
    head, _, line = path.rpartition(":")
    for name in (item, path, head if line.isdecimal() else ""):
        if name in targets:
            return targets[name]
    if len(item) >= _LEAST_COMMIT:
        return next((to for name, to in targets.items() if _is_commit(name, item, to)), None)
    return None


def _is_commit(name: str, item: str, to: tuple[str, str]) -> bool:
    return to[0] == "commit" and name.startswith(item)


def _targets(evidence: Evidence, handed: HandedOver) -> dict[str, tuple[str, str]]:
    commits = {event.id: ("commit", event.id) for event in evidence.of(Commit)}
    paths = {file.path: ("file", file.path) for folder in handed.folders for file in folder.files}
    return {**commits, **paths}


def _diffs(evidence: Evidence, room: Room) -> dict[int, tuple[FileDiff, ...]]:
    """The diffs of changes, then those of commits: where room is short, the steps come first."""
    diffs: dict[int, tuple[FileDiff, ...]] = {
        change.number: (file_diff(evidence, change.file, room),) for change in evidence.changes
    }
    for commit in evidence.of(Commit):
        diffs[commit.number] = file_diffs(evidence, commit.files[:_FILES_OF_A_COMMIT], room)
    return diffs
