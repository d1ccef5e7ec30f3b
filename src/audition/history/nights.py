"""Lines of nights out of runs: what is alike is one line, and no trial counts twice."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from audition.conversation import Nature
from audition.digests import digest
from audition.history.reading import began_at
from audition.record import CaseRecord, RunRecord, Trial
from audition.runfile import Run
from audition.summary import case_summary
from audition.tally import CaseSummary

_CHOOSING = frozenset({"--cases", "--tag"})


@dataclass(frozen=True, order=True)
class Kin:
    """What runs share that stand on one line."""

    suite: str
    model: str
    nature: Nature
    runtime: str
    base_url: str


@dataclass(frozen=True)
class Night:
    """One point of a line: a run, or the runs of one series on one setup."""

    name: str
    """The series, or when the run began."""
    runs: tuple[Run, ...]
    """Oldest first; the last one tells what is expected."""
    trials: tuple[Trial, ...]
    """All that its run files hold, copied ones included."""
    fresh: tuple[Trial, ...]
    """Those that no earlier night has."""

    @property
    def record(self) -> RunRecord:
        """How its last run was made."""
        return self.runs[-1].record

    @property
    def is_part(self) -> bool:
        """Whether somebody chose some of the cases: those that are missing are not gone."""
        return all(not _CHOOSING.isdisjoint(run.record.command.split()) for run in self.runs)

    @cached_property
    def cases(self) -> dict[str, CaseRecord]:
        """Its cases by id, as the last run that has them knows them."""
        return {case.id: case for run in self.runs for case in run.cases}

    @cached_property
    def summaries(self) -> dict[str, CaseSummary]:
        """What each case came to, over all trials."""
        planned = {case: count for run in self.runs for case, count in run.planned.items()}
        tried: dict[str, list[Trial]] = {case: [] for case in self.cases}
        for trial in self.trials:
            tried[trial.case].append(trial)
        allow = self.record.allow
        return {
            name: case_summary(case, tried[name], planned.get(name, 0), allow)
            for name, case in self.cases.items()
        }

    @cached_property
    def judged(self) -> tuple[Trial, ...]:
        """The fresh trials that passed or failed."""
        return tuple(trial for trial in self.fresh if trial.verdict in {"pass", "fail"})

    @cached_property
    def judged_by_case(self) -> dict[str, list[Trial]]:
        """The same, by the id of their case."""
        found: dict[str, list[Trial]] = {}
        for trial in self.judged:
            found.setdefault(trial.case, []).append(trial)
        return found

    @cached_property
    def served(self) -> tuple[str, ...]:
        """The model ids that the server named in the fresh trials."""
        return tuple(sorted({name for trial in self.fresh for name in trial.served if name}))

    @property
    def spent_usd(self) -> float:
        """Dollars paid in its run files, as far as they are known."""
        return sum(run.state.spent_usd for run in self.runs)

    @property
    def unpriced(self) -> int:
        """Plays whose cost is not known."""
        return sum(run.state.unpriced_trials for run in self.runs)

    @cached_property
    def faults(self) -> tuple[str, ...]:
        """Why the infrastructure failed: every fault of the fresh trials, also cured ones."""
        found = [reason for trial in self.fresh for reason in trial.faults]
        for trial in self.fresh:
            if trial.verdict == "fault":
                reasons = (s.reason for s in trial.scores if s.verdict == "fault")
                found.append(next(reasons, "a fault without a reason"))
        return tuple(found)

    @cached_property
    def identities(self) -> dict[str, str]:
        """By case, what makes it the same case on another night: id, request, expectations."""
        return {
            name: f"{name} {digest([case.request, case.expects, case.agent])[:12]}"
            for name, case in self.cases.items()
        }


@dataclass(frozen=True)
class Line:
    """Nights that may be compared with each other, oldest first."""

    kin: Kin
    nights: tuple[Night, ...]
    """Each has at least one fresh trial."""
    copies: tuple[str, ...] = ()
    """Run files that hold no trial which an earlier one does not hold."""


def lines_of(runs: Sequence[Run]) -> tuple[Line, ...]:
    """The lines of these runs, which come oldest first.

    Real models come first, and among their like what was played last.
    """
    kindred: dict[Kin, list[Run]] = {}
    for run in runs:
        kindred.setdefault(_kin(run.record), []).append(run)
    lines = [_line(kin, alike) for kin, alike in kindred.items()]
    return tuple(sorted(lines, key=_last_played, reverse=True))


def _kin(record: RunRecord) -> Kin:
    return Kin(record.suite, record.model, record.nature, record.runtime, record.base_url)


def _last_played(line: Line) -> tuple[bool, str]:
    played = (began_at(run) for night in line.nights for run in night.runs)
    return line.kin.nature == "real", max(played, default="")


def _line(kin: Kin, runs: Sequence[Run]) -> Line:
    groups: dict[object, list[Run]] = {}
    for run in runs:
        record = run.record
        same = (record.series, record.setup_digest, record.loop_version)
        groups.setdefault(same if record.series else run.path, []).append(run)
    seen: set[tuple[str, str, float]] = set()
    nights, copies = [], []
    for members in groups.values():
        night = _night(members, seen)
        if night.fresh:
            nights.append(night)
        else:
            copies += [run.path.name for run in members]
    return Line(kin, tuple(nights), tuple(copies))


def _night(runs: Sequence[Run], seen: set[tuple[str, str, float]]) -> Night:
    held = {_identity(trial): trial for run in runs for trial in run.trials}
    settled = {trial.key for trial in held.values() if not trial.faulted}
    held = {i: t for i, t in held.items() if not (t.faulted and t.key in settled)}
    fresh = tuple(trial for identity, trial in held.items() if identity not in seen)
    seen.update(held)
    name = runs[0].record.series or began_at(runs[0])
    return Night(name, tuple(runs), tuple(held.values()), fresh)


def _identity(trial: Trial) -> tuple[str, str, float]:
    """A copy keeps all three; the same trial played again has another beginning or duration."""
    return trial.key, trial.started_at, trial.duration_s
