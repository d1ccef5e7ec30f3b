"""Changes of the example's own definitions, judged by its own suites with the simulated model."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Cli
from tests.revisions.repositories import Repository, make_repository

ROOT = Path(__file__).parents[2]
BACKEND = "evals/agents/backend-implementer.md"
BEHAVIOR = "evals/behavior.yaml"
ROUTING = "evals/routing.yaml"
SOME = ("restock-on-branch", "cancel-order", "vat-contained", "voucher-percent", "half-an-order")


@pytest.fixture
def example(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repository:
    """The example in a repository of its own; the current folder is its top."""
    made = make_repository(tmp_path / "example", {".gitignore": "reports/\nnode_modules\n"})
    for name in ("evals", "datasets"):
        shutil.copytree(ROOT / name, made.root / name)
    (made.root / "node_modules").symlink_to(ROOT / "node_modules")
    made.commit()
    monkeypatch.chdir(made.root)
    return made


def drop_tests_first(example: Repository) -> None:
    text = (example.root / BACKEND).read_text(encoding="utf-8")
    begin, end = text.index("- **Red.**"), text.index("- **Tidy.**")
    example.write(BACKEND, text[:begin] + text[end:])


def gate(cli: Cli, suite: str, *arguments: str) -> tuple[int, dict[str, Any]]:
    words = ("--base", "main", "--model", "simulated", "--format", "json", *arguments)
    said = cli("gate", suite, *words)
    verdict: dict[str, Any] = json.loads(said.out)
    return said.code, verdict


def test_a_definition_without_its_tests_first_clause_is_caught(
    example: Repository, cli: Cli
) -> None:
    drop_tests_first(example)
    cases = [word for case in SOME for word in ("--cases", case)]
    code, verdict = gate(cli, BEHAVIOR, "--trials", "3", *cases)
    told = cli("gate", BEHAVIOR, "--base", "main", "--model", "simulated", "--trials", "3", *cases)

    assert (code, verdict["verdict"]) == (1, "fail")
    assert verdict["changes"] == ["backend-implementer: prompt"]
    assert "tests_first 3/3 → " in told.out or "tests_first 2/3 → " in told.out


def test_an_edit_of_wording_is_no_loss_and_the_reason_is_said(
    example: Repository, cli: Cli
) -> None:
    example.edit(BACKEND, "Write the least code that makes it pass", "Write just enough to pass")
    cases = [word for case in SOME[:3] for word in ("--cases", case)]
    code, verdict = gate(cli, BEHAVIOR, "--trials", "2", *cases)

    assert (code, verdict["verdict"]) == (0, "inconclusive")
    assert verdict["numbers"]["base_passed"] == verdict["numbers"]["head_passed"]
    assert any("does not mean that there is none" in reason for reason in verdict["reasons"])


def test_an_edit_of_a_description_costs_what_was_foretold(example: Repository, cli: Cli) -> None:
    cli("run", ROUTING, "--model", "simulated", "--trials", "2")
    example.edit(BACKEND, "Works test-first", "Works by tests")
    foretold = json.loads(
        cli("affected", ROUTING, "--base", "main", "--model", "simulated", "--trials", "2",
            "--format", "json").out
    )  # fmt: skip
    _, verdict = gate(cli, ROUTING, "--trials", "2")
    head = foretold["head_trials"]

    assert foretold["base_trials"]["to_play"] == 0
    assert len(verdict["affected"]) == len(foretold["touched"])
    assert head["to_play"] == head["planned"] == 152
    assert verdict["saving"]["trials"] < 40
