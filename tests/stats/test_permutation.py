from collections.abc import Sequence
from itertools import combinations, product
from math import comb, prod

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audition.stats.permutation import guard_p, perm_p, perm_p_scores

Counts = list[int]
Design = tuple[Counts, Counts, int, int]


@st.composite
def designs(draw: st.DrawFn, *, groups: int = 8, size: int = 6) -> Design:
    kb = draw(st.integers(1, size))
    ka = draw(st.integers(kb, size))
    pairs = draw(
        st.lists(st.tuples(st.integers(0, ka), st.integers(0, kb)), min_size=1, max_size=groups)
    )
    return [a for a, _ in pairs], [b for _, b in pairs], ka, kb


def one_by_one(values: Sequence[tuple[float, ...]], seen: float, kb: int) -> float:
    """The share of all divisions in which the second arm has no more than was seen."""
    chosen = [
        [sum(group[place] for place in places) for places in combinations(range(len(group)), kb)]
        for group in values
    ]
    sums = [sum(division) for division in product(*chosen)]
    return sum(value <= seen + 1e-9 for value in sums) / len(sums)


@pytest.mark.parametrize(
    ("a", "b", "ka", "kb", "expected"),
    [
        ([3], [0], 3, 3, 0.05),
        ([5], [0], 5, 5, 0.0039682540),
        ([10], [0], 10, 3, 0.0034965035),
        ([3] * 12, [0] + [3] * 11, 3, 3, 0.05),
        ([3] * 12, [0, 0] + [3] * 10, 3, 3, 0.0025),
        ([3, 3, 2, 3, 1, 3], [3, 1, 2, 0, 2, 3], 3, 3, 0.1205),
        ([3, 2, 3, 1], [3, 2, 3, 1], 3, 3, 0.72),
    ],
)
def test_the_known_p_values_come_out(
    a: Counts, b: Counts, ka: int, kb: int, expected: float
) -> None:
    assert perm_p(a, b, ka=ka, kb=kb) == pytest.approx(expected, abs=5e-11)


@pytest.mark.parametrize(
    ("cases", "plain", "thinned"),
    [(2, 0.053254, 0.25), (3, 0.012289, 0.125), (4, 0.002836, 0.0625)],
)
def test_the_known_p_values_of_a_thinned_arm_come_out(
    cases: int, plain: float, thinned: float
) -> None:
    a, b = [10] * 12, [2] * cases + [3] * (12 - cases)

    assert perm_p(a, b, ka=10, kb=3) == pytest.approx(plain, abs=5e-7)
    assert guard_p(a, b, ka=10, kb=3) == pytest.approx(thinned, abs=1e-12)


def test_the_known_p_value_of_scores_comes_out() -> None:
    x, y = [[1, 0.8, 0.9], [0.5, 0.5, 0.7]], [[0.2, 0.4, 0.1], [0.5, 0.6, 0.4]]

    assert perm_p_scores(x, y) == pytest.approx(0.0175, abs=1e-12)


@given(designs(groups=3, size=3))
def test_it_is_the_share_of_all_divisions(design: Design) -> None:
    a, b, ka, kb = design
    values = [(1.0,) * (x + y) + (0.0,) * (ka + kb - x - y) for x, y in zip(a, b, strict=True)]

    assert perm_p(a, b, ka=ka, kb=kb) == pytest.approx(one_by_one(values, sum(b), kb))


@given(
    st.lists(
        st.lists(st.integers(0, 100), min_size=5, max_size=5),
        min_size=1,
        max_size=3,
    )
)
def test_scores_give_the_share_of_all_divisions(groups: list[list[int]]) -> None:
    x = [[value / 100 for value in group[:3]] for group in groups]
    y = [[value / 100 for value in group[3:]] for group in groups]
    values = [tuple(value / 100 for value in group) for group in groups]

    assert perm_p_scores(x, y) == pytest.approx(one_by_one(values, sum(map(sum, y)), 2))


@settings(deadline=None, max_examples=25)
@given(st.lists(st.tuples(st.integers(1, 3), st.integers(1, 3), st.floats(0, 1)), max_size=3))
def test_it_is_a_p_value_if_nothing_changed(groups: list[tuple[int, int, float]]) -> None:
    """Over every outcome of both arms, it lies at or below a level no oftener than that."""
    ka, kb = [ka for ka, _, _ in groups], [kb for _, kb, _ in groups]
    met: list[tuple[float, float]] = []
    for a in product(*(range(size + 1) for size in ka)):
        for b in product(*(range(size + 1) for size in kb)):
            chance = prod(
                comb(of_a, x)
                * comb(of_b, y)
                * rate ** (x + y)
                * (1 - rate) ** (of_a + of_b - x - y)
                for (of_a, of_b, rate), x, y in zip(groups, a, b, strict=True)
            )
            met.append((perm_p(a, b, ka=ka, kb=kb), chance))

    for level, _ in met:
        assert sum(chance for p, chance in met if p <= level + 1e-12) <= level + 1e-9


@given(designs(), st.permutations(range(8)))
def test_the_order_of_groups_does_not_matter(design: Design, order: list[int]) -> None:
    a, b, ka, kb = design
    places = [place for place in order if place < len(a)]
    c, d = [a[place] for place in places], [b[place] for place in places]

    assert perm_p(c, d, ka=ka, kb=kb) == pytest.approx(perm_p(a, b, ka=ka, kb=kb))
    assert guard_p(c, d, ka=ka, kb=kb) == pytest.approx(guard_p(a, b, ka=ka, kb=kb))


@given(designs(), st.integers(0, 7))
def test_one_more_success_of_the_second_arm_never_lowers_it(design: Design, place: int) -> None:
    a, b, ka, kb = design
    place %= len(b)
    more = [min(kb, y + 1) if at == place else y for at, y in enumerate(b)]

    assert perm_p(a, more, ka=ka, kb=kb) >= perm_p(a, b, ka=ka, kb=kb) - 1e-12
    assert guard_p(a, more, ka=ka, kb=kb) >= guard_p(a, b, ka=ka, kb=kb) - 1e-12


@given(designs())
def test_equal_arms_need_no_thinning(design: Design) -> None:
    a, b, _, kb = design
    cut = [min(x, kb) for x in a]

    assert guard_p(cut, b, ka=kb, kb=kb) == pytest.approx(perm_p(cut, b, ka=kb, kb=kb))


@given(designs(groups=2, size=5))
def test_the_thinned_law_is_the_average_over_every_choice(design: Design) -> None:
    a, b, ka, kb = design
    total = 0.0
    for kept in product(range(kb + 1), repeat=len(a)):
        weight = prod(
            comb(kb, t) * (comb(ka - kb, x - t) if x >= t else 0) / comb(ka, x)
            for x, t in zip(a, kept, strict=True)
        )
        if weight:
            total += weight * perm_p(kept, b, ka=kb, kb=kb)

    assert guard_p(a, b, ka=ka, kb=kb) == pytest.approx(total)


def test_a_group_may_have_sizes_of_its_own() -> None:
    alike = perm_p([3, 2], [1, 0], ka=3, kb=2)

    assert perm_p([3, 2], [1, 0], ka=[3, 3], kb=[2, 2]) == alike
    assert perm_p([3, 2], [1, 0], ka=[3, 3], kb=[2, 1]) > alike


@pytest.mark.parametrize("groups", [30, 100])
def test_many_groups_are_as_exact_as_few(groups: int) -> None:
    """Groups of one and one, of one success each, are tosses of a coin."""
    heads = groups // 2 - 8
    a, b = [0] * heads + [1] * (groups - heads), [1] * heads + [0] * (groups - heads)
    tosses = sum(comb(groups, x) for x in range(heads + 1)) / 2**groups

    assert perm_p(a, b, ka=1, kb=1) == pytest.approx(tosses, abs=1e-13)


def test_a_hundred_groups_of_ten_agree_with_a_plain_convolution() -> None:
    a, b = [8, 9, 10, 7] * 25, [7, 9, 9, 8] * 25
    sums = [1.0]
    for x, y in zip(a, b, strict=True):
        law = [comb(10, t) * comb(10, x + y - t) / comb(20, x + y) if x + y >= t else 0.0
               for t in range(11)]  # fmt: skip
        grown = [0.0] * (len(sums) + 10)
        for at, value in enumerate(sums):
            for t, share in enumerate(law):
                grown[at + t] += value * share
        sums = grown

    assert perm_p(a, b, ka=10, kb=10) == pytest.approx(sum(sums[: sum(b) + 1]), abs=1e-12)


@pytest.mark.parametrize(("a", "b"), [([4], [0]), ([0], [4]), ([-1], [0]), ([0], [-1])])
def test_a_count_beyond_its_arm_is_refused(a: Counts, b: Counts) -> None:
    with pytest.raises(ValueError, match="are no counts"):
        perm_p(a, b, ka=3, kb=3)


def test_the_larger_arm_alone_can_be_thinned() -> None:
    with pytest.raises(ValueError, match="cannot be thinned"):
        guard_p([1], [1], ka=2, kb=3)


def test_a_score_beyond_one_is_refused() -> None:
    with pytest.raises(ValueError, match=r"0\.\.1"):
        perm_p_scores([[1.2]], [[0.0]])
