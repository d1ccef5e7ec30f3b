"""Events, evidence and scores: what a runtime writes and a check reads.

A trace is a tuple of frozen events, numbered from 1 in the order in which the model emitted them.
Everything that a check, a report or a regrade ever learns about a trial is in these records.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, Literal, Protocol, TypeVar, cast

MAIN = "main"
"""The acting agent of every event that no sub-agent caused."""

DELEGATING_TOOLS = frozenset({"Agent", "Task"})
"""Claude Code renamed the tool that delegates; models that emit the old name are understood."""

Kind = Literal["routing", "process", "outcome", "budget"]
Verdict = Literal["pass", "fail", "skip", "fault"]
Need = Literal["delegation", "whole trial"]
"""What a check has to be shown: the first delegation, or all until the main thread is done."""
Extent = Literal["first delegation", "whole trial"]
"""How far a trial is played, which is all that the needs of its checks change about it."""
EndReason = Literal["delegated", "answered", "refused", "limit", "fault"]
LimitName = Literal["turns", "minutes", "cost_usd", "max_tokens", "context"]


@dataclass(frozen=True, kw_only=True)
class Event:
    """What every event has."""

    number: int
    at_s: float
    """Seconds since the trial began, waiting for a provider left out."""
    agent: str = MAIN
    """Who acted: `main`, or the name of a sub-agent."""
    parent: int | None = None
    """The number of the delegation that started the acting thread; none for the main thread."""


@dataclass(frozen=True, kw_only=True)
class Request(Event):
    """The user's request, and the agents that were on offer when it was made."""

    text: str
    offered: tuple[str, ...]
    kind: Literal["request"] = "request"


@dataclass(frozen=True, kw_only=True)
class Message(Event):
    """Text that the acting agent said."""

    text: str
    kind: Literal["message"] = "message"


@dataclass(frozen=True, kw_only=True)
class ToolCall(Event):
    """A tool call as the model emitted it, whether or not such a tool exists."""

    tool: str
    input: Mapping[str, Any]
    cut: bool = False
    kind: Literal["tool_call"] = "tool_call"


@dataclass(frozen=True, kw_only=True)
class Delegation(Event):
    """A tool call that started a sub-agent."""

    call: int
    """The number of the tool call."""
    to: str
    """The agent that took the work, by its own name."""
    asked: str
    """The name as the model wrote it."""
    brief: str
    kind: Literal["delegation"] = "delegation"


@dataclass(frozen=True, kw_only=True)
class ToolResult(Event):
    """What the harness answered to a tool call."""

    call: int
    content: str
    is_error: bool = False
    stand_in: bool = False
    """True where nothing was run and a fixed text stood in for the work."""
    kind: Literal["tool_result"] = "tool_result"


@dataclass(frozen=True, kw_only=True)
class ModelCall(Event):
    """One call of the model: who served it, what it used, what it cost."""

    served: str
    """The model id that the server named, or the label of a scripted model."""
    stop: str
    input_tokens: int = 0
    output_tokens: int = 0
    cache_read_tokens: int = 0
    cache_write_tokens: int = 0
    cost_usd: float | None = None
    """None where no price is known: unknown is not zero."""
    latency_s: float = 0.0
    waited_s: float = 0.0
    """Seconds spent on rate limits and retries: never part of the trial's own time."""
    kind: Literal["model_call"] = "model_call"


@dataclass(frozen=True, kw_only=True)
class Limit(Event):
    """A limit of the trial itself was reached: the trial fails by it."""

    limit: LimitName
    allowed: float | None
    kind: Literal["limit"] = "limit"


@dataclass(frozen=True, kw_only=True)
class Fault(Event):
    """The infrastructure failed; no check of this trial can be decided."""

    source: str
    message: str
    kind: Literal["fault"] = "fault"


@dataclass(frozen=True, kw_only=True)
class End(Event):
    """The last event of every trace."""

    reason: EndReason
    kind: Literal["end"] = "end"


AnyEvent = Request | Message | ToolCall | Delegation | ToolResult | ModelCall | Limit | Fault | End
EventType = TypeVar("EventType", bound=Event)


@dataclass(frozen=True)
class Evidence:
    """All that a check may look at."""

    trace: tuple[AnyEvent, ...]

    def of(self, kind: type[EventType]) -> tuple[EventType, ...]:
        """The events of one kind, in order."""
        return tuple(event for event in self.trace if isinstance(event, kind))

    @cached_property
    def delegations(self) -> tuple[Delegation, ...]:
        """Every sub-agent that was started by the main thread, in emission order."""
        return tuple(event for event in self.of(Delegation) if event.agent == MAIN)

    @cached_property
    def delegating_calls(self) -> tuple[ToolCall, ...]:
        """Every call of the main thread that tried to delegate, whether or not one was started."""
        calls = self.of(ToolCall)
        return tuple(c for c in calls if c.agent == MAIN and c.tool in DELEGATING_TOOLS)

    @cached_property
    def offered(self) -> tuple[str, ...]:
        """The agents that were on offer."""
        return tuple(name for event in self.of(Request) for name in event.offered)

    @cached_property
    def refused(self) -> bool:
        """The model refused to serve the request."""
        return any(end.reason == "refused" for end in self.of(End))

    @cached_property
    def cost_usd(self) -> float | None:
        """Dollars for all model calls; None as soon as one call has no known price."""
        costs = [call.cost_usd for call in self.of(ModelCall)]
        known = [cost for cost in costs if cost is not None]
        return sum(known) if len(known) == len(costs) else None

    @cached_property
    def duration_s(self) -> float:
        """Seconds that the trial itself took, waiting for a provider left out."""
        return self.trace[-1].at_s if self.trace else 0.0


@dataclass(frozen=True, kw_only=True)
class Score:
    """What a check returns, completed by the grading with the name and the kind of the check."""

    verdict: Verdict
    reason: str
    """A sentence a person can act on."""
    value: float | None = None
    """0 to 1; None where nothing was decided."""
    expected: str = ""
    found: str = ""
    evidence: tuple[int | str, ...] = ()
    """Event numbers; paths and commit ids as text."""
    check: str = ""
    kind: Kind = "outcome"
    required: bool = True
    critical: bool = False
    why: str = ""
    """The clause of the definition that the check guards, in the words of the dataset."""


class Check(Protocol):
    """A named expectation: a frozen dataclass with one pure method."""

    kind: ClassVar[Kind]
    needs: ClassVar[frozenset[Need]]

    def score(self, evidence: Evidence) -> Score:
        """Judge the evidence."""
        ...


def extent_of(needs: Iterable[Need]) -> Extent:
    """How far a trial has to be played to meet these needs."""
    return "whole trial" if "whole trial" in needs else "first delegation"


class NamesAgents(Protocol):
    """A check that speaks of agents: their names are validated before anything is spent."""

    @property
    def agents(self) -> tuple[str, ...]:
        """Every agent that the check mentions."""
        ...

    @property
    def reference(self) -> tuple[str, ...] | None:
        """The delegations that satisfy the check; None where it demands none in particular."""
        ...


def naming_agents(check: Check) -> NamesAgents | None:
    """The check as one that speaks of agents, if it does.

    Asking for the two attributes is what `isinstance` does, at a tenth of its cost.
    """
    speaks = hasattr(check, "agents") and hasattr(check, "reference")
    return cast(NamesAgents, check) if speaks else None


def passed(
    reason: str, *, expected: str = "", found: str = "", evidence: tuple[int | str, ...] = ()
) -> Score:
    """A score that passes, value 1."""
    return Score(
        verdict="pass", value=1.0, reason=reason, expected=expected, found=found, evidence=evidence
    )


def failed(
    reason: str, *, expected: str = "", found: str = "", evidence: tuple[int | str, ...] = ()
) -> Score:
    """A score that fails, value 0."""
    return Score(
        verdict="fail", value=0.0, reason=reason, expected=expected, found=found, evidence=evidence
    )


def skipped(reason: str, *, expected: str = "", found: str = "") -> Score:
    """A score that was not asked of this trial, or cannot be decided from what was recorded."""
    return Score(verdict="skip", reason=reason, expected=expected, found=found)
