"""How often a steady suite raises a false alarm, and how soon a fall is found, by simulation.

    python benchmarks/drift.py [SUITES]

Every suite has twenty nights for its reference. Steady ones are then watched for 1,500 nights,
others fall by some points and are watched for 200. Printed are the nights to the first alarm (1,500
or 200 where there was none): of steady suites their mean and their median, of falls the median.
`docs/history.md` states what this prints.
"""

import sys
from dataclasses import dataclass
from random import Random
from statistics import fmean, median

from audition.history.drift import Counts, watch
from audition.stats.cusum import NEEDED

STEADY, FALLEN = 1_500, 200
DROPS = (0.05, 0.10, 0.20)


@dataclass(frozen=True)
class World:
    """Suites of one kind."""

    cases: int
    trials: int
    rate: float
    is_mixed: bool
    """Whether some cases are easy and some are hard; else all pass at the same rate."""

    def rates(self, draw: Random) -> list[float]:
        """The pass rate of every case of a suite."""
        if not self.is_mixed:
            return [self.rate] * self.cases
        a, b = 3 * self.rate, 3 * (1 - self.rate)
        return [draw.betavariate(a, b) for _ in range(self.cases)]


WORLDS = (
    World(12, 1, 1.0, is_mixed=False),
    World(12, 1, 0.9, is_mixed=False),
    World(12, 3, 0.95, is_mixed=False),
    World(40, 3, 0.8, is_mixed=True),
    World(50, 1, 0.8, is_mixed=True),
)


def first_alarm(world: World, *, drop: float, nights: int, seed: int) -> int:
    """Nights after the reference until the first alarm; `nights` where there was none."""
    draw = Random(seed)  # a simulation, not a secret
    rates = world.rates(draw)
    lower = [max(0.0, rate - drop) for rate in rates]
    steady = [_night(rates, world.trials, draw) for _ in range(NEEDED)]
    after = [_night(lower, world.trials, draw) for _ in range(nights)]
    alarms = watch([*steady, *after]).alarms
    return alarms[0].at - NEEDED + 1 if alarms else nights


def _night(rates: list[float], trials: int, draw: Random) -> Counts:
    return {
        str(case): (sum(draw.random() < rate for _ in range(trials)), trials)
        for case, rate in enumerate(rates)
    }


def main() -> None:
    """Print the table."""
    suites = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    falls = "  ".join(f"-{drop:.2f}" for drop in DROPS)
    print(f"{'cases x trials, pass rate':<28}{'false alarm: mean, median':<28}{falls}")
    for world in WORLDS:
        steady = [first_alarm(world, drop=0, nights=STEADY, seed=seed) for seed in range(suites)]
        found = [
            median(first_alarm(world, drop=d, nights=FALLEN, seed=seed) for seed in range(suites))
            for d in DROPS
        ]
        kind = f"{world.cases} x {world.trials}, {world.rate}{' mixed' if world.is_mixed else ''}"
        alarms = f"{fmean(steady):.0f}, {median(steady):.0f}"
        print(f"{kind:<28}{alarms:<28}{'  '.join(f'{nights:5.0f}' for nights in found)}")


if __name__ == "__main__":
    main()
