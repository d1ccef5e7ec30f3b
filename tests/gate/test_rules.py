import pytest
from hypothesis import given
from hypothesis import strategies as st

from audition.gate.rules import Design, apply_rules, fails, rule
from audition.stats.permutation import perm_p

THREE = Design(base_trials=3, head_trials=3)


@pytest.mark.parametrize(
    ("base", "head", "margin", "ruling"),
    [
        ([3] * 20, [3] * 20, 0.05, "pass"),
        ([3] * 12, [3] * 12, 0.05, "inconclusive"),
        ([3] * 12, [3] * 12, 0.10, "pass"),
        ([3] * 12, [0] + [3] * 11, 0.05, "fail"),
    ],
)
def test_the_known_rulings_come_out(
    base: list[int], head: list[int], margin: float, ruling: str
) -> None:
    design = Design(base_trials=3, head_trials=3, margin=margin)

    assert rule(base, head, design) == ruling
    assert apply_rules(base, head, design).ruling == ruling


def test_two_broken_of_twelve_lie_on_the_boundary_of_a_halved_level() -> None:
    """One broken case of three and three trials gives p = 1/20, whatever the rounding."""
    once = Design(base_trials=3, head_trials=3, attempt=1)

    assert rule([3] * 12, [0] + [3] * 11, once) == "inconclusive"
    assert rule([3] * 12, [0, 0] + [3] * 10, once) == "fail"


@pytest.mark.parametrize("cases", [2, 3])
def test_a_larger_base_alone_does_not_make_a_fail(cases: int) -> None:
    """Three cases of twelve that lost one trial of three: the thinned base does not agree."""
    design = Design(base_trials=10, head_trials=3)
    head = [2] * cases + [3] * (12 - cases)
    tests = apply_rules([10] * 12, head, design)

    assert tests.guard_p is not None
    assert tests.guard_p > design.guard_level
    assert tests.ruling == "inconclusive"


def test_four_such_cases_do() -> None:
    head = [2] * 4 + [3] * 8

    assert rule([10] * 12, head, Design(base_trials=10, head_trials=3)) == "fail"


def test_a_broken_case_fails_a_larger_base() -> None:
    assert rule([10] * 12, [0] + [3] * 11, Design(base_trials=10, head_trials=3)) == "fail"


def test_a_fresh_attempt_halves_every_level() -> None:
    design = Design(base_trials=10, head_trials=3, attempt=2)

    assert design.pass_level == pytest.approx(0.0125)
    assert design.fail_level == pytest.approx(0.0125)
    assert design.guard_level == pytest.approx(0.0175)


def test_several_measures_share_the_level_of_fail_but_not_that_of_pass() -> None:
    design = Design(base_trials=3, head_trials=3, metrics=2)

    assert design.fail_level == pytest.approx(0.025)
    assert rule([3] * 12, [0] + [3] * 11, design) == "inconclusive"
    assert rule([3] * 20, [3] * 20, design) == "pass"


@pytest.mark.parametrize(
    "sizes",
    [
        {"base_trials": 3, "head_trials": 5},
        {"base_trials": 3, "head_trials": 0},
        {"base_trials": 3, "head_trials": 3, "margin": 0.0},
        {"base_trials": 3, "head_trials": 3, "alpha": 0.5},
        {"base_trials": 3, "head_trials": 3, "attempt": -1},
        {"base_trials": 3, "head_trials": 3, "metrics": 0},
    ],
)
def test_a_design_that_means_nothing_is_refused(sizes: dict[str, int]) -> None:
    with pytest.raises(ValueError, match=r"the base needs|the margin lies|attempts count"):
        Design(**sizes)


@given(
    st.integers(1, 5).flatmap(
        lambda kb: st.tuples(
            st.just(kb),
            st.integers(kb, 6).flatmap(
                lambda ka: st.tuples(
                    st.just(ka),
                    st.lists(
                        st.tuples(st.integers(0, ka), st.integers(0, kb)), min_size=1, max_size=8
                    ),
                )
            ),
        )
    )
)
def test_a_head_that_passes_as_often_as_the_base_never_fails(
    drawn: tuple[int, tuple[int, list[tuple[int, int]]]],
) -> None:
    """The short cut before the tests changes nothing."""
    kb, (ka, played) = drawn
    base, head = [a for a, _ in played], [b for _, b in played]
    design = Design(base_trials=ka, head_trials=kb, alpha=0.499)

    if sum(head) * ka >= sum(base) * kb:
        assert perm_p(base, head, ka=ka, kb=kb) >= 0.5 - 1e-12
        assert not fails(base, head, design)
