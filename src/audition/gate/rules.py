"""The two rules of the gate, on counts alone.

FAIL: an exact permutation test within cases at the planned size; where the base has more trials
than the head, a second one on a thinned base. PASS: no FAIL, and a pair test that the suite's mean
lost less than the margin. Both are about these very cases, never about others they could stand for.
More passes of the head can undo a FAIL and never make one; they can make a PASS and never undo one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from audition.stats.noninferiority import Pairs, pair_p, pairs
from audition.stats.permutation import guard_p, perm_p

Ruling = Literal["fail", "pass", "inconclusive"]

_GUARD = 1.4
"""The thinned test's limit in levels of the other; by simulation, where cases moved both ways."""
_ROUNDING = 1e-9
"""Two broken of twelve, three trials each, lie on the boundary."""


@dataclass(frozen=True, kw_only=True)
class Design:
    """What is fixed before a trial is played.

    Raises:
        ValueError: An arm has no trial, the head more than the base, or a level makes no sense.
    """

    base_trials: int
    """Trials of each case; at least as many as the head's."""
    head_trials: int
    margin: float = 0.05
    """The loss of the mean pass rate that a PASS rules out."""
    alpha: float = 0.05
    """How often either verdict may be wrong."""
    attempt: int = 0
    """0 for the first verdict on these revisions; every fresh attempt halves the level."""
    metrics: int = 1
    """How many measures are gated; a FAIL on any of them shares the level."""

    def __post_init__(self) -> None:
        if not 1 <= self.head_trials <= self.base_trials:
            raise ValueError("the base needs at least as many trials as the head, which needs one")
        if not (0 < self.margin < 1 and 0 < self.alpha < 0.5):
            raise ValueError("the margin lies between 0 and 1, the level between 0 and 0.5")
        if self.attempt < 0 or self.metrics < 1:
            raise ValueError("attempts count from 0, gated measures from 1")

    @property
    def pass_level(self) -> float:
        """What the pair test is compared with."""
        return self.alpha * 0.5**self.attempt

    @property
    def fail_level(self) -> float:
        """What the permutation test is compared with."""
        return self.pass_level / self.metrics

    @property
    def guard_level(self) -> float:
        """What the permutation test on a thinned base is compared with."""
        return _GUARD * self.fail_level


@dataclass(frozen=True, kw_only=True)
class Tests:
    """What the tests gave."""

    __test__ = False  # pytest takes the name for a test of its own

    perm_p: float
    guard_p: float | None
    """None where both arms have the same size."""
    pairs: Pairs
    pair_p: float
    ruling: Ruling


def apply_rules(base: Sequence[int], head: Sequence[int], design: Design) -> Tests:
    """Every test on the passes of each case, one case at least, and what follows from them."""
    ka, kb = design.base_trials, design.head_trials
    formed = pairs(base, head, ka=ka, kb=kb)
    return Tests(
        perm_p=perm_p(base, head, ka=ka, kb=kb),
        guard_p=guard_p(base, head, ka=ka, kb=kb) if ka > kb else None,
        pairs=formed,
        pair_p=pair_p(formed.lost, formed.gained, n=formed.n, margin=design.margin),
        ruling=rule(base, head, design),
    )


def rule(base: Sequence[int], head: Sequence[int], design: Design) -> Ruling:
    """What the rules say, with no more tests than it takes."""
    if fails(base, head, design):
        return "fail"
    return "pass" if keeps(base, head, design) else "inconclusive"


def fails(base: Sequence[int], head: Sequence[int], design: Design) -> bool:
    """Whether results this bad would be too rare if the change did nothing."""
    ka, kb = design.base_trials, design.head_trials
    if sum(head) * ka >= sum(base) * kb:
        return False  # at its mean or above, where the chance is 1/2 or more (Jogdeo, Samuels 1968)
    if perm_p(base, head, ka=ka, kb=kb) > design.fail_level + _ROUNDING:
        return False
    return ka == kb or guard_p(base, head, ka=ka, kb=kb) <= design.guard_level + _ROUNDING


def keeps(base: Sequence[int], head: Sequence[int], design: Design) -> bool:
    """Whether a loss of more than the margin is ruled out."""
    formed = pairs(base, head, ka=design.base_trials, kb=design.head_trials)
    if formed.lost - formed.gained >= design.margin * formed.n:
        return False  # the margin was lost in the pairs themselves: the chance is above 1/2
    p = pair_p(formed.lost, formed.gained, n=formed.n, margin=design.margin)
    return p <= design.pass_level + _ROUNDING
