from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audition.stats.beta import betainc

SHAPES = st.integers(1, 400)
SHARES = st.floats(0.001, 0.999)


@given(SHAPES, SHAPES, SHARES)
def test_whole_shapes_give_a_binomial_tail(a: int, b: int, x: float) -> None:
    tries = a + b - 1
    tail = sum(comb(tries, hits) * x**hits * (1 - x) ** (tries - hits) for hits in range(a, a + b))

    assert betainc(a, b, x=x) == pytest.approx(tail, abs=1e-12)


@given(st.floats(0.05, 900), st.floats(0.05, 900), SHARES)
def test_both_sides_add_up_to_one(a: float, b: float, x: float) -> None:
    assert betainc(a, b, x=x) + betainc(b, a, x=1 - x) == pytest.approx(1, abs=1e-10)


@given(st.floats(0.1, 50), SHARES)
def test_a_shape_of_one_gives_a_power(a: float, x: float) -> None:
    assert betainc(a, 1, x=x) == pytest.approx(x**a, abs=1e-12)


def test_nothing_lies_below_zero_and_everything_below_one() -> None:
    assert betainc(2, 3, x=-0.5) == 0
    assert betainc(2, 3, x=1) == 1
