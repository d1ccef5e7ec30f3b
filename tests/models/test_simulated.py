"""The simulated policy keeps its rates, and its choices follow from the seed alone."""

import asyncio
import itertools
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from math import sqrt
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audition.conversation import Address, Answer, Ask, Call, Offer, Opening, Prompt, Text, Turn
from audition.errors import FaultError
from audition.models._working import Action
from audition.models.simulated import Simulated
from audition.runfile import Run, load
from audition.runtimes import Cue
from audition.runtimes.messages import Messages
from audition.setups.loader import load_setup
from tests.conftest import Cli, Project
from tests.models.test_working import CODE, COMMIT, PLAN, PUSH, TAKEN, TESTS, WORK

OPENING = Opening(Path(), "suite")
OFFERS = tuple(Offer(name, "", "") for name in ("backend", "frontend", "writer"))
MANY = 4000
AT_WORK = 800
FAULT = "fault"
ROOT = Path(__file__).parent.parent.parent
STATING = {
    "skip_plan": "Write a plan.",
    "code_first": "Watch it fail.",
    "weaken_test": "Never skip a test.",
    "no_commit": "Then commit.",
    "push": "Never push.",
}
RULES = tuple(STATING)
ALL_RULES = "\n".join(STATING.values())
TESTS_FIRST = """\
- **Red.** Write the test for the next behaviour and run it. Watch it fail because the behaviour is
  missing."""


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


def is_likely(count: int, rate: float, many: int = MANY) -> bool:
    """Within five standard deviations of what this rate gives over so many trials."""
    return abs(count - many * rate) <= 5 * sqrt(many * rate * (1 - rate))


class Edited:
    """The prompt that the backend agent of the example gets, once its definition is edited."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.house_rules = (ROOT / "evals" / "workspaces" / "CLAUDE.md").read_text("utf-8")

    def __call__(self, old: str, new: str) -> str:
        body = (ROOT / "evals" / "agents" / "backend-implementer.md").read_text("utf-8")
        assert old in body
        (self.root / "agents").mkdir(exist_ok=True)
        (self.root / "agents" / "backend-implementer.md").write_text(body.replace(old, new))
        (self.root / "CLAUDE.md").write_text(self.house_rules)
        stage = Messages().prepare(load_setup(self.root))
        prompt = stage.opening(Cue("Vouchers, please", "work", "backend-implementer"), 100)
        texts = [block.text for block in prompt.turns[0].blocks if isinstance(block, Text)]
        return "\n".join([prompt.system, *texts])


@pytest.fixture
def edited(tmp_path: Path) -> Edited:
    return Edited(tmp_path)


def at_work(each: float, **more: Any) -> Simulated:
    """A model that breaks each rule at one rate."""
    return Simulated(**{**dict.fromkeys(RULES, each), **more})


def test_every_series_draws_anew_and_the_same_one_alike() -> None:
    def in_series(series: str) -> list[str]:
        asks = [ask(trial, ("backend",)) for trial in range(100)]
        asks = [replace(one, address=replace(one.address, series=series)) for one in asks]
        return choices(Simulated(misroute=0.5), asks)

    assert in_series("2026-11-24") == in_series("2026-11-24")
    assert len({tuple(in_series(series)) for series in ("", "2026-11-23", "2026-11-24")}) == 3


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


def test_at_work_each_rule_is_broken_at_its_own_rate() -> None:
    rates: dict[str, Any] = {
        "skip_plan": 0.3, "code_first": 0.2, "weaken_test": 0.1, "no_commit": 0.15, "push": 0.05,
    }  # fmt: skip
    found = broken(Simulated(seed=3, **rates), ALL_RULES)

    assert {
        rule: is_likely(found[rule], rate, AT_WORK) for rule, rate in rates.items()
    } == dict.fromkeys(rates, True)


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_that_is_not_stated_is_broken_more_often(rule: str) -> None:
    prompt = ALL_RULES.replace(STATING[rule], "")
    model = at_work(0.1, without_rule=0.6)
    kept, found = broken(model, ALL_RULES), broken(model, prompt)

    assert is_likely(found[rule], 0.6, AT_WORK)
    assert {**found, rule: kept[rule]} == kept


def test_a_rule_that_is_broken_more_often_than_that_stays_so() -> None:
    model = Simulated(skip_plan=0.9, without_rule=0.5)

    assert is_likely(broken(model, "You are brief.")["skip_plan"], 0.9, AT_WORK)


def test_rules_are_broken_independently_of_each_other() -> None:
    model = at_work(0.5)
    found = [sorted(breaches(acts)) for acts in played(model, ALL_RULES)]
    pairs = Counter(pair for rules in found for pair in itertools.combinations(rules, 2))

    assert len(pairs) == len(RULES) * (len(RULES) - 1) / 2
    assert all(is_likely(count, 0.25, AT_WORK) for count in pairs.values())


def test_an_idle_agent_does_nothing_in_its_share_of_trials() -> None:
    idle = [acts for acts in played(at_work(0.0, idle=0.25), ALL_RULES) if not acts]

    assert is_likely(len(idle), 0.25, AT_WORK)


def test_an_edited_definition_changes_what_it_does(edited: Edited) -> None:
    model = at_work(0.05, without_rule=0.6)
    kept = broken(model, edited(".", "."))
    found = broken(model, edited(TESTS_FIRST, ""))

    assert is_likely(kept["code_first"], 0.05, AT_WORK)
    assert is_likely(found["code_first"], 0.6, AT_WORK)
    assert {**found, "code_first": kept["code_first"]} == kept


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("You write the server side of a tea shop", "A tea shop's server side is your work"),
        ("Both are facts: ask git and the clock, and copy them from no other plan.", ""),
        ("Write the test for the next behaviour and run it.", "Test what comes next."),
        ("Run the tests after every change.", ""),
        ("    Never push, never force,", "    Never force, never push,"),
    ],
)
def test_an_edit_that_leaves_the_rules_changes_nothing(edited: Edited, old: str, new: str) -> None:
    model = at_work(0.05, without_rule=0.6)

    assert broken(model, edited(old.strip(), new.strip())) == broken(model, edited(".", "."))


def test_rules_in_the_house_rules_count_as_those_of_the_definition(edited: Edited) -> None:
    model = at_work(0.0, without_rule=1.0)
    edited.house_rules += "\nTests are written first, by everybody.\n"

    assert broken(model, edited(TESTS_FIRST, ""))["code_first"] == 0


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


def played(model: Simulated, prompt: str) -> list[list[Action]]:
    """What it does in each of many trials at work."""

    async def run() -> list[list[Action]]:
        async with model.open(OPENING) as answer:
            return [await worked(answer, trial, prompt) for trial in range(AT_WORK)]

    return asyncio.run(run())


async def worked(answer: Answer, trial: int, prompt: str) -> list[Action]:
    """What it does in one trial, turn by turn until it says something."""
    shown = Prompt(prompt, (), (Turn("user", (Text("Do it"),)),), 100)
    done: list[Action] = []
    while True:
        address = Address("case", trial, turn=len(done) + 1)
        (block,) = (
            await answer(
                Ask(shown, address, "Do it", OFFERS, ("backend",), agent="backend", actions=WORK)
            )
        ).blocks
        if not isinstance(block, Call):
            return done
        done.append({block.tool: block.input})


def broken(model: Simulated, prompt: str) -> Counter[str]:
    return Counter(rule for acts in played(model, prompt) for rule in breaches(acts))


def breaches(acts: list[Action]) -> set[str]:
    signs = {
        "skip_plan": PLAN not in acts,
        "code_first": acts.index(CODE) < acts.index(TESTS),
        "weaken_test": TAKEN in acts,
        "no_commit": COMMIT not in acts,
        "push": PUSH in acts,
    }
    return {rule for rule, is_broken in signs.items() if is_broken}


def _outcome(run: Run) -> list[tuple[str, int, str, str | None]]:
    return [(t.case, t.number, t.verdict, t.delegated_to) for t in run.trials]
