"""Performing a job: what is there is kept or copied, the rest is played, all in one file."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from audition.affected import Entry, stored
from audition.codec import unpack_trace
from audition.errors import InputError, Problem
from audition.grading import regraded
from audition.job import Job
from audition.record import RunState, Trial
from audition.runfile import Run, RunWriter, load, open_writer
from audition.runner import EndedBy, Pace, play_all


@dataclass(frozen=True)
class Work:
    """What a job comes to, once it is known what is there already."""

    kept: int
    """Finished in this run file before."""
    reused: int
    """Copied from other run files."""
    to_play: tuple[Entry, ...]


@dataclass(frozen=True)
class Audience:
    """Who is told how a run goes on."""

    begun: Callable[[Work], None] = lambda work: None
    heard: Callable[[Trial], None] = lambda trial: None


def outstanding(job: Job, out: Path, *, fresh: bool) -> Work:
    """What would be played, without writing anything.

    Raises:
        FileFormatError: `out` is something else than a run file.
    """
    keys = _finished(out) if out.exists() and not fresh else set()
    missing = [entry for entry in job.entries if entry.key not in keys]
    if fresh:
        return Work(0, 0, tuple(missing))
    found = {trial.key for trial, _, _ in stored(missing, out.parent, out)}
    left = tuple(entry for entry in missing if entry.key not in found)
    return Work(len(job.entries) - len(missing), len(found), left)


async def perform(
    job: Job, out: Path, pace: Pace, *, fresh: bool = False, audience: Audience | None = None
) -> EndedBy:
    """Play a job into its run file; the same file resumes.

    Raises:
        BusyError: another process is writing the file.
        asyncio.CancelledError: interrupted; everything finished is in the file.
    """
    audience = audience or Audience()
    with open_writer(out) as writer:
        writer.begin(job.record, job.cases, job.plan)
        work = _gather(job, writer, fresh=fresh)
        audience.begun(work)
        ended_by: EndedBy | None = None
        try:
            ended_by = await play_all(
                work.to_play,
                job.settings,
                writer,
                pace,
                budget_usd=job.suite.budget_usd,
                heard=audience.heard,
            )
        finally:
            ended_at = pace.now().isoformat(timespec="seconds")
            writer.set_state(RunState(ended_at=ended_at, ended_by=ended_by or "interrupted"))
    return ended_by


def regrade(run: Run, job: Job) -> int:
    """Score every stored trial again by the checks of today; returns how many verdicts changed.

    Raises:
        InputError: the run holds no trial of any case that the suite has now.
    """
    expectations = {entry.case.id: entry.case.expectations for entry in job.entries}
    records = {case.id: case for case in job.cases}
    changed = judged = 0
    with open_writer(run.path) as writer:
        for trial, trace in run.traces():
            if trial.case not in expectations:
                continue
            judged += 1
            again = regraded(trial, expectations[trial.case], trace)
            changed += again.verdict != trial.verdict
            writer.add(again, trace)
        if judged:
            cases = [
                replace(records[c.id], copied=c.copied) if c.id in records else c for c in run.cases
            ]
            writer.begin(run.record, cases, run.plan)
            writer.set_state(run.state)
    if not judged:
        what = "holds no trial of a case that the suite has now"
        raise InputError([Problem(str(run.path), what, "give the suite that the run was made of")])
    return changed


def _finished(out: Path) -> set[str]:
    return {trial.key for trial in load(out).trials if trial.verdict != "fault"}


def _gather(job: Job, writer: RunWriter, *, fresh: bool) -> Work:
    """Keep and copy what is there, scored by the checks of today; returns what is left to play."""
    entries = {entry.key: entry for entry in job.entries}
    if fresh:
        writer.discard(entries)
        return Work(0, 0, job.entries)
    kept = writer.finished_keys(faults=False) & entries.keys()
    for trial, packed in writer.trials(kept):
        _write_regraded(writer, entries[trial.key], trial, packed)
    missing = [entry for key, entry in entries.items() if key not in kept]
    reused = set()
    for trial, packed, source in stored(missing, writer.path.parent, writer.path):
        copy = replace(trial, reused_from=source.name)
        _write_regraded(writer, entries[trial.key], copy, packed)
        reused.add(trial.key)
    left = tuple(entry for entry in missing if entry.key not in reused)
    writer.discard(entry.key for entry in left)  # what ended in a fault is played again
    return Work(len(kept), len(reused), left)


def _write_regraded(writer: RunWriter, entry: Entry, trial: Trial, packed: bytes) -> None:
    again = regraded(trial, entry.case.expectations, unpack_trace(packed))
    writer.add_packed(again, packed)
