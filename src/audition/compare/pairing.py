"""Pairs two runs case by case: what flipped, by how much, how sure, and what it cost.

A case that only one of them has is named and never counted. Where both hold the very same trials of
a case, copied from one to the other, nothing was tried twice: it is named and never counted either.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
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
    Delta,
    Tries,
)
from audition.compare.definitions import definition_changes
from audition.compare.likeness import unlike
from audition.compare.routes import routes, taken
from audition.record import Trial
from audition.runfile import Run
from audition.score import Score, Verdict
from audition.stats.multiple import benjamini_hochberg
from audition.stats.noninferiority import difference_interval, pair_p
from audition.summary import summarize
from audition.tally import CaseSummary, Summary

_ORDER: tuple[Change, ...] = get_args(Change)


@dataclass(frozen=True)
class _Pair:
    """A case with its trials on both sides."""

    base: CaseSummary
    head: CaseSummary
    before: Sequence[Trial]
    after: Sequence[Trial]

    @property
    def is_same(self) -> bool:
        """Whether both sides hold the very same trials."""
        keys = {trial.key for trial in self.after}
        return bool(keys) and keys == {trial.key for trial in self.before}


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
    old, new = _summary(base), _summary(head)
    pairs = _paired(base, head, old, new)
    cases = sorted((_case(pair, names) for pair in pairs), key=_worst_first)
    counted = [pair for pair in pairs if not pair.is_same]
    ids = [pair.head.case.id for pair in pairs]
    return Comparison(
        base=_arm(base, old, [pair.before for pair in counted], ids),
        head=_arm(head, new, [pair.after for pair in counted], ids),
        unlike=unlike(base, head),
        overall=next(iter(_deltas({"all trials": [_whole(pair) for pair in counted]})), None),
        by_kind=_by_score(counted, lambda score: score.kind),
        by_check=_by_score(counted, lambda score: score.check),
        by_tag=_by_tag(counted),
        cases=tuple(cases),
        taken=tuple(taken(case for case in cases if case.change != "no evidence")),
        definitions=definition_changes(base.record, head.record, names),
        untouched=tuple(untouched),
    )


def _worst_first(change: CaseChange) -> tuple[int, float]:
    moved = (change.head.share or 0.0) - (change.base.share or 0.0)
    return _ORDER.index(change.change), moved


def _summary(run: Run) -> Summary:
    return summarize(run.record, run.cases, run.trials, run.planned)


def _paired(base: Run, head: Run, old: Summary, new: Summary) -> list[_Pair]:
    rows = {row.case.id: row for row in old.cases}
    before, after = _by_case(base.trials), _by_case(head.trials)
    return [
        _Pair(rows[row.case.id], row, before[row.case.id], after[row.case.id])
        for row in new.cases
        if row.case.id in rows
    ]


def _by_case(trials: Iterable[Trial]) -> dict[str, list[Trial]]:
    found: dict[str, list[Trial]] = defaultdict(list)
    for trial in trials:
        found[trial.case].append(trial)
    return found


def _case(pair: _Pair, renamed: Mapping[str, str]) -> CaseChange:
    return CaseChange(
        case=pair.head.case,
        change="no evidence" if pair.is_same else _change(pair.base, pair.head),
        base=_tries(pair.base),
        head=_tries(pair.head),
        base_verdict=pair.base.verdict,
        head_verdict=pair.head.verdict,
        checks=() if pair.is_same else _check_changes(pair.before, pair.after),
        base_routes=routes(pair.before, renamed),
        head_routes=routes(pair.after, {}),
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


def _check_changes(before: Sequence[Trial], after: Sequence[Trial]) -> tuple[CheckChange, ...]:
    old, new = (_by_name(trials, lambda score: score.check) for trials in (before, after))
    first: dict[str, tuple[str, int]] = {}
    for trial in after:
        for score in trial.scores:
            if score.verdict == "fail":
                first.setdefault(score.check, (score.reason, trial.number))
    losses, gains = [], []
    for check in dict.fromkeys((*new, *old)):
        base, head = old.get(check, Tries(0, 0)), new.get(check, Tries(0, 0))
        if base.share == head.share:
            continue
        fell = head.judged > head.passed and (base.share is None or (head.share or 0) < base.share)
        if fell:
            losses.append(CheckChange(check, base, head, *first[check]))
        else:
            gains.append(CheckChange(check, base, head))
    return (*losses, *gains)


def _whole(pair: _Pair) -> tuple[Tries, Tries]:
    return _tries(pair.base), _tries(pair.head)


def _by_score(pairs: Iterable[_Pair], name: Callable[[Score], str]) -> tuple[Delta, ...]:
    """A difference for each check, or for each kind of them."""
    sides: dict[str, list[tuple[Tries, Tries]]] = defaultdict(list)
    for pair in pairs:
        old, new = _by_name(pair.before, name), _by_name(pair.after, name)
        for group in old.keys() & new.keys():
            sides[group].append((old[group], new[group]))
    return _deltas(sides)


def _by_tag(pairs: Iterable[_Pair]) -> tuple[Delta, ...]:
    sides: dict[str, list[tuple[Tries, Tries]]] = defaultdict(list)
    for pair in pairs:
        for tag in dict.fromkeys(pair.head.case.tags):
            sides[tag].append(_whole(pair))
    return _deltas(sides)


def _by_name(trials: Iterable[Trial], name: Callable[[Score], str]) -> dict[str, Tries]:
    """Trials in which every score of a name passed, of those in which it was decided."""
    counts: dict[str, Counter[Verdict]] = defaultdict(Counter)
    for trial in trials:
        if trial.verdict == "fault":
            continue  # its evidence was cut short
        verdicts: dict[str, set[Verdict]] = {}
        for score in trial.scores:
            verdicts.setdefault(name(score), set()).add(score.verdict)
        for group, found in verdicts.items():
            worst: Verdict = next(v for v in ("fail", "fault", "skip", "pass") if v in found)
            counts[group][worst] += 1
    return {
        group: Tries(seen["pass"], seen["pass"] + seen["fail"], seen["fault"], seen["skip"])
        for group, seen in counts.items()
    }


def _deltas(groups: Mapping[str, Sequence[tuple[Tries, Tries]]]) -> tuple[Delta, ...]:
    """A row for each group of cases that was judged on both sides anywhere; by name."""
    found = [_delta(name, groups[name]) for name in sorted(groups)]
    rows = [row for row in found if row is not None]
    adjusted = benjamini_hochberg([row.p for row in rows])
    return tuple(replace(row, q=q) for row, q in zip(rows, adjusted, strict=True))


def _delta(name: str, sides: Sequence[tuple[Tries, Tries]]) -> Delta | None:
    counted = [(base, head) for base, head in sides if base.judged and head.judged]
    if not counted:
        return None
    n = sum(head.judged for _, head in counted)
    lost = fsum(b.passed * (h.judged - h.passed) / b.judged for b, h in counted)
    gained = fsum((b.judged - b.passed) * h.passed / b.judged for b, h in counted)
    low, high = difference_interval(lost, gained, n=n)
    p = 2 * min(pair_p(lost, gained, n=n, margin=0.0), pair_p(gained, lost, n=n, margin=0.0))
    return Delta(
        name=name,
        cases=len(counted),
        pairs=n,
        base=fsum(h.judged * b.passed / b.judged for b, h in counted) / n,
        head=sum(h.passed for _, h in counted) / n,
        difference=(gained - lost) / n,
        low=low,
        high=high,
        p=min(1.0, p),
        q=min(1.0, p),
    )


def _arm(run: Run, summary: Summary, tried: Sequence[Sequence[Trial]], ids: Sequence[str]) -> Arm:
    paired = set(ids)
    return Arm(
        record=run.record,
        amounts=_amounts([trial for trials in tried for trial in trials]),
        confusion=summary.confusion,
        unpaired=tuple(case.id for case in run.cases if case.id not in paired),
    )


def _amounts(trials: Sequence[Trial]) -> Amounts:
    costs = [trial.cost_usd for trial in trials if trial.cost_usd is not None]
    return Amounts(
        trials=len(trials),
        cost_usd=fsum(costs) if len(costs) == len(trials) else None,
        tokens=sum(trial.tokens for trial in trials),
        turns=sum(trial.turns for trial in trials),
        duration_s=fsum(trial.duration_s for trial in trials),
        limited=sum(any(score.check == "limits" for score in t.scores) for t in trials),
        faults=sum(trial.verdict == "fault" for trial in trials),
    )
