import textwrap
from dataclasses import replace
from pathlib import Path

import pytest

from audition.dataset import Limits
from audition.errors import InputError
from audition.models.simulated import Simulated
from audition.parts import PartSpec, read_spec_text
from audition.prices import Price
from audition.setups.loader import SetupSpec
from audition.suite import BUILT_IN_LIMITS, Suite, build_model, load_suite

DATASET = """\
defaults: {limits: {minutes: 2}}
cases:
  - id: endpoint
    request: Create an endpoint
    expect:
      - routes_to: {agent: backend, accept: [Plan]}
      - never_routes_to: [frontend]
    limits: {turns: 3}
  - id: question
    request: What does HTTP 409 mean?
    expect: [no_delegation]
"""
CHECK = """\
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True)
class NoTodo:
    words: tuple[str, ...] = ("TODO",)

    kind: ClassVar[str] = "outcome"
    needs: ClassVar[frozenset[str]] = frozenset()

    def score(self, evidence):
        raise NotImplementedError
"""


@pytest.fixture(autouse=True)
def _project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder as a maintainer of agents has it."""
    monkeypatch.chdir(tmp_path)
    Path("evals/agents").mkdir(parents=True)
    Path("datasets").mkdir()
    Path("datasets/routing.yaml").write_text(DATASET)


def load(text: str, name: str = "routing") -> Suite:
    path = Path("evals") / f"{name}.yaml"
    path.write_text(textwrap.dedent(text))
    return load_suite(path)


def complaints(text: str) -> list[str]:
    with pytest.raises(InputError) as caught:
        load(text)
    return [f"{problem.where}: {problem.what}; {problem.do}" for problem in caught.value.problems]


SMALL = "setup: .\ndataset: ../datasets/routing.yaml\n"


def test_a_small_suite_has_sensible_defaults(tmp_path: Path) -> None:
    suite = load(SMALL)

    assert suite.path == tmp_path / "evals/routing.yaml"
    assert suite.name == "routing"
    assert suite.setup == tmp_path / "evals"
    assert suite.datasets == (tmp_path / "datasets/routing.yaml",)
    assert suite.runtime == "messages"
    assert suite.model == PartSpec("lexical")
    assert suite.recordings == tmp_path / "evals/recordings/routing.jsonl"
    assert (suite.trials, suite.allow, suite.concurrency, suite.max_tokens) == (1, 0, 8, 4096)
    assert suite.budget_usd is None
    assert suite.limits == BUILT_IN_LIMITS
    assert [case.id for case in suite.cases] == ["endpoint", "question"]


def test_everything_that_can_be_said_is_read(tmp_path: Path) -> None:
    Path("evals/no_todo.py").write_text(CHECK)
    Path("evals/CLAUDE.md").write_text("Be kind.")
    Path("datasets/more.yaml").write_text(
        "cases: [{id: more, request: x, expect: [no_todo: {words: [FIXME]}]}]"
    )

    suite = load("""\
        name: nightly
        setup: {agents: agents, instructions: CLAUDE.md}
        dataset: [../datasets/routing.yaml, ../datasets/more.yaml]
        runtime: messages
        model: {simulated: {misroute: 0.5, seed: 3}}
        base_url: http://127.0.0.1:8080/v1
        recordings: tapes/all.jsonl
        trials: 5
        allow: 1
        concurrency: 2
        limits: {turns: 7, cost_usd: 0.5}
        max_tokens: 300
        budget_usd: 2
        prices: {local: {input: 1, output: 2, cache_read: 0.1, cache_write: 1.25}}
        checks: [no_todo.py]
        """)

    assert suite.name == "nightly"
    assert suite.setup == SetupSpec(
        agents=tmp_path / "evals/agents", instructions=tmp_path / "evals/CLAUDE.md"
    )
    assert build_model(suite) == Simulated(misroute=0.5, seed=3)
    assert suite.base_url == "http://127.0.0.1:8080/v1"
    assert suite.recordings == tmp_path / "evals/tapes/all.jsonl"
    assert (suite.trials, suite.allow, suite.concurrency, suite.max_tokens) == (5, 1, 2, 300)
    assert suite.budget_usd == 2.0
    assert suite.prices == {"local": Price(1.0, 2.0, 0.1, 1.25)}
    assert list(suite.own_checks) == ["no_todo"]
    assert suite.cases[2].expectations[0].text == "no_todo: {words: [FIXME]}"


def test_the_limits_of_a_case_go_over_dataset_suite_and_built_in_ones() -> None:
    endpoint, question = load(SMALL + "limits: {turns: 7, minutes: 9, cost_usd: 0.5}\n").cases

    assert endpoint.limits == Limits(turns=3, minutes=2.0, cost_usd=0.5)
    assert question.limits == Limits(turns=7, minutes=2.0, cost_usd=0.5)
    assert load(SMALL).cases[1].limits == Limits(turns=BUILT_IN_LIMITS.turns, minutes=2.0)


def test_every_problem_of_suite_and_datasets_is_reported_at_once() -> None:
    Path("datasets/bad.yaml").write_text("cases: []")

    assert complaints("""\
        setup: agnts
        dataset: [../datasets/bad.yaml, none.yaml, ../datasets/bad.yaml]
        model: lexcal
        runtime: mesages
        base_url: http://me:secret@host
        trials: 0
        budget: 3
        prices: {m: {input: 1, output: -1, cache_read: 0}}
        checks: [no_todo.py]
        gate: {margin: 5, profile: strict, base_trials: 2}
        """) == [
        "datasets/bad.yaml:1:8: 'cases' is empty; it needs at least 1",
        "evals/routing.yaml:1:8: there is no folder evals/agnts; check the path",
        "evals/routing.yaml:2:33: there is no file evals/none.yaml; check the path",
        "evals/routing.yaml:2:44: the dataset '../datasets/bad.yaml' is listed twice; remove one",
        "evals/routing.yaml:3:8: there is no model 'lexcal'; did you mean 'lexical'?",
        "evals/routing.yaml:4:10: there is no runtime 'mesages'; did you mean 'messages'?",
        "evals/routing.yaml:5:11: 'base_url' holds a password; keys belong in the environment",
        "evals/routing.yaml:6:9: 'trials' must be at least 1; it is 0",
        "evals/routing.yaml:7:1: unknown key 'budget'; did you mean 'budget_usd'?",
        "evals/routing.yaml:8:13: the key 'cache_write' is missing; add it",
        "evals/routing.yaml:8:32: 'output' must be at least 0; it is -1",
        "evals/routing.yaml:9:10: there is no file evals/no_todo.py; check the path",
        "evals/routing.yaml:10:16: 'margin' must be less than 1; it is 5",
        "evals/routing.yaml:10:28: 'profile' cannot be 'strict'; choose from pr, release",
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "1:1: the file must be keys with values, not empty"),
        ("setup: .", "1:1: the key 'dataset' is missing; add it"),
        (SMALL + "setup: x", "3:1: the key 'setup' stands twice"),
        (SMALL + "model: anthropic", "3:8: the key 'id' is missing; add it"),
        (SMALL + "model: simulated:misroute=2", "3:8: 'misroute' must be at most 1; it is 2"),
        (SMALL + "model: simulated:speed=2", "3:8: unknown key 'speed'; "),
        (SMALL + "model: {simulated: {misroute: '0.1'}}", "3:31: 'misroute' must be a number, not"),
        (SMALL + "model: {simulated: {sed: 1}}", "3:21: unknown key 'sed'; did you mean 'seed'?"),
        (SMALL + "model: [lexical]", "3:8: a model is a name, or one name with fields"),
        (SMALL + "model: {lexcal: {}}", "3:8: there is no model 'lexcal'; did you mean 'lexical'?"),
        (SMALL + "base_url: localhost:8080", "3:11: 'base_url' is no web address; write it like"),
        (SMALL + "name: a/b", "3:7: 'name' holds a character that is not allowed here"),
        (SMALL + "trials: 1.5", "3:9: 'trials' must be a whole number, not a decimal number"),
        (SMALL + "concurrency: 0", "3:14: 'concurrency' must be at least 1; it is 0"),
        (SMALL + "max_tokens: 0", "3:13: 'max_tokens' must be at least 1; it is 0"),
        (SMALL + "budget_usd: -1", "3:13: 'budget_usd' must be at least 0; it is -1"),
        (SMALL + "limits: {minute: 3}", "3:10: unknown key 'minute'; did you mean 'minutes'?"),
        (SMALL + "allow: 1", "3:8: 'allow' must be less than 'trials', which is 1; it is 1"),
        ("setup: {agent: agents}\ndataset: d.yaml", "1:9: unknown key 'agent'; did you mean"),
        ("setup: {settings: agents}\ndataset: d.yaml", "1:19: there is no file evals/agents"),
    ],
)
def test_a_wrong_suite_is_told_at_its_place(text: str, message: str) -> None:
    assert complaints(text)[0].startswith(f"evals/routing.yaml:{message}")


def test_an_id_is_unique_over_all_datasets_of_a_suite() -> None:
    Path("datasets/more.yaml").write_text(DATASET.replace("endpoint\n", "other\n"))

    assert complaints("setup: .\ndataset: [../datasets/routing.yaml, ../datasets/more.yaml]") == [
        "datasets/more.yaml:9:9: the id 'question' is used twice in this suite; "
        "it is also at datasets/routing.yaml:9"
    ]


def test_a_case_that_can_never_fail_is_a_mistake() -> None:
    path = Path("datasets/routing.yaml")
    path.write_text(DATASET + "    trials: 2\n")

    assert complaints(SMALL + "trials: 5\nallow: 2\n") == [
        "datasets/routing.yaml:9:5: every trial of this case may fail: the suite allows 2; "
        "try it more than 2 times"
    ]


@pytest.mark.parametrize(
    ("name", "change", "message"),
    [
        ("no_todo", ("class NoTodo", "class Other"), "holds no class `NoTodo`"),
        ("no_todo", ("@dataclass(frozen=True)", ""), "NoTodo is no dataclass"),
        ("no_todo", ('"outcome"', '"result"'), "NoTodo has no kind; set `kind` to routing or"),
        ("no_todo", ("frozenset()", "()"), "NoTodo does not say what it needs"),
        ("no_todo", ("def score", "def judge"), "NoTodo cannot score"),
        ("no_todo", ("tuple[str, ...]", "threading.Lock"), "does not import (NameError"),
        ("no_todo", ("tuple[str, ...]", "type('Lock', (), {})"), "the fields of NoTodo cannot be"),
        (
            "says",
            ("class NoTodo", "class Says"),
            "the name 'says' is already that of another check",
        ),
    ],
)
def test_a_check_of_ones_own_is_vetted(name: str, change: tuple[str, str], message: str) -> None:
    Path(f"evals/{name}.py").write_text(CHECK.replace(*change))

    [found] = complaints(SMALL + f"checks: [{name}.py]\n")

    assert message in found


def test_another_setup_can_take_the_place_of_the_suites_own(tmp_path: Path) -> None:
    path = Path("evals/routing.yaml")
    path.write_text(SMALL.replace("setup: .", "setup: nowhere"))

    assert load_suite(path, setup=Path("datasets")).setup == tmp_path / "datasets"


def test_a_model_of_the_command_line_is_vetted_when_it_is_built() -> None:
    suite = load(SMALL)
    right = replace(suite, model=read_spec_text("simulated:misroute=0.25,seed=3"))
    wrong = replace(suite, model=read_spec_text("simulatd:seed=3"))

    assert build_model(right) == Simulated(misroute=0.25, seed=3)
    with pytest.raises(InputError, match=r"^--model: there is no model 'simulatd'; did you mean"):
        build_model(wrong)


def unknown_agents(*roster: str) -> list[str]:
    with pytest.raises(InputError) as caught:
        load_suite(Path("evals/routing.yaml"), offered=lambda place: roster)
    return [str(problem) for problem in caught.value.problems]


def test_agents_that_the_roster_lacks_are_named_where_they_stand() -> None:
    load(SMALL)
    load_suite(Path("evals/routing.yaml"), offered=lambda place: ("Plan", "backend", "frontend"))

    assert [text.splitlines() for text in unknown_agents("plan", "backend", "frontent")] == [
        [
            "datasets/routing.yaml:6:46: the setup has no agent 'Plan'; did you mean 'plan'?",
            "     6 |       - routes_to: {agent: backend, accept: [Plan]}",
            "       |                                              ^",
        ],
        [
            "datasets/routing.yaml:7:27: the setup has no agent 'frontend'; "
            "did you mean 'frontent'?",
            "     7 |       - never_routes_to: [frontend]",
            "       |                           ^",
        ],
    ]


def test_an_empty_roster_is_said_to_be_empty() -> None:
    load(SMALL)

    assert "there is none to choose from" in unknown_agents()[0]


def test_a_dataset_in_the_place_of_a_suite_is_told_from_a_wrong_suite() -> None:
    with pytest.raises(InputError, match="this is a dataset, and a suite is wanted"):
        load_suite(Path("datasets/routing.yaml"))
