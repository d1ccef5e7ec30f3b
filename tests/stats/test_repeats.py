from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audition.stats.repeats import pass_all, pass_at

COUNTS = st.integers(1, 12).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of)))


def test_the_published_values_come_out() -> None:
    assert pass_at(2, 5, k=2) == pytest.approx(0.7)
    assert pass_all(2, 5, k=2) == pytest.approx(0.1)
    assert pass_all(6, 8, k=4) == pytest.approx(15 / 70)


@given(COUNTS, st.integers(1, 12))
def test_both_are_shares_of_all_draws(counts: tuple[int, int], k: int) -> None:
    passed, of = counts
    draws = list(combinations([True] * passed + [False] * (of - passed), min(k, of)))

    assert pass_at(passed, of, k=min(k, of)) == pytest.approx(sum(map(any, draws)) / len(draws))
    assert pass_all(passed, of, k=min(k, of)) == pytest.approx(sum(map(all, draws)) / len(draws))


@given(COUNTS)
def test_more_tries_make_one_success_likelier_and_all_rarer(counts: tuple[int, int]) -> None:
    passed, of = counts
    at = [pass_at(passed, of, k=k) for k in range(1, of + 1)]
    every = [pass_all(passed, of, k=k) for k in range(1, of + 1)]

    assert at == sorted(at)
    assert every == sorted(every, reverse=True)
    assert at[0] == pytest.approx(every[0])
    assert at[0] == pytest.approx(passed / of)
