"""What was counted: the trials of each affected case, and every number that follows from them.

A trial that reached a limit of its own has failed. A trial that was lost to a fault, retries and
all, or that could not be judged, takes its case out of both arms. Where trials were not played,
what is said holds whatever they would have come to.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil, floor
from typing import Literal

from audition.gate.curtail import best, certain, worst
from audition.gate.rules import Design, Ruling, Tests, apply_rules
from audition.stats.exact import fisher_p

Filled = Literal["", "passed", "failed"]

_LOST_MOST = 0.05
_UNEQUAL = 0.01


@dataclass(frozen=True, kw_only=True)
class Arm:
    """Trials of one arm; what is missing from the planned ones was not played."""

    passed: int
    failed: int = 0
    lost: int = 0
    """Faults that no retry cured, and trials that could not be judged."""
    limited: int = 0
    """Of the failed ones, those that reached a limit of their own."""

    @property
    def judged(self) -> int:
        """Trials that passed or failed."""
        return self.passed + self.failed


@dataclass(frozen=True, kw_only=True)
class Case:
    """An affected case."""

    id: str
    base: Arm
    head: Arm

    @property
    def is_lost(self) -> bool:
        """Whether it leaves both arms."""
        return bool(self.base.lost or self.head.lost)


@dataclass(frozen=True, kw_only=True)
class Numbers:
    """Every count and p-value that leads to a verdict."""

    affected: int
    lost_cases: tuple[str, ...]
    every_base: Arm
    """All trials of all affected cases."""
    every_head: Arm
    base: Arm
    """Those of the cases that were compared."""
    head: Arm
    base_planned: int
    """Of the cases that were compared."""
    head_planned: int
    """Of the cases that were compared."""
    lost_p: float
    """Fisher's exact p-value of "both arms lose trials at the same rate", at least."""
    limited_p: float
    """The same for limits."""
    tests: Tests | None
    """None where no case was left to compare."""
    filled: Filled = ""
    """What the tests took the head trials for that were not played; those of the base the other
    way round."""
    settled: Ruling | None = None
    """What the rules say whatever is still played; None where that could change it."""

    @property
    def compared(self) -> int:
        """Cases that were compared."""
        return self.affected - len(self.lost_cases)

    @property
    def has_too_many_lost(self) -> bool:
        """Whether more than 5 % of the cases left both arms."""
        return len(self.lost_cases) > _LOST_MOST * self.affected

    @property
    def is_lost_unequally(self) -> bool:
        """Whether one arm lost trials beyond chance."""
        return self.lost_p < _UNEQUAL

    @property
    def is_limited_unequally(self) -> bool:
        """Whether one arm reached its limits beyond chance."""
        return self.limited_p < _UNEQUAL

    @property
    def is_invalid(self) -> bool:
        """Whether the arms cannot be compared."""
        return self.has_too_many_lost or self.is_lost_unequally or self.is_limited_unequally


def count(cases: Sequence[Case], design: Design) -> Numbers:
    """The numbers of these cases.

    Raises:
        ValueError: A case has more trials than planned.
    """
    for case in cases:
        _check(case, design)
    kept = [case for case in cases if not case.is_lost]
    base, head = _total(case.base for case in cases), _total(case.head for case in cases)
    planned = len(cases) * design.base_trials, len(cases) * design.head_trials
    tests, filled, settled = _tests(kept, design)
    return Numbers(
        affected=len(cases),
        lost_cases=tuple(case.id for case in cases if case.is_lost),
        every_base=base,
        every_head=head,
        base=_total(case.base for case in kept),
        head=_total(case.head for case in kept),
        base_planned=len(kept) * design.base_trials,
        head_planned=len(kept) * design.head_trials,
        lost_p=_unequal(
            _Share(base.lost, base.lost + base.judged, planned[0]),
            _Share(head.lost, head.lost + head.judged, planned[1]),
        ),
        limited_p=_unequal(
            _Share(base.limited, base.judged, planned[0] - base.lost),
            _Share(head.limited, head.judged, planned[1] - head.lost),
        ),
        tests=tests,
        filled=filled,
        settled=settled,
    )


def _check(case: Case, design: Design) -> None:
    if case.base.judged + case.base.lost > design.base_trials:
        raise ValueError(f"{case.id}: more base trials than planned")
    if case.head.judged + case.head.lost > design.head_trials:
        raise ValueError(f"{case.id}: more head trials than planned")
    if case.base.limited > case.base.failed or case.head.limited > case.head.failed:
        raise ValueError(f"{case.id}: more trials reached a limit than failed")


def _total(arms: Iterable[Arm]) -> Arm:
    listed = list(arms)
    return Arm(
        passed=sum(arm.passed for arm in listed),
        failed=sum(arm.failed for arm in listed),
        lost=sum(arm.lost for arm in listed),
        limited=sum(arm.limited for arm in listed),
    )


def _tests(kept: Sequence[Case], design: Design) -> tuple[Tests | None, Filled, Ruling | None]:
    """Missing trials are put as what speaks against the verdict, so none can undo it."""
    if not kept:
        return None, "", None
    base = [(case.base.passed, case.base.failed) for case in kept]
    head = [(case.head.passed, case.head.failed) for case in kept]
    settled = certain(base, head, design)
    kindest = worst(base), best(head, design.head_trials)
    harshest = best(base, design.base_trials), worst(head)
    if kindest == harshest:
        return apply_rules(*kindest, design), "", settled
    if settled == "pass":
        return apply_rules(*harshest, design), "failed", settled
    return apply_rules(*kindest, design), "passed", settled


@dataclass(frozen=True)
class _Share:
    """Trials of an arm that something befell."""

    met: int
    of: int
    planned: int
    """So many they can become."""

    @property
    def unplayed(self) -> int:
        return max(0, self.planned - self.of)

    def grown(self, more: int) -> tuple[int, int]:
        """If it befalls so many of the unplayed ones."""
        return self.met + more, self.of + self.unplayed


def _unequal(base: _Share, head: _Share) -> float:
    """The p-value of two equal rates, with what is unplayed as equal as it can become."""
    p = 0.0
    for more in range(base.unplayed + 1):
        met, of = base.grown(more)
        equal = met * (head.of + head.unplayed) / of - head.met if of else 0.0
        for nearest in {floor(equal), ceil(equal)}:
            grown = head.grown(min(max(nearest, 0), head.unplayed))
            p = max(p, fisher_p(met, of, second=grown[0], of_second=grown[1], side="either"))
    return p
