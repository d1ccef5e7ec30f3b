"""Performing jobs: what is there is kept or copied, the rest is played, each into its file."""

import re
import zlib
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import ExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from itertools import chain, count
from pathlib import Path
from typing import TYPE_CHECKING

from audition.affected import Entry, stored
from audition.codec import Packed, pack
from audition.crew import Lot, Pace, probe_stored
from audition.errors import FileFormatError, InputError, Problem
from audition.evidence import Evidence
from audition.grading import regraded, wanted_probes
from audition.job import Job
from audition.record import EndedBy, RunState, Trial
from audition.runfile import SUFFIX, Run, load
from audition.runner import play_all
from audition.runwriter import RunWriter, open_writer

if TYPE_CHECKING:
    from audition.studio import Studio


@dataclass(frozen=True)
class Work:
    """What a job comes to, once it is known what is there already."""

    kept: int
    """Finished in this run file before."""
    reused: int
    """Copied from other run files."""
    to_play: tuple[Entry, ...]
    to_probe: tuple[tuple[Entry, Trial, Evidence], ...] = ()
    """Stored trials in whose workspaces the harness still has to run something."""
    there: tuple[Trial, ...] = ()
    """The trials that were kept or reused."""


@dataclass(frozen=True)
class Audience:
    """Who is told how a run goes on."""

    begun: Callable[[Work], None] = lambda work: None
    heard: Callable[[Trial], None] = lambda trial: None


@dataclass(frozen=True)
class Part:
    """A job, the run file that it is played into, and who listens."""

    job: Job
    out: Path
    audience: Audience = field(default_factory=Audience)


def outstanding(job: Job, out: Path, *, fresh: bool) -> Work:
    """What would be played, without writing anything.

    Raises:
        FileFormatError: `out` is something else than a run file.
    """
    _check_same_run(job, out)
    keys = _finished(out) if out.exists() and not fresh else set()
    missing = [entry for entry in job.entries if entry.key not in keys]
    if fresh:
        return Work(0, 0, tuple(missing))
    found = {trial.key for trial, _, _ in stored(missing, out.parent, out)}
    left = tuple(entry for entry in missing if entry.key not in found)
    return Work(len(job.entries) - len(missing), len(found), left)


def night_path(job: Job, folder: Path) -> Path:
    """The run file of a night, named by suite and series.

    One that is there is gone on with where it is made of the very same trials; another model, other
    cases or an edited definition get a file of their own beside it.
    """
    series = re.sub(r"[^\w.-]", "_", job.record.series)
    stem = f"{job.suite.name}-nightly-{series}"
    tails = chain([""], (f"-{number}" for number in count(2)))
    paths = (folder / f"{stem}{tail}{SUFFIX}" for tail in tails)
    return next(path for path in paths if not path.exists() or _is_of(job, path))


def _is_of(job: Job, path: Path) -> bool:
    try:
        begun = load(path)
    except FileFormatError:
        return False
    same_run = (begun.record.suite, begun.record.model) == (job.record.suite, job.record.model)
    return same_run and begun.plan == job.plan


async def perform(
    parts: Sequence[Part],
    pace: Pace,
    *,
    fresh: bool = False,
    is_decided: Callable[[], bool] = lambda: False,
) -> EndedBy:
    """Play jobs into their run files, side by side; the same files resume.

    What they cost together is kept within the budget of the first.

    Raises:
        InputError: a file holds another run.
        BusyError: another process is writing one of the files.
        asyncio.CancelledError: interrupted; everything finished is in the files.
    """
    for part in parts:
        _check_same_run(part.job, part.out)
    with ExitStack() as files:
        writers = [files.enter_context(open_writer(part.out)) for part in parts]
        works = []
        for part, writer in zip(parts, writers, strict=True):
            writer.begin(part.job.record, part.job.cases, part.job.plan)
            for trial in part.job.absent:
                writer.add(trial, pack(Evidence(())))
            works.append(_gather(part.job, writer, fresh=fresh))
            part.audience.begun(works[-1])
        ended_by: EndedBy | None = None
        try:
            async with _studio(parts, works) as studio:
                ended_by = await _play(parts, writers, works, pace, studio, is_decided)
        finally:
            ended_at = pace.now().isoformat(timespec="seconds")
            for writer in writers:
                writer.set_state(RunState(ended_at=ended_at, ended_by=ended_by or "interrupted"))
    return ended_by


async def _play(
    parts: Sequence[Part],
    writers: Sequence[RunWriter],
    works: Sequence[Work],
    pace: Pace,
    studio: "Studio | None",
    is_decided: Callable[[], bool],
) -> EndedBy:
    for writer, work in zip(writers, works, strict=True):
        for entry, trial, evidence in work.to_probe:
            if studio is not None:
                await probe_stored(studio, entry, writer, trial, evidence)
    lots = [
        Lot(work.to_play, part.job.settings, writer, part.audience.heard)
        for part, writer, work in zip(parts, writers, works, strict=True)
    ]
    budget_usd = parts[0].job.suite.budget_usd
    return await play_all(lots, pace, budget_usd=budget_usd, studio=studio, is_decided=is_decided)


@dataclass(frozen=True)
class Regraded:
    """What scoring a run again came to."""

    changed: tuple[tuple[Trial, Trial], ...]
    """Trials whose verdict is another now: before and after."""
    judged: int
    left_out: tuple[str, ...]
    """Cases that the suite no longer has, or whose request is another now."""


def regrade(run: Run, job: Job) -> Regraded:
    """Score every stored trial again by the checks of today.

    Raises:
        InputError: the run holds no trial of any case that the suite has now.
        BusyError: another process is writing the file.
    """
    cases = {entry.case.id: entry.case for entry in job.entries}
    asked = {case.id: case.request for case in run.cases}
    same = {name for name, case in cases.items() if asked.get(name) == case.request}
    if not same:
        what = "holds no trial of a case that the suite has now"
        raise InputError([Problem(str(run.path), what, "give the suite that the run was made of")])
    changed, judged = [], 0
    with open_writer(run.path) as writer:
        for trial, evidence in run.evidences():
            if trial.case in same:
                judged += 1
                case = cases[trial.case]
                evidence = replace(evidence, project=case.project)
                again = regraded(trial, case.expectations, evidence)
                writer.regrade(again)
                if again.verdict != trial.verdict:
                    changed.append((trial, again))
        now = {case.id: case for case in job.cases}
        kept = [replace(now[c.id], copied=c.copied) if c.id in same else c for c in run.cases]
        writer.begin(run.record, kept, run.plan)
        writer.set_state(run.state)
    left_out = tuple(name for name in asked if name not in same)
    return Regraded(tuple(changed), judged, left_out)


@asynccontextmanager
async def _studio(parts: Sequence[Part], works: Sequence[Work]) -> AsyncIterator["Studio | None"]:
    """What agents need to work, where any of them has to; what a kill left is cleared first."""
    entries = [entry for work in works for entry in work.to_play]
    entries += [entry for work in works for entry, _, _ in work.to_probe]
    cases = [entry.case for entry in entries if entry.scene.cue.extent == "work"]
    places = [case.work for case in cases if case.work is not None]
    if not places:
        yield None
        return
    from audition.studio import opened_studio  # both take long to load
    from audition.workspaces.workspace import sweep

    sweep()
    async with opened_studio(parts[0].job.settings.sandbox, places) as studio:
        yield studio


def _check_same_run(job: Job, out: Path) -> None:
    """A run file is resumed by the suite and the model that it was begun with, and by no other."""
    if not out.is_file() or not out.stat().st_size:
        return
    with suppress(FileFormatError):  # one that never began; what is no run file is told on opening
        begun = load(out).record
        if (begun.suite, begun.model) != (job.record.suite, job.record.model):
            what = f"holds the run of suite {begun.suite} with model {begun.model}"
            raise InputError([Problem(str(out), what, "give another --out")])


def _finished(out: Path) -> set[str]:
    return {trial.key for trial in load(out).trials if not trial.faulted}


def _gather(job: Job, writer: RunWriter, *, fresh: bool) -> Work:
    """Keep and copy what is there, scored by the checks of today; returns what is left to do."""
    entries = {entry.key: entry for entry in job.entries}
    if fresh:
        writer.discard(entries)
        return Work(0, 0, job.entries)
    to_probe: list[tuple[Entry, Trial, Evidence]] = []

    def again(trial: Trial, packed: Packed) -> Trial:
        entry = entries[trial.key]
        evidence = packed.evidence(entry.case.project)
        judged = regraded(trial, entry.case.expectations, evidence)
        if evidence.outcome and wanted_probes(entry.case.expectations, evidence):
            to_probe.append((entry, judged, evidence))
        return judged

    kept = writer.finished_keys() & entries.keys()
    there = []
    for trial, packed in writer.trials(kept):
        there.append(again(trial, packed))
        writer.regrade(there[-1])
    missing = [entry for key, entry in entries.items() if key not in kept]
    reused = set()
    for trial, packed, source in stored(missing, writer.path.parent, writer.path):
        try:
            judged = again(replace(trial, reused_from=source.name), packed)
        except (ValueError, zlib.error):
            continue  # a damaged neighbour has nothing to offer
        writer.add(judged, packed)
        there.append(judged)
        reused.add(trial.key)
    left = tuple(entry for entry in missing if entry.key not in reused)
    writer.discard(entry.key for entry in left)  # what ended in a fault is played again
    return Work(len(kept), len(reused), left, tuple(to_probe), tuple(there))
