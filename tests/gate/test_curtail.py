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
    known = [(count, design.base_trials - count) for count in base]
    for played, (case, trial) in enumerate(order):
        verdict = certain(known, list(zip(passed, failed, strict=True)), design)
        if verdict:
            return verdict, played
        passed[case] += head[case][trial]
        failed[case] += not head[case][trial]
    verdict = certain(known, list(zip(passed, failed, strict=True)), design)
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


@settings(deadline=None)
@given(gates(), st.randoms(use_true_random=False))
def test_where_the_base_is_not_known_either_stopping_early_never_changes_the_verdict(
    gate: tuple[list[int], list[list[bool]], Design, list[tuple[int, int]]], random: Random
) -> None:
    passes, head, design, _ = gate
    base = [[trial < count for trial in range(design.base_trials)] for count in passes]
    sides = (base, head)
    tasks = [(s, c, t) for s in (0, 1) for c, arm in enumerate(sides[s]) for t in range(len(arm))]
    random.shuffle(tasks)
    seen = [[(0, 0)] * len(base), [(0, 0)] * len(base)]
    verdict = certain(seen[0], seen[1], design)
    for side, case, trial in tasks:
        if verdict:
            break
        passed, failed = seen[side][case]
        met = sides[side][case][trial]
        seen[side][case] = (passed + met, failed + (not met))
        verdict = certain(seen[0], seen[1], design)

    assert verdict == rule(passes, [sum(case) for case in head], design)


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
    design = Design(base_trials=1, head_trials=1)

    assert certain([(1, 0)], [(1, 0)], design) == "inconclusive"
    assert certain([(0, 0)], [(0, 0)], design) == "inconclusive"


def test_nothing_is_certain_while_both_ends_are_open() -> None:
    design = Design(base_trials=3, head_trials=3)

    assert certain([(3, 0)] * 20, [(0, 0)] * 20, design) is None


def test_a_pass_is_certain_only_when_the_last_trials_cannot_undo_it() -> None:
    design = Design(base_trials=3, head_trials=3, margin=0.3)

    base, most = [(3, 0)] * 12, [(3, 0)] * 11

    assert certain(base, [*most, (0, 0)], design) is None
    assert certain(base, [*most, (2, 0)], design) == "pass"
