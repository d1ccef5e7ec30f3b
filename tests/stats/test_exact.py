from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audition.stats.exact import fisher_p, mcnemar_mid_p

SIZES = st.integers(0, 12)


@pytest.mark.parametrize(
    ("of_first", "of_second", "smallest"),
    [(3, 3, 0.05), (5, 5, 0.004), (10, 3, 0.0035), (20, 2, 0.0043)],
)
def test_the_smallest_p_value_that_a_size_can_give(
    of_first: int, of_second: int, smallest: float
) -> None:
    p = fisher_p(of_first, of_first, second=0, of_second=of_second, side="lower")

    assert p == pytest.approx(smallest, abs=5e-5)


def test_the_lady_tasting_tea() -> None:
    """Fisher's own: three of four cups right."""
    assert fisher_p(1, 4, second=3, of_second=4, side="higher") == pytest.approx(17 / 70)
    assert fisher_p(1, 4, second=3, of_second=4, side="either") == pytest.approx(34 / 70)


@given(SIZES, SIZES, SIZES, SIZES)
def test_the_two_sides_overlap_in_what_was_seen(a: int, b: int, c: int, d: int) -> None:
    of_first, of_second = a + b, c + d
    seen = comb(of_first, a) * comb(of_second, c) / comb(of_first + of_second, a + c)
    lower = fisher_p(a, of_first, second=c, of_second=of_second, side="lower")
    higher = fisher_p(a, of_first, second=c, of_second=of_second, side="higher")
    either = fisher_p(a, of_first, second=c, of_second=of_second, side="either")

    assert lower + higher == pytest.approx(1 + seen)
    assert min(lower, higher) - 1e-12 <= either <= 1


@given(SIZES, SIZES, SIZES, SIZES)
def test_the_arms_may_change_places(a: int, b: int, c: int, d: int) -> None:
    one = fisher_p(a, a + b, second=c, of_second=c + d, side="either")

    assert fisher_p(c, c + d, second=a, of_second=a + b, side="either") == pytest.approx(one)


def test_a_count_beyond_its_arm_is_refused() -> None:
    with pytest.raises(ValueError, match="are no counts"):
        fisher_p(4, 3, second=0, of_second=3, side="either")


@pytest.mark.parametrize(("lost", "gained", "expected"),
                         [(6, 16, 0.034690), (1, 7, 0.0390625), (0, 0, 1), (5, 5, 1)])  # fmt: skip
def test_the_published_mid_p_values_come_out(lost: int, gained: int, expected: float) -> None:
    assert mcnemar_mid_p(lost, gained) == pytest.approx(expected, abs=5e-7)
    assert mcnemar_mid_p(gained, lost) == mcnemar_mid_p(lost, gained)
