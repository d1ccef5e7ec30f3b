"""Our own agent loop over the Messages API: a main thread that may delegate.

    runtime: messages

The main thread gets a short system prompt of ours, the `Agent` tool, and, ahead of the request, the
instructions (`CLAUDE.md` with its imports) and the roster, listed as Claude Code lists it. A trial
whose checks are all about the first delegation ends there, or when the turn ends without one;
otherwise every delegation is answered with a fixed text and the main thread goes on until it is
done. The tool choice is never forced: not delegating is an outcome.

What is not comparable with Claude Code: how often the main thread delegates at all, because its
system prompt and its other tools differ. Which agent it picks, once it delegates, is what this
runtime is for.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from audition.conversation import (
    Address,
    Answer,
    Ask,
    Block,
    Call,
    Offer,
    Prompt,
    Reply,
    Result,
    Text,
    Turn,
)
from audition.digests import digest
from audition.errors import FaultError
from audition.events import (
    DELEGATING_TOOLS,
    Delegation,
    EndReason,
    Limit,
    Message,
    ModelCall,
    Request,
    ToolCall,
    ToolResult,
)
from audition.runtimes import Scene
from audition.runtimes._delegation import (
    AGENT_TOOL,
    STAND_IN,
    Order,
    listing,
    offers,
    read_order,
)
from audition.setups.setup import Setup
from audition.tracer import Tracer

SYSTEM = (
    "You are the main thread of a coding assistant that works in a user's repository. You read the "
    "user's request and decide how it is served: by answering it yourself, or by handing it to one "
    "of the agents on offer with the Agent tool. Choose the agent whose description fits the work "
    "best. When a request has parts for different agents, hand out each part. When you hand work "
    "over, write a brief that stands on its own. When an agent has reported back, go on with what "
    "is left of the request, and finish with a short answer to the user."
)
_INSTRUCTIONS_HEAD = "Instructions of this project, to be followed as they stand:"


@dataclass(frozen=True)
class Messages:
    """The Messages API loop."""

    loop_version: ClassVar[int] = 1

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader of a report has to know about this runtime."""
        return (
            "P(delegate) comes from this runtime's own main thread and is not comparable with "
            "Claude Code; P(right | delegate) is what it measures.",
        )

    def prepare(self, setup: Setup) -> "MessagesStage":
        """Make the prompts for a setup."""
        return MessagesStage(setup)


@dataclass(frozen=True)
class MessagesStage:
    """A setup, prepared for trials."""

    setup: Setup

    @cached_property
    def offered(self) -> tuple[Offer, ...]:
        """The roster as it is offered."""
        return offers(self.setup)

    @cached_property
    def _names(self) -> tuple[str, ...]:
        return tuple(offer.name for offer in self.offered)

    @cached_property
    def _context(self) -> tuple[Text, ...]:
        """What stands ahead of every request, the same for all of them: a server can cache it."""
        sections = [
            f"Contents of {instruction.path}:\n\n{instruction.text}"
            for instruction in self.setup.instructions
        ]
        texts = [listing(self.offered)]
        if sections:
            texts.insert(0, "\n\n".join([_INSTRUCTIONS_HEAD, *sections]))
        return tuple(Text(f"<system-reminder>\n{text}\n</system-reminder>") for text in texts)

    @cached_property
    def _shared_digest(self) -> str:
        return digest(
            [SYSTEM, AGENT_TOOL.description, AGENT_TOOL.schema, [t.text for t in self._context]]
        )

    def pin(self, request: str) -> str:
        """Digest of system prompt, tool, instructions, roster and request."""
        return digest([self._shared_digest, request])[:16]

    def opening(self, request: str, max_tokens: int) -> Prompt:
        """What a model is shown at the start."""
        return self._prompt((Turn("user", (*self._context, Text(request))),), max_tokens)

    def _prompt(self, turns: tuple[Turn, ...], max_tokens: int) -> Prompt:
        return Prompt(SYSTEM, (AGENT_TOOL,), turns, max_tokens, len(self._context))

    async def play(self, scene: Scene, answer: Answer, tracer: Tracer) -> EndReason:
        """Play one trial into the tracer."""
        tracer.add(Request, text=scene.request, offered=self._names)
        turns = list(self.opening(scene.request, scene.max_tokens).turns)
        for number in range(1, scene.turns + 1):
            reply = await answer(self._ask(scene, number, turns))
            if reply.stop == "context_window" and number == 1:
                what = "the model's context window is too small for this setup and request"
                raise FaultError("provider", what, retryable=False)
            record_call(tracer, reply)
            end = self._follow(scene, reply, turns, tracer)
            if end is not None:
                return end
        tracer.add(Limit, limit="turns", allowed=scene.turns)
        return "limit"

    def _ask(self, scene: Scene, number: int, turns: list[Turn]) -> Ask:
        return Ask(
            prompt=self._prompt(tuple(turns), scene.max_tokens),
            address=Address(scene.case, scene.trial, (), number),
            request=scene.request,
            offers=self.offered,
            reference=scene.reference,
            pin=scene.pin,
        )

    def _follow(
        self, scene: Scene, reply: Reply, turns: list[Turn], tracer: Tracer
    ) -> EndReason | None:
        """Do what the reply asks for; returns how the trial ends by it, or None to go on."""
        for block in reply.blocks:
            if isinstance(block, Text) and block.text.strip():
                tracer.add(Message, text=block.text)
        if reply.stop == "refusal":
            return "refused"
        if reply.stop in ("max_tokens", "context_window"):
            cut = reply.stop == "max_tokens"
            for block in reply.blocks:
                if isinstance(block, Call):
                    tracer.add(ToolCall, tool=block.tool, input=block.input, cut=True)
            tracer.add(
                Limit,
                limit="max_tokens" if cut else "context",
                allowed=scene.max_tokens if cut else None,
            )
            return "limit"
        turns.append(Turn("assistant", reply.blocks))
        calls = [block for block in reply.blocks if isinstance(block, Call)]
        if not calls:
            return None if reply.stop == "pause_turn" else "answered"
        answers = [self._carry_out(call, tracer) for call in calls]
        if scene.extent == "first delegation" and any(started for started, _, _ in answers):
            return "delegated"
        turns.append(Turn("user", tuple(self._report(*given, tracer) for given in answers)))
        return None

    def _carry_out(self, call: Call, tracer: Tracer) -> tuple[bool, int, Result]:
        """Record a call and, where it can be carried out, the delegation.

        Calls of one turn are recorded in the order in which the model emitted them, before any is
        answered.
        """
        event = tracer.add(ToolCall, tool=call.tool, input=call.input)
        if call.tool not in DELEGATING_TOOLS:
            text = f"There is no tool named {call.tool}. The tools on offer: {AGENT_TOOL.name}"
            return False, event.number, Result(call.id, text, is_error=True)
        order = read_order(call.input, self._names)
        if not isinstance(order, Order):
            return False, event.number, Result(call.id, order, is_error=True)
        tracer.add(Delegation, call=event.number, to=order.to, asked=order.asked, brief=order.brief)
        return True, event.number, Result(call.id, STAND_IN)

    def _report(self, started: bool, call: int, result: Result, tracer: Tracer) -> Block:
        tracer.add(
            ToolResult,
            call=call,
            content=result.content,
            is_error=result.is_error,
            stand_in=started,
        )
        return result


def record_call(tracer: Tracer, reply: Reply) -> None:
    """Add the model call, with its waiting taken out of the trial's own time."""
    tracer.waited(reply.waited_s)
    tracer.add(
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
