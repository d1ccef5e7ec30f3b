"""`audition validate`: before anything is spent, a suite shows that it can judge."""

from importlib import import_module
from pathlib import Path

import pytest

from tests.conftest import Cli, Project, Spoken
from tests.sandboxes.trying import opened

SUITE = """\
setup: .
dataset: cases.yaml
model: anthropic:claude-sonnet-5-5
base_url: http://localhost:9
budget_usd: 5
trials: 3
allow: 1
limits: {turns: 20, minutes: 2}
"""
CASES = """\
workspace: shop
project:
  test_command: python -m pytest -q
  lint_command: ruff check .
  environment: {PYTEST_DISABLE_PLUGIN_AUTOLOAD: "1"}
cases:
  - id: totals
    agent: backend
    request: Add total(prices) to totals.py
    expect: [tests_first, suite_passes, lint_clean, commits]
    reference: &reference
      - Write: {file_path: test_totals.py, content: "from totals import total\\n\\n\\n\
def test_total():\\n    assert total([1, 2]) == 3\\n"}
      - Write: {file_path: totals.py, content: "def total(prices):\\n    return sum(prices)\\n"}
      - Bash: {command: "git add -A && git commit -qm 'feat: totals'"}
      - say: It is there.
"""
EXPECTED, UNDEMANDING = "[tests_first, suite_passes, lint_clean, commits]", "[never: {ran: nc}]"
BACKEND = """\
---
name: backend
description: Builds the server side.
tools: Read, Write, Edit, Bash
---

You build the server side.
"""
TEST = "from prices import price\n\n\ndef test_price():\n    assert price() == 3\n"
WOBBLY = """\
import os


def test_wobbly():
    assert os.urandom(1)[0] % 2
"""


@pytest.fixture
def shop(project: Project) -> Project:
    """A suite for a real model that has no key, with one case at work."""
    opened("bubblewrap")
    project.write("suite.yaml", SUITE)
    project.write("cases.yaml", CASES)
    project.write("agents/backend.md", BACKEND)
    project.write("shop/prices.py", "def price():\n    return 3\n")
    project.write("shop/test_prices.py", TEST)
    return project


def line_of(said: Spoken, subject: str) -> tuple[str, list[str]]:
    """The line about a workspace or a case, and its details."""
    lines = said.out.splitlines()
    (place,) = [n for n, line in enumerate(lines) if line[5:].startswith(f"  {subject}: ")]
    details = []
    for line in lines[place + 1 :]:
        if not line.startswith("         "):
            break
        details.append(line.strip())
    return lines[place], details


def last(said: Spoken) -> str:
    return said.out.splitlines()[-1]


def add(project: Project, case: str) -> None:
    text = (project.root / "cases.yaml").read_text("utf-8")
    project.write("cases.yaml", f"{text}{case}")


def test_a_suite_that_can_judge_needs_neither_key_nor_server(shop: Project, cli: Cli) -> None:
    said = cli("validate", "suite.yaml")

    assert said.out.splitlines() == [
        "ok     shop: 1 test green, linter clean, 5 times alike",
        "ok     totals: nothing done fails; the reference passes",
        "suite: can judge (1 workspace, 1 case). Now: audition run suite.yaml",
    ]
    assert (said.code, said.err) == (0, "")
    assert not list(shop.root.rglob("*.run.db"))


def test_what_takes_long_says_how_far_it_is(
    shop: Project, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_module("audition.cli.validate"), "LINE_EVERY_S", 0.0)
    said = cli("validate", "suite.yaml").err.splitlines()

    assert said[0] == "suite: 1/12, shop: python -m pytest -q"
    assert said[5] == "suite: 6/12, shop: ruff check ."
    assert said[10:] == ["suite: 11/12, totals", "suite: 12/12, totals"]


CRASHING = """\
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True)
class Crashes:
    kind: ClassVar = "outcome"
    needs: ClassVar = frozenset({"work"})

    def score(self, evidence):
        raise KeyError("oh")
"""


def test_a_check_that_crashes_is_no_failed_check(shop: Project, cli: Cli) -> None:
    shop.write("crashes.py", CRASHING)
    shop.write("suite.yaml", SUITE + "checks: [crashes.py]\n")
    shop.edit("cases.yaml", "commits]", "crashes]")
    _, details = line_of(cli("validate", "suite.yaml"), "totals")

    assert details == [
        "its reference cannot be judged by crashes: the check crashed: KeyError: 'oh'"
    ]


def test_a_suite_of_recordings_needs_none(shop: Project, cli: Cli) -> None:
    shop.write("suite.yaml", SUITE.replace("anthropic:claude-sonnet-5-5", "recorded"))
    shop.edit("suite.yaml", "base_url: http://localhost:9\n", "")

    assert cli("validate", "suite.yaml").code == 0


def test_a_workspace_that_fails_its_own_tests_is_named_with_the_test(
    shop: Project, cli: Cli
) -> None:
    shop.edit("shop/prices.py", "return 3", "return 4")
    said = cli("validate", "suite.yaml")
    line, details = line_of(said, "shop")

    assert said.code == 1
    assert line == "wrong  shop: cannot be judged by"
    assert details[0].startswith("python -m pytest -q: test_prices.py::test_price ")
    assert "assert 4 == 3" in details[0]
    assert last(said).startswith("suite: cannot be relied on yet. Now: mend 1 workspace")


def test_a_workspace_in_which_the_linter_finds_something_is_wrong(shop: Project, cli: Cli) -> None:
    shop.edit("shop/prices.py", "def", "import os\n\n\ndef")
    _, details = line_of(cli("validate", "suite.yaml"), "shop")

    assert details == ["ruff check .: prices.py:1: F401 `os` imported but unused"]


def test_a_workspace_whose_tests_cannot_be_run_says_why(shop: Project, cli: Cli) -> None:
    shop.edit("cases.yaml", "python -m pytest -q", "python -m nose")
    said = cli("validate", "suite.yaml")
    _, details = line_of(said, "shop")

    assert said.code == 1
    assert len(details) == 1
    assert details[0].startswith("python -m nose: ")


def test_a_workspace_with_a_wobbly_test_is_wrong_and_the_test_is_named(
    shop: Project, cli: Cli
) -> None:
    shop.write("shop/test_wobbly.py", WOBBLY)
    said = cli("validate", "suite.yaml")
    _, details = line_of(said, "shop")

    assert said.code == 1
    (detail,) = details
    assert "does not come out alike every time" in detail
    assert "test_wobbly.py::test_wobbly" in detail


def test_what_one_run_leaves_behind_does_not_reach_the_next(shop: Project, cli: Cli) -> None:
    shop.write(
        "shop/test_once.py",
        "from pathlib import Path\n\n\ndef test_once():\n"
        '    assert not Path("left").exists()\n    Path("left").touch()\n',
    )

    assert line_of(cli("validate", "suite.yaml"), "shop")[0].startswith("ok     shop: 2 tests")


def test_a_case_that_an_idle_agent_passes_is_wrong(shop: Project, cli: Cli) -> None:
    shop.edit("cases.yaml", EXPECTED, UNDEMANDING)
    said = cli("validate", "suite.yaml")

    assert said.code == 1
    assert line_of(said, "totals") == (
        "wrong  totals: cannot be relied on",
        ["an agent that does nothing passes it: no check demands the work"],
    )
    assert last(said) == ("suite: cannot be relied on yet. Now: mend 1 case, then validate again")


def test_a_reference_that_fails_a_check_is_named_by_case_and_check(shop: Project, cli: Cli) -> None:
    shop.edit("cases.yaml", "return sum(prices)", "return max(prices)")
    said = cli("validate", "suite.yaml")
    line, details = line_of(said, "totals")

    assert said.code == 1
    assert line == "wrong  totals: cannot be relied on"
    assert [detail.partition(":")[0] for detail in details] == ["its reference fails suite_passes"]


def test_a_check_that_is_not_required_may_fail(shop: Project, cli: Cli) -> None:
    shop.edit("cases.yaml", "commits]", "commits, todo_file: {required: false}]")

    assert cli("validate", "suite.yaml").code == 0


def test_a_call_of_the_reference_that_is_refused_is_told(shop: Project, cli: Cli) -> None:
    shop.edit("cases.yaml", "- Write: {file_path: totals.py", "- Creates: {file_path: totals.py")
    _, details = line_of(cli("validate", "suite.yaml"), "totals")

    assert any(detail.startswith("its reference fails suite_passes: ") for detail in details)
    assert details[-1].startswith("Creates was refused: There is no tool named Creates.")


def test_a_reference_that_a_limit_stops_is_told_so(shop: Project, cli: Cli) -> None:
    shop.edit("suite.yaml", "turns: 20", "turns: 3")
    _, details = line_of(cli("validate", "suite.yaml"), "totals")

    assert "its reference fails limits: the trial reached its limit of 3 (turns)" in details


def test_a_case_by_way_of_the_main_thread_is_tried_with_its_delegation(
    shop: Project, cli: Cli
) -> None:
    shop.edit("cases.yaml", "    agent: backend\n", "")
    shop.edit("cases.yaml", "[tests_first", "[routes_to: backend, tests_first")

    assert cli("validate", "suite.yaml").code == 0
    shop.edit("cases.yaml", "routes_to: backend", "routes_to: frontend, never_routes_to: frontend")
    _, details = line_of(cli("validate", "suite.yaml"), "totals")
    assert [detail.partition(":")[0] for detail in details] == [
        "its reference fails never_routes_to"
    ]


def test_a_case_without_a_reference_stays_open(shop: Project, cli: Cli) -> None:
    add(
        shop,
        "  - {id: bare, agent: backend, request: Hm, expect: [commits]}\n"
        f"  - {{id: idle, agent: backend, request: Hm, expect: {UNDEMANDING}}}\n",
    )
    said = cli("validate", "suite.yaml")
    sentence = "has no reference: nobody has shown that it can be passed"

    assert said.code == 1
    assert line_of(said, "bare") == (f"open   bare: {sentence}", [])
    assert line_of(said, "idle") == (
        f"open   idle: {sentence}",
        ["an agent that does nothing passes it"],
    )
    assert last(said).endswith("Now: give 2 cases a reference, then validate again")


def test_a_case_that_demands_no_work_may_be_passed_idly(shop: Project, cli: Cli) -> None:
    asked = "id: talk, agent: backend, request: Hi, reference: [say: Hi]"
    add(shop, f"  - {{{asked}, expect: {UNDEMANDING}}}\n")
    said = cli("validate", "suite.yaml")

    assert said.code == 0
    assert line_of(said, "talk")[0] == (
        "ok     talk: doing nothing passes, too, for it demands no work; the reference passes"
    )


def test_only_the_cases_that_are_chosen_are_tried(shop: Project, cli: Cli) -> None:
    add(shop, "  - {id: bare, agent: backend, request: Hm, expect: [commits], tags: [new]}\n")

    assert cli("validate", "suite.yaml", "--cases", "tot*").code == 0
    assert "totals" not in cli("validate", "suite.yaml", "--tag", "new").out
    assert cli("validate", "suite.yaml", "--cases", "nothing").code == 5


def test_cases_about_routing_alone_are_not_tried_and_that_is_said(shop: Project, cli: Cli) -> None:
    add(shop, "  - {id: where, request: Style the pages, expect: [routes_to: frontend]}\n")
    said = cli("validate", "suite.yaml")

    assert said.code == 0
    assert "1 case is about routing alone: not tried." in said.out


def test_a_suite_without_agents_at_work_is_none_to_validate(project: Project, cli: Cli) -> None:
    said = cli("validate", "suite.yaml")

    assert said.code == 5
    assert said.err == "suite.yaml: no case in it has agents at work; nothing was tried\n"


def test_a_broken_suite_says_all_that_is_wrong_with_it(shop: Project, cli: Cli) -> None:
    shop.edit("suite.yaml", "trials: 3", "trails: 3")
    shop.edit("cases.yaml", "agent: backend", "agent: backnd")
    shop.edit("cases.yaml", "tests_first", "test_first")
    said = cli("validate", "suite.yaml")

    assert said.code == 2
    for hint in ("'trials'?", "'backend'?", "'tests_first'?"):
        assert said.err.count(f"did you mean {hint}") == 1
    assert said.out == ""


def test_without_a_sandbox_there_is_a_cure_and_no_verdict(
    shop: Project, cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    said = cli("validate", "suite.yaml")

    assert (said.code, said.out) == (2, "")
    assert "apt-get install bubblewrap" in said.err


def test_words_of_a_workspace_cannot_act_on_the_terminal(shop: Project, cli: Cli) -> None:
    shop.edit("shop/test_prices.py", "== 3", '== 4, "\\x1b[31mred\\u202e"')
    said = cli("validate", "suite.yaml")

    assert said.code == 1
    assert "\x1b" not in said.out
    assert "\u202e" not in said.out
