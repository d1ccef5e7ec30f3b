import pytest
from hypothesis import given
from hypothesis import strategies as st

from audition.stats.multiple import benjamini_hochberg, holm

PUBLISHED = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.324, 0.4262,
             0.5719, 0.6528, 0.759, 1.0]  # fmt: skip
VALUES = st.lists(st.floats(0, 1), max_size=12)


def test_the_example_of_benjamini_and_hochberg() -> None:
    assert sum(q <= 0.05 for q in benjamini_hochberg(PUBLISHED)) == 4
    assert sum(p <= 0.05 for p in holm(PUBLISHED)) == 3


@given(VALUES, st.floats(0.001, 0.999))
def test_q_values_reject_what_the_step_up_rule_rejects(values: list[float], level: float) -> None:
    ordered = sorted(values)
    passing = [rank for rank, p in enumerate(ordered, 1) if p * len(values) / rank <= level]
    rejected = ordered[: max(passing, default=0)]
    found = [p for p, q in zip(values, benjamini_hochberg(values), strict=True) if q <= level]

    assert sorted(found) == rejected


@given(VALUES)
def test_holm_is_the_stricter_one_and_neither_falls_below_the_value(values: list[float]) -> None:
    for p, q, adjusted in zip(values, benjamini_hochberg(values), holm(values), strict=True):
        assert p - 1e-12 <= q <= adjusted + 1e-12
        assert adjusted <= 1


def test_equal_values_stay_equal() -> None:
    assert benjamini_hochberg([0.02, 0.02]) == pytest.approx([0.02, 0.02])
    assert holm([0.02, 0.02]) == pytest.approx([0.04, 0.04])
