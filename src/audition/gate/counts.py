"""What was counted: the trials of each affected case, and every number that follows from them.

A trial that reached a limit of its own has failed. A trial that was lost to a fault, retries and
all, takes its case out of both arms. Where trials were not played, what is said holds whatever they
would have come to.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from audition.gate.curtail import certain
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
    """Faults that no retry cured."""
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
    head_planned: int
    """Of the cases that were compared."""
    lost_p: float
    """Fisher's exact p-value of "both arms lose trials at the same rate", at least."""
    limited_p: float
    """The same for limits."""
    tests: Tests | None
    """None where no case was left to compare."""
    filled: Filled = ""
    """What the tests took the head trials for that were not played."""
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
        ValueError: A case has more trials than planned, or a base trial is neither judged nor lost.
    """
    for case in cases:
        _check(case, design)
    kept = [case for case in cases if not case.is_lost]
    base, head = _total(case.base for case in cases), _total(case.head for case in cases)
    unplayed = len(cases) * design.head_trials - head.lost - head.judged
    tests, filled, settled = _tests(kept, design)
    return Numbers(
        affected=len(cases),
        lost_cases=tuple(case.id for case in cases if case.is_lost),
        every_base=base,
        every_head=head,
        base=_total(case.base for case in kept),
        head=_total(case.head for case in kept),
        head_planned=len(kept) * design.head_trials,
        lost_p=_unequal(
            (base.lost, base.lost + base.judged),
            (head.lost, head.lost + head.judged),
            unplayed=unplayed,
        ),
        limited_p=_unequal(
            (base.limited, base.judged), (head.limited, head.judged), unplayed=unplayed
        ),
        tests=tests,
        filled=filled,
        settled=settled,
    )


def _check(case: Case, design: Design) -> None:
    if case.base.judged + case.base.lost != design.base_trials:
        raise ValueError(f"{case.id}: not every base trial was judged or lost")
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
    """Missing head trials are put as what speaks against the verdict, so none can undo it."""
    if not kept:
        return None, "", None
    base = [case.base.passed for case in kept]
    passed = [case.head.passed for case in kept]
    failed = [case.head.failed for case in kept]
    settled = certain(base, passed, failed, design)
    best = [design.head_trials - missed for missed in failed]
    if best == passed:
        return apply_rules(base, passed, design), "", settled
    if settled == "pass":
        return apply_rules(base, passed, design), "failed", settled
    return apply_rules(base, best, design), "passed", settled


def _unequal(base: tuple[int, int], head: tuple[int, int], *, unplayed: int) -> float:
    """The p-value of two equal rates, with what is unplayed as equal as it can become."""
    met, of = head
    return max(
        fisher_p(*base, second=met + more, of_second=of + unplayed, side="either")
        for more in range(unplayed + 1)
    )
