from bisect import bisect
from functools import cache
from itertools import accumulate
from math import prod

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audition.stats.intervals import beta_binomial, wilson

UNHURRIED = settings(deadline=None)
"""A busy machine is no bug."""
CLUSTERS = st.lists(
    st.integers(1, 6).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of))),
    min_size=1,
    max_size=30,
)


@pytest.mark.parametrize(
    ("passed", "of", "low", "high"),
    [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_gives_the_intervals_that_newcombe_published(
    passed: int, of: int, low: float, high: float
) -> None:
    assert wilson(passed, of) == pytest.approx((low, high), abs=5e-5)


@pytest.mark.parametrize(
    "clusters",
    [
        [(3, 5)],
        [(1, 3)] * 30,
        [(3, 3)] * 29 + [(2, 3)],
        [(5, 5)] * 8 + [(0, 5)] * 2 + [(3, 5), (1, 2)],
    ],
)
def test_the_adaptive_grid_agrees_with_a_dense_one(clusters: list[tuple[int, int]]) -> None:
    assert beta_binomial(clusters) == pytest.approx(dense_beta_binomial(clusters), abs=2e-3)


def test_clusters_that_agree_within_widen_the_interval() -> None:
    alike = beta_binomial([(5, 5)] * 10 + [(0, 5)] * 10)
    mixed = beta_binomial([(3, 5)] * 10 + [(2, 5)] * 10)

    assert alike[1] - alike[0] > 1.5 * (mixed[1] - mixed[0])


def test_flawless_clusters_reach_one_and_hopeless_ones_reach_zero() -> None:
    low, high = beta_binomial([(5, 5)] * 12)

    assert 0.8 < low < 0.9
    assert high == 1.0
    assert beta_binomial([(0, 5)] * 12) == pytest.approx((0.0, 1 - low), abs=1e-3)


def test_a_large_suite_keeps_a_narrow_interval() -> None:
    low, high = beta_binomial([(4, 5)] * 700 + [(5, 5)] * 300)

    assert low < 0.86 < high
    assert high - low < 0.03


@UNHURRIED
@given(CLUSTERS)
def test_the_interval_holds_the_share_and_stays_within_0_and_1(
    clusters: list[tuple[int, int]],
) -> None:
    low, high = beta_binomial(clusters)
    share = sum(passed for passed, _ in clusters) / sum(of for _, of in clusters)

    assert 0.0 <= low <= share <= high <= 1.0


@UNHURRIED
@given(CLUSTERS)
def test_failures_mirror_successes(clusters: list[tuple[int, int]]) -> None:
    low, high = beta_binomial(clusters)
    mirrored = beta_binomial([(of - passed, of) for passed, of in clusters])

    assert mirrored == pytest.approx((1 - high, 1 - low), abs=1e-6)


@UNHURRIED
@given(CLUSTERS)
def test_neither_order_nor_empty_clusters_matter(clusters: list[tuple[int, int]]) -> None:
    assert beta_binomial([(0, 0), *reversed(clusters)]) == beta_binomial(clusters)


def dense_beta_binomial(clusters: list[tuple[int, int]]) -> tuple[float, float]:
    """The same posterior from products over a regular grid, with no logarithm and no zoom."""
    cells, correlations = 1000, 100
    weights = [
        sum(
            prod(
                urn((cell + 0.5) / cells, (row + 0.5) / correlations, passed, of - passed)
                for passed, of in clusters
            )
            for row in range(correlations)
        )
        for cell in range(cells)
    ]
    seen = list(accumulate(weights))
    low, high = (bisect(seen, share * seen[-1]) for share in (0.025, 0.975))
    return (low + 0.5) / cells, (high + 0.5) / cells


@cache
def urn(mean: float, correlation: float, passed: int, failed: int) -> float:
    """Pólya's urn: each result makes another one like it more likely within its cluster."""
    fresh = 1 - correlation
    above = [mean * fresh + n * correlation for n in range(passed)]
    below = [(1 - mean) * fresh + n * correlation for n in range(failed)]
    drawn = [fresh + n * correlation for n in range(passed + failed)]
    return prod(above) * prod(below) / prod(drawn)
