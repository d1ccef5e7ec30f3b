from math import sqrt
from random import Random
from statistics import fmean

import pytest

from audition.stats.cusum import Reference, drifts, reference, within_spread

STANDARD = Reference(mean=0.0, spread=1.0)


@pytest.mark.parametrize(
    ("shift", "limit", "expected"),
    [(0, 4, 335.4), (1, 4, 8.38), (0, 5, 930.9), (1, 5, 10.38)],
)
def test_the_published_run_lengths_come_out(shift: float, limit: float, expected: float) -> None:
    """Every alarm starts a new run, so a long series holds many."""
    draw = Random(17)
    points = [draw.gauss(-shift, 1) for _ in range(300_000 if not shift else 30_000)]
    alarms = sum(drift.falls for drift in drifts(points, STANDARD, limit=limit))

    assert len(points) / alarms == pytest.approx(expected, rel=3.5 / sqrt(alarms))


def test_a_fall_and_a_rise_are_told_apart() -> None:
    falling = drifts([-2.0] * 4, STANDARD)
    rising = drifts([2.0] * 4, STANDARD)

    assert [drift.falls for drift in falling] == [False, False, False, True]
    assert [drift.rises for drift in rising] == [False, False, False, True]
    assert not any(drift.rises for drift in falling)


def test_after_an_alarm_the_sum_starts_anew() -> None:
    alarms = [drift.falls for drift in drifts([-6.0, 0.0, -3.0, -3.0], STANDARD)]

    assert alarms == [True, False, False, True]


def test_a_reference_is_no_surer_than_its_points() -> None:
    points = [0.8, 0.9] * 10
    found = reference(points)

    assert found is not None
    assert found.mean == pytest.approx(0.85)
    assert found.spread == pytest.approx(0.05 * sqrt(20 / 19) * sqrt(1 + 1 / 20))


def test_a_reference_knows_the_scatter_of_repeats() -> None:
    found = reference([0.8, 0.9] * 10, within=0.2)

    assert found is not None
    assert found.spread == pytest.approx(0.2 * sqrt(1 + 1 / 20))


@pytest.mark.parametrize("points", [[], [0.9], [1.0] * 20])
def test_points_that_say_nothing_of_their_scatter_give_no_reference(points: list[float]) -> None:
    assert reference(points) is None


def test_the_spread_of_repeats_is_that_of_simulated_nights() -> None:
    draw, rates = Random(2), [0.5, 0.9, 0.7, 1.0]
    nights = [[sum(draw.random() < rate for _ in range(3)) for rate in rates] for _ in range(4000)]
    means = [sum(night) / 12 for night in nights]
    scatter = sqrt(fmean([(mean - fmean(means)) ** 2 for mean in means]))
    estimated = sqrt(fmean([within_spread(night, [3] * 4) ** 2 for night in nights]))

    assert estimated == pytest.approx(scatter, rel=0.05)


def test_single_results_say_nothing_of_the_scatter_of_repeats() -> None:
    assert within_spread([1, 0], [1, 1]) == 0
