"""An edited definition and the sandbox meet: who is not told to test first does so less often.

The simulated model reads the definition that it is given and works in real workspaces. It keeps a
rule that is stated in nine trials of ten, and one that is not in three of ten.
"""

import json
from math import comb
from typing import Any

from audition.runfile import load
from tests.conftest import Cli, Project
from tests.sandboxes.trying import opened

TRIALS = 80
KEPT, DROPPED = 0.1, 0.7
"""How often code is written before its tests, with the clause and without it."""
BETWEEN = 31
"""So many trials fail in neither."""
CLAUSE = "Write the tests first. "
WORKER = """\
---
name: worker
description: Works on the shop.
---

You work on the shop. Write the tests first. Commit what you did. Never push.
"""
REFERENCE: list[dict[str, Any]] = [
    {"Write": {
        "file_path": "tests/test_twice.py",
        "content": "from shop import twice\n\n\ndef test_twice():\n    assert twice(2) == 4\n",
    }},
    {"Write": {"file_path": "shop.py", "content": "def twice(n):\n    return 2 * n\n"}},
    {"say": "Done."},
]  # fmt: skip
DATASET = {
    "workspace": "shop",
    "cases": [
        {
            "id": "twice",
            "agent": "worker",
            "request": "Add twice(n)",
            "reference": REFERENCE,
            "expect": ["tests_first"],
        }
    ],
}
RATES = f"simulated:seed=5,code_first={KEPT},without_rule={DROPPED}"


def failed(cli: Cli, out: str) -> set[int]:
    """The trials that fail `tests_first`, and nothing else, with the definition as it is now."""
    said = cli("run", "suite.yaml", "--model", RATES, "--trials", str(TRIALS), "--out", out)
    trials = load(out).trials

    assert said.code == 1, said.err
    assert len(trials) == TRIALS
    assert {score.verdict for trial in trials for score in trial.scores} == {"pass", "fail"}
    assert {score.check for trial in trials for score in trial.scores} == {"tests_first"}
    return {trial.number for trial in trials if trial.verdict == "fail"}


def at_most(count: int, rate: float) -> float:
    """How likely at most so many of the trials fail."""
    chances = (comb(TRIALS, k) * rate**k * (1 - rate) ** (TRIALS - k) for k in range(count + 1))
    return sum(chances)


def test_without_the_clause_tests_come_first_less_often(project: Project, cli: Cli) -> None:
    opened("bubblewrap")
    project.write("agents/worker.md", WORKER)
    project.write("shop/shop.py", "")
    project.write("shop/tests/test_shop.py", "def test_nothing():\n    assert True\n")
    project.write("cases.yaml", json.dumps(DATASET))
    stated = failed(cli, "reports/stated.run.db")
    project.edit("agents/worker.md", CLAUSE, "")
    dropped = failed(cli, "reports/dropped.run.db")

    # A model that keeps to these rates fails here with less than one in ten million.
    assert 1 - at_most(BETWEEN, KEPT) + at_most(BETWEEN, DROPPED) < 1e-7
    assert len(stated) < BETWEEN < len(dropped)
    assert stated <= dropped, "the same draws decide both"
