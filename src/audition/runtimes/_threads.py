"""The threads of a trial: the one with the user, and those of the sub-agents that it starts."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from audition.conversation import (
    Address,
    Answer,
    Ask,
    Block,
    Call,
    Prompt,
    Reply,
    Result,
    Text,
    ToolSpec,
    Turn,
)
from audition.errors import FaultError
from audition.events import (
    DELEGATING_TOOLS,
    MAIN,
    Delegation,
    EndReason,
    EventType,
    Limit,
    Message,
    ModelCall,
    ToolCall,
    ToolResult,
)
from audition.runtimes import Answered, Hands, Scene
from audition.runtimes._delegation import AGENT_TOOL, STAND_IN, Order, read_order
from audition.runtimes._prompts import Prompts, memory_folder, memory_prompt
from audition.setups.setup import Agent
from audition.tracer import Tracer

INHERITED = (None, "inherit")
"""What a definition says that has no model of its own."""


class EndedError(Exception):
    """The trial is over, whichever thread ended it."""

    def __init__(self, reason: EndReason) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, kw_only=True)
class Thread:
    """One conversation: the one with the user, or that of a sub-agent."""

    path: tuple[int, ...] = ()
    agent: str = MAIN
    parent: int | None = None
    system: str
    tools: tuple[ToolSpec, ...]
    turns: int
    is_own_limit: bool = False
    """The turn limit is the definition's: reaching it ends the thread and not the trial."""
    model: str | None = None
    shared_blocks: int = 0


@dataclass
class Play:
    """One playing of a trial."""

    scene: Scene
    answer: Answer
    tracer: Tracer
    hands: Hands | None
    prompts: Prompts
    started: int = field(default=0)
    """How many sub-agents were started so far."""

    async def first_thread(self) -> Thread:
        """The thread that gets the request."""
        cue, turns = self.scene.cue, self.scene.turns
        system, tools = self.prompts.system(cue), self.prompts.tools(cue)
        shared = len(self.prompts.first_turn(cue).blocks) - 1
        if cue.agent is None:
            return Thread(system=system, tools=tools, turns=turns, shared_blocks=shared)
        agent = self.prompts.agents[cue.agent]
        return Thread(
            agent=agent.name,
            system=await self._with_memory(system, agent),
            tools=tools,
            turns=turns,
            model=_alias(agent),
            shared_blocks=shared,
        )

    async def converse(self, thread: Thread, first: Turn) -> Answered:
        """Play one thread to its end; returns its last words.

        Raises:
            EndedError: the whole trial ends here.
        """
        turns, words = [first], ""
        for number in range(1, thread.turns + 1):
            reply = await self.answer(self._ask(thread, number, turns))
            if reply.stop == "context_window" and number == 1:
                what = "the model's context window is too small for this setup and request"
                raise FaultError("provider", what, retryable=False)
            record_call(self._adding(thread), reply, self.tracer)
            words = _words(reply) or words
            following = await self._follow(thread, reply)
            if following is None and reply.stop == "refusal":
                return self._refused(thread)
            turns.append(Turn("assistant", reply.blocks))
            if following is not None:
                turns.append(following)
            elif reply.stop != "pause_turn":
                return Answered(words)
        if thread.is_own_limit:
            reached = f"The agent reached its limit of {thread.turns} turns. {words}"
            return Answered(reached, is_error=True)
        self._adding(thread)(Limit, limit="turns", allowed=thread.turns)
        raise EndedError("limit")

    def _ask(self, thread: Thread, number: int, turns: list[Turn]) -> Ask:
        scene = self.scene
        return Ask(
            prompt=Prompt(
                thread.system, thread.tools, tuple(turns), scene.max_tokens, thread.shared_blocks
            ),
            address=Address(scene.case, scene.trial, thread.path, number, scene.series),
            request=scene.cue.request,
            offers=self.prompts.offered,
            reference=scene.reference,
            pin=scene.pin,
            agent=thread.agent,
            model=thread.model,
            actions=scene.actions,
            happened=lambda: self.tracer.trace,
        )

    def _adding(self, thread: Thread) -> "Callable[..., Any]":
        return partial(self.tracer.add, agent=thread.agent, parent=thread.parent)

    def _refused(self, thread: Thread) -> Answered:
        if not thread.path:
            raise EndedError("refused")
        return Answered("The model refused to do this work.", is_error=True)

    async def _follow(self, thread: Thread, reply: Reply) -> Turn | None:
        """Do what the reply asks for; returns the answers to its calls, None where it made none.

        Calls of one turn are recorded in the order in which the model emitted them, before any is
        answered.
        """
        add = self._adding(thread)
        for block in reply.blocks:
            if isinstance(block, Text) and block.text.strip():
                add(Message, text=block.text)
        calls = [block for block in reply.blocks if isinstance(block, Call)]
        if reply.stop == "refusal":
            return None
        if reply.stop in ("max_tokens", "context_window"):
            for call in calls:
                add(ToolCall, tool=call.tool, input=call.input, cut=True)
            is_cut, most = reply.stop == "max_tokens", self.scene.max_tokens
            add(
                Limit, limit="max_tokens" if is_cut else "context", allowed=most if is_cut else None
            )
            raise EndedError("limit")
        if not calls:
            return None
        steps = [self._step(thread, call) for call in calls]
        if self.scene.cue.extent == "first delegation" and any(step.order for step in steps):
            raise EndedError("delegated")
        return Turn("user", await self._carry_out(thread, steps))

    def _step(self, thread: Thread, call: Call) -> "Step":
        """Record a call and, where it can be carried out, the delegation."""
        add = self._adding(thread)
        event: ToolCall = add(ToolCall, tool=call.tool, input=call.input)
        names = [tool.name for tool in thread.tools]
        is_delegating = call.tool in DELEGATING_TOOLS and AGENT_TOOL.name in names
        if not is_delegating and call.tool not in names:
            text = f"There is no tool named {call.tool}. The tools on offer: {', '.join(names)}"
            return Step(call, event, refusal=text)
        if not is_delegating:
            return Step(call, event)
        order = read_order(call.input, self.prompts.names)
        if not isinstance(order, Order):
            return Step(call, event, refusal=order)
        delegation: Delegation = add(
            Delegation, call=event.number, to=order.to, asked=order.asked, brief=order.brief
        )
        self.started += 1
        return Step(call, event, order=order, started=delegation.number, place=self.started - 1)

    async def _carry_out(self, thread: Thread, steps: "list[Step]") -> tuple[Block, ...]:
        """The answers to the calls of one turn: agents side by side, other tools one by one."""
        blocks: dict[int, Block] = {}
        try:
            async with asyncio.TaskGroup() as group:
                tasks = {
                    step.event.number: group.create_task(self._answer(thread, step))
                    for step in steps
                    if step.order is not None and self.hands is not None
                }
                for step in steps:
                    if step.event.number not in tasks:
                        blocks[step.event.number] = await self._answer(thread, step)
        except BaseExceptionGroup as failures:
            raise _first(failures) from None
        blocks |= {number: task.result() for number, task in tasks.items()}
        return tuple(blocks[step.event.number] for step in steps)

    async def _answer(self, thread: Thread, step: "Step") -> Block:
        """Do what a call asks for, and write down what it came to."""
        answered = Answered(STAND_IN)
        if step.refusal is not None:
            answered = Answered(step.refusal, is_error=True)
        elif self.hands is not None and step.order is not None:
            answered = await self._work(step, step.order)
        elif self.hands is not None:
            answered = await self.hands.use(step.event)
        self._adding(thread)(
            ToolResult,
            call=step.event.number,
            content=answered.content,
            is_error=answered.is_error,
            stand_in=step.order is not None and self.hands is None,
        )
        return Result(step.call.id, answered.content, answered.is_error)

    async def _work(self, step: "Step", order: Order) -> Answered:
        """A sub-agent's work; its last words are the answer."""
        agent = self.prompts.agents[order.to]
        own = agent.max_turns is not None and agent.max_turns < self.scene.turns
        thread = Thread(
            path=(step.place,),
            agent=agent.name,
            parent=step.started,
            system=await self._with_memory(self.prompts.agent_system(agent), agent),
            tools=self.prompts.agent_tools(agent),
            turns=agent.max_turns if own and agent.max_turns else self.scene.turns,
            is_own_limit=own,
            model=_alias(agent),
            shared_blocks=len(self.prompts.instructions),
        )
        words = await self.converse(thread, self.prompts.brief(order.brief))
        content = words.content or "The agent reported nothing."
        if step.call.input.get("run_in_background"):
            content = f"The agent was waited for: there is no background here.\n\n{content}"
        return replace(words, content=content)

    async def _with_memory(self, system: str, agent: Agent) -> str:
        folder = memory_folder(agent)
        if folder is None or self.hands is None:
            return system
        return f"{system}\n\n{memory_prompt(folder, await self.hands.read(f'{folder}/MEMORY.md'))}"


@dataclass(frozen=True)
class Step:
    """One tool call of a turn, recorded and not yet answered."""

    call: Call
    event: ToolCall
    refusal: str | None = None
    order: Order | None = None
    started: int | None = None
    """The number of the delegation."""
    place: int = 0
    """The sub-agent's place among all that the trial started."""


def record_call(add: "Callable[..., EventType]", reply: Reply, tracer: Tracer) -> None:
    """Add the model call, with its waiting taken out of the trial's own time."""
    tracer.waited(reply.waited_s, until_s_ago=reply.latency_s)
    add(
        ModelCall,
        served=reply.served,
        stop=reply.stop,
        input_tokens=reply.usage.input,
        output_tokens=reply.usage.output,
        cache_read_tokens=reply.usage.cache_read,
        cache_write_tokens=reply.usage.cache_write,
        cost_usd=reply.cost_usd,
        latency_s=reply.latency_s,
        waited_s=reply.waited_s,
    )


def _words(reply: Reply) -> str:
    texts = [block.text.strip() for block in reply.blocks if isinstance(block, Text)]
    return "\n\n".join(text for text in texts if text)


def _alias(agent: Agent) -> str | None:
    return None if agent.model in INHERITED else agent.model


def _first(failures: BaseExceptionGroup[BaseException]) -> BaseException:
    """What went wrong first, out of however many groups."""
    found: BaseException = failures
    while isinstance(found, BaseExceptionGroup):
        found = found.exceptions[0]
    return found
