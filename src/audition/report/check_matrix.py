"""View data of cases against checks: which clause is broken where, in runs with work in them."""

from dataclasses import dataclass

from audition.record import CaseRecord, Trial
from audition.report.case_view import CaseView
from audition.report.figures import percent, share
from audition.score import Kind, Verdict
from audition.tally import Summary

MOST_ROWS = 150
_KINDS: tuple[Kind, ...] = ("routing", "process", "outcome", "budget")
_WORST_FIRST: tuple[Verdict, ...] = ("fail", "fault", "skip", "pass")


@dataclass(frozen=True)
class CheckCell:
    """What one check came to in the trials of one case."""

    verdict: Verdict
    """The worst of them."""
    passed: int
    trials: int


@dataclass(frozen=True)
class CheckRow:
    """One case."""

    case: str
    verdict: Verdict
    cells: tuple[CheckCell | None, ...]
    """None where the case does not make the check."""


@dataclass(frozen=True)
class CheckColumn:
    """One check."""

    name: str
    kind: Kind
    rate: str
    counted: str


@dataclass(frozen=True)
class CheckMatrix:
    """Cases against checks."""

    columns: tuple[CheckColumn, ...]
    rows: tuple[CheckRow, ...]
    left_off: int

    @property
    def kinds(self) -> tuple[tuple[Kind, int], ...]:
        """Each kind with the number of its columns, which stand together."""
        counts = [(kind, sum(column.kind == kind for column in self.columns)) for kind in _KINDS]
        return tuple((kind, number) for kind, number in counts if number)


def has_work(case: CaseRecord) -> bool:
    """Whether agents work in a workspace in this case."""
    return bool(case.workspace)


def check_matrix(cases: tuple[CaseView, ...], summary: Summary) -> CheckMatrix | None:
    """The matrix; None for a run without a case at work."""
    if not any(has_work(view.case) for view in cases):
        return None
    found: dict[tuple[Kind, str], None] = {}
    for view in cases:
        for trial in view.trials:
            found |= {(score.kind, score.check): None for score in trial.scores}
    keys = sorted(found, key=lambda key: (_KINDS.index(key[0]), key[1]))
    rates = {group.name: group.rate for group in summary.by_check}
    columns = tuple(
        CheckColumn(name, kind, percent(rates[name].rate), share(rates[name]))
        if name in rates
        else CheckColumn(name, kind, percent(None), "")
        for kind, name in keys
    )
    rows = tuple(
        CheckRow(
            view.case.id,
            view.summary.verdict,
            tuple(_cell(kind, name, [trial.trial for trial in view.trials]) for kind, name in keys),
        )
        for view in cases
    )
    return CheckMatrix(columns, rows[:MOST_ROWS], max(0, len(rows) - MOST_ROWS))


def _cell(kind: Kind, name: str, trials: list[Trial]) -> CheckCell | None:
    """A check that a case makes twice passes in a trial where both pass."""
    verdicts = [
        min(found, key=_WORST_FIRST.index)
        for trial in trials
        if (found := [s.verdict for s in trial.scores if (s.kind, s.check) == (kind, name)])
    ]
    if not verdicts:
        return None
    worst = min(verdicts, key=_WORST_FIRST.index)
    return CheckCell(worst, verdicts.count("pass"), len(verdicts))
