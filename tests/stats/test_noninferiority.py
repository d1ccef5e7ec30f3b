from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audition.stats.noninferiority import (
    difference_interval,
    pair_p,
    pairs,
    provable_margin,
    zero_failures_bound,
)


@st.composite
def formed(draw: st.DrawFn) -> tuple[float, float, int]:
    """Pairs, by quarters."""
    n = draw(st.integers(1, 150))
    lost = draw(st.integers(0, 4 * n))
    return lost / 4, draw(st.integers(0, 4 * n - lost)) / 4, n


def test_pairs_of_the_mixed_suite() -> None:
    assert pairs([3, 3, 2, 3, 1, 3], [3, 1, 2, 0, 2, 3], ka=3, kb=3) == (6, 2, 18)


def test_a_larger_first_arm_gives_parts_of_pairs() -> None:
    lost, gained, n = pairs([9], [2], ka=10, kb=3)

    assert (lost, gained) == pytest.approx((0.9, 0.2))
    assert n == 3


@pytest.mark.parametrize(
    ("lost", "gained", "n", "margin", "expected"),
    [
        (6, 2, 18, 0.1, 0.8755812475),
        (0, 0, 59, 0.05, 0.0484945252),
        (0, 0, 58, 0.05, 0.0510468687),
        (0, 0, 29, 0.1, 0.0471012870),
        (1, 0, 93, 0.05, 0.0499757952),
        (4, 4, 200, 0.05, 0.0032169398),
        (10, 8, 120, 0.1, 0.0198720013),
        (0, 3, 40, 0.05, 0.0160640195),
    ],
)
def test_the_known_p_values_come_out(
    lost: float, gained: float, n: int, margin: float, expected: float
) -> None:
    assert pair_p(lost, gained, n=n, margin=margin) == pytest.approx(expected, abs=1e-10)


@pytest.mark.parametrize(
    ("lost", "gained", "n", "margin"),
    [(4.5, 0.25, 40, 0.05), (2.0, 6.5, 20, -0.1), (30, 29.75, 60, 0.02), (0, 12, 12.25, 0.3)],
)
def test_it_is_the_share_of_draws_with_so_large_a_loss(
    lost: float, gained: float, n: int, margin: float
) -> None:
    draw, met, rounds = Random(5), 0, 40_000
    for _ in range(rounds):
        shares = [draw.gammavariate(shape, 1) for shape in (lost + 1, gained, n - lost - gained)]
        met += shares[1] - shares[0] <= -margin * sum(shares)

    assert pair_p(lost, gained, n=n, margin=margin) == pytest.approx(met / rounds, abs=0.01)


@given(formed(), st.floats(-0.9, 0.9), st.floats(-0.9, 0.9))
def test_a_larger_loss_is_ruled_out_no_later(
    seen: tuple[float, float, int], one: float, other: float
) -> None:
    lost, gained, n = seen
    small, large = sorted((one, other))
    of_small = pair_p(lost, gained, n=n, margin=small)

    assert 0 <= pair_p(lost, gained, n=n, margin=large) <= of_small + 1e-7


@given(formed(), st.floats(0.01, 0.5))
def test_a_lost_pair_that_is_kept_never_raises_it(
    seen: tuple[float, float, int], margin: float
) -> None:
    lost, gained, n = seen
    kept = max(0.0, lost - 1)

    assert (
        pair_p(kept, gained, n=n, margin=margin) <= pair_p(lost, gained, n=n, margin=margin) + 1e-7
    )
    more = gained + min(1.0, n - lost - gained)
    assert pair_p(lost, more, n=n, margin=margin) <= pair_p(lost, gained, n=n, margin=margin) + 1e-7


def test_nothing_is_proved_where_everything_was_lost() -> None:
    assert pair_p(12, 0, n=12, margin=0.5) == 1


@pytest.mark.parametrize(("n", "bound"), [(20, 0.139), (59, 0.0495), (100, 0.030), (300, 0.0099)])
def test_no_failure_in_n_tries_bounds_the_failure_rate(n: int, bound: float) -> None:
    assert zero_failures_bound(n) == pytest.approx(bound, abs=5e-4)


def test_no_try_bounds_nothing() -> None:
    assert zero_failures_bound(0) == 1


def test_the_margin_that_flawless_pairs_prove_is_the_bound_of_no_failure() -> None:
    assert provable_margin(0, 0, n=59) == pytest.approx(zero_failures_bound(59), abs=1e-8)


@settings(deadline=None)
@given(formed())
def test_the_provable_margin_is_just_proved(seen: tuple[float, float, int]) -> None:
    lost, gained, n = seen
    margin = provable_margin(lost, gained, n=n)

    if -0.99 < margin < 0.99:
        assert pair_p(lost, gained, n=n, margin=margin + 1e-5) <= 0.05
        assert pair_p(lost, gained, n=n, margin=margin - 1e-5) > 0.05


@settings(deadline=None)
@given(formed())
def test_the_interval_turns_round_with_the_arms_and_holds_what_was_seen(
    seen: tuple[float, float, int],
) -> None:
    lost, gained, n = seen
    low, high = difference_interval(lost, gained, n=n)

    assert low <= (gained - lost) / n <= high
    assert difference_interval(gained, lost, n=n) == pytest.approx((-high, -low))


def test_the_interval_holds_a_true_difference_as_often_as_it_says() -> None:
    """Cases of very different rates, half of which moved up and half down."""
    draw, met, rounds = Random(3), 0, 150
    base, head = [0.95, 0.9, 0.6, 0.3] * 3, [0.6, 0.95, 0.9, 0.1] * 3
    truth = (sum(head) - sum(base)) / 12
    for _ in range(rounds):
        a = [sum(draw.random() < rate for _ in range(5)) for rate in base]
        b = [sum(draw.random() < rate for _ in range(5)) for rate in head]
        low, high = difference_interval(*pairs(a, b, ka=5, kb=5)[:2], n=60)
        met += low <= truth <= high

    assert met / rounds >= 0.93
