"""How often the gate errs, and what it catches: whole gates over the simulated model.

    python benchmarks/gate_error_rates.py [--rounds N] [--sizes 12,20,40,100] [--trials 3,5]
                                          [--workers N] [--json FILE]

Every gate is one as `audition gate` holds it: suite and setups are read and validated, both arms
are played in turns into run files and stopped early, counted and judged. Only the simulation of
what the suite can see, which decides nothing, is left out. Base and head are the simulated model
with two seeds and the pass rates of a world; which cases break is drawn anew for every gate.

Exits with 1 if a rate is above what is promised, or a power further from the published one than 5
points, by more than three standard errors of the simulation; or if more trials are played than the
published share and 5 points.
"""

import argparse
import asyncio
import json
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from math import sqrt
from pathlib import Path
from random import Random

from audition.contest.gating import hold_gate
from audition.contest.question import Terms
from audition.crew import Pace
from audition.dataset import CaseSelection
from audition.job import prepare
from audition.overrides import Overrides
from audition.performance import Audience, Part, perform
from audition.revisions import WorkingTree
from audition.revisions.arms import Inquiry
from audition.runfile import SUFFIX

PROMISED = 0.05
TOLERANCE = 0.05
"""How far a power may lie from the published one."""
STEADY = "no_delegation=0,invented=0,fault=0,idle=0"
POWER: dict[tuple[int, int, int], dict[float, tuple[float, ...]]] = {
    (12, 3, 3): {
        1.0: (1, 1, 1, 0.35, 0.90),
        0.95: (0.25, 0.66, 1, 0.27, 0.69),
        0.8: (0.10, 0.28, 0.79, 0.19, 0.49),
    },
    (20, 3, 3): {
        1.0: (1, 1, 1, 0.77, 1),
        0.95: (0.17, 0.51, 0.98, 0.45, 0.91),
        0.8: (0.09, 0.20, 0.61, 0.28, 0.72),
    },
    (40, 3, 3): {
        1.0: (1, 1, 1, 0.99, 1),
        0.95: (0.12, 0.35, 0.86, 0.79, 1),
        0.8: (0.07, 0.14, 0.38, 0.49, 0.95),
    },
    (100, 3, 3): {
        1.0: (1, 1, 1, 1, 1),
        0.95: (0.09, 0.20, 0.55, 0.99, 1),
        0.8: (0.06, 0.11, 0.22, 0.86, 1),
    },
    (12, 5, 5): {
        1.0: (1, 1, 1, 0.73, 1),
        0.95: (0.40, 0.91, 1, 0.46, 0.91),
        0.8: (0.16, 0.45, 0.96, 0.30, 0.74),
    },
    (20, 5, 5): {
        1.0: (1, 1, 1, 0.98, 1),
        0.95: (0.28, 0.80, 1, 0.69, 0.99),
        0.8: (0.12, 0.33, 0.84, 0.43, 0.91),
    },
    (40, 5, 5): {
        1.0: (1, 1, 1, 1, 1),
        0.95: (0.20, 0.56, 0.98, 0.95, 1),
        0.8: (0.10, 0.22, 0.57, 0.70, 1),
    },
}
"""The published chances of FAIL by cases and trials of base and head, by the base's pass rate: 1, 2
and 4 cases broken, every rate lower by .1 and by .2."""
PASSES: dict[tuple[int, int, int], dict[float, float]] = {
    (12, 3, 3): {1.0: 0, 0.95: 0.12, 0.8: 0.08},
    (12, 5, 5): {1.0: 1, 0.95: 0.20, 0.8: 0.11},
    (20, 3, 3): {1.0: 1, 0.95: 0.19, 0.8: 0.10},
    (20, 5, 5): {1.0: 1, 0.95: 0.32, 0.8: 0.17},
    (40, 3, 3): {1.0: 1, 0.95: 0.45, 0.8: 0.20},
    (40, 5, 5): {1.0: 1, 0.95: 0.67, 0.8: 0.31},
    (100, 3, 3): {1.0: 1, 0.95: 0.81, 0.8: 0.42},
}
"""The published chances of PASS for an unchanged head at a margin of .05."""
USED: dict[tuple[int, int, int], dict[str, float]] = {
    (12, 3, 3): {"nothing": 1, "2 broken": 0.57, "all broken": 0.14},
    (12, 10, 3): {"nothing": 1, "2 broken": 0.45, "all broken": 0.08},
    (100, 3, 3): {"nothing": 1, "all broken": 0.02},
}
"""The published shares of head's trials that are played where a flawless base is known."""


@dataclass(frozen=True)
class World:
    """What is true of both arms."""

    cases: int
    base_trials: int
    head_trials: int
    rate: float
    change: str
    """`nothing`, `1 broken`, `2 mended, 2 broken`, `-.10` and the like."""
    broken: int = 0
    mended: int = 0
    """Cases that are broken in base and pass in head."""
    drop: float = 0.0
    is_known: bool = False
    """Base was played before, and its trials are there."""

    @property
    def size(self) -> tuple[int, int, int]:
        """Cases, trials of base, trials of head."""
        return self.cases, self.base_trials, self.head_trials

    @property
    def loss(self) -> float:
        """What the change costs the suite's mean pass rate."""
        moved = (self.broken - self.mended) * self.rate / self.cases
        return moved + (min(self.drop, self.rate))


@dataclass(frozen=True)
class Row:
    """How the gates of a world ended."""

    world: World
    gates: int
    fails: float
    passes: float
    used: float
    """The share of planned trials that was played: of both arms, or of head where base is known."""
    wrong: str = ""

    @property
    def error(self) -> float:
        """Three standard errors of a rate of 5 %."""
        return 3 * sqrt(PROMISED * (1 - PROMISED) / self.gates)


def worlds(sizes: Sequence[int], trials: Sequence[int]) -> Iterator[World]:
    """Every world: nothing changed, the mean kept, cases broken, all a little worse."""
    for cases in sizes:
        for k in trials:
            for rate in (1.0, 0.95, 0.8):
                size = (cases, k, k, rate)
                yield World(*size, "nothing")
                yield World(*size, "2 mended, 2 broken", broken=2, mended=2)
                for broken in (1, 2, 4):
                    yield World(*size, f"{broken} broken", broken=broken)
                for drop in (0.05, 0.1, 0.2):
                    yield World(*size, f"-.{100 * drop:02.0f}", drop=drop)
        # More base trials than head trials, where cases move both ways: what the guard is for.
        yield World(cases, 10, 3, 0.95, "2 mended, 2 broken", broken=2, mended=2)
        yield World(cases, 10, 3, 0.95, "nothing")
        for k in (3, 10):
            size = (cases, k, 3, 1.0)
            yield World(*size, "nothing", is_known=True)
            yield World(*size, "2 broken", broken=2, is_known=True)
            yield World(*size, "all broken", broken=cases, is_known=True)


def play(task: tuple[World, int, int]) -> Row:
    """Hold the gates of a world."""
    world, gates, seed = task
    draw = Random(f"{seed}/{world}")  # a simulation, not a secret
    ends: Counter[str] = Counter()
    played = planned = 0
    with project(world) as (suite, folder):
        for number in range(gates):
            reports = folder / f"reports-{number}"
            models = _models(world, draw)
            asked = Inquiry(suite, WorkingTree(), WorkingTree(), models=models)
            overrides = Overrides(trials=world.head_trials, selection=CaseSelection((), ()))
            if world.is_known:
                _play_base(suite, models["base"], world.base_trials, reports)
            terms = Terms(base_trials=world.base_trials, rounds=1)
            now = datetime.now(UTC)
            held = hold_gate(asked, overrides, terms, reports=reports, now=now, watching=_silent)
            ends[held.record.verdict] += 1
            new = 0 if world.is_known else world.base_trials
            whole = world.cases * (new + world.head_trials)
            planned += whole
            played += whole - held.record.saving.trials
            shutil.rmtree(reports)
    fails, passes = ends["fail"] / gates, ends["pass"] / gates
    row = Row(world, gates, fails, passes, played / planned)
    return Row(**{**vars(row), "wrong": _wrong(row)})


@contextmanager
def project(world: World) -> Iterator[tuple[Path, Path]]:
    """A suite of so many cases, in memory where there is room."""
    memory = Path("/dev/shm")  # only where run files of a simulation lie
    parent = memory if memory.is_dir() else None
    with tempfile.TemporaryDirectory(dir=parent) as made:
        folder = Path(made)
        (folder / "agents").mkdir()
        for name in ("right", "other"):
            text = f"---\nname: {name}\ndescription: Takes what is {name}.\n---\nDo it.\n"
            (folder / "agents" / f"{name}.md").write_text(text, encoding="utf-8")
        cases = [
            {"id": f"c{n}", "request": f"Do part {n}", "expect": [{"routes_to": "right"}]}
            for n in range(world.cases)
        ]
        (folder / "cases.yaml").write_text(json.dumps({"cases": cases}), encoding="utf-8")
        suite = folder / "suite.yaml"
        suite.write_text("setup: .\ndataset: cases.yaml\nmodel: simulated\n", encoding="utf-8")
        yield suite, folder


def _models(world: World, draw: Random) -> "dict[object, str]":
    picked = draw.sample(range(world.cases), world.broken + world.mended)
    mended, broken = picked[: world.mended], picked[world.mended :]
    rates = {"base": world.rate, "head": max(0.0, world.rate - world.drop)}
    names = {"base": mended, "head": broken}
    return {
        side: f"simulated:seed={draw.randrange(2**40)},misroute={1 - rates[side]:.6f},{STEADY}"
        + (f",broken={' '.join(f'c{n}' for n in names[side])}" if names[side] else "")
        for side in ("base", "head")
    }


def _play_base(suite: Path, model: str, trials: int, reports: Path) -> None:
    """Play base as `audition run` does, so that a gate finds its trials."""
    reports.mkdir()
    overrides = Overrides(model=model, trials=trials, selection=CaseSelection((), ()))
    job = prepare(suite, overrides, now=datetime.now(UTC))
    pace = Pace(concurrency=job.suite.concurrency)
    asyncio.run(perform([Part(job, reports / f"base{SUFFIX}")], pace))


@contextmanager
def _silent(name: str) -> Iterator[Audience]:
    yield Audience()


def _wrong(row: Row) -> str:
    """What is beyond a promise or a published figure by more than chance."""
    world, found = row.world, []
    margin = 0.05
    if world.loss <= 0 and row.fails > PROMISED + row.error:
        found.append(f"fails {100 * row.fails:.1f} % without a loss")
    if world.loss >= margin - 1e-9 and row.passes > PROMISED + row.error:
        found.append(f"passes {100 * row.passes:.1f} % in spite of the loss")
    for rate, published in _published(row):
        noise = 3 * sqrt(max(published * (1 - published), 0.01) / row.gates)
        if abs(rate - published) > TOLERANCE + noise:
            found.append(f"{100 * rate:.0f} % and not {100 * published:.0f} %")
    share = _published_share(world)
    if share is not None and row.used > share + TOLERANCE:
        found.append(f"plays {100 * row.used:.0f} % where {100 * share:.0f} % are published")
    return "; ".join(found)


def _published_share(world: World) -> float | None:
    return USED.get(world.size, {}).get(world.change) if world.is_known else None


def _published(row: Row) -> Iterator[tuple[float, float]]:
    world = row.world
    powers = POWER.get(world.size, {}).get(world.rate)
    places = ("1 broken", "2 broken", "4 broken", "-.10", "-.20")
    if powers and world.change in places:
        yield row.fails, powers[places.index(world.change)]
    if world.change == "nothing" and world.rate in PASSES.get(world.size, {}):
        yield row.passes, PASSES[world.size][world.rate]


def main() -> int:
    """Hold all gates, print the table; 1 if anything is wrong."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--rounds", type=int, default=400, help="gates of each world")
    parser.add_argument("--sizes", default="12,20,40,100")
    parser.add_argument("--trials", default="3,5")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    sizes, trials = (
        [int(text) for text in option.split(",")] for option in (args.sizes, args.trials)
    )
    tasks = [(world, args.rounds, args.seed) for world in worlds(sizes, trials)]
    print(
        f"{args.rounds} gates of each world; three standard errors of 5 % are "
        f"{300 * sqrt(0.0475 / args.rounds):.1f} points"
    )
    print("| cases | trials | rate | change | fail | pass | trials used | published | |")
    print("|---|---|---|---|---|---|---|---|---|")
    rows = []
    with ProcessPoolExecutor(args.workers) as pool:
        for row in pool.map(play, tasks):
            rows.append(row)
            print(_line(row), flush=True)
    if args.json:
        data = [{**asdict(row), "world": asdict(row.world)} for row in rows]
        args.json.write_text(json.dumps(data, indent=1), encoding="utf-8")
    wrong = [row for row in rows if row.wrong]
    print(f"\n{len(rows)} worlds, {len(wrong)} beyond a promise or a published figure")
    return 1 if wrong else 0


def _line(row: Row) -> str:
    world = row.world
    published = "; ".join(f"{100 * rate:.0f} %" for _, rate in _published(row))
    share = _published_share(world)
    if share is not None:
        published += f"; used {100 * share:.0f} %"
    base = f"{world.base_trials} known" if world.is_known else str(world.base_trials)
    return (
        f"| {world.cases} | {base}, {world.head_trials} | {world.rate:g} "
        f"| {world.change} | {100 * row.fails:.1f} % | {100 * row.passes:.1f} % "
        f"| {100 * row.used:.0f} % | {published} | {row.wrong or 'ok'} |"
    )


if __name__ == "__main__":
    sys.exit(main())
