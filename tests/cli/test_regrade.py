"""`audition regrade`: the checks changed, the evidence did not, and no model is asked."""

import pytest

from audition.runfile import load
from audition.runwriter import open_writer
from tests.conftest import Cli, Project

RUN = "reports/a.run.db"
POLITE = """
from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from audition.events import Message
from audition.evidence import Evidence
from audition.score import Score, failed, passed


@dataclass(frozen=True)
class EndsPolitely:
    word: str

    kind: ClassVar = "outcome"
    needs: ClassVar = frozenset({"whole trial"})

    def score(self, evidence: Evidence) -> Score:
        return passed("polite") if self.word in evidence.of(Message)[-1].text else failed("rude")
"""


@pytest.fixture
def played(project: Project, cli: Cli) -> Project:
    """A finished run in which everything went as it should."""
    cli("run", "suite.yaml", "--model", "simulated:misroute=0,no_delegation=0,invented=0",
        "--out", RUN)  # fmt: skip
    assert verdicts("refunds") == ["pass", "pass"]
    return project


def verdicts(case: str) -> list[str]:
    return [trial.verdict for trial in load(RUN).trials if trial.case == case]


def test_a_changed_expectation_is_judged_on_the_stored_evidence(played: Project, cli: Cli) -> None:
    traces = [trace for _, trace in load(RUN).traces()]
    played.edit("cases.yaml", "routes_to: backend", "routes_to: writer")
    said = cli("regrade", RUN)

    assert said.code == 1
    assert "Scored again: 6. Verdicts changed: 2." in said.out
    assert "refunds#1: pass -> fail" in said.out
    assert verdicts("refunds") == ["fail", "fail"]
    assert verdicts("question") == ["pass", "pass"]
    assert [trace for _, trace in load(RUN).traces()] == traces


def test_reports_show_the_checks_of_today(played: Project, cli: Cli) -> None:
    played.edit("cases.yaml", "{routes_to: backend}", "{routes_to: writer}, {max_turns: 9}")
    cli("regrade", RUN)
    said = cli("show", RUN, "--trial", "refunds#1")
    page = (played.root / RUN).with_name("a.html").read_text(encoding="utf-8")

    assert "went to backend, not to writer" in page
    assert "expects routes_to: writer; max_turns: 9" in said.out
    assert "went to backend, not to writer" in said.out
    assert "✓ max_turns" in said.out


def test_it_is_undone_by_undoing_the_edit(played: Project, cli: Cli) -> None:
    before = load(RUN)
    played.edit("cases.yaml", "routes_to: backend", "routes_to: writer")
    cli("regrade", RUN)
    played.edit("cases.yaml", "routes_to: writer", "routes_to: backend")
    cli("regrade", RUN)
    after = load(RUN)

    assert (after.trials, after.cases, after.record) == (before.trials, before.cases, before.record)
    assert after.state == before.state


def test_nothing_changed_means_nothing_changes(played: Project, cli: Cli) -> None:
    before = load(RUN)

    said = cli("regrade", RUN)

    assert said.code == 0
    assert "Verdicts changed: 0." in said.out
    assert load(RUN) == before


def test_a_mended_check_of_ones_own_turns_its_faults_into_verdicts(
    project: Project, cli: Cli
) -> None:
    project.write("ends_politely.py", POLITE.replace("self.word in", "self.wort in"))
    project.edit("suite.yaml", "trials: 2", "trials: 1\nchecks: [ends_politely.py]")
    project.write(
        "cases.yaml", "cases: [{id: a, request: Say thanks, expect: [{ends_politely: thanks}]}]\n"
    )
    assert cli("run", "suite.yaml", "--out", RUN).code == 4

    project.write("ends_politely.py", POLITE)
    cli("regrade", RUN)

    assert verdicts("a") == ["pass"]


def test_a_case_that_is_gone_keeps_its_old_scores(played: Project, cli: Cli) -> None:
    text = (played.root / "cases.yaml").read_text(encoding="utf-8")
    played.write("cases.yaml", text[: text.index("  - id: dark-mode")])

    said = cli("regrade", RUN)

    assert "Scored again: 2." in said.out
    assert "not scored again: dark-mode" in said.out
    assert verdicts("dark-mode") == ["pass", "pass"]


def test_an_answer_to_another_request_is_not_scored_again(played: Project, cli: Cli) -> None:
    played.edit("cases.yaml", "Give the pages a dark theme", "Why are the pages dark?")
    played.edit("cases.yaml", "routes_to: frontend", "routes_to: writer")
    said = cli("regrade", RUN)
    shown = cli("show", RUN, "--trial", "dark-mode#1")

    assert "not scored again: dark-mode" in said.out
    assert verdicts("dark-mode") == ["pass", "pass"]
    assert "Give the pages a dark theme" in shown.out
    assert "expects routes_to: frontend" in shown.out


def test_what_was_not_recorded_is_never_passed(played: Project, cli: Cli) -> None:
    played.edit("cases.yaml", "{routes_to: backend}", "{routes_to: backend}, {never_says: sorry}")
    cli("regrade", RUN)
    trial = load(RUN).trials[0]

    assert [score.verdict for score in trial.scores] == ["pass", "skip"]
    assert trial.scores[1].reason.startswith("not recorded")
    assert trial.verdict == "skip"


def test_a_suite_of_other_cases_is_refused_and_nothing_is_changed(
    played: Project, cli: Cli
) -> None:
    played.edit("cases.yaml", "id: refunds", "id: refunds-2")
    played.edit("cases.yaml", "id: dark-mode", "id: dark-mode-2")
    played.edit("cases.yaml", "id: question", "id: question-2")
    before = load(RUN)
    said = cli("regrade", RUN)

    assert said.code == 2
    assert "holds no trial of a case that the suite has now" in said.err
    assert load(RUN) == before


def test_a_suite_that_has_moved_is_named(played: Project, cli: Cli) -> None:
    (played.root / "suite.yaml").rename(played.root / "moved.yaml")

    assert cli("regrade", RUN).code == 2
    assert cli("regrade", RUN, "--suite", "moved.yaml").code == 0


def test_no_key_is_asked_for(played: Project, cli: Cli) -> None:
    played.edit("suite.yaml", "model: simulated", "model: anthropic:claude-sonnet-5-5")

    assert cli("regrade", RUN).code == 0


def test_a_mistake_in_the_dataset_is_named_before_anything_is_changed(
    played: Project, cli: Cli
) -> None:
    before = load(RUN)
    played.edit("cases.yaml", "routes_to: backend", "routes_two: backend")
    said = cli("regrade", RUN)

    assert said.code == 2
    assert "did you mean 'routes_to'?" in said.err
    assert load(RUN) == before


def test_a_run_that_is_being_written_is_left_alone(played: Project, cli: Cli) -> None:
    with open_writer(played.root / RUN):
        said = cli("regrade", RUN)

    assert said.code == 2
    assert "another process is writing this run file" in said.err
