"""Agents at work, answered over real HTTP: whole jobs of many turns, from request to report."""

import json
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import pytest

from audition.events import Change, Commit, Delegation, ModelCall, ToolCall, ToolResult
from audition.runfile import load
from tests.conftest import Cli, Project
from tests.integration.jobs import (
    BOTH,
    BRIEF,
    CANCEL,
    CHEAP_CALL_USD,
    CHEAP_MODEL,
    COMMITTED,
    DIRECT,
    MAIN_CALL_USD,
    MAIN_MODEL,
    OUT,
    PAGE_BRIEF,
    WHOLE,
    Audition,
    bash,
    commit,
    delegate,
    make_job,
    only,
    small_job,
    verdicts,
    whole_job,
    write,
)
from tests.servers import Server, answer, conversing, serving


def models_of(server: Server) -> dict[str, set[str]]:
    """The models that each conversation asked for."""
    found: dict[str, set[str]] = {}
    for request in server.requests:
        found.setdefault(request.opening, set()).add(request.body["model"])
    return found


def breakpoints(body: Any) -> int:
    """How many places of a request the server is told to cache up to."""
    if isinstance(body, Mapping):
        return ("cache_control" in body) + sum(map(breakpoints, body.values()))
    return sum(map(breakpoints, body)) if isinstance(body, list) else 0


class TestAWholeJob:
    def test_passes_from_the_request_through_the_agents_work_to_the_report(
        self, project: Project, play: Audition
    ) -> None:
        make_job(project, WHOLE)
        with serving(conversing(whole_job())) as server:
            said = play(server.url)
        run, trial = only()
        evidence = run.evidence(trial)

        assert said.code == 0, said.out
        assert {verdict for _, verdict in verdicts()["cancel#1"]} == {"pass"}
        assert [d.to for d in evidence.of(Delegation)] == ["backend"]
        assert [c.message for c in evidence.of(Commit)] == ["feat: let an order be cancelled"]
        assert {c.agent for c in evidence.of(Commit)} == {"backend"}
        assert evidence.of(ToolResult)[-1].content.endswith("the tests are green.")
        assert server.requests[-1].results == [evidence.of(ToolResult)[-1].content]
        assert len(server.requests) == 8

    def test_recorded_over_http_it_replays_strictly_to_the_same_verdicts(
        self, project: Project, play: Audition, cli: Cli
    ) -> None:
        make_job(project, WHOLE)
        with serving(conversing(whole_job())) as server:
            play(server.url, "--record")
            asked = len(server.requests)
            replay = ("run", "suite.yaml", "--model", "recorded", "--strict", "--out", "b/b.run.db")
            said = cli(*replay, "--base-url", server.url)
        run, trial = only("b/b.run.db")

        assert said.code == 0, said.out + said.err
        assert verdicts("b/b.run.db") == verdicts()
        assert order_of("b/b.run.db") == order_of(OUT)
        assert len(server.requests) == asked
        assert (trial.cost_usd, trial.labels) == (0.0, ())
        assert f"{MAIN_MODEL}-20261001" in run.record.notes[-1]

    def test_what_tools_came_to_is_what_the_server_is_told(
        self, project: Project, play: Audition
    ) -> None:
        make_job(project, COMMITTED)
        with serving(conversing(whole_job())) as server:
            play(server.url)
        told = [text for request in server.requests for text in request.results]

        assert "cannot import name 'cancelled'" in told[1]
        assert "2 passed" in told[3]

    def test_an_agents_own_model_is_asked_for_and_what_each_turn_cost_is_recorded(
        self, project: Project, play: Audition
    ) -> None:
        make_job(project, COMMITTED)
        with serving(conversing(whole_job())) as server:
            play(server.url)
        run, trial = only()
        made = run.evidence(trial).of(ModelCall)

        assert models_of(server) == {CANCEL: {MAIN_MODEL}, BRIEF: {CHEAP_MODEL}}
        assert [(m.agent, m.served) for m in made[:2]] == [
            ("main", f"{MAIN_MODEL}-20261001"),
            ("backend", f"{CHEAP_MODEL}-20261001"),
        ]
        assert made[0].cost_usd == pytest.approx(MAIN_CALL_USD)
        assert made[1].cost_usd == pytest.approx(CHEAP_CALL_USD)
        assert trial.cost_usd == pytest.approx(2 * MAIN_CALL_USD + 6 * CHEAP_CALL_USD)
        assert run.state.spent_usd == pytest.approx(trial.cost_usd)
        assert trial.served == (f"{CHEAP_MODEL}-20261001", f"{MAIN_MODEL}-20261001")

    @pytest.mark.parametrize("named", ["sonnet", "opus", "claude-opus-5-5"])
    def test_a_model_that_aliases_do_not_list_is_never_asked_of_another_server(
        self, project: Project, play: Audition, named: str
    ) -> None:
        make_job(project, DIRECT)
        project.edit("agents/backend.md", "model: haiku", f"model: {named}")
        with serving(conversing({CANCEL: small_job("cancel")})) as server:
            assert play(server.url).code == 0

        assert models_of(server) == {CANCEL: {MAIN_MODEL}}

    def test_a_long_conversation_marks_what_to_cache_in_at_most_four_places(
        self, project: Project, play: Audition
    ) -> None:
        make_job(project, COMMITTED)
        with serving(conversing(whole_job())) as server:
            play(server.url)
        marked = [breakpoints(request.body) for request in server.requests]
        last = [
            "cache_control" in request.body["messages"][-1]["content"][-1]
            for request in server.requests
        ]

        assert max(marked) <= 4
        assert all(marked)
        assert last == [request.turn > 1 for request in server.requests]

    def test_every_turn_repeats_the_one_before_byte_for_byte(
        self, project: Project, play: Audition
    ) -> None:
        make_job(project, COMMITTED)
        with serving(conversing(whole_job())) as server:
            play(server.url)
        turns = [r.body for r in server.requests if r.opening == BRIEF]

        for before, after in pairwise(turns):
            assert after["system"] == before["system"]
            assert after["tools"] == before["tools"]
            shared = unmarked(after["messages"])[: len(before["messages"])]
            assert shared == unmarked(before["messages"])


def unmarked(messages: Sequence[Mapping[str, Any]]) -> list[Any]:
    """The messages without the marks of the cache, which move on from turn to turn."""
    text = json.dumps(messages).replace(', "cache_control": {"type": "ephemeral"}', "")
    found: list[Any] = json.loads(text)
    return found


class TestAnAgentTalkedToDirectly:
    def test_gets_the_request_and_works_with_its_own_prompt_model_and_tools(
        self, project: Project, play: Audition
    ) -> None:
        make_job(project, DIRECT)
        with serving(conversing({CANCEL: small_job("cancel")})) as server:
            said = play(server.url)
        run, trial = only()
        first = server.requests[0].body

        assert said.code == 0, said.out
        assert {r.body["model"] for r in server.requests} == {CHEAP_MODEL}
        assert "You build the server side." in first["system"][0]["text"]
        assert sorted(t["name"] for t in first["tools"]) == ["Bash", "Edit", "Read", "Write"]
        assert {c.agent for c in run.evidence(trial).of(ToolCall)} == {"backend"}


class TestTwoAgentsInOneTurn:
    def scripts(self, page_after_s: float = 0.0, code_after_s: float = 0.0) -> Any:
        return {
            CANCEL: [delegate(("backend", BRIEF), ("frontend", PAGE_BRIEF)), answer("Both did.")],
            BRIEF: [
                write("shop/cancel.py", "X = 1\n", after_s=code_after_s),
                commit("feat: add cancelling", what="shop", after_s=code_after_s),
                answer("The code is in."),
            ],
            PAGE_BRIEF: [
                write("docs/cancel.md", "# Cancelling\n", after_s=page_after_s),
                commit("docs: tell of cancelling", what="docs", after_s=page_after_s),
                answer("The page is in."),
            ],
        }

    def test_work_side_by_side_and_each_is_credited_with_its_own(
        self, project: Project, play: Audition
    ) -> None:
        make_job(project, BOTH)
        with serving(conversing(self.scripts(0.3, 0.3))) as server:
            said = play(server.url)
        run, trial = only()
        evidence = run.evidence(trial)
        changed = {c.file.path: c.agent for c in evidence.of(Change)}

        assert said.code == 0, said.out
        assert server.most_at_once == 2
        assert changed == {"shop/cancel.py": "backend", "docs/cancel.md": "frontend"}
        assert server.requests[-1].results == ["The code is in.", "The page is in."]
        assert models_of(server)[PAGE_BRIEF] == {MAIN_MODEL}

    def test_time_that_both_wait_is_taken_out_of_the_trial_once(
        self, project: Project, play: Audition
    ) -> None:
        """One place at the server: what one agent waits for is the other one's work."""
        make_job(project, BOTH)
        with serving(conversing(self.scripts(0.3, 0.3))) as server:
            play(server.url, "--concurrency", "1")
        run, trial = only()
        times = [event.at_s for event in run.trace(trial)]

        assert times == sorted(times)
        assert trial.duration_s >= 4 * 0.3

    @pytest.mark.parametrize("delays", [(0.0, 0.25), (0.25, 0.0)], ids=["in order", "out of order"])
    def test_recorded_over_http_they_replay_in_the_order_in_which_they_came(
        self, project: Project, play: Audition, cli: Cli, delays: tuple[float, float]
    ) -> None:
        make_job(project, BOTH)
        scripts = self.scripts(*delays)
        for brief in (BRIEF, PAGE_BRIEF):  # whoever comes last decides what the file holds
            scripts[brief].insert(1, bash(f"echo {len(brief)} > README.md"))
        with serving(conversing(scripts)) as server:
            said = play(server.url, "--record")
        replayed = cli(
            *("run", "suite.yaml", "--model", "recorded", "--strict", "--out", "b/b.run.db")
        )

        assert (said.code, replayed.code) == (0, 0), replayed.out + replayed.err
        assert verdicts("b/b.run.db") == verdicts()
        assert order_of("b/b.run.db") == order_of(OUT)
        assert last_readme("b/b.run.db") == last_readme(OUT)
        assert load("b/b.run.db").record.nature == "scripted"


def last_readme(path: str) -> str | None:
    """What the file that both agents wrote held in the end."""
    run, trial = only(path)
    evidence = run.evidence(trial)
    return evidence.text(evidence.final_tree["README.md"])


def order_of(path: str) -> list[tuple[str, str]]:
    """Which agent used which tool of the workspace, in the order in which they were run."""
    run, trial = only(path)
    evidence = run.evidence(trial)
    calls = {call.number: call for call in evidence.of(ToolCall)}
    used = [calls[result.call] for result in evidence.of(ToolResult)]
    return [(call.agent, call.tool) for call in used if call.tool != "Agent"]
