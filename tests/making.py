"""Builders of evidence for tests: a trace as a runtime would have written it."""

from collections.abc import Iterable

from audition.events import (
    Delegation,
    End,
    Fault,
    Limit,
    LimitName,
    Message,
    ModelCall,
    Request,
    ToolCall,
    ToolResult,
)
from audition.evidence import Evidence
from audition.tracer import Tracer

OFFERED = ("Explore", "Plan", "backend", "frontend", "general-purpose")


class Script:
    """A trace, written one line at a time."""

    def __init__(self, *, offered: tuple[str, ...] = OFFERED, step_s: float = 0.0) -> None:
        self._now = 0.0
        self._step_s = step_s
        self._tracer = Tracer(lambda: self._now)
        self._tracer.add(Request, text="Add paging to the list", offered=offered)

    def turn(self, *, cost_usd: float | None = 0.01, served: str = "scripted") -> "Script":
        """One call of the model."""
        self._now += self._step_s
        self._tracer.add(ModelCall, served=served, stop="tool_use", cost_usd=cost_usd)
        return self

    def says(self, text: str) -> "Script":
        """The main thread says something."""
        self._tracer.add(Message, text=text)
        return self

    def delegates(self, to: str, brief: str = "Do the work") -> "Script":
        """The main thread starts an agent."""
        call = self._tracer.add(ToolCall, tool="Agent", input={"subagent_type": to})
        self._tracer.add(Delegation, call=call.number, to=to, asked=to, brief=brief)
        return self

    def invents(self, name: str) -> "Script":
        """The main thread asks for an agent that does not exist."""
        call = self._tracer.add(ToolCall, tool="Agent", input={"subagent_type": name})
        self._tracer.add(ToolResult, call=call.number, content="not found", is_error=True)
        return self

    def reaches(self, limit: LimitName, allowed: float) -> "Script":
        """The trial reaches a limit."""
        self._tracer.add(Limit, limit=limit, allowed=allowed)
        return self

    def breaks(self, message: str) -> "Script":
        """The provider fails."""
        self._tracer.add(Fault, source="provider", message=message)
        return self

    def end(self) -> Evidence:
        """The evidence."""
        self._tracer.add(End, reason="answered")
        return Evidence(self._tracer.trace)


def delegating(names: Iterable[str]) -> Evidence:
    """A trial that starts these agents, one a turn."""
    script = Script()
    for name in names:
        script.turn().delegates(name)
    return script.turn().says("Done.").end()


def answering(text: str = "409 means Conflict.") -> Evidence:
    """A trial in which the main thread answers by itself."""
    return Script().turn().says(text).end()


def empty() -> Evidence:
    """A trial in which the model did nothing at all."""
    return Script().turn().end()
