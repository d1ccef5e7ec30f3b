"""Our own agent loop over the Messages API: a main thread that may delegate, and agents at work.

    runtime: messages

The main thread gets a short system prompt of ours, the `Agent` tool, and, ahead of the request, the
instructions (`CLAUDE.md` with its imports) and the roster, listed as Claude Code lists it. A trial
whose checks are all about the first delegation ends there, or when the turn ends without one. Where
no check looks at the work, every delegation is answered with a fixed text and the main thread goes
on until it is done. Where one does, agents work in a workspace: a sub-agent is a thread with the
definition's own prompt, tools, model, turn limit and memory, and the instructions; several that are
asked for in one turn work side by side, one tool call at a time. The tool choice is never forced:
not delegating is an outcome.

What is not comparable with Claude Code: how often the main thread delegates at all, because its
system prompt and its other tools differ. Which agent it picks, once it delegates, is what this
runtime is for. Sub-agents do not start sub-agents, and a background call is awaited.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from audition.conversation import (
    Answer,
    Prompt,
)
from audition.events import (
    EndReason,
    Request,
)
from audition.runtimes import Cue, Hands, Scene
from audition.runtimes._prompts import Prompts
from audition.runtimes._threads import EndedError, Play
from audition.setups.setup import Setup
from audition.tracer import Tracer


@dataclass(frozen=True)
class Messages:
    """The Messages API loop."""

    loop_version: ClassVar[int] = 2

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
    def prompts(self) -> Prompts:
        """What its threads are shown."""
        return Prompts(self.setup)

    def pin(self, cue: Cue) -> str:
        """Digest of system prompts, tools, instructions, roster and request."""
        return self.prompts.pin(cue)

    def opening(self, cue: Cue, max_tokens: int) -> Prompt:
        """What a model is shown at the start."""
        return self.prompts.opening(cue, max_tokens)

    async def play(
        self, scene: Scene, answer: Answer, tracer: Tracer, hands: Hands | None = None
    ) -> EndReason:
        """Play one trial into the tracer."""
        tracer.add(Request, text=scene.cue.request, offered=self.prompts.names)
        play = Play(scene, answer, tracer, hands, self.prompts)
        try:
            thread = await play.first_thread()
            await play.converse(thread, self.prompts.first_turn(scene.cue))
        except EndedError as ended:
            return ended.reason
        return "answered"
