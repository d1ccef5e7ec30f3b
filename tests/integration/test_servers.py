"""Whole runs against real HTTP servers: no mishap fails a check, and none loses a trial."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from audition.events import Fault, Message, ModelCall, ToolResult
from audition.record import Trial
from audition.runfile import Run, load
from tests.conftest import Cli, Project, Spoken
from tests.models.conftest import Start
from tests.servers import Event, Play, call, message, raw, serving, status, stream

KEY = "key-0123456789-canary"
SERVED = "claude-haiku-5-5-20261001"
USAGE = {"input_tokens": 1000, "output_tokens": 40}
COST_USD = (1000 * 0.10 + 40 * 0.50) / 1e6
RETRIES = "anthropic:id=claude-haiku-5-5,retries=2"
NO_RETRY = "anthropic:id=claude-haiku-5-5,retries=0"
IMPATIENT = "anthropic:id=claude-haiku-5-5,retries=0,stall_s=0.3"
OUT = "reports/a.run.db"

Audition = Callable[..., Spoken]


def delegate(to: str) -> list[Event]:
    """The model starts an agent."""
    given = {"description": "Add refunds", "prompt": "Add an endpoint.", "subagent_type": to}
    words = {"type": "text", "text": "The backend agent does that."}
    return message(words, call("Agent", given), stop="tool_use", model=SERVED, usage=USAGE)


BACKEND = stream(*delegate("backend"))
BUSY = status(529)
DROPPED = stream(*delegate("backend")[:4], end="cut")
MALFORMED = stream(*delegate("backend")[:3], '{"type": "content_block_delta", "ind')


@pytest.fixture
def audition(project: Project, cli: Cli, monkeypatch: pytest.MonkeyPatch) -> Audition:
    """Plays one case that is passed by delegating to `backend`."""
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
    monkeypatch.setenv("HOME", str(project.root))
    project.write(
        "cases.yaml", "cases: [{id: refunds, request: Add refunds, expect: [routes_to: backend]}]\n"
    )

    def run(url: str, *options: str, model: str = NO_RETRY, trials: int = 1) -> Spoken:
        return cli(
            *("run", "suite.yaml", "--model", model, "--base-url", url, "--out", OUT),
            *("--trials", str(trials), "--concurrency", "1", *options),
        )

    return run


def only(run: Run) -> Trial:
    (trial,) = run.trials
    return trial


class TestSuccess:
    def test_costs_tokens_and_the_served_model_are_recorded(self, audition: Audition) -> None:
        with serving(BACKEND) as server:
            said = audition(server.url, model="anthropic:claude-haiku-5-5", trials=3)
        run = load(OUT)

        assert said.code == 0
        assert [trial.verdict for trial in run.trials] == ["pass"] * 3
        assert {trial.served for trial in run.trials} == {(SERVED,)}
        assert {trial.tokens for trial in run.trials} == {1040}
        assert all(trial.cost_usd == pytest.approx(COST_USD) for trial in run.trials)
        assert run.state.spent_usd == pytest.approx(3 * COST_USD)
        assert run.record.nature == "real"
        assert run.record.base_url == server.url
        assert [request.body["model"] for request in server.requests] == ["claude-haiku-5-5"] * 3

    def test_the_same_command_again_asks_nothing(self, audition: Audition) -> None:
        with serving(BACKEND) as server:
            audition(server.url)
            audition(server.url)

        assert len(server.requests) == 1

    def test_what_it_recorded_replays_to_the_same(self, audition: Audition, cli: Cli) -> None:
        with serving(BACKEND, stream(*delegate("writer"))) as server:
            audition(server.url, "--record", trials=2)
        cli("run", "suite.yaml", "--model", "recorded", "--strict", "--out", "b.run.db")

        assert [trial.verdict for trial in load("b.run.db").trials] == ["pass", "fail"]
        assert f"Recordings made by: {SERVED}" in load("b.run.db").record.notes[-1]

    def test_an_agent_that_does_not_exist_is_answered_as_claude_code_answers(
        self, audition: Audition
    ) -> None:
        with serving(stream(*delegate("backend-pro")), BACKEND) as server:
            said = audition(server.url)
        trial = only(load(OUT))
        (answer,) = (e for e in load(OUT).trace(trial) if isinstance(e, ToolResult))

        assert said.code == 0
        assert (trial.verdict, trial.turns) == ("pass", 2)
        assert (trial.asked_for, trial.delegated_to) == ("backend-pro", "backend")
        assert answer.is_error
        assert answer.content.startswith("Agent type 'backend-pro' not found. Available agents:")
        last = server.requests[-1].body["messages"][-1]["content"][-1]
        assert (last["type"], last["content"], last["is_error"]) == (
            "tool_result",
            answer.content,
            True,
        )


class TestMishaps:
    def test_a_429_with_retry_after_is_waited_for(self, audition: Audition) -> None:
        with serving(status(429, retry_after="1"), BACKEND) as server:
            said = audition(server.url, model=RETRIES)
        trial = only(load(OUT))

        assert said.code == 0
        assert len(server.requests) == 2
        assert (trial.verdict, trial.faults) == ("pass", ())
        assert trial.waited_s >= 1
        assert trial.duration_s < 1

    def test_a_storm_of_529_is_a_fault_and_the_rest_is_played(self, audition: Audition) -> None:
        with serving(BUSY, BUSY, BUSY, BACKEND) as server:
            said = audition(server.url, trials=3)
        run = load(OUT)

        assert said.code == 4
        assert [trial.verdict for trial in run.trials] == ["fault", "pass", "pass"]
        assert len(run.trials[0].faults) == 2
        assert "answered 529" in run.trials[0].scores[0].reason
        assert "1 fault" in said.out

    def test_after_the_storm_the_same_command_plays_what_is_missing(
        self, audition: Audition
    ) -> None:
        with serving(BUSY, BUSY, BUSY, BACKEND) as server:
            first = audition(server.url, trials=2)
            second = audition(server.url, trials=2)

        assert (first.code, second.code) == (4, 0)
        assert [trial.verdict for trial in load(OUT).trials] == ["pass", "pass"]
        assert len(server.requests) == 5

    @pytest.mark.parametrize(
        ("mishap", "model"),
        [
            (BUSY, NO_RETRY),
            (DROPPED, NO_RETRY),
            (MALFORMED, NO_RETRY),
            (raw(b"220 mail.example.org ESMTP\r\n"), NO_RETRY),
            (stream(*delegate("backend")[:4], end="stall"), IMPATIENT),
        ],
        ids=["529", "dropped", "malformed", "no HTTP", "silent"],
    )
    def test_a_mishap_is_played_again_and_written_down(
        self, audition: Audition, mishap: Play, model: str
    ) -> None:
        with serving(mishap, BACKEND) as server:
            said = audition(server.url, model=model)
        run = load(OUT)
        trial = only(run)

        assert said.code == 0
        assert trial.verdict == "pass"
        assert len(trial.faults) == 1
        assert server.url in trial.faults[0]
        assert trial.cost_usd == pytest.approx(COST_USD)
        assert not [e for e in run.trace(trial) if isinstance(e, Fault)]

    @pytest.mark.parametrize("mishap", [DROPPED, MALFORMED], ids=["dropped", "malformed"])
    def test_an_answer_that_broke_off_may_have_been_billed(
        self, audition: Audition, mishap: Play
    ) -> None:
        with serving(mishap, BACKEND) as server:
            audition(server.url)
        state = load(OUT).state

        assert state.unpriced_trials == 1
        assert state.spent_usd == pytest.approx(COST_USD)

    def test_a_slow_body_is_an_answer_and_its_time_is_the_trials_own(
        self, audition: Audition
    ) -> None:
        with serving(stream(*delegate("backend"), pace_s=0.12)) as server:
            said = audition(server.url, model="anthropic:id=claude-haiku-5-5,stall_s=1")
        trial = only(load(OUT))
        (made,) = (e for e in load(OUT).trace(trial) if isinstance(e, ModelCall))

        assert said.code == 0
        assert made.latency_s >= 0.5
        assert trial.duration_s >= 0.5
        assert trial.waited_s < 0.5

    def test_a_refused_key_ends_the_run_and_says_what_to_do(self, audition: Audition) -> None:
        with serving(status(401)) as server:
            said = audition(server.url, trials=20)

        assert said.code == 4
        assert len(server.requests) == 3
        assert "The run was ended" in said.out
        assert "ANTHROPIC_API_KEY" in said.out
        assert {trial.verdict for trial in load(OUT).trials} == {"fault"}

    def test_no_server_at_all_is_a_fault(self, audition: Audition) -> None:
        said = audition("http://127.0.0.2:9")

        assert said.code == 4
        assert only(load(OUT)).verdict == "fault"

    def test_a_closed_port_of_this_machine_is_found_before_anything_is_asked(
        self, audition: Audition
    ) -> None:
        said = audition("http://127.0.0.1:9")

        assert said.code == 2
        assert "nothing answers at http://127.0.0.1:9; start the server" in said.err


def test_a_budget_ends_a_run_and_a_larger_one_goes_on(audition: Audition) -> None:
    with serving(BACKEND) as server:
        first = audition(server.url, "--budget-usd", "0.0032", trials=30)
        played = len(load(OUT).trials)
        spent = load(OUT).state.spent_usd
        second = audition(server.url, "--budget-usd", "1", trials=30)

    assert first.code == 3
    assert "With a larger --budget-usd it goes on" in first.out
    assert 0 < played < 30
    assert spent <= 0.0032
    assert second.code == 0
    assert len(server.requests) == 30


class TestSecrets:
    ECHOES = (
        status(500, f'{{"error": {{"message": "you sent {KEY}"}}}}'),
        stream(
            *message(
                {"type": "text", "text": f"Your key is {KEY}."},
                call("Agent", {"description": KEY, "prompt": KEY, "subagent_type": "backend"}),
                stop="tool_use",
                model=f"echo-{KEY}",
            )
        ),
    )

    def test_the_key_is_in_nothing_that_is_written_or_said(
        self, project: Project, audition: Audition, cli: Cli
    ) -> None:
        with serving(*self.ECHOES) as server:
            said = audition(server.url, "--record")
        told = [cli("show", OUT), cli("show", OUT, "--trial", "refunds#1")]
        told += [cli("show", OUT, "--format", form) for form in ("json", "csv", "markdown")]
        run = load(OUT)
        texts = [e.text for e in run.trace(only(run)) if isinstance(e, Message)]

        assert all(KEY in str(request.headers) for request in server.requests)
        assert said.code == 0
        assert texts == ["Your key is [hidden]."]
        assert "you sent [hidden]" in only(run).faults[0]
        assert KEY not in "".join(spoken.out + spoken.err for spoken in [said, *told])
        assert KEY not in repr(list(run.traces()))
        assert _files_with(KEY, project.root) == []
        assert len(_files_with("refunds", project.root)) >= 4


def _files_with(text: str, folder: Path) -> list[str]:
    files = [path for path in folder.rglob("*") if path.is_file()]
    return [path.name for path in files if text.encode() in path.read_bytes()]


DELEGATES = {
    "toolCalls": [
        {
            "name": "Agent",
            "arguments": '{"description": "d", "prompt": "p", "subagent_type": "backend"}',
        }
    ],
    "usage": {"input_tokens": 1000, "output_tokens": 40},
}


class TestOnAServerThatOthersWrote:
    def test_a_run_passes(self, audition: Audition, aimock: Start) -> None:
        url = aimock({"match": {"userMessage": "refunds"}, "response": DELEGATES})
        said = audition(url, trials=4)
        run = load(OUT)

        assert said.code == 0
        assert [trial.verdict for trial in run.trials] == ["pass"] * 4
        assert all(trial.cost_usd == pytest.approx(COST_USD) for trial in run.trials)
        assert {trial.served for trial in run.trials} == {("claude-haiku-5-5",)}

    def test_a_429_and_then_an_answer(self, audition: Audition, aimock: Start) -> None:
        refusal = {"error": {"message": "slow", "type": "rate_limit_error"}, "status": 429}
        url = aimock(
            {"match": {"userMessage": "refunds", "sequenceIndex": 0}, "response": refusal},
            {"match": {"userMessage": "refunds"}, "response": DELEGATES},
        )

        assert audition(url, model=RETRIES).code == 0
        assert only(load(OUT)).waited_s > 0

    @pytest.mark.parametrize("kind", ["drop", "malformed", "disconnect"])
    def test_chaos_fails_no_check(self, audition: Audition, aimock: Start, kind: str) -> None:
        url = aimock(
            {"match": {"userMessage": "refunds"}, "response": DELEGATES},
            options=(f"--chaos-{kind}", "1"),
        )
        said = audition(url)
        trial = only(load(OUT))

        assert said.code == 4
        assert trial.verdict == "fault"
        assert len(trial.faults) == 2
        assert re.search(r"provider|network", trial.scores[0].reason)
