"""Folders of run files as months of nights leave them, written by the writer that real runs use."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path

from audition.codec import pack
from audition.events import End
from audition.evidence import Evidence
from audition.history.reading import read_runs
from audition.history.view import History, LineView, history_of
from audition.record import CaseRecord, RunRecord, RunState, Trial
from audition.runfile import Planned, Run, load
from audition.runwriter import open_writer
from audition.score import Score, Verdict
from audition.tracer import Tracer
from tests.report.report_runs import make_case, make_record

FIRST = date(2026, 9, 1)
MODEL = "anthropic:claude-sonnet-5-5"

Edit = Callable[[RunRecord], RunRecord]
Results = Mapping[str, Sequence[Verdict]]
"""By case, the verdict of every trial."""

GOOD: Sequence[Verdict] = ("pass", "pass")
BAD: Sequence[Verdict] = ("pass", "fail")
WORSE: Sequence[Verdict] = ("fail", "fail")
BROKEN: Sequence[Verdict] = ("fault", "pass")


def same(record: RunRecord) -> RunRecord:
    """A record as it is."""
    return record


@dataclass
class Nights:
    """A folder that gets one run file after another, a day apart."""

    folder: Path
    cases: Mapping[str, CaseRecord] = field(
        default_factory=lambda: {
            name: make_case(name, agent)
            for name, agent in (
                ("refunds", "backend"),
                ("paging", "backend"),
                ("dark-mode", "frontend"),
                ("question", None),
            )
        }
    )
    count: int = 0

    @property
    def today(self) -> str:
        """The day of the next night."""
        return str(FIRST + timedelta(self.count))

    def add(self, results: Results, edit: Edit = same, **trial_fields: object) -> Run:
        """A night with these verdicts; cases that are not named passed."""
        verdicts = dict.fromkeys(self.cases, GOOD) | dict(results)
        day, path = self.today, self.folder / f"routing-nightly-{self.today}.run.db"
        self.count += 1
        record = make_record(nature="real", model=MODEL)
        record = edit(replace(record, series=day, started_at=f"{day}T02:00:00+00:00"))
        return write_run(path, record, self.cases, verdicts, **trial_fields)

    def repeat(self, results: Results, *, times: int, edit: Edit = same) -> None:
        """The same night again and again."""
        for _ in range(times):
            self.add(results, edit)

    @property
    def history(self) -> History:
        """What the folder says."""
        return history_of(read_runs(self.folder))

    @property
    def line(self) -> LineView:
        """Its one line."""
        (line,) = self.history.lines
        return line


def write_run(
    path: Path,
    record: RunRecord,
    cases: Mapping[str, CaseRecord],
    verdicts: Results,
    **trial_fields: object,
) -> Run:
    """A run file with these verdicts."""
    trials = [
        _trial(cases[name], number, verdict, record)
        for name, each in verdicts.items()
        for number, verdict in enumerate(each, start=1)
    ]
    trials = [replace(trial, **trial_fields) for trial in trials]  # type: ignore[arg-type] # as named
    return write_trials(path, record, cases, trials)


def write_trials(
    path: Path, record: RunRecord, cases: Mapping[str, CaseRecord], trials: Sequence[Trial]
) -> Run:
    """A run file with these trials."""
    with open_writer(path) as writer:
        plan = [Planned(trial.case, trial.number, trial.key) for trial in trials]
        writer.begin(record, list(cases.values()), plan)
        for trial in trials:
            writer.add(trial, _EMPTY)
        writer.set_state(RunState(ended_at=record.started_at, ended_by="finished"))
    return load(path)


def _trial(case: CaseRecord, number: int, verdict: Verdict, record: RunRecord) -> Trial:
    check = "routes_to" if case.agents else "no_delegation"
    score = Score(verdict=verdict, reason=f"{check} says {verdict}", check=check, kind="routing")
    return Trial(
        case=case.id,
        number=number,
        key=f"{record.series or record.started_at}/{case.id}#{number}",
        verdict=verdict,
        scores=(score,),
        delegated_to="backend",
        served=(MODEL,),
        turns=1,
        cost_usd=0.01,
        started_at=record.started_at,
        faulted=verdict == "fault",
    )


def _evidence() -> Evidence:
    tracer = Tracer(lambda: 0.0)
    tracer.add(End, reason="answered")
    return Evidence(tracer.trace)


_EMPTY = pack(_evidence())
