"""Agents at work over real HTTP when something goes wrong: no mishap fails a check."""

import pytest

from audition.events import Change, Limit, Message, ModelCall, ToolCall, ToolResult
from audition.runfile import load
from tests.conftest import Project
from tests.integration.jobs import (
    BRIEF,
    CANCEL,
    CHEAP_CALL_USD,
    MAIN_CALL_USD,
    OUT,
    PAGE_BRIEF,
    Audition,
    bash,
    delegate,
    make_job,
    only,
    small_job,
)
from tests.servers import (
    Event,
    Play,
    answer,
    call,
    conversing,
    message,
    once,
    serving,
    status,
    stream,
)

ONE = f"""\
  - id: one
    request: {CANCEL}
    expect: [changes: shop/cancel.py, commits]
"""
JOB_USD = 2 * MAIN_CALL_USD + 3 * CHEAP_CALL_USD


def job(*turns: Play) -> dict[str, list[Play]]:
    """One agent is started, and these are its turns; without any, it does the work."""
    return {
        CANCEL: [delegate(("backend", BRIEF)), answer("Done.")],
        BRIEF: list(turns or small_job("cancel")),
    }


TOO_LONG = call("Bash", {"command": "rm -r shop/nothing-of-value"}, call_id="toolu_2")


def cut_inside(*calls: Event) -> Play:
    """An answer that ends by max_tokens in the middle of the input of its last call."""
    events = message(*calls, stop="max_tokens", usage={"input_tokens": 1000, "output_tokens": 40})
    pieces = [e["delta"] for e in events if e.get("delta", {}).get("type") == "input_json_delta"]
    pieces[-1]["partial_json"] = pieces[-1]["partial_json"].partition("op/")[0]
    return stream(*events)


class TestAServerThatAsksForPatience:
    @pytest.mark.parametrize("code", [429, 529])
    def test_in_the_middle_of_a_job_is_waited_for_and_the_job_goes_on(
        self, project: Project, play: Audition, code: int
    ) -> None:
        make_job(project, ONE)
        scripts = job()
        scripts[BRIEF][1] = once(status(code, retry_after="1"), then=scripts[BRIEF][1])
        with serving(conversing(scripts)) as server:
            said = play(server.url)
        run, trial = only()
        (waited,) = [c for c in run.evidence(trial).of(ModelCall) if c.waited_s >= 1]

        assert said.code == 0, said.out
        assert (waited.agent, trial.faults) == ("backend", ())
        assert trial.cost_usd == pytest.approx(JOB_USD)
        assert len(server.requests) == 6
        assert len(run.evidence(trial).of(Change)) == 1

    def test_is_waited_for_by_both_agents_and_no_second_of_it_is_the_trials(
        self, project: Project, play: Audition
    ) -> None:
        make_job(project, ONE)
        busy = status(429, retry_after="2")
        scripts = {
            CANCEL: [delegate(("backend", BRIEF), ("frontend", PAGE_BRIEF)), answer("Done.")],
            BRIEF: small_job("cancel"),
            PAGE_BRIEF: [answer("There is no page to write.")],
        }
        for brief in (BRIEF, PAGE_BRIEF):
            scripts[brief][0] = once(busy, then=scripts[brief][0])
        with serving(conversing(scripts)) as server:
            said = play(server.url)
        run, trial = only()
        times = [event.at_s for event in run.trace(trial)]

        assert said.code == 0, said.out
        assert trial.waited_s >= 2
        assert times == sorted(times)
        assert 0 < trial.duration_s < 2


class TestAStreamThatBreaksOff:
    def test_in_the_middle_of_a_job_has_it_played_again_in_a_fresh_workspace(
        self, project: Project, play: Audition
    ) -> None:
        make_job(project, ONE)
        listing = bash("git log --oneline | wc -l; git status --short; ls shop")
        scripts = job(listing, *small_job("cancel"))
        scripts[BRIEF][2] = once(answer("Now I", cut_after=3), then=scripts[BRIEF][2])
        with serving(conversing(scripts)) as server:
            said = play(server.url)
        run, trial = only()
        seen = [r.results for r in server.requests if r.opening == BRIEF and r.turn == 2]

        assert said.code == 0, said.out
        assert len(trial.faults) == 1
        assert "broke off in the middle" in trial.faults[0]
        assert len(seen) == 2
        assert seen[0] == seen[1]
        assert "cancel.py" not in seen[1][0]
        assert len(run.evidence(trial).of(Change)) == 1

    def test_leaves_both_plays_on_the_books(self, project: Project, play: Audition) -> None:
        make_job(project, ONE)
        scripts = job()
        scripts[BRIEF][1] = once(answer("Now I", cut_after=3), then=scripts[BRIEF][1])
        with serving(conversing(scripts)) as server:
            play(server.url)
        run, trial = only()

        assert trial.cost_usd == pytest.approx(JOB_USD)
        assert run.state.unpriced_trials == 1
        assert run.state.spent_usd == pytest.approx(JOB_USD)

    def test_beside_another_agent_ends_that_one_too_and_nothing_of_it_is_left(
        self, project: Project, play: Audition
    ) -> None:
        make_job(project, ONE)
        scripts = {
            CANCEL: [delegate(("backend", BRIEF), ("frontend", PAGE_BRIEF)), answer("Done.")],
            BRIEF: small_job("cancel"),
            PAGE_BRIEF: [
                once(bash("echo 1 > left; sleep 20"), then=bash("ls")),
                answer("No page is needed."),
            ],
        }
        broken = answer("Now I", cut_after=3, after_s=0.4)
        scripts[BRIEF][0] = once(broken, then=scripts[BRIEF][0])
        with serving(conversing(scripts)) as server:
            said = play(server.url)
        (listed,) = (r.results for r in server.requests if r.opening == PAGE_BRIEF and r.turn == 2)
        _, trial = only()

        assert said.code == 0, said.out
        assert "left" not in listed[0].split()
        assert trial.duration_s < 10


class TestRefusalsAndCuts:
    def test_a_refusal_inside_an_agent_is_told_to_the_main_thread_and_ends_only_that_agent(
        self, project: Project, play: Audition
    ) -> None:
        make_job(project, ONE)
        with serving(conversing(job(answer("I will not.", stop="refusal")))) as server:
            said = play(server.url)
        run, trial = only()

        assert said.code == 1
        assert trial.verdict == "fail"
        assert server.requests[-1].opening == CANCEL
        assert server.requests[-1].results == ["The model refused to do this work."]
        assert run.evidence(trial).of(Message)[-1].text == "Done."

    def test_a_refused_call_is_never_run(self, project: Project, play: Audition) -> None:
        make_job(project, ONE)
        refused = answer(call("Bash", {"command": "echo X > shop/cancel.py"}), stop="refusal")
        with serving(conversing(job(refused))) as server:
            play(server.url)
        run, trial = only()

        assert run.evidence(trial).of(Change) == ()

    def test_an_input_cut_by_max_tokens_ends_the_trial_by_its_limit_and_nothing_is_half_run(
        self, project: Project, play: Audition
    ) -> None:
        make_job(project, ONE)
        whole = call("Bash", {"command": "echo 1 > shop/first.py"})
        with serving(conversing(job(cut_inside(whole, TOO_LONG)))) as server:
            said = play(server.url)
        run, trial = only()
        evidence = run.evidence(trial)
        (reached,) = evidence.of(Limit)

        assert said.code == 1
        assert (reached.limit, reached.allowed, reached.agent) == ("max_tokens", 4096, "backend")
        assert [c.cut for c in evidence.of(ToolCall)] == [False, True, True]
        assert evidence.of(ToolCall)[-1].input == {}  # a field that is only half there is none
        assert (evidence.of(Change), evidence.of(ToolResult)) == ((), ())
        assert len(server.requests) == 2
        assert trial.faults == ()


class TestLimits:
    def test_a_cost_limit_ends_a_job_in_the_middle_and_what_it_cost_is_known(
        self, project: Project, play: Audition
    ) -> None:
        make_job(project, ONE + "    limits: {cost_usd: 0.0025}\n")
        with serving(conversing(job())) as server:
            said = play(server.url)
        run, trial = only()
        (reached,) = run.evidence(trial).of(Limit)

        assert said.code == 1
        assert (reached.limit, reached.allowed) == ("cost_usd", 0.0025)
        assert len(server.requests) == 2
        assert trial.cost_usd == pytest.approx(MAIN_CALL_USD + CHEAP_CALL_USD)

    def test_a_turn_limit_holds_for_a_thread_and_names_the_agent_that_reached_it(
        self, project: Project, play: Audition
    ) -> None:
        make_job(project, ONE + "    limits: {turns: 3}\n")
        with serving(conversing(job(*[bash("ls")] * 9))) as server:
            said = play(server.url)
        run, trial = only()
        (reached,) = run.evidence(trial).of(Limit)

        assert said.code == 1
        assert (reached.limit, reached.allowed, reached.agent) == ("turns", 3, "backend")
        assert [r.turn for r in server.requests] == [1, 1, 2, 3]
        assert trial.verdict == "fail"


class TestTheBudget:
    def test_is_kept_with_agents_side_by_side_in_trials_side_by_side(
        self, project: Project, play: Audition
    ) -> None:
        """Every call is charged at more than twice what it cost before the money is spent."""
        make_job(project, ONE)
        scripts = {
            CANCEL: [delegate(("backend", BRIEF), ("frontend", PAGE_BRIEF)), answer("Done.")],
            BRIEF: small_job("cancel"),
            PAGE_BRIEF: [answer("No page.", after_s=0.05)],
        }
        trial_usd = JOB_USD + MAIN_CALL_USD
        budget = 3 * trial_usd + 0.05
        with serving(conversing(scripts)) as server:
            first = play(server.url, "--trials", "30", "--budget-usd", str(budget))
            spent, played = load(OUT).state.spent_usd, len(load(OUT).trials)
            second = play(server.url, "--trials", "30", "--budget-usd", "5")

        assert first.code == 3
        assert 0 < played < 30
        assert played * trial_usd <= spent + 1e-9 <= budget
        assert second.code == 0, second.out
        assert {trial.verdict for trial in load(OUT).trials} == {"pass"}
