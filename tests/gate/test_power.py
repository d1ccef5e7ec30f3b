import pytest

from audition.gate.power import (
    NOTHING,
    Change,
    fail_chance,
    forecast,
    likely_rates,
    pass_chance,
    sight,
    trials_to_pass,
)
from audition.gate.rules import Design

CHANGES = (NOTHING, Change(broken=1), Change(broken=2), Change(broken=4), Change(drop=0.1),
           Change(drop=0.2))  # fmt: skip
WITHIN = 0.05


@pytest.mark.parametrize(
    ("trials", "cases", "rate", "chances"),
    [
        (1, 12, 0.8, (0.01, 0.02, 0.05, 0.16, 0.04, 0.12)),
        (3, 12, 1.0, (0, 1, 1, 1, 0.35, 0.90)),
        (3, 12, 0.95, (0.01, 0.25, 0.66, 1, 0.27, 0.69)),
        (3, 12, 0.8, (0.03, 0.10, 0.28, 0.79, 0.19, 0.49)),
        (3, 20, 0.95, (0.01, 0.17, 0.51, 0.98, 0.45, 0.91)),
        (3, 40, 0.8, (0.04, 0.07, 0.14, 0.38, 0.49, 0.95)),
        (5, 12, 0.95, (0.02, 0.40, 0.91, 1, 0.46, 0.91)),
        (5, 20, 0.8, (0.04, 0.12, 0.33, 0.84, 0.43, 0.91)),
    ],
)
def test_fail_is_as_likely_as_the_tables_say(
    trials: int, cases: int, rate: float, chances: tuple[float, ...]
) -> None:
    design = Design(base_trials=trials, head_trials=trials)
    found = [fail_chance([rate] * cases, change, design, rounds=2000) for change in CHANGES]

    assert found == pytest.approx(chances, abs=WITHIN)


@pytest.mark.parametrize(
    ("trials", "chances"), [(3, (0, 1, 1, 1, 0.48, 0.94)), (5, (0, 1, 1, 1, 0.86, 1))]
)
def test_a_larger_base_that_always_passed_sees_as_much_as_the_tables_say(
    trials: int, chances: tuple[float, ...]
) -> None:
    design = Design(base_trials=10, head_trials=trials)
    found = [fail_chance([1.0] * 12, change, design, rounds=2000) for change in CHANGES]

    assert found == pytest.approx(chances, abs=WITHIN)


def test_the_guard_costs_a_larger_base_power_for_a_single_break() -> None:
    design = Design(base_trials=10, head_trials=3)
    found = fail_chance([0.95] * 12, Change(broken=1), design, rounds=2000)

    assert found == pytest.approx(0.10, abs=0.03)


@pytest.mark.parametrize(
    ("cases", "trials", "rate", "narrow", "wide"),
    [
        (12, 3, 1.0, 0, 1),
        (12, 5, 1.0, 1, 1),
        (12, 3, 0.95, 0.12, 0.37),
        (12, 5, 0.8, 0.11, 0.30),
        (20, 3, 0.95, 0.19, 0.63),
        (40, 3, 0.95, 0.45, 0.94),
    ],
)
def test_an_unchanged_agent_passes_as_often_as_the_tables_say(
    cases: int, trials: int, rate: float, narrow: float, wide: float
) -> None:
    found = [
        pass_chance(
            [rate] * cases,
            NOTHING,
            Design(base_trials=trials, head_trials=trials, margin=margin),
            rounds=1500,
        )
        for margin in (0.05, 0.1)
    ]

    assert found == pytest.approx((narrow, wide), abs=WITHIN)


@pytest.mark.parametrize(
    ("base_trials", "rate", "margin", "trials"),
    [
        (3, 1.0, 0.05, 59),
        (3, 0.95, 0.05, 285),
        (3, 0.8, 0.05, 820),
        (3, 1.0, 0.1, 29),
        (3, 0.95, 0.1, 85),
        (3, 0.8, 0.1, 215),
        (9, 0.95, 0.05, 226),
        (9, 0.8, 0.05, 584),
        (9, 0.95, 0.1, 72),
        (9, 0.8, 0.1, 159),
    ],
)
def test_the_trials_that_an_unchanged_agent_needs_are_those_of_the_simulation(
    base_trials: int, rate: float, margin: float, trials: int
) -> None:
    design = Design(base_trials=base_trials, head_trials=3, margin=margin)

    assert trials_to_pass([rate] * 12, design) == pytest.approx(trials, rel=0.06)


def test_what_a_suite_of_twelve_can_see() -> None:
    seen = sight([1.0] * 12, Design(base_trials=3, head_trials=3))

    assert (seen.cases, seen.head_trials, seen.fewest_broken) == (12, 36, 1)
    assert seen.smallest_margin == pytest.approx(0.0798, abs=1e-4)
    assert seen.flawless_trials == 59
    assert seen.smallest_drop == pytest.approx(0.18, abs=0.02)


def test_a_suite_that_sees_nothing_says_so() -> None:
    seen = sight([0.5], Design(base_trials=1, head_trials=1))

    assert seen.smallest_drop is None
    assert seen.fewest_broken is None


def test_the_same_seed_gives_the_same_forecast() -> None:
    design = Design(base_trials=3, head_trials=3)
    one = forecast([0.9] * 6, design, seed=4, rounds=50)

    assert one == forecast([0.9] * 6, design, seed=4, rounds=50)
    assert one != forecast([0.9] * 6, design, seed=5, rounds=50)


def test_a_forecast_breaks_no_more_cases_than_there_are() -> None:
    found = forecast([1.0] * 3, Design(base_trials=3, head_trials=3), rounds=20)

    assert [cases for cases, _ in found.catches_broken] == [1, 2]
    assert found.catches_broken[0][1] == 1


def test_a_release_that_cannot_succeed_is_told_from_one_that_can() -> None:
    design = Design(base_trials=3, head_trials=3)

    assert not forecast([1.0] * 12, design, rounds=20).can_release
    assert forecast([1.0] * 20, design, rounds=20).can_release


def test_cases_that_scatter_no_more_than_chance_share_one_rate() -> None:
    assert likely_rates([3, 2, 3, 2], of=3) == pytest.approx([5 / 6] * 4)


def test_cases_that_truly_differ_keep_their_rates() -> None:
    rates = likely_rates([10, 10, 0, 0], of=10)

    assert rates == pytest.approx([1, 1, 0, 0])


def test_some_of_the_scatter_is_taken_for_noise() -> None:
    low, *_, high = likely_rates([1, 3, 3, 5, 5, 5], of=5)

    assert 0.2 < low < high < 1
