from collections.abc import Sequence
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audition.history.drift import Counts, limit_among, watch
from audition.stats.cusum import NEEDED

CASES = tuple(f"case-{number}" for number in range(12))


def drawn(rates: Sequence[float], *, nights: int, seed: int, repeats: int = 3) -> list[Counts]:
    """Nights of cases that pass at these rates."""
    draw = Random(seed)
    return [
        {
            name: (sum(draw.random() < rate for _ in range(repeats)), repeats)
            for name, rate in zip(CASES, rates, strict=False)
        }
        for _ in range(nights)
    ]


def night(passed: int, of: int = 12) -> Counts:
    """A night on which the first cases passed and the others failed."""
    return {name: (int(place < passed), 1) for place, name in enumerate(CASES[:of])}


STEADY = [night(12)] * NEEDED


def test_a_fall_is_found_with_the_night_it_began() -> None:
    rates = [0.95] * 12
    nights = drawn(rates, nights=40, seed=1) + drawn([0.75] * 12, nights=10, seed=2)

    first, *_ = watch(nights).alarms
    assert first.falls
    assert 40 <= first.at <= 44
    assert 38 <= first.since <= 41
    assert first.now < 0.85 < first.was


def test_a_rise_is_found_too() -> None:
    nights = drawn([0.6] * 12, nights=30, seed=1) + drawn([0.9] * 12, nights=6, seed=2)

    assert [alarm.falls for alarm in watch(nights).alarms][:1] == [False]


@pytest.mark.parametrize("rate", [1.0, 0.95, 0.8, 0.0])
def test_a_steady_line_hardly_ever_raises_an_alarm(rate: float) -> None:
    alarmed = [bool(watch(drawn([rate] * 12, nights=60, seed=seed)).alarms) for seed in range(100)]

    # Forty watched nights at one false alarm in 800: one line in twenty.
    assert sum(alarmed) <= 10
    assert sum(alarmed) == 0 or 0 < rate < 1


def test_twenty_nights_are_needed_before_anything_is_said() -> None:
    fallen = watch([*STEADY[1:], *[night(4)] * 2])
    learnt = watch([*STEADY, *[night(4)] * 2])

    assert not fallen.alarms
    assert watch(STEADY[1:]).learning == NEEDED - 1
    assert learnt.learning is None
    assert [alarm.at for alarm in learnt.alarms] == [NEEDED + 1]


def test_no_single_night_is_a_drift_however_bad() -> None:
    assert not watch([*STEADY, night(0), night(12), night(12)]).alarms
    assert watch([*STEADY, night(0), night(0)]).alarms


def test_one_failure_after_flawless_nights_is_no_drift() -> None:
    assert not watch([*STEADY, night(11), night(11)]).alarms


def test_a_night_without_results_is_no_fall() -> None:
    empty: Counts = {}

    found = watch([*STEADY, *[empty] * 10])
    assert not found.alarms
    assert found.unused == frozenset(range(20, 30))


def test_a_case_that_was_not_judged_speaks_for_nothing() -> None:
    """Half of the cases always fail; nights on which only the others were judged are no rise."""
    half = [night(6)] * NEEDED
    good_half = {name: night(6)[name] for name in CASES[:6]}

    assert not watch([*half, *[good_half] * 20]).alarms


def test_a_night_of_few_cases_is_left_out_and_named() -> None:
    few = dict.fromkeys(CASES[:3], (0, 1))

    found = watch([*STEADY, *[few] * 5])
    assert not found.alarms
    assert found.unused == frozenset(range(20, 25))


def test_few_cases_among_the_first_nights_are_no_part_of_the_reference() -> None:
    few = dict.fromkeys(CASES[:3], (0, 1))

    found = watch([few, *STEADY, night(12)])
    assert found.stretches[0].mean == 1
    assert 0 in found.unused


def test_a_break_begins_anew() -> None:
    nights = [*STEADY, *[night(4)] * 10]

    assert watch(nights).alarms
    assert not watch(nights, breaks={20}).alarms
    assert watch(nights, breaks={20}).learning == 10


def test_other_cases_begin_anew() -> None:
    others = {f"new-{number}": (0, 1) for number in range(12)}

    found = watch([*STEADY, *[others] * 5])
    assert not found.alarms
    assert found.learning == 5


def test_a_level_that_stays_becomes_the_reference_after_twenty_nights() -> None:
    fallen = [night(8)] * NEEDED
    found = watch([*STEADY, *fallen, *[night(8)] * 10])

    assert found.alarms
    assert max(alarm.at for alarm in found.alarms) < 40
    assert [round(stretch.mean, 2) for stretch in found.stretches] == [1.0, 0.67]


def test_a_fall_from_an_improved_level_is_found() -> None:
    better, worse = [night(12)] * 25, [night(8)] * 3
    found = watch([*[night(8)] * NEEDED, *better, *worse])

    assert not found.alarms[0].falls
    assert found.alarms[-1].falls
    assert found.alarms[-1].at >= 45


def test_a_level_that_came_back_keeps_its_reference() -> None:
    found = watch([*STEADY, *[night(6)] * 3, *[night(12)] * 30])

    assert [stretch.mean for stretch in found.stretches] == [1.0]
    assert {alarm.at for alarm in found.alarms} <= {21, 22}


def test_several_series_together_are_as_quiet_as_one() -> None:
    assert limit_among(1) == 6
    assert limit_among(20) == pytest.approx(8.996, abs=0.001)


Rates = st.lists(st.integers(0, 3), min_size=4, max_size=4)
Lines = st.lists(
    Rates.map(lambda passed: {n: (k, 3) for n, k in zip(CASES, passed, strict=False)}),
    max_size=60,
)


@given(Lines)
def test_what_was_said_of_a_night_is_never_taken_back(nights: list[Counts]) -> None:
    """An alarm depends on the nights up to it alone."""
    whole = watch(nights).alarms
    for length in range(0, len(nights), 7):
        assert watch(nights[:length]).alarms == tuple(a for a in whole if a.at < length)


@given(Lines)
def test_an_alarm_is_about_nights_after_a_reference(nights: list[Counts]) -> None:
    found = watch(nights)

    for alarm in found.alarms:
        assert NEEDED <= alarm.since <= alarm.at < len(nights)
        assert alarm.at - alarm.since >= 1
    assert (found.learning is None) == (
        bool(found.stretches) and found.stretches[-1].end == len(nights)
    )


@settings(max_examples=50)
@given(Lines)
def test_turning_every_verdict_around_turns_every_alarm_around(nights: list[Counts]) -> None:
    turned = [{name: (of - k, of) for name, (k, of) in each.items()} for each in nights]
    alarms, mirrored = watch(nights).alarms, watch(turned).alarms

    assert [(a.at, a.since, a.falls) for a in alarms] == [
        (a.at, a.since, not a.falls) for a in mirrored
    ]


@given(Lines, st.randoms())
def test_the_order_of_cases_makes_no_difference(nights: list[Counts], draw: Random) -> None:
    shuffled = [dict(draw.sample(list(each.items()), len(each))) for each in nights]

    assert [(a.at, a.falls) for a in watch(shuffled).alarms] == [
        (a.at, a.falls) for a in watch(nights).alarms
    ]
