"""What a runtime asks of a model, and what comes back.

A model is two things: a frozen description that a suite names, and the function it yields when
opened. Functions compose, so a budget and the limits of a trial wrap one function in another
instead of teaching every model the same trick.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Literal, Protocol

from audition.errors import Problem
from audition.events import MAIN, AnyEvent
from audition.prices import Price, Usage

Nature = Literal["real", "baseline", "scripted"]
"""What a result of this model is evidence of; the three never look alike in a report."""

Stop = Literal[
    "end_turn", "tool_use", "max_tokens", "stop_sequence", "refusal", "pause_turn", "context_window"
]


@dataclass(frozen=True)
class Text:
    """Words."""

    text: str


@dataclass(frozen=True)
class Call:
    """A tool call that the model emitted."""

    id: str
    tool: str
    input: Mapping[str, Any]


@dataclass(frozen=True)
class Result:
    """The answer to one tool call."""

    call_id: str
    content: str
    is_error: bool = False


@dataclass(frozen=True)
class Opaque:
    """A block that only its own server understands (thinking): handed back unread."""

    data: Mapping[str, Any]


Block = Text | Call | Result | Opaque


@dataclass(frozen=True)
class Turn:
    """One side's contribution to a conversation."""

    role: Literal["user", "assistant"]
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class ToolSpec:
    """A tool as it is offered to a model."""

    name: str
    description: str
    schema: Mapping[str, Any]


@dataclass(frozen=True)
class Offer:
    """One agent on offer: what the main thread is told of it."""

    name: str
    description: str
    tools: str
    """As listed: `All tools`, or names separated by commas."""
    builtin: bool = False


@dataclass(frozen=True)
class Prompt:
    """Everything that a server is sent for one turn."""

    system: str
    tools: tuple[ToolSpec, ...]
    turns: tuple[Turn, ...]
    max_tokens: int
    shared_blocks: int = 0
    """How many leading blocks of the first turn are the same for every trial: worth caching."""


@dataclass(frozen=True)
class Address:
    """Which turn of which thread of which trial this is; two threads can hold the same words."""

    case: str
    trial: int
    thread: tuple[int, ...] = ()
    """The path of delegations: `()` is the main thread, `(0,)` its first sub-agent."""
    turn: int = 1
    series: str = ""
    """Of the trial; empty where it belongs to none."""


@dataclass(frozen=True)
class Ask:
    """One turn asked of a model."""

    prompt: Prompt
    address: Address
    request: str
    offers: tuple[Offer, ...] = ()
    reference: tuple[str, ...] | None = None
    """The delegations that the case expects; only ever set for a scripted model."""
    pin: str = ""
    """Digest of system prompt, tools, roster and request: what a recording is valid for."""
    agent: str = MAIN
    """Whose turn it is."""
    model: str | None = None
    """The model that the agent's definition names, an alias or an id; None for the run's own."""
    actions: tuple[Mapping[str, Any], ...] = ()
    """What the case's own reference does; only ever set for a scripted model."""
    happened: Callable[[], tuple[AnyEvent, ...]] = tuple
    """The trace of the trial so far: a replay names the commits that it has made itself."""


@dataclass(frozen=True)
class Reply:
    """What the model answered, who served it, and what it took."""

    blocks: tuple[Block, ...]
    stop: Stop
    served: str
    usage: Usage = field(default_factory=Usage)
    cost_usd: float | None = None
    latency_s: float = 0.0
    waited_s: float = 0.0
    """Seconds spent on rate limits, queues and retries before the attempt that succeeded."""
    label: str = ""
    """What a report has to say about this reply, such as a broken pin."""


Answer = Callable[[Ask], Awaitable[Reply]]
"""Raises FaultError for trouble of the infrastructure, BudgetError for a call over budget."""


@dataclass(frozen=True)
class Opening:
    """What a model may need to know when it is opened for a run."""

    folder: Path
    """The folder of the suite: relative paths start here."""
    suite: str
    concurrency: int = 8
    base_url: str | None = None
    recordings: Path | None = None
    strict: bool = False
    """A recording made against another prompt is an error instead of a label."""
    prices: Mapping[str, Price] = field(default_factory=dict)
    """Prices that the suite states itself, by model id; they win over the table."""


@dataclass(frozen=True)
class Wanted:
    """One trial that is about to be played, as far as a model has to know beforehand."""

    case: str
    trial: int
    pin: str


@dataclass(frozen=True)
class Hindsight:
    """What a model has to say of a trial that it played, now that it is over."""

    labels: tuple[str, ...] = ()
    """What a report has to say about the trial, such as a replay that went otherwise."""
    recorded_from: str = ""
    recorded_to: str = ""
    """When a recording of it was made, ISO 8601; empty where none was, or it is not known."""


class Model(Protocol):
    """A model as a suite names it."""

    nature: ClassVar[Nature]

    @property
    def label(self) -> str:
        """The name as a user would write it, `anthropic:claude-sonnet-5-5`."""
        ...

    def identity(self, opening: Opening, case: str, trial: int) -> str:
        """What the answers depend on beyond the prompt; part of a trial's key."""
        ...

    def price(self, opening: Opening, model: str | None = None) -> Price | None:
        """What tokens cost; free for a scripted model; None where no price is known.

        Args:
            opening: What the run says.
            model: The model that an agent's definition names; None for the run's own.
        """
        ...

    def problems(self, opening: Opening, wanted: Sequence[Wanted]) -> tuple[Problem, ...]:
        """What would stop it, found before anything is spent: no key, no recording."""
        ...

    def endpoint(self, opening: Opening) -> str:
        """The server that answers, without credentials; empty where none is asked."""
        ...

    def notes(self, opening: Opening) -> tuple[str, ...]:
        """What a reader of a report has to know about where the answers come from."""
        ...

    def hindsight(
        self, opening: Opening, case: str, trial: int, trace: Sequence[AnyEvent]
    ) -> Hindsight:
        """What has to be said of a trial that has been played; mostly nothing."""
        ...

    def open(self, opening: Opening) -> AbstractAsyncContextManager[Answer]:
        """Start whatever it takes; yields the function that answers."""
        ...
