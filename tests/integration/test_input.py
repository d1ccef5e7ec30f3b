"""Wrong input is found before anything is spent, all at once; nothing judged is never green."""

import pytest

from tests.conftest import Cli, Project


def test_every_mistake_of_suite_and_dataset_is_named_at_once_with_its_place(
    project: Project, cli: Cli
) -> None:
    project.edit("suite.yaml", "trials: 2", "trails: 2")
    project.edit("cases.yaml", "no_delegation", "no_delegatoin")
    project.edit("cases.yaml", "id: dark-mode", "id: refunds")
    said = cli("run", "suite.yaml")

    assert said.code == 2
    assert "suite.yaml:4:1: " in said.err
    assert "did you mean 'trials'?" in said.err
    assert "did you mean 'no_delegation'?" in said.err
    assert "refunds" in said.err
    assert not (project.root / "reports").exists()


def test_an_agent_that_the_roster_does_not_have_is_named(project: Project, cli: Cli) -> None:
    project.edit("cases.yaml", "routes_to: backend", "routes_to: backnd")
    said = cli("run", "suite.yaml")

    assert said.code == 2
    assert "cases.yaml:4:26: the setup has no agent 'backnd'; did you mean 'backend'?" in said.err


@pytest.mark.parametrize(
    "option", [("--cases", "nothing-*"), ("--tag", "nowhere")], ids=["cases", "tag"]
)
def test_nothing_selected_is_not_green(project: Project, cli: Cli, option: tuple[str, str]) -> None:
    assert cli("run", "suite.yaml", *option).code == 5


def test_a_model_without_a_key_is_refused_before_anything_is_written(
    project: Project, cli: Cli
) -> None:
    said = cli("run", "suite.yaml", "--model", "anthropic:claude-sonnet-5-5")

    assert said.code == 2
    assert "ANTHROPIC_API_KEY" in said.err
    assert not (project.root / "reports").exists()


def test_a_budget_needs_a_price(project: Project, cli: Cli) -> None:
    said = cli(
        *("run", "suite.yaml", "--model", "anthropic:mystery-1", "--budget-usd", "1"),
        *("--base-url", "http://127.0.0.1:9"),
    )

    assert said.code == 2
    assert "no price is known for anthropic:mystery-1" in said.err


def test_a_case_without_a_recording_is_named(project: Project, cli: Cli) -> None:
    project.write("recordings/suite.jsonl", "")
    said = cli("run", "suite.yaml", "--model", "recorded")

    assert said.code == 2
    assert "holds no recording of refunds#1" in said.err


def test_one_run_file_cannot_hold_two_suites(project: Project, cli: Cli) -> None:
    project.write("other.yaml", (project.root / "suite.yaml").read_text())

    assert cli("run", "suite.yaml", "other.yaml", "--out", "a.run.db").code == 2


def test_a_dry_run_lists_the_trials_and_writes_nothing(project: Project, cli: Cli) -> None:
    said = cli(
        *("run", "suite.yaml", "--dry-run", "--model", "anthropic:claude-sonnet-5-5"),
        *("--base-url", "http://127.0.0.1:9"),
    )

    assert said.code == 0
    assert "refunds#2" in said.out
    assert "projected cost $" in said.out
    assert not (project.root / "reports").exists()


def test_zero_agents_is_a_valid_roster(project: Project, cli: Cli) -> None:
    for name in ("backend", "frontend", "writer"):
        (project.root / "agents" / f"{name}.md").unlink()
    project.write("cases.yaml", "cases: [{id: a, request: Hello, expect: [no_delegation]}]\n")

    assert cli("run", "suite.yaml", "--model", "lexical").code == 0


def test_a_check_of_ones_own_is_a_file_beside_the_suite(project: Project, cli: Cli) -> None:
    project.write("ends_politely.py", OWN_CHECK)
    project.edit("suite.yaml", "trials: 2", "trials: 1\nchecks: [ends_politely.py]")
    project.write(
        "cases.yaml", "cases: [{id: a, request: Hello there, expect: [{ends_politely: Thanks}]}]\n"
    )
    said = cli("run", "suite.yaml", "--out", "a.run.db")

    assert said.code == 1
    assert "ends_politely: there is no Thanks" in said.out


def test_a_check_that_crashes_is_a_fault_and_no_failure(project: Project, cli: Cli) -> None:
    project.write("ends_politely.py", OWN_CHECK.replace("return failed", "raise ValueError"))
    project.edit("suite.yaml", "trials: 2", "trials: 1\nchecks: [ends_politely.py]")
    project.write(
        "cases.yaml", "cases: [{id: a, request: Hello there, expect: [{ends_politely: Thanks}]}]\n"
    )

    assert cli("run", "suite.yaml", "--out", "a.run.db").code == 4


OWN_CHECK = """
from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from audition.evidence import Evidence
from audition.score import Score, failed


@dataclass(frozen=True)
class EndsPolitely:
    word: str

    kind: ClassVar = "outcome"
    needs: ClassVar = frozenset({"whole trial"})

    def score(self, evidence: Evidence) -> Score:
        return failed(f"there is no {self.word}")
"""
