"""Gaffke's bound on a mean: for any values between 0 and 1, however few and however skewed.

The values and one worst possible value are weighted with random shares that sum to one, all
divisions being equally likely; the bound is a quantile of that weighted mean. For values of 0 and 1
it is the bound of Clopper and Pearson. (Gaffke 2004; Learned-Miller and Thomas 2019, arXiv
1905.06208; its validity for every sample is conjectured, not proved.) The quantile is computed, not
sampled.
"""

from collections import Counter
from collections.abc import Sequence
from math import atan, exp, log1p, pi, sin, sqrt

from audition.stats.intervals import Interval

_TAIL = 0.025
_RACE_LARGEST = 400
_WAVES_MOST = 4000

Terms = list[tuple[float, int]]
"""Distances from the mean in question, each with how often it occurs."""


def gaffke(values: Sequence[float]) -> Interval:
    """The 95 % interval for the mean of a population, from at least one value of it in 0..1."""
    return _lower(values), 1 - _lower([1 - value for value in values])


def gaffke_p(values: Sequence[float], mean: float, *, lowest: float = 0.0) -> float:
    """The p-value of "the population's mean is at most `mean`"; no value lies below `lowest`."""
    counts = Counter([*values, lowest])
    terms = [(value - mean, count) for value, count in sorted(counts.items()) if value != mean]
    above = sum(count for distance, count in terms if distance > 0)
    below = sum(count for distance, count in terms if distance < 0)
    return _race(terms) if above * below <= _RACE_LARGEST else _inversion(terms)


def _lower(values: Sequence[float]) -> float:
    low, high = 0.0, max(values)
    while high - low > 1e-7:
        middle = (low + high) / 2
        if gaffke_p(values, middle) < _TAIL:
            low = middle
        else:
            high = middle
    return low


def _race(terms: Terms) -> float:
    """The chance that the weighted sum is at most 0, exact.

    Equally likely shares are exponential variables over their sum. So two runners pass stages of
    exponential length, one a stage for each distance above 0, the other for each below, and the
    first is to arrive no later. Exponentials have no memory: of two stages under way, of mean
    lengths a and b, the first ends first with chance b / (a + b).
    """
    above = [distance for distance, count in terms if distance > 0 for _ in range(count)]
    below = [-distance for distance, count in terms if distance < 0 for _ in range(count)]
    chances = [1.0] * len(below)
    for a in above:
        chance = 0.0
        for place, b in enumerate(below):
            chance = (b * chances[place] + a * chance) / (a + b)
            chances[place] = chance
    return chances[-1] if below else float(not above)


def _inversion(terms: Terms) -> float:
    """The same chance where the race would be long, from the characteristic function.

    (Gil-Pelaez 1951, with the midpoint sums of Davies 1973.) The step is small enough for an error
    below 1e-9: it resolves all that the sum, a mix of gamma variables, can reach.
    """
    middle = sum(distance * count for distance, count in terms)
    spread = sqrt(sum(distance * distance * count for distance, count in terms))
    reach = abs(middle) + 12 * spread + 30 * max(abs(distance) for distance, _ in terms)
    step = 2 * pi / reach
    chance = 0.5
    for wave in range(_WAVES_MOST):
        u = (wave + 0.5) * step
        size = exp(-0.5 * sum(count * log1p((distance * u) ** 2) for distance, count in terms))
        angle = sum(count * atan(distance * u) for distance, count in terms)
        chance -= size * sin(angle) / (pi * (wave + 0.5))
        if size < 1e-11:
            break
    return min(1.0, max(0.0, chance))
