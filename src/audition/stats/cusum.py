"""Has a series of means drifted? Two cumulative sums, one for each direction (Page 1954).

Each point's distance from the reference, in standard deviations and less an allowance of half of
one, is added up; below 0 a sum starts anew. A sum that reaches the limit is an alarm, after which
it starts anew. With an allowance of 0.5 and a limit of 5, one direction gives a false alarm once
in 931 points, and finds a shift of one standard deviation after 10.4 on average.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import fmean, stdev

NEEDED = 20
"""Points that a reference should rest on."""


@dataclass(frozen=True)
class Reference:
    """What points are compared with."""

    mean: float
    spread: float
    """The standard deviation of a new point about the mean."""


@dataclass(frozen=True)
class Drift:
    """The two sums after a point; at an alarm, the sum that raised it, before it starts anew."""

    fall: float
    rise: float
    falls: bool = False
    """An alarm: the series has come down."""
    rises: bool = False


def reference(points: Sequence[float], *, within: float = 0.0) -> Reference | None:
    """The reference that these points give; None for fewer than two, or where nothing varies.

    Its spread is the larger of their own standard deviation and `within`, widened by √(1 + 1/n) for
    the uncertainty of their mean. Fewer than `NEEDED` points give false alarms more often.
    """
    if len(points) < 2:
        return None
    spread = max(stdev(points), within) * sqrt(1 + 1 / len(points))
    return Reference(fmean(points), spread) if spread > 0 else None


def within_spread(passed: Sequence[int], of: Sequence[int]) -> float:
    """The standard deviation that repeats alone give a mean of success rates, at least one rate.

    From groups with more than one result, unbiased; 0 where there is none.
    """
    variances = [x * (k - x) / (k * k * (k - 1)) for x, k in zip(passed, of, strict=True) if k > 1]
    return sqrt(fmean(variances) / len(of)) if variances else 0.0


def drifts(
    points: Iterable[float], against: Reference, *, allowance: float = 0.5, limit: float = 5.0
) -> list[Drift]:
    """The sums after each point."""
    drifted, fall, rise = [], 0.0, 0.0
    for point in points:
        down = (against.mean - point) / against.spread
        fall = max(0.0, fall + down - allowance)
        rise = max(0.0, rise - down - allowance)
        drift = Drift(fall, rise, falls=fall >= limit, rises=rise >= limit)
        drifted.append(drift)
        fall = 0.0 if drift.falls else fall
        rise = 0.0 if drift.rises else rise
    return drifted
