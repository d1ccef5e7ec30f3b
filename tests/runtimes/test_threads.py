"""Agents at work: threads, what each is shown, and how they end."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import pytest

from audition.conversation import Address, Ask, Call, Reply, Result, Text
from audition.events import AnyEvent, Delegation, EndReason, Limit, ModelCall, ToolCall, ToolResult
from audition.evidence import Evidence
from audition.runtimes import Answered, Cue, Scene
from audition.runtimes.messages import Messages
from audition.setups.setup import Agent, Instruction, Setup
from audition.tracer import Tracer

BACKEND = Agent(
    "backend",
    "Builds the server side.",
    body="You build servers. Your notes lie in /data/jo/shop/.claude/agent-memory/backend/.",
    tools=("Read", "Bash"),
    model="haiku",
    memory="project",
)
FRONTEND = Agent("frontend", "Builds pages.", body="You build pages.", max_turns=1)
SETUP = Setup(
    label="shop",
    agents=(BACKEND, FRONTEND),
    instructions=(Instruction("CLAUDE.md", "Commit small."),),
)
Answering = Callable[[Ask], Reply]


@dataclass
class Desk:
    """Carries out nothing; remembers what it was asked for, and how many calls ran at once."""

    notes: dict[str, str] = field(default_factory=dict)
    used: list[tuple[str, str]] = field(default_factory=list)

    async def use(self, call: ToolCall) -> Answered:
        self.used.append((call.agent, str(call.input.get("command"))))
        await asyncio.sleep(0)
        return Answered(f"ran {call.input.get('command')}")

    async def read(self, path: str) -> str | None:
        return self.notes.get(path)


def bash(command: str) -> Call:
    return Call(f"call_{command}", "Bash", {"command": command})


def delegate(name: str, brief: str = "Do the work") -> Call:
    given = {"description": "Work", "prompt": brief, "subagent_type": name}
    return Call(f"call_{name}", "Agent", given)


def calls(*blocks: Call | Text) -> Reply:
    return Reply(blocks, "tool_use", "model-x")


def words(text: str) -> Reply:
    return Reply((Text(text),), "end_turn", "model-x")


@dataclass
class Played:
    end: EndReason
    evidence: Evidence
    asked: list[Ask]
    desk: Desk

    def prompts(self, thread: tuple[int, ...]) -> list[Ask]:
        return [ask for ask in self.asked if ask.address.thread == thread]


def play(
    replies: dict[tuple[tuple[int, ...], int], Reply],
    *,
    agent: str | None = None,
    setup: Setup = SETUP,
    turns: int = 5,
    desk: Desk | None = None,
) -> Played:
    """Play a trial in which each turn of each thread gets the reply that is written for it."""
    asked: list[Ask] = []
    desk = desk or Desk()

    async def answer(ask: Ask) -> Reply:
        asked.append(ask)
        return replies[ask.address.thread, ask.address.turn]

    tracer = Tracer(lambda: 0.0)
    scene = Scene("paging", 1, Cue("Add paging", "work", agent), turns, 512)
    end = asyncio.run(Messages().prepare(setup).play(scene, answer, tracer, desk))
    return Played(end, Evidence(tracer.trace), asked, desk)


def texts(ask: Ask) -> list[str]:
    first = ask.prompt.turns[0].blocks
    return [block.text for block in first if isinstance(block, Text)]


def test_a_sub_agent_is_a_thread_with_its_own_prompt_tools_and_model() -> None:
    played = play(
        {
            ((), 1): calls(delegate("backend", "Add a cursor")),
            ((0,), 1): words("Cursor added."),
            ((), 2): words("Done."),
        }
    )
    (ask,) = played.prompts((0,))

    assert ask.prompt.system.startswith("You build servers.")
    assert [tool.name for tool in ask.prompt.tools] == ["Bash", "Edit", "Read", "Write"]
    assert (ask.agent, ask.model) == ("backend", "haiku")
    assert "Commit small." in texts(ask)[0]
    assert texts(ask)[-1] == "Add a cursor"
    assert not any("Agents on offer" in text for text in texts(ask))
    assert played.end == "answered"


def test_its_last_words_are_the_answer_to_whoever_gave_it_the_work() -> None:
    played = play(
        {
            ((), 1): calls(delegate("backend")),
            ((0,), 1): calls(Text("First a look."), bash("ls")),
            ((0,), 2): words("Cursor added."),
            ((), 2): words("Done."),
        }
    )

    assert played.prompts(())[1].prompt.turns[-1].blocks == (
        Result("call_backend", "Cursor added."),
    )
    assert played.desk.used == [("backend", "ls")]


def test_an_agent_in_the_background_is_waited_for_and_that_is_said() -> None:
    call = delegate("backend")
    background = Call(call.id, call.tool, {**call.input, "run_in_background": True})
    played = play(
        {((), 1): calls(background), ((0,), 1): words("Cursor added."), ((), 2): words("Done.")}
    )
    (result,) = played.evidence.of(ToolResult)

    assert result.content == (
        "The agent was waited for: there is no background here.\n\nCursor added."
    )


def test_events_of_a_thread_carry_its_agent_and_the_delegation_that_started_it() -> None:
    played = play(
        {
            ((), 1): calls(delegate("backend")),
            ((0,), 1): calls(bash("ls")),
            ((0,), 2): words("Done."),
            ((), 2): words("Done."),
        }
    )
    (delegation,) = played.evidence.of(Delegation)
    inside = [e for e in played.evidence.trace if e.agent == "backend"]

    assert [type(event) for event in inside][:3] == [ModelCall, ToolCall, ToolResult]
    assert {event.parent for event in inside} == {delegation.number}


def test_agents_that_are_asked_for_in_one_turn_work_side_by_side() -> None:
    played = play(
        {
            ((), 1): calls(delegate("backend"), delegate("general-purpose")),
            ((0,), 1): calls(bash("one")),
            ((0,), 2): words("Backend done."),
            ((1,), 1): calls(bash("two")),
            ((1,), 2): words("Rest done."),
            ((), 2): words("Done."),
        },
        setup=replace(SETUP, builtins=(Agent("general-purpose", "Rest.", builtin=True),)),
    )

    assert [ask.address.thread for ask in played.asked][1:3] == [(0,), (1,)]
    assert played.prompts(())[1].prompt.turns[-1].blocks == (
        Result("call_backend", "Backend done."),
        Result("call_general-purpose", "Rest done."),
    )


def test_a_definitions_turn_limit_ends_its_thread_and_not_the_trial() -> None:
    played = play(
        {
            ((), 1): calls(delegate("frontend")),
            ((0,), 1): calls(Text("Half of it."), bash("ls")),
            ((), 2): words("It could not finish."),
        }
    )
    (result,) = played.prompts(())[1].prompt.turns[-1].blocks

    assert isinstance(result, Result)
    assert result.is_error
    assert result.content == "The agent reached its limit of 1 turns. Half of it."
    assert (played.end, played.evidence.of(Limit)) == ("answered", ())


def test_the_trials_turn_limit_ends_the_trial_from_within_a_thread() -> None:
    played = play(
        {
            ((), 1): calls(delegate("backend")),
            ((0,), 1): calls(bash("ls")),
            ((0,), 2): calls(bash("ls")),
        },
        turns=2,
    )

    assert played.end == "limit"
    assert [(e.limit, e.agent) for e in played.evidence.of(Limit)] == [("turns", "backend")]


def test_a_refusal_inside_a_thread_is_reported_to_the_main_thread() -> None:
    played = play(
        {
            ((), 1): calls(delegate("backend")),
            ((0,), 1): Reply((), "refusal", "model-x"),
            ((), 2): words("It would not."),
        }
    )

    assert played.end == "answered"
    assert [r.is_error for r in played.evidence.of(ToolResult)] == [True]


def test_a_tool_that_the_definition_does_not_allow_does_not_exist_for_it() -> None:
    played = play(
        {
            ((), 1): calls(delegate("backend")),
            ((0,), 1): calls(Call("c", "Grep", {"pattern": "x"}), delegate("frontend")),
            ((0,), 2): words("Done."),
            ((), 2): words("Done."),
        }
    )
    results = [e.content for e in played.evidence.of(ToolResult) if e.agent == "backend"]

    assert results == [
        "There is no tool named Grep. The tools on offer: Bash, Edit, Read, Write",
        "There is no tool named Agent. The tools on offer: Bash, Edit, Read, Write",
    ]
    assert played.desk.used == []


def test_an_agent_can_be_talked_to_directly() -> None:
    played = play({((), 1): calls(bash("ls")), ((), 2): words("Done.")}, agent="backend")

    assert played.asked[0].address == Address("paging", 1, (), 1)
    assert played.asked[0].prompt.system.startswith("You build servers.")
    assert texts(played.asked[0])[-1] == "Add paging"
    assert {e.agent for e in played.evidence.of(ModelCall)} == {"backend"}
    assert {e.parent for e in played.evidence.of(ModelCall)} == {None}


def test_the_main_thread_at_work_can_do_the_work_itself() -> None:
    played = play({((), 1): calls(bash("ls")), ((), 2): words("Done.")}, setup=Setup("none", ()))

    names = [tool.name for tool in played.asked[0].prompt.tools]
    assert names == ["Agent", "Bash", "Edit", "Glob", "Grep", "Read", "Write"]
    assert played.desk.used == [("main", "ls")]


def test_an_agent_with_a_memory_is_shown_its_index_and_where_it_lies() -> None:
    folder = "/workspace/.claude/agent-memory/backend"
    desk = Desk({f"{folder}/MEMORY.md": "\n".join(f"Lesson {i}" for i in range(300))})
    played = play({((), 1): words("Done.")}, agent="backend", desk=desk)
    system = played.asked[0].prompt.system

    assert f"in the folder {folder}" in system
    assert "Lesson 199" in system
    assert "Lesson 200" not in system


def test_an_absolute_path_of_a_memory_means_the_folder_of_the_trial() -> None:
    system = play({((), 1): words("Done.")}, agent="backend").asked[0].prompt.system

    assert "/data/jo" not in system
    assert "Your notes lie in /workspace/.claude/agent-memory/backend/." in system
    assert "(it is empty)" in system


@pytest.mark.parametrize(
    ("change", "is_another"),
    [
        (replace(BACKEND, body="You build other servers."), True),
        (replace(BACKEND, tools=("Read",)), True),
        (replace(BACKEND, description="Builds servers."), False),
    ],
)
def test_the_pin_of_an_agents_case_follows_its_file(change: Agent, is_another: bool) -> None:
    cue = Cue("Add paging", "work", "backend")
    before = Messages().prepare(SETUP).pin(cue)
    after = Messages().prepare(replace(SETUP, agents=(change, FRONTEND))).pin(cue)

    assert (before != after) == is_another


def numbers(trace: tuple[AnyEvent, ...]) -> list[int]:
    return [event.number for event in trace]


def test_events_are_numbered_without_a_gap_whoever_acts() -> None:
    played = play(
        {
            ((), 1): calls(delegate("backend"), bash("main")),
            ((0,), 1): calls(bash("sub")),
            ((0,), 2): words("Done."),
            ((), 2): words("Done."),
        }
    )

    trace = played.evidence.trace
    assert numbers(trace) == list(range(1, len(trace) + 1))
