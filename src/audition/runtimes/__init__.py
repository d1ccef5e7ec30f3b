"""Runtimes: what performs a trial. One file is one runtime.

A runtime prepares a setup once and then plays any number of trials on it. It writes what happened
into a tracer and returns how the trial ended; it neither retries nor catches: that is the runner's.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

from audition.conversation import Answer, Prompt
from audition.events import EndReason, ToolCall
from audition.evidence import Extent
from audition.setups.setup import Setup
from audition.tracer import Tracer


@dataclass(frozen=True)
class Cue:
    """How a trial begins: all that a model is shown at the start follows from it and the setup."""

    request: str
    extent: Extent = "whole trial"
    agent: str | None = None
    """The agent that is talked to directly; None for the main thread."""


@dataclass(frozen=True)
class Scene:
    """What one trial is made of, beside the setup."""

    case: str
    trial: int
    cue: Cue
    turns: int
    """The most turns of one thread."""
    max_tokens: int
    pin: str = ""
    """What a recording of this trial is valid for."""
    reference: tuple[str, ...] | None = None
    """The delegations that the case expects; only ever set for a scripted model."""
    actions: tuple[Mapping[str, Any], ...] = ()
    """What the case's own reference does; only ever set for a scripted model."""
    series: str = ""
    """The series of trials that it belongs to."""


@dataclass(frozen=True)
class Answered:
    """What a tool call came to, as the model is told."""

    content: str
    is_error: bool = False


class Hands(Protocol):
    """What carries out tool calls in the workspace of one trial, and writes down what they did."""

    async def use(self, call: ToolCall) -> Answered:
        """Carry out one call; calls of threads side by side wait for each other.

        Raises:
            FaultError: the sandbox failed, not the command.
        """
        ...

    async def read(self, path: str) -> str | None:
        """A text of the workspace or the home as an agent would find it; None where none is."""
        ...


class Stage(Protocol):
    """A setup, prepared for trials."""

    def pin(self, cue: Cue) -> str:
        """Digest of all that a model is shown at the start: what a recording is valid for."""
        ...

    def opening(self, cue: Cue, max_tokens: int) -> Prompt:
        """What a model is shown at the start; projections of the cost go by it."""
        ...

    async def play(
        self, scene: Scene, answer: Answer, tracer: Tracer, hands: Hands | None = None
    ) -> EndReason:
        """Play one trial into the tracer; `hands` where agents work.

        Raises:
            FaultError: from the model or the sandbox, unchanged.
        """
        ...


class Runtime(Protocol):
    """What performs trials."""

    loop_version: ClassVar[int]
    """Raised whenever the bytes of a prompt or of a tool description change."""

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader of a report has to know about this runtime."""
        ...

    def prepare(self, setup: Setup) -> Stage:
        """Make the prompts for a setup."""
        ...
