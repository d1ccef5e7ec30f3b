"""What a small real model behind llama.cpp's server did that no scripted one does, played again."""

from pathlib import Path

import pytest

from audition.report.figures import percent
from audition.runfile import load
from audition.stats.intervals import wilson
from tests.conftest import Cli, Project
from tests.servers import call, message, serving, status, stream, text

SUITE = """\
setup: .
dataset: cases.yaml
model: {{anthropic: {{id: local, stall_s: {stall}, retries: 0}}}}
base_url: {url}
concurrency: 1
max_tokens: 30
prices: {{local: {{input: 1, output: 5, cache_read: 0.1, cache_write: 1.25}}}}
"""
CASES = """\
cases:
  - {id: do, request: Add paging., expect: [routes_to: backend]}
  - {id: ask, request: What does 409 mean?, expect: [no_delegation]}
"""
OUT = "reports/a.run.db"
CUT = stream(
    *message(
        call("Agent", {"description": "Add paging", "prompt": "Add pa"}),
        stop="max_tokens",
        usage={"input_tokens": 500, "output_tokens": 30},
    )
)
HALF = '{"description": "x", "prompt": "y", "subagent_type": "general-pur'
TOO_LONG = status(
    400,
    '{"error":{"code":400,"message":"request (830 tokens) exceeds the available context size '
    '(512 tokens), try increasing it","type":"exceed_context_size_error"}}',
)


@pytest.fixture
def small(project: Project) -> Project:
    project.write("cases.yaml", CASES)
    return project


def served_by(project: Project, url: str, *, stall: float = 5.0) -> None:
    project.write("suite.yaml", SUITE.format(url=url, stall=stall))


def test_a_call_cut_by_max_tokens_is_in_the_trace_and_named_as_the_cause(
    small: Project, cli: Cli
) -> None:
    with serving(CUT) as server:
        served_by(small, server.url)
        said = cli("run", "suite.yaml", "--out", OUT)

    assert "did nothing at all" not in said.out
    assert "did not delegate" not in said.out
    assert "limits: the trial reached its limit of 30 (max_tokens)" in said.out
    assert "Add paging" in cli("show", OUT, "--trial", "do#1").out.partition("Trace")[2]


def test_a_window_too_small_for_the_first_prompt_is_a_fault_and_asked_again_when_enlarged(
    small: Project, cli: Cli
) -> None:
    with serving(TOO_LONG, TOO_LONG, stream(*text("409 means Conflict."))) as server:
        served_by(small, server.url)
        first = cli("run", "suite.yaml", "--out", OUT)
        second = cli("run", "suite.yaml", "--out", "reports/b.run.db")
        asked = len(server.requests)

    assert first.code == 4
    assert {trial.verdict for trial in load(OUT).trials} == {"fault"}
    assert second.code == 1
    assert asked == 4


def test_a_call_written_as_text_is_remarked_on(small: Project, cli: Cli) -> None:
    words = '{"name": "Agent", "arguments": {"prompt": "x", "subagent_type": "backend"}}'
    with serving(stream(*text(words))) as server:
        served_by(small, server.url)
        said = cli("run", "suite.yaml", "--out", OUT)

    assert "a tool call came as text" in said.out


def test_the_cost_of_a_play_that_fell_silent_is_unknown(small: Project, cli: Cli) -> None:
    with serving(stream(*text("x")[:3], end="stall")) as server:
        served_by(small, server.url, stall=0.2)
        cli("run", "suite.yaml", "--cases", "do", "--out", OUT)
    run = load(OUT)

    assert [trial.cost_usd for trial in run.trials] == [None]
    assert run.state.unpriced_trials == 3


def test_what_may_have_been_billed_counts_against_the_budget_of_the_next_run(
    small: Project, cli: Cli
) -> None:
    command = ("run", "suite.yaml", "--cases", "do", "--budget-usd", "0.004", "--out", OUT)
    with serving(stream(*text("x")[:3], end="stall")) as server:
        served_by(small, server.url, stall=0.2)
        codes = [cli(*command).code for _ in range(4)]
        asked = len(server.requests)

    assert codes[-1] == 3
    assert asked <= 3


def test_half_an_input_is_a_fault_and_never_the_name_of_an_agent(small: Project, cli: Cli) -> None:
    events = message(call("Agent", {}))
    for event in events:
        if event["type"] == "content_block_delta":
            event["delta"]["partial_json"] = HALF
    half = stream(*events)
    with serving(half) as server:
        served_by(small, server.url)
        said = cli("run", "suite.yaml", "--cases", "do", "--out", OUT)

    assert said.code == 4
    assert [trial.verdict for trial in load(OUT).trials] == ["fault"]


def test_a_password_in_an_address_is_refused_and_nowhere_repeated(
    small: Project, cli: Cli, tmp_path: Path
) -> None:
    said = cli("run", "suite.yaml", "--base-url", "http://user:hunter2@127.0.0.1:9")

    assert said.code == 2
    assert "hunter2" not in said.err + said.out


@pytest.mark.parametrize("of", [3, 6, 7, 10, 25, 57])
def test_nothing_of_anything_reads_as_0_percent(of: int) -> None:
    assert percent(wilson(0, of)[0]) == "0%"
    assert percent(wilson(of, of)[1]) == "100%"
