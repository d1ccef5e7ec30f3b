from math import comb
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audition.stats.gaffke import gaffke, gaffke_p

UNHURRIED = settings(deadline=None)
"""A busy machine is no bug."""
VALUES = st.lists(st.integers(0, 20).map(lambda value: value / 20), min_size=1, max_size=60)


@pytest.mark.parametrize(
    ("passed", "of", "limit"), [(81, 263, 0.2527), (15, 148, 0.0578), (1, 29, 0.0009)]
)
def test_binary_values_give_the_limit_of_clopper_and_pearson(
    passed: int, of: int, limit: float
) -> None:
    low, _ = gaffke([1.0] * passed + [0.0] * (of - passed))

    assert low == pytest.approx(limit, abs=5e-5)
    assert binomial_tail(passed, of, low) == pytest.approx(0.025, abs=1e-5)


@UNHURRIED
@given(st.integers(1, 400).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of))))
def test_both_ends_are_binomial_tails_for_binary_values(counts: tuple[int, int]) -> None:
    passed, of = counts
    low, high = gaffke([1.0] * passed + [0.0] * (of - passed))

    if passed:
        assert binomial_tail(passed, of, low) == pytest.approx(0.025, abs=1e-4)
    if passed < of:
        assert binomial_tail(of - passed, of, 1 - high) == pytest.approx(0.025, abs=1e-4)


def test_one_value_is_known_to_within_an_even_division() -> None:
    assert gaffke_p([1.0], 0.3) == pytest.approx(0.3, abs=1e-9)
    assert gaffke([0.6]) == pytest.approx((0.025 * 0.6, 1 - 0.025 * 0.4), abs=1e-6)


def test_equal_results_and_no_gain_give_the_p_value_of_a_power() -> None:
    assert gaffke_p([0.0] * 59, -0.05, lowest=-1.0) == pytest.approx(0.95**59, abs=1e-9)


@pytest.mark.parametrize(("margin", "expected"), [(0.05, 0.0012495), (0.0, 0.0546875)])
def test_differences_between_minus_one_and_one_give_the_known_p_values(
    margin: float, expected: float
) -> None:
    differences = [-1.0] * 2 + [0.0] * 90 + [1.0] * 8

    assert gaffke_p(differences, -margin, lowest=-1.0) == pytest.approx(expected, abs=5e-7)


@pytest.mark.parametrize("size", [3, 12, 41, 120])
def test_the_p_value_is_the_share_of_random_weightings_at_or_below_the_mean(size: int) -> None:
    random = Random(size)
    values = [random.choice([0.0, 0.1, 0.4, 0.9, 1.0]) for _ in range(size)]
    mean = sum(values) / (size + 3)
    hits = 0
    for _ in range(20_000):
        shares = [random.expovariate(1.0) for _ in range(size + 1)]
        weighted = sum(s * v for s, v in zip(shares, [*values, 0.0], strict=True))
        hits += weighted <= mean * sum(shares)

    assert gaffke_p(values, mean) == pytest.approx(hits / 20_000, abs=0.015)


@UNHURRIED
@given(VALUES)
def test_the_interval_holds_the_mean_and_stays_within_0_and_1(values: list[float]) -> None:
    low, high = gaffke(values)

    assert -1e-9 <= low <= sum(values) / len(values) + 1e-6
    assert sum(values) / len(values) - 1e-6 <= high <= 1.0 + 1e-9


@UNHURRIED
@given(VALUES, st.integers(0, 59), st.integers(1, 20))
def test_a_better_value_never_lowers_either_end(values: list[float], place: int, gain: int) -> None:
    better = list(values)
    better[place % len(values)] = min(1.0, better[place % len(values)] + gain / 20)

    assert gaffke(better)[0] >= gaffke(values)[0] - 1e-6
    assert gaffke(better)[1] >= gaffke(values)[1] - 1e-6


def binomial_tail(passed: int, of: int, rate: float) -> float:
    """The chance of at least `passed` successes."""
    return sum(comb(of, n) * rate**n * (1 - rate) ** (of - n) for n in range(passed, of + 1))
