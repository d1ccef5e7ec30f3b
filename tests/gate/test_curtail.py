from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audition.gate.curtail import certain
from audition.gate.rules import Design, Ruling, rule


def play(
    base: list[int], head: list[list[bool]], design: Design, order: list[tuple[int, int]]
) -> tuple[Ruling, int]:
    """The verdict at which a gate stops, and how many head trials it took."""
    passed, failed = [0] * len(base), [0] * len(base)
    for played, (case, trial) in enumerate(order):
        verdict = certain(base, passed, failed, design)
        if verdict:
            return verdict, played
        passed[case] += head[case][trial]
        failed[case] += not head[case][trial]
    verdict = certain(base, passed, failed, design)
    assert verdict is not None
    return verdict, len(order)


@st.composite
def gates(draw: st.DrawFn) -> tuple[list[int], list[list[bool]], Design, list[tuple[int, int]]]:
    kb = draw(st.integers(1, 4))
    ka = draw(st.integers(kb, 5))
    cases = draw(st.integers(1, 7))
    base = draw(st.lists(st.integers(0, ka), min_size=cases, max_size=cases))
    arm = st.lists(st.booleans(), min_size=kb, max_size=kb)
    head = draw(st.lists(arm, min_size=cases, max_size=cases))
    margin = draw(st.sampled_from([0.05, 0.1, 0.3]))
    design = Design(base_trials=ka, head_trials=kb, margin=margin)
    return (
        base,
        head,
        design,
        draw(st.permutations([(c, t) for c in range(cases) for t in range(kb)])),
    )


@settings(deadline=None)
@given(gates())
def test_stopping_early_never_changes_the_verdict(
    gate: tuple[list[int], list[list[bool]], Design, list[tuple[int, int]]],
) -> None:
    base, head, design, order = gate

    assert play(base, head, design, order)[0] == rule(base, [sum(case) for case in head], design)


def share_played(base_trials: int, *, broken: int) -> float:
    """The share of head trials that it takes, over 40 suites of 12 cases that always passed."""
    design, draw, used = Design(base_trials=base_trials, head_trials=3), Random(1), 0
    head = [[case >= broken] * 3 for case in range(12)]
    for _ in range(40):
        order = [(case, trial) for case in range(12) for trial in range(3)]
        draw.shuffle(order)
        used += play([base_trials] * 12, head, design, order)[1]
    return used / (40 * 36)


@pytest.mark.parametrize(
    ("base_trials", "broken", "share"), [(3, 2, 0.57), (3, 12, 0.14), (10, 2, 0.57), (10, 12, 0.11)]
)
def test_a_broken_suite_takes_a_part_of_the_trials(
    base_trials: int, broken: int, share: float
) -> None:
    """A larger base saves few of them: the thinned test asks for as many failures."""
    assert share_played(base_trials, broken=broken) == pytest.approx(share, abs=0.06)


def test_a_first_pass_may_settle_that_a_tiny_suite_can_show_nothing() -> None:
    assert certain([1], [1], [0], Design(base_trials=1, head_trials=1)) == "inconclusive"
    assert certain([1], [0], [0], Design(base_trials=1, head_trials=1)) == "inconclusive"


def test_nothing_is_certain_while_both_ends_are_open() -> None:
    assert certain([3] * 20, [0] * 20, [0] * 20, Design(base_trials=3, head_trials=3)) is None


def test_a_pass_is_certain_only_when_the_last_trials_cannot_undo_it() -> None:
    design = Design(base_trials=3, head_trials=3, margin=0.3)

    assert certain([3] * 12, [3] * 11 + [0], [0] * 12, design) is None
    assert certain([3] * 12, [3] * 11 + [2], [0] * 12, design) == "pass"
