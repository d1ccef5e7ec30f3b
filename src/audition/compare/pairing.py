"""Pairs two runs case by case: what flipped, by how much, how sure, and what it cost.

A case that only one of them has is named and never counted. Where both hold the same trials of a
case, nothing that could change it has changed: it is named and never counted either.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import fsum
from typing import get_args

from audition.compare.comparison import (
    Amounts,
    Arm,
    CaseChange,
    Change,
    CheckChange,
    Comparison,
    Tries,
)
from audition.compare.definitions import definition_changes
from audition.compare.differences import Sides, by_score, differences, tries_by
from audition.compare.likeness import unlike
from audition.compare.routes import routes, taken
from audition.record import CaseRecord, Trial
from audition.runfile import Run
from audition.summary import summarize
from audition.tally import CaseSummary, Confusion

_ORDER: tuple[Change, ...] = get_args(Change)
_Checks = tuple[CheckChange, ...]


def compare(
    base: Run,
    head: Run,
    *,
    renamed: Mapping[str, str] | None = None,
    untouched: Sequence[str] = (),
) -> Comparison:
    """Compare two runs.

    Args:
        base: The run that is measured against.
        head: The run that is judged.
        renamed: Names of agents in base, to their names in head.
        untouched: Cases that were left out on purpose: nothing they depend on is another.
    """
    names = dict(renamed or {})
    left_out = set(untouched)
    both = {case.id for case in base.cases} & {case.id for case in head.cases}
    old, new = _side(base, both, names), _side(head, both, {})
    pairs = [_Pair(old.rows[n], row, old.trials[n], new.trials[n]) for n, row in new.rows.items()]
    cases = tuple(sorted(map(_case, pairs), key=_worst_first))
    counted = [pair for pair in pairs if not pair.is_same]
    trials = [(pair.before, pair.after) for pair in counted]
    return Comparison(
        base=_arm(base, old, [(p.before, p.is_judged) for p in counted], left_out),
        head=_arm(head, new, [(p.after, p.is_judged) for p in counted], left_out),
        unlike=unlike(base, head, names),
        overall=next(iter(differences({"all trials": [p.whole for p in counted]})), None),
        by_kind=by_score(trials, lambda score: score.kind),
        by_check=by_score(trials, lambda score: score.check),
        by_tag=differences(_tagged(counted)),
        cases=cases,
        taken=tuple(taken(case for case in cases if case.change != "no evidence")),
        definitions=definition_changes(base.record, head.record, names),
        untouched=tuple(untouched),
    )


def _worst_first(change: CaseChange) -> tuple[int, float]:
    moved = (change.head.share or 0.0) - (change.base.share or 0.0)
    return _ORDER.index(change.change), moved


@dataclass(frozen=True)
class _Side:
    """What one run has of the cases that both have, by case."""

    rows: Mapping[str, CaseSummary]
    trials: Mapping[str, Sequence[Trial]]
    confusion: Confusion | None


def _side(run: Run, both: set[str], renamed: Mapping[str, str]) -> _Side:
    cases = [_case_renamed(case, renamed) for case in run.cases if case.id in both]
    trials: dict[str, list[Trial]] = defaultdict(list)
    for trial in run.trials:
        if trial.case in both:
            trials[trial.case].append(_trial_renamed(trial, renamed))
    every = [trial for tried in trials.values() for trial in tried]
    summary = summarize(run.record, cases, every, run.planned)
    return _Side({row.case.id: row for row in summary.cases}, trials, summary.confusion)


def _case_renamed(case: CaseRecord, renamed: Mapping[str, str]) -> CaseRecord:
    if not renamed or not case.agents:
        return case
    return replace(case, agents=tuple(renamed.get(name, name) for name in case.agents))


def _trial_renamed(trial: Trial, renamed: Mapping[str, str]) -> Trial:
    name = renamed.get(trial.delegated_to or "")
    return replace(trial, delegated_to=name) if name else trial


@dataclass(frozen=True)
class _Pair:
    """A case with its trials on both sides."""

    base: CaseSummary
    head: CaseSummary
    before: Sequence[Trial]
    after: Sequence[Trial]

    @property
    def is_same(self) -> bool:
        """Whether nothing that could change a trial of it differs.

        The key of a trial holds all of that and its number, so one that both have is enough.
        """
        return not {t.key for t in self.after}.isdisjoint(t.key for t in self.before)

    @property
    def is_judged(self) -> bool:
        return bool(self.base.judged and self.head.judged)

    @property
    def whole(self) -> Sides:
        return _tries(self.base), _tries(self.head)


def _case(pair: _Pair) -> CaseChange:
    moved, steady = ((), ()) if pair.is_same else _check_changes(pair.before, pair.after)
    return CaseChange(
        case=pair.head.case,
        change="no evidence" if pair.is_same else _change(pair.base, pair.head),
        base=_tries(pair.base),
        head=_tries(pair.head),
        base_verdict=pair.base.verdict,
        head_verdict=pair.head.verdict,
        checks=moved,
        steady=steady,
        base_routes=routes(pair.before),
        head_routes=routes(pair.after),
    )


def _tries(row: CaseSummary) -> Tries:
    return Tries(row.passed, row.judged, row.faults, row.skips)


def _change(base: CaseSummary, head: CaseSummary) -> Change:
    if not base.judged or not head.judged:
        return "unknown"
    if (base.verdict, head.verdict) == ("pass", "fail"):
        return "broke"
    if (base.verdict, head.verdict) == ("fail", "pass"):
        return "fixed"
    moved = head.passed * base.judged - base.passed * head.judged
    return "same" if not moved else "better" if moved > 0 else "worse"


def _check_changes(before: Sequence[Trial], after: Sequence[Trial]) -> tuple[_Checks, _Checks]:
    """Those that moved, losses first, and those that did not."""
    old, new = (tries_by(trials, lambda score: score.check) for trials in (before, after))
    first: dict[str, tuple[str, int]] = {}
    for trial in after:
        for score in trial.scores if trial.verdict != "fault" else ():
            if score.verdict == "fail":
                first.setdefault(score.check, (score.reason, trial.number))
    losses, gains, steady = [], [], []
    for check in dict.fromkeys((*new, *old)):
        base, head = old.get(check, Tries(0, 0)), new.get(check, Tries(0, 0))
        if base.share == head.share:
            steady.append(CheckChange(check, base, head))
            continue
        fell = head.judged > head.passed and (base.share is None or (head.share or 0) < base.share)
        if fell:
            losses.append(CheckChange(check, base, head, *first[check]))
        else:
            gains.append(CheckChange(check, base, head))
    return (*losses, *gains), tuple(steady)


def _tagged(pairs: Iterable[_Pair]) -> dict[str, list[Sides]]:
    groups: dict[str, list[Sides]] = defaultdict(list)
    for pair in pairs:
        for tag in dict.fromkeys(pair.head.case.tags):
            groups[tag].append(pair.whole)
    return groups


def _arm(
    run: Run,
    side: _Side,
    tried: Sequence[tuple[Sequence[Trial], bool]],
    left_out: Collection[str],
) -> Arm:
    known = {*side.rows, *left_out}
    return Arm(
        record=run.record,
        amounts=_amounts(tried),
        confusion=side.confusion,
        unpaired=tuple(case.id for case in run.cases if case.id not in known),
    )


def _amounts(tried: Sequence[tuple[Sequence[Trial], bool]]) -> Amounts:
    """What one side took, from the trials of each case and whether both sides were judged."""
    every = [trial for trials, _ in tried for trial in trials]
    whole = [t for trials, judged in tried if judged for t in trials if t.verdict != "fault"]
    costs = [trial.cost_usd for trial in whole if trial.cost_usd is not None]
    return Amounts(
        trials=len(whole),
        cost_usd=fsum(costs) if len(costs) == len(whole) else None,
        tokens=sum(trial.tokens for trial in whole),
        turns=sum(trial.turns for trial in whole),
        duration_s=fsum(trial.duration_s for trial in whole),
        tried=len(every),
        limited=sum(any(score.check == "limits" for score in t.scores) for t in every),
        faults=sum(trial.verdict == "fault" for trial in every),
    )
