"""Mishaps in the middle of a job over real HTTP: nothing is lost, nothing is half-run."""

from collections.abc import Callable
from typing import Any

import pytest

from audition.events import Commit, Fault, Limit, ModelCall, ToolResult
from audition.record import Trial
from audition.runfile import Run, load
from tests.conftest import Cli, Project, Spoken
from tests.sandboxes.trying import opened
from tests.servers import Event, Play, call, message, serving, status, stream

KEY = "key-0123456789-canary"
MODEL = "anthropic:id=claude-sonnet-5-5,retries=2"
NO_RETRY = "anthropic:id=claude-sonnet-5-5,retries=0"
OUT = "reports/a.run.db"
CASES = """\
workspace: shop
project: {environment: {PYTEST_DISABLE_PLUGIN_AUTOLOAD: "1"}}
cases:
  - id: paging
    request: Add paging
    expect:
      - routes_to: backend
      - happens: {wrote: implementation, by: backend}
      - suite_passes
      - commits: {message: conventional, clean_tree: true}
"""
Audition = Callable[..., Spoken]


def turn(*blocks: dict[str, Any], stop: str = "tool_use", **usage: int) -> list[Event]:
    return message(*blocks, stop=stop, usage=usage or {"input_tokens": 100, "output_tokens": 10})


def said(words: str) -> Play:
    return stream(*turn({"type": "text", "text": words}, stop="end_turn"))


def delegate(*names: str) -> Play:
    calls = [
        call("Agent", {"description": "x", "prompt": f"Work, {n}.", "subagent_type": n},
             call_id=f"toolu_{i}")
        for i, n in enumerate(names)
    ]  # fmt: skip
    return stream(*turn(*calls))


def bash(*commands: str) -> Play:
    calls = [call("Bash", {"command": c}, call_id=f"toolu_{i}") for i, c in enumerate(commands)]
    return stream(*turn(*calls))


WRITE = stream(
    *turn(
        call("Write", {"file_path": "paging.py", "content": "SIZE = 20\n"}, call_id="toolu_a"),
        call("Bash", {"command": "python -m pytest -q"}, call_id="toolu_b"),
    )
)
COMMIT = bash("git add -A && git commit -qm 'feat: add paging'")
JOB = (delegate("backend"), WRITE, COMMIT, said("Paging is there."), said("Done."))


@pytest.fixture
def audition(project: Project, cli: Cli, monkeypatch: pytest.MonkeyPatch) -> Audition:
    opened("bubblewrap")
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
    monkeypatch.setenv("HOME", str(project.root))
    tools = "tools: Read, Bash"
    project.edit("agents/backend.md", tools, "tools: Read, Write, Bash\nmodel: haiku")
    project.write("shop/app.py", "PRICE = 100\n")
    project.write(
        "shop/test_app.py", "from app import PRICE\n\n\ndef test_it():\n    assert PRICE\n"
    )
    project.write("cases.yaml", CASES)

    def run(url: str, *options: str, model: str = MODEL) -> Spoken:
        return cli(
            *("run", "suite.yaml", "--model", model, "--base-url", url, "--out", OUT),
            *("--trials", "1", "--concurrency", "1", *options),
        )

    return run


def only(run: Run) -> Trial:
    (trial,) = run.trials
    return trial


def test_a_whole_job_passes_turn_by_turn(audition: Audition, cli: Cli) -> None:
    with serving(*JOB) as server:
        spoken = audition(server.url)
    run = load(OUT)
    evidence = run.evidence(only(run))

    assert spoken.code == 0, spoken.out
    assert len(server.requests) == 5
    assert [c.message for c in evidence.of(Commit)] == ["feat: add paging"]
    assert only(run).cost_usd == pytest.approx(5 * (100 * 2 + 10 * 10) / 1e6)
    agents = [call.agent for call in evidence.of(ModelCall)]
    assert agents == ["main", "backend", "backend", "backend", "main"]


def test_a_busy_server_in_the_middle_of_a_job_is_waited_for(audition: Audition) -> None:
    with serving(*JOB[:2], status(429, retry_after="1"), *JOB[2:]) as server:
        spoken = audition(server.url)
    trial = only(load(OUT))

    assert spoken.code == 0
    assert (trial.verdict, trial.faults, trial.turns) == ("pass", (), 5)
    assert trial.waited_s >= 1


def test_a_job_that_broke_off_begins_again_in_a_fresh_workspace(audition: Audition) -> None:
    dropped = stream(*turn({"type": "text", "text": "I"})[:3], end="cut")
    with serving(*JOB[:2], dropped, *JOB) as server:
        spoken = audition(server.url, model=NO_RETRY)
    run = load(OUT)
    trial = only(run)

    assert spoken.code == 0
    assert len(server.requests) == 8
    assert (trial.verdict, len(trial.faults)) == ("pass", 1)
    assert len(run.evidence(trial).of(Commit)) == 1
    assert run.state.unpriced_trials == 1  # nobody knows what the answer cost that broke off
    assert not run.evidence(trial).of(Fault)


def test_a_call_that_is_cut_off_is_not_carried_out(audition: Audition) -> None:
    cut = stream(*turn(call("Bash", {"command": "touch half"}), stop="max_tokens"))
    with serving(delegate("backend"), cut) as server:
        spoken = audition(server.url)
    run = load(OUT)
    evidence = run.evidence(only(run))

    assert spoken.code == 1
    assert [(e.limit, e.agent) for e in evidence.of(Limit)] == [("max_tokens", "backend")]
    assert "half" not in evidence.final_tree
    assert "the trial reached its limit" in only(run).scores[-1].reason


def test_the_cost_limit_of_a_trial_ends_it_in_the_middle_of_a_job(
    audition: Audition, project: Project
) -> None:
    project.edit("cases.yaml", "    expect:", "    limits: {cost_usd: 0.0005}\n    expect:")
    with serving(*JOB) as server:
        audition(server.url)
    run = load(OUT)

    assert len(server.requests) == 2
    assert [e.limit for e in run.evidence(only(run)).of(Limit)] == ["cost_usd"]
    assert only(run).verdict == "fail"


def test_the_key_reaches_neither_the_sandbox_nor_a_file(
    audition: Audition, project: Project
) -> None:
    look = bash("env; cat /proc/1/environ /proc/self/environ | tr '\\0' '\\n'; ls -la ~ /")
    with serving(delegate("backend"), look, *JOB[1:]) as server:
        audition(server.url, "--record")
    results = [e.content for e in load(OUT).evidence(only(load(OUT))).of(ToolResult)]

    assert any("PATH=" in content for content in results)
    assert all(request.headers["authorization"].endswith(KEY) for request in server.requests)
    for path in project.root.rglob("*"):
        if path.is_file():
            assert KEY.encode() not in path.read_bytes(), path
    assert KEY not in repr(results)
