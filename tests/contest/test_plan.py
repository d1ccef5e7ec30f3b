import json
from typing import Any

from tests.conftest import Cli
from tests.contest.gates import Shop


def plan(cli: Cli, *arguments: str) -> tuple[int, dict[str, Any]]:
    said = cli("plan", "evals/suite.yaml", "--format", "json", *arguments)
    return said.code, json.loads(said.out)


def test_a_flawless_suite_of_a_dozen_needs_five_trials_for_a_release(shop: Shop, cli: Cli) -> None:
    code, five = plan(cli, "--rate", "1", "--profile", "release")
    refused, three = plan(cli, "--rate", "1", "--profile", "release", "--trials", "3")
    said = cli("plan", "evals/suite.yaml", "--rate", "1", "--profile", "release", "--trials", "3")

    assert (code, five["refusals"]) == (0, [])
    assert refused == 3
    assert three["outlooks"][0]["trials_for_release"] == 5
    assert "5 trials each would pass it 4 times in 5" in said.out


def test_the_chances_are_those_of_the_gate(shop: Shop, cli: Cli) -> None:
    """The published table of the rules: 12 cases, 3 trials in both arms, base .95 and .8."""
    _, found = plan(cli, "--rate", "0.95", "--rate", "0.8", "--trials", "3")
    sure, noisy = (outlook["sizes"][0]["forecast"] for outlook in found["outlooks"])
    caught = [dict(map(tuple, each["catches_broken"])) for each in (sure, noisy)]

    assert abs(caught[0][2] - 0.66) < 0.06
    assert abs(caught[1][4] - 0.79) < 0.06
    assert abs(sure["passes_unchanged"] - 0.12) < 0.05


def test_rates_are_taken_from_a_run(shop: Shop, cli: Cli) -> None:
    model = "simulated:misroute=0,no_delegation=0,invented=0,broken=case-00 case-01 case-02"
    cli("run", "evals/suite.yaml", "--model", model, "--out", "a.run.db")
    _, found = plan(cli, "--base", "a.run.db")

    assert found["outlooks"][0]["mean"] == 0.75
    assert found["outlooks"][0]["rates"] == "as in a.run.db (5 trials a case, 12 of 12 cases)"


def test_a_run_of_other_cases_says_nothing(shop: Shop, cli: Cli) -> None:
    cli("run", "evals/suite.yaml", "--cases", "case-00", "--out", "a.run.db")
    said = cli("plan", "evals/suite.yaml", "--cases", "case-01", "--base", "a.run.db")

    assert said.code == 2
    assert "a.run.db: holds no judged trial of these cases; name a run of this suite" in said.err


def test_every_size_has_a_cost_where_the_model_has_a_price(shop: Shop, cli: Cli) -> None:
    _, priced = plan(cli, "--rate", "1", "--model", "anthropic:claude-sonnet-5-5")
    sizes = priced["outlooks"][0]["sizes"]
    said = cli("plan", "evals/suite.yaml", "--rate", "1", "--model", "anthropic:local")

    assert [size["cases"] for size in sizes] == [12, 12, 24]
    assert sizes[1]["usd"] == 2 * sizes[0]["usd"] > 0
    assert "?" in said.out
