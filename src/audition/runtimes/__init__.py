"""Runtimes: what performs a trial. One file is one runtime.

A runtime prepares a setup once and then plays any number of trials on it. It writes what happened
into a tracer and returns how the trial ended; it neither retries nor catches: that is the runner's.
"""

from dataclasses import dataclass
from typing import ClassVar, Protocol

from audition.conversation import Answer, Prompt
from audition.events import EndReason
from audition.evidence import Extent
from audition.setups.setup import Setup
from audition.tracer import Tracer


@dataclass(frozen=True)
class Scene:
    """What one trial is made of, beside the setup."""

    case: str
    trial: int
    request: str
    extent: Extent
    turns: int
    """The most turns of the main thread."""
    max_tokens: int
    pin: str = ""
    """What a recording of this trial is valid for."""
    reference: tuple[str, ...] | None = None
    """The delegations that the case expects; only ever set for a scripted model."""


class Stage(Protocol):
    """A setup, prepared for trials."""

    def pin(self, request: str) -> str:
        """Digest of all that a model is shown at the start: what a recording is valid for."""
        ...

    def opening(self, request: str, max_tokens: int) -> Prompt:
        """What a model is shown at the start; projections of the cost go by it."""
        ...

    async def play(self, scene: Scene, answer: Answer, tracer: Tracer) -> EndReason:
        """Play one trial into the tracer.

        Raises:
            FaultError: from the model, unchanged.
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
