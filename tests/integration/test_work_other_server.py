"""Agents at work, answered by a server that others wrote: whole jobs, matched by its own rules."""

import json
from typing import Any

import pytest

from audition.events import ToolResult
from tests.conftest import Project
from tests.integration.jobs import (
    BOTH,
    BRIEF,
    CHEAP_CALL_USD,
    CHEAP_MODEL,
    CODE,
    DIRECT,
    MAIN_CALL_USD,
    MAIN_MODEL,
    ORDERS,
    PAGE_BRIEF,
    TEST,
    WHOLE,
    Audition,
    make_job,
    only,
    verdicts,
)
from tests.models.conftest import Start

USAGE = {"input_tokens": 1000, "output_tokens": 40}


def turns(system: str, *said: dict[str, Any]) -> list[dict[str, Any]]:
    """The turns of the thread with this in its system prompt."""
    return [
        {
            "match": {"systemMessage": system, "turnIndex": number},
            "response": {**turn, "usage": USAGE},
        }
        for number, turn in enumerate(said)
    ]


def calls(*made: tuple[str, dict[str, Any]]) -> dict[str, Any]:
    """Tool calls: the name and the input of each."""
    return {"toolCalls": [{"name": n, "arguments": json.dumps(given)} for n, given in made]}


def order(name: str, brief: str) -> tuple[str, dict[str, Any]]:
    """The call that starts an agent."""
    return "Agent", {"description": "d", "prompt": brief, "subagent_type": name}


def bash(command: str) -> dict[str, Any]:
    """One command."""
    return calls(("Bash", {"command": command}))


def test_a_whole_job_passes(project: Project, play: Audition, aimock: Start) -> None:
    make_job(project, WHOLE)
    edit = {"file_path": "shop/orders.py", "old_string": ORDERS, "new_string": CODE}
    url = aimock(
        *turns(
            "main thread of a coding assistant",
            calls(order("backend", BRIEF)),
            {"content": "Orders can be cancelled now."},
        ),
        *turns(
            "You build the server side.",
            calls(("Write", {"file_path": "tests/test_cancel.py", "content": TEST})),
            bash("python -m pytest -q"),
            calls(("Edit", edit)),
            bash("python -m pytest -q"),
            bash("git add -A && git commit -qm 'feat: let an order be cancelled'"),
            {"content": "A cancelled order says so."},
        ),
    )
    said = play(url)
    _, trial = only()

    assert said.code == 0, said.out
    assert {verdict for _, verdict in verdicts()["cancel#1"]} == {"pass"}
    assert trial.turns == 8
    assert trial.cost_usd == pytest.approx(2 * MAIN_CALL_USD + 6 * CHEAP_CALL_USD)
    assert trial.served == (CHEAP_MODEL, MAIN_MODEL)


def test_two_agents_of_one_turn_work_and_report(
    project: Project, play: Audition, aimock: Start
) -> None:
    make_job(project, BOTH)
    url = aimock(
        *turns(
            "main thread of a coding assistant",
            calls(order("backend", BRIEF), order("frontend", PAGE_BRIEF)),
            {"content": "Both did."},
        ),
        *turns(
            "You build the server side.",
            bash("echo 1 > shop/cancel.py; git add -A && git commit -qm 'feat: it'"),
            {"content": "The code is in."},
        ),
        *turns(
            "You build pages.",
            bash("mkdir docs; echo 1 > docs/cancel.md; git add -A && git commit -qm p"),
            {"content": "The page is in."},
        ),
    )
    said = play(url)
    run, trial = only()
    results = {r.content for r in run.evidence(trial).of(ToolResult) if r.agent == "main"}

    assert said.code == 0, said.out
    assert results == {"The code is in.", "The page is in."}


def test_chaos_in_a_job_fails_no_check(project: Project, play: Audition, aimock: Start) -> None:
    make_job(project, DIRECT)
    project.edit("suite.yaml", "retries: 2", "retries: 0")
    url = aimock(
        *turns("You build the server side.", {"content": "Done."}),
        options=("--chaos-disconnect", "1"),
    )
    said = play(url)
    _, trial = only()

    assert said.code == 4
    assert (trial.verdict, len(trial.faults)) == ("fault", 2)
