"""The run file: one SQLite database that survives anything, and its readable twin.

While a run goes on the file is in WAL mode and every trial is committed as it ends, so a kill at
any moment loses at most the trials in flight. At the end it is sealed into a single file, and a
sorted `results.jsonl` without traces is written beside it for diffs.

    run      name → JSON     the record, the state, the cases
    plan     position, case, number → key     what the run is made of now
    trial    key → scalars, scores            finished trials, also those no longer planned
    trace    key → zlib(JSON)                 their events
    outcome  key → zlib(JSON), blobs          their workspaces at the end, where agents worked
    content  blob → zlib(bytes)               what files held, each content once
    lost     case, number → what it cost      plays thrown away: paid for, never counted
    flight   case, number → dollars at most   trials that are being played under a budget

Totals are recomputed from these rows by whoever reads; no total is stored.
"""

import json
from collections.abc import Collection, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from audition.codec import Packed, cases_adapter, read_trial, record_adapter, unpack_trace
from audition.errors import FileFormatError
from audition.events import AnyEvent
from audition.evidence import Evidence
from audition.project import DEFAULT_PROJECT, Project
from audition.record import CaseRecord, RunRecord, RunState, Trial
from audition.runstore import (
    connect,
    read_values,
    readable,
    select_packed,
    select_trials,
    spent,
)

SUFFIX = ".run.db"


@dataclass(frozen=True)
class Planned:
    """One trial that the run consists of."""

    case: str
    number: int
    key: str


@dataclass(frozen=True)
class Run:
    """A run as it stands in its file. Traces are read from the file when asked for."""

    path: Path
    record: RunRecord
    state: RunState
    cases: tuple[CaseRecord, ...]
    trials: tuple[Trial, ...]
    """Planned trials that were played, in the order of the plan."""
    plan: tuple[Planned, ...] = field(repr=False, default=())

    @property
    def planned(self) -> dict[str, int]:
        """How many trials were planned for each case."""
        counts: dict[str, int] = {}
        for entry in self.plan:
            counts[entry.case] = counts.get(entry.case, 0) + 1
        return counts

    def trace(self, trial: Trial) -> tuple[AnyEvent, ...]:
        """The events of a trial.

        Raises:
            FileFormatError: the file holds no trace of this trial.
        """
        return self.evidence(trial).trace

    def evidence(self, trial: Trial) -> Evidence:
        """All that is stored of a trial, read with the project of its case.

        Raises:
            FileFormatError: the file holds no trace of this trial.
        """
        with readable(self.path), closing(connect(self.path, write=False)) as database:
            packed = select_packed(database, trial.key)
            if packed is None:
                raise FileFormatError(f"{self.path}: holds no trace of {trial.case}#{trial.number}")
            return packed.evidence(self.projects.get(trial.case) or DEFAULT_PROJECT)

    @cached_property
    def projects(self) -> dict[str, Project]:
        """How the workspace of each case is read."""
        return {case.id: case.project for case in self.cases if case.project is not None}

    def evidences(self) -> Iterator[tuple[Trial, Evidence]]:
        """Every played trial with all that is stored of it, in one pass over the file."""
        with readable(self.path), closing(connect(self.path, write=False)) as database:
            for trial in self.trials:
                packed = select_packed(database, trial.key)
                project = self.projects.get(trial.case) or DEFAULT_PROJECT
                yield trial, packed.evidence(project) if packed else Evidence((), project=project)

    def traces(self) -> Iterator[tuple[Trial, tuple[AnyEvent, ...]]]:
        """Every played trial with its events, in one pass over the file."""
        with readable(self.path), closing(connect(self.path, write=False)) as database:
            for trial in self.trials:
                query = "SELECT body FROM trace WHERE key = ?"
                row = database.execute(query, (trial.key,)).fetchone()
                yield trial, unpack_trace(row[0]) if row else ()


def load(path: Path | str) -> Run:
    """Read a run file, finished or not.

    Raises:
        FileFormatError: not a run file, or one of a newer format.
    """
    path = Path(path)
    with readable(path), closing(connect(path, write=False)) as database:
        values = read_values(path, database)
        plan = tuple(
            Planned(case, number, key)
            for case, number, key in database.execute(
                "SELECT case_id, number, key FROM plan ORDER BY position"
            )
        )
        bodies = dict(database.execute("SELECT key, body FROM trial"))
        trials = tuple(read_trial(bodies[entry.key]) for entry in plan if entry.key in bodies)
        state = RunState(**{**json.loads(values.get("state", "{}")), **spent(database)})
        cases = cases_adapter().validate_json(values["cases"])
        record = record_adapter().validate_json(values["record"])
    return Run(path, record, state, cases, trials, plan)


def results_path(path: Path) -> Path:
    """`reports/x.run.db` has its readable twin in `reports/x.results.jsonl`."""
    return path.with_name(f"{_stem(path)}.results.jsonl")


def page_path(path: Path) -> Path:
    """`reports/x.run.db` has its page in `reports/x.html`."""
    return path.with_name(f"{_stem(path)}.html")


def _stem(path: Path) -> str:
    return path.name.removesuffix(SUFFIX).removesuffix(".db")


def stored_trials(path: Path, keys: Collection[str]) -> Iterator[tuple[Trial, Packed]]:
    """The finished, faultless trials of a run file among `keys`, with all that is stored of them.

    Raises:
        FileFormatError: not a run file.
    """
    with readable(path), closing(connect(path, write=False)) as database:
        read_values(path, database)
        yield from select_trials(database, keys)
