import asyncio
from collections.abc import Sequence

import pytest

from audition.conversation import Answer, Ask, Call, Reply, Result, Text
from audition.digests import digest
from audition.errors import FaultError
from audition.events import End, EndReason, Limit, ToolResult
from audition.evidence import Evidence, Extent
from audition.runtimes import Cue, Scene
from audition.runtimes._delegation import AGENT_TOOL, STAND_IN, listing, resolve
from audition.runtimes._prompts import SYSTEM, Prompts, memory_prompt
from audition.runtimes.messages import Messages
from audition.setups.setup import Agent, Example, Instruction, Setup
from audition.tools import all_tools
from audition.tracer import Tracer

SETUP = Setup(
    label="shop",
    agents=(
        Agent("backend", "Builds the server side.", tools=("Read", "Bash")),
        Agent("frontend", "Builds pages.", examples=(Example("Restyle the cart", "frontend"),)),
    ),
    builtins=(
        Agent("Plan", "Plans.", builtin=True),
        Agent("general-purpose", "Rest.", builtin=True),
    ),
    instructions=(Instruction("CLAUDE.md", "Commit small."),),
)


def delegate(name: str | None, prompt: str = "Do the work") -> Call:
    call_input = {"description": "The work", "prompt": prompt}
    if name is not None:
        call_input["subagent_type"] = name
    return Call("call_1", "Agent", call_input)


def play(
    replies: Sequence[Reply], *, extent: Extent = "first delegation", turns: int = 5
) -> tuple[EndReason, Evidence, list[Ask]]:
    """Play a trial in which the model gives these replies, one a turn."""
    asked: list[Ask] = []

    async def answer(ask: Ask) -> Reply:
        asked.append(ask)
        return replies[len(asked) - 1]

    tracer = Tracer(lambda: 0.0)
    scene = Scene("paging", 1, Cue("Add paging", extent), turns, 512)
    end = asyncio.run(Messages().prepare(SETUP).play(scene, _typed(answer), tracer))
    tracer.add(End, reason=end)
    return end, Evidence(tracer.trace), asked


def _typed(answer: Answer) -> Answer:
    return answer


def calls(*blocks: Call | Text) -> Reply:
    return Reply(blocks, "tool_use", "model-x")


def words(text: str) -> Reply:
    return Reply((Text(text),), "end_turn", "model-x")


def test_a_routing_trial_ends_at_the_first_delegation() -> None:
    end, evidence, asked = play([calls(delegate("backend")), words("never asked")])

    assert end == "delegated"
    assert [d.to for d in evidence.delegations] == ["backend"]
    assert len(asked) == 1
    assert not evidence.of(ToolResult)


def test_a_trial_that_needs_more_goes_on_with_a_stand_in_for_the_work() -> None:
    replies = [calls(delegate("backend")), calls(delegate("frontend")), words("Both are done.")]
    end, evidence, asked = play(replies, extent="whole trial")

    assert end == "answered"
    assert [d.to for d in evidence.delegations] == ["backend", "frontend"]
    assert asked[1].prompt.turns[-1].blocks == (Result("call_1", STAND_IN),)
    assert all(result.stand_in for result in evidence.of(ToolResult))


def test_not_delegating_is_an_outcome() -> None:
    end, evidence, _ = play([words("409 means Conflict.")])

    assert end == "answered"
    assert evidence.delegations == ()


def test_an_unknown_agent_is_answered_with_the_names_on_offer() -> None:
    end, evidence, asked = play([calls(delegate("backend-pro")), calls(delegate("backend"))])

    (result,) = asked[1].prompt.turns[-1].blocks
    assert isinstance(result, Result)
    assert result.is_error
    assert result.content == (
        "Agent type 'backend-pro' not found. "
        "Available agents: backend, frontend, general-purpose, Plan"
    )
    assert (end, evidence.delegations[0].to) == ("delegated", "backend")


def test_a_call_that_names_nobody_goes_to_the_general_agent() -> None:
    _, evidence, _ = play([calls(delegate(None))])

    assert evidence.delegations[0].to == "general-purpose"


@pytest.mark.parametrize("asked", ["Backend", "BACKEND", "back_end", "general purpose"])
def test_a_name_is_understood_in_other_case_and_with_spaces(asked: str) -> None:
    names = ("backend", "back-end", "general-purpose")

    assert resolve(asked, names) in names


def test_the_old_name_of_the_tool_is_understood() -> None:
    call = Call("call_1", "Task", delegate("backend").input)

    assert play([calls(call)])[1].delegations[0].to == "backend"


@pytest.mark.parametrize(
    "call_input", [{}, {"description": "x"}, {"description": "x", "prompt": 3}]
)
def test_a_call_cut_short_starts_nobody_and_is_answered_with_an_error(
    call_input: dict[str, object],
) -> None:
    end, evidence, asked = play([calls(Call("call_1", "Agent", call_input)), words("Well.")])

    assert end == "answered"
    assert evidence.delegations == ()
    (result,) = asked[1].prompt.turns[-1].blocks
    assert isinstance(result, Result)
    assert result.content.startswith("Invalid input for Agent")


def test_what_was_called_before_the_delegation_is_in_the_trace() -> None:
    read = Call("call_0", "Read", {"file_path": "api/orders.py"})
    _, evidence, _ = play([calls(read), calls(delegate("backend"))])

    kinds = [event.kind for event in evidence.trace]
    assert kinds == [
        *("request", "model_call", "tool_call", "tool_result"),
        *("model_call", "tool_call", "delegation", "end"),
    ]


def test_calls_of_one_turn_are_recorded_in_the_order_in_which_they_were_emitted() -> None:
    first, second = delegate("frontend"), delegate("backend")
    _, evidence, _ = play([calls(first, second)])

    assert [d.to for d in evidence.delegations] == ["frontend", "backend"]


def test_the_turn_limit_ends_a_trial_and_says_so() -> None:
    end, evidence, _ = play([calls(delegate("nobody"))] * 3, turns=3)

    assert end == "limit"
    (limit,) = evidence.of(Limit)
    assert (limit.limit, limit.allowed) == ("turns", 3)


@pytest.mark.parametrize(
    ("stop", "end", "limit"),
    [("max_tokens", "limit", "max_tokens"), ("context_window", "limit", "context")],
)
def test_an_answer_that_was_cut_off_delegates_nothing(stop: str, end: str, limit: str) -> None:
    reply = Reply((delegate("backend"),), stop, "model-x")  # type: ignore[arg-type] # parametrized
    found, evidence, _ = play([calls(delegate("nobody")), reply])

    assert (found, evidence.of(Limit)[0].limit) == (end, limit)
    assert evidence.delegations == ()


def test_a_window_too_small_for_the_very_first_prompt_is_a_fault_and_no_outcome() -> None:
    with pytest.raises(FaultError, match="too small for this setup"):
        play([Reply((), "context_window", "model-x")])


def test_a_call_that_was_cut_off_is_in_the_evidence_and_starts_nobody() -> None:
    _, evidence, _ = play([Reply((delegate("backend"),), "max_tokens", "model-x")])

    (call,) = evidence.delegating_calls
    assert call.cut
    assert evidence.delegations == ()


def test_a_refusal_ends_the_trial_as_an_outcome() -> None:
    assert play([Reply((Text("I will not."),), "refusal", "model-x")])[0] == "refused"


def test_a_paused_turn_is_continued() -> None:
    paused = Reply((Text("Let me think."),), "pause_turn", "model-x")
    end, evidence, asked = play([paused, calls(delegate("backend"))])

    assert end == "delegated"
    assert [turn.role for turn in asked[1].prompt.turns] == ["user", "assistant"]
    assert evidence.delegations[0].to == "backend"


def test_the_roster_is_listed_by_name_with_tools_and_built_in_agents() -> None:
    _, _, asked = play([words("Hello.")])

    text = "\n".join(str(block) for block in asked[0].prompt.turns[0].blocks)
    assert listing(asked[0].offers).splitlines()[1:] == [
        "- backend: Builds the server side. (Tools: Read, Bash)",
        "- frontend: Builds pages. (Tools: All tools)",
        "- general-purpose: Rest. (Tools: All tools)",
        "- Plan: Plans. (Tools: All tools)",
    ]
    assert "Commit small." in text
    assert "Builds pages." in text


def test_the_trace_tells_who_was_on_offer() -> None:
    _, evidence, _ = play([words("Hello.")])

    assert evidence.offered == ("backend", "frontend", "general-purpose", "Plan")


def test_waiting_for_a_provider_is_not_the_trials_own_time() -> None:
    now = [0.0]

    async def answer(ask: Ask) -> Reply:
        now[0] += 40.0
        return Reply((Text("Hello."),), "end_turn", "model-x", latency_s=2.0, waited_s=38.0)

    tracer = Tracer(lambda: now[0])
    scene = Scene("paging", 1, Cue("Add paging", "first delegation"), 5, 512)
    asyncio.run(Messages().prepare(SETUP).play(scene, answer, tracer))

    assert tracer.elapsed_s == pytest.approx(2.0)


def test_the_bytes_of_the_prompts_do_not_change_without_the_loop_version() -> None:
    routing = [SYSTEM, AGENT_TOOL.description, AGENT_TOOL.schema, listing(()), STAND_IN]
    tools = [[tool.spec.name, tool.spec.description, tool.spec.schema] for tool in all_tools()]
    agent = Agent("a", "d", body="b", memory="user")
    prompts = Prompts(Setup("s", (agent,), instructions=(Instruction("CLAUDE.md", "i"),)))
    work = [
        prompts.opening(Cue("r", "work"), 1).system,
        prompts.opening(Cue("r", "work", "a"), 1).system,
        prompts.agent_system(agent),
        memory_prompt("/m", None),
        [str(block) for block in prompts.brief("b").blocks],
    ]
    shown = digest([routing, tools, work])

    assert (Messages.loop_version, shown[:16]) == (2, "dce05e8c0f3a441d")


def test_the_pin_follows_everything_that_is_shown() -> None:
    pin = Messages().prepare(SETUP).pin(Cue("Add paging"))
    other = Setup("shop", SETUP.agents[:1], SETUP.builtins, SETUP.instructions)

    assert Messages().prepare(SETUP).pin(Cue("Add paging")) == pin
    assert Messages().prepare(SETUP).pin(Cue("Add sorting")) != pin
    assert Messages().prepare(other).pin(Cue("Add paging")) != pin
