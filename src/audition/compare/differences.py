"""Differences of pass rates between two runs: for all trials, a kind, a check or a tag.

Trials are paired within their case and nowhere else. A case counts as many pairs as the side with
fewer trials of it has, each of them the average trial of base beside the average trial of head: so
no trial is taken twice for news, and exchanging base and head exchanges the signs and nothing else.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from math import fsum

from audition.compare.comparison import Delta, Tries
from audition.record import Trial
from audition.score import Score, Verdict
from audition.stats.multiple import benjamini_hochberg
from audition.stats.noninferiority import difference_interval, pair_p

Sides = tuple[Tries, Tries]
"""A case in base and in head."""


def differences(groups: Mapping[str, Sequence[Sides]]) -> tuple[Delta, ...]:
    """A row for each group of cases that was judged on both sides anywhere; by name."""
    found = [_delta(name, groups[name]) for name in sorted(groups)]
    rows = [row for row in found if row is not None]
    adjusted = benjamini_hochberg([row.p for row in rows])
    return tuple(replace(row, q=q) for row, q in zip(rows, adjusted, strict=True))


def by_score(
    cases: Iterable[tuple[Sequence[Trial], Sequence[Trial]]], name: Callable[[Score], str]
) -> tuple[Delta, ...]:
    """A difference for each check, or for each kind of them; `name` says which a score is of."""
    groups: dict[str, list[Sides]] = defaultdict(list)
    for before, after in cases:
        old, new = tries_by(before, name), tries_by(after, name)
        for group in old.keys() & new.keys():
            groups[group].append((old[group], new[group]))
    return differences(groups)


def tries_by(trials: Iterable[Trial], name: Callable[[Score], str]) -> dict[str, Tries]:
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


def _delta(name: str, sides: Sequence[Sides]) -> Delta | None:
    counted = [
        (min(base.judged, head.judged), base.passed / base.judged, head.passed / head.judged)
        for base, head in sides
        if base.judged and head.judged
    ]
    if not counted:
        return None
    n = sum(pairs for pairs, _, _ in counted)
    lost = fsum(pairs * before * (1 - after) for pairs, before, after in counted)
    gained = fsum(pairs * (1 - before) * after for pairs, before, after in counted)
    low, high = difference_interval(lost, gained, n=n)
    p = 2 * min(pair_p(lost, gained, n=n, margin=0.0), pair_p(gained, lost, n=n, margin=0.0))
    return Delta(
        name=name,
        cases=len(counted),
        pairs=n,
        base=fsum(pairs * before for pairs, before, _ in counted) / n,
        head=fsum(pairs * after for pairs, _, after in counted) / n,
        difference=(gained - lost) / n,
        low=low,
        high=high,
        p=min(1.0, p),
        q=min(1.0, p),
    )
