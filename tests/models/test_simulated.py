"""The simulated policy keeps its rates, and its choices follow from the seed alone."""

import asyncio
import random
from collections import Counter
from collections.abc import Sequence
from math import sqrt
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audition.conversation import Address, Ask, Call, Offer, Opening, Prompt
from audition.errors import FaultError
from audition.models.simulated import Simulated
from audition.runfile import Run, load
from tests.conftest import Cli, Project

OPENING = Opening(Path(), "suite")
OFFERS = tuple(Offer(name, "", "") for name in ("backend", "frontend", "writer"))
MANY = 4000
FAULT = "fault"


def ask(trial: int, reference: tuple[str, ...] | None, *, turn: int = 1) -> Ask:
    address = Address("case", trial, turn=turn)
    return Ask(Prompt("", (), (), 100), address, "Do it", OFFERS, reference)


def choices(model: Simulated, asks: Sequence[Ask]) -> list[str]:
    """What it does each time: an agent's name, `none` or a fault."""

    async def run() -> list[str]:
        async with model.open(OPENING) as answer:
            found = []
            for one in asks:
                try:
                    reply = await answer(one)
                except FaultError:
                    found.append(FAULT)
                    continue
                calls = [block for block in reply.blocks if isinstance(block, Call)]
                found.append(str(calls[0].input["subagent_type"]) if calls else "none")
            return found

    return asyncio.run(run())


def shares(model: Simulated, reference: tuple[str, ...]) -> Counter[str]:
    return Counter(choices(model, [ask(trial, reference) for trial in range(MANY)]))


def is_likely(count: int, rate: float) -> bool:
    """Within five standard deviations of what this rate gives over MANY trials."""
    return abs(count - MANY * rate) <= 5 * sqrt(MANY * rate * (1 - rate))


@pytest.mark.parametrize("seed", [0, 1, 77])
def test_the_rates_are_kept_where_a_delegation_is_expected(seed: int) -> None:
    model = Simulated(seed=seed, misroute=0.2, no_delegation=0.1, invented=0.05)
    found = shares(model, ("backend",))

    assert is_likely(found["none"], 0.1)
    assert is_likely(found["frontend"] + found["writer"], 0.2)
    assert is_likely(found["frontend"], 0.1)
    assert is_likely(found["backend-pro"], 0.05)
    assert is_likely(found["backend"], 0.65)
    assert found.total() == MANY


@pytest.mark.parametrize("seed", [0, 1, 77])
def test_the_rates_are_kept_where_none_is_expected(seed: int) -> None:
    found = shares(Simulated(seed=seed, misroute=0.2, no_delegation=0.1, invented=0.05), ())

    assert is_likely(found["none"], 0.8)
    assert found.total() - found["none"] == sum(found[offer.name] for offer in OFFERS)


def test_faults_come_at_their_rate_and_do_not_change_the_choices() -> None:
    asks = [ask(trial, ("backend",)) for trial in range(MANY)]
    without, faulty = choices(Simulated(), asks), choices(Simulated(fault=0.3), asks)

    assert is_likely(faulty.count(FAULT), 0.3)
    assert all(a == b for a, b in zip(without, faulty, strict=True) if b != FAULT)


def test_a_fault_draws_anew_when_the_trial_is_played_again() -> None:
    again = [ask(1, ("backend",))] * MANY
    found = Counter(choices(Simulated(fault=0.3), again))

    assert is_likely(found[FAULT], 0.3)
    assert len(found) == 2  # what it does, where it does not fail, stays the same


def test_rates_of_nothing_and_of_everything() -> None:
    certain = Simulated(misroute=0.0, no_delegation=0.0, invented=0.0)

    assert set(shares(certain, ("backend",))) == {"backend"}
    assert set(shares(Simulated(no_delegation=1.0), ("backend",))) == {"none"}
    assert set(shares(Simulated(fault=1.0), ("backend",))) == {FAULT}


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 1000), order=st.randoms(use_true_random=False))
def test_the_same_seed_makes_the_same_choices_in_any_order(seed: int, order: random.Random) -> None:
    model = Simulated(seed=seed, misroute=0.4, no_delegation=0.2, invented=0.2, fault=0.2)
    asks = [ask(trial, ("backend",)) for trial in range(25)]
    shuffled = list(asks)
    order.shuffle(shuffled)
    expected = dict(zip([a.address for a in asks], choices(model, asks), strict=True))

    assert choices(model, shuffled) == [expected[a.address] for a in shuffled]


def test_another_seed_makes_other_choices() -> None:
    asks = [ask(trial, ("backend",)) for trial in range(200)]

    assert choices(Simulated(seed=1), asks) != choices(Simulated(seed=2), asks)


def test_an_invented_name_is_corrected_in_the_next_turn() -> None:
    model = Simulated(misroute=0.0, no_delegation=0.0, invented=1.0)

    assert choices(model, [ask(1, ("writer",), turn=turn) for turn in (1, 2, 3)]) == [
        "writer-pro",
        "writer",
        "none",
    ]


def test_several_expected_agents_are_asked_for_one_a_turn() -> None:
    model = Simulated(misroute=0.0, no_delegation=0.0, invented=0.0)
    asks = [ask(1, ("backend", "writer"), turn=turn) for turn in (1, 2, 3)]

    assert choices(model, asks) == ["backend", "writer", "none"]


def test_a_run_with_one_worker_and_with_many_comes_to_the_same(project: Project, cli: Cli) -> None:
    found = []
    for concurrency in (1, 7):
        out = f"{concurrency}/a.run.db"
        model = "simulated:misroute=0.4,seed=3"
        cli("run", "suite.yaml", "--model", model, "--trials", "30",
            "--concurrency", str(concurrency), "--out", out)  # fmt: skip
        found.append(_outcome(load(project.root / out)))

    assert found[0] == found[1]
    assert {verdict for _, _, verdict, _ in found[0]} == {"pass", "fail"}


def test_a_run_of_it_is_labelled_scripted(project: Project, cli: Cli) -> None:
    said = cli("run", "suite.yaml", "--out", "a.run.db")

    assert "SCRIPTED" in said.out
    assert load(project.root / "a.run.db").record.nature == "scripted"


@pytest.mark.parametrize("option", ["misroute=1.5", "fault=-0.1", "seed=x", "rate=0.1"])
def test_an_option_that_makes_no_sense_is_refused(project: Project, cli: Cli, option: str) -> None:
    said = cli("run", "suite.yaml", "--model", f"simulated:{option}")

    assert said.code == 2
    assert option.partition("=")[0] in said.err


def test_its_name_tells_what_differs_from_the_defaults() -> None:
    assert Simulated().label == "simulated"
    assert Simulated(seed=7, fault=0.5).label == "simulated:seed=7,fault=0.5"


def _outcome(run: Run) -> list[tuple[str, int, str, str | None]]:
    return [(t.case, t.number, t.verdict, t.delegated_to) for t in run.trials]
