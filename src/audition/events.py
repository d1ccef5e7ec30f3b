"""Events: what happened in a trial, as a runtime writes it.

A trace is a tuple of frozen events, numbered from 1 in the order in which the model emitted them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from audition.trees import FileChange

MAIN = "main"
"""The acting agent of every event that no sub-agent caused."""

DELEGATING_TOOLS = frozenset({"Agent", "Task"})
"""Claude Code renamed the tool that delegates; models that emit the old name are understood."""

EndReason = Literal["delegated", "answered", "refused", "limit", "fault"]
LimitName = Literal["turns", "minutes", "cost_usd", "max_tokens", "context", "workspace"]
CommandRole = Literal["test", "lint", "git", "build", "other"]
CommandOutcome = Literal["passed", "failed", "unknown"]
FailureKind = Literal[
    "no_runner",
    "usage",
    "timeout",
    "no_tests",
    "missing_name",
    "collection_error",
    "test_error",
    "assertion",
    "code_error",
]
"""Why a test run or a test failed; where several fit, the first of them."""


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
class Command(Event):
    """A program that a tool call ran: as the text of the call tells, or as git itself recorded."""

    call: int
    """The number of the tool call."""
    text: str
    """The command alone, without what the shell did before and after it."""
    tool: str
    """The program that did the work: `pytest`, `node`, `ruff`, `git`, …"""
    role: CommandRole
    exit_code: int | None = None
    """None where the exit code of the call does not have to be this command's."""
    outcome: CommandOutcome = "unknown"
    failure: FailureKind | None = None
    """Why it failed, as far as its output tells; None where it passed or cannot be told."""
    tests: int | None = None
    """How many tests it says it ran."""
    whole: bool = False
    """Nothing on the command line narrows what it tests or lints."""
    recorded_by_git: bool = False
    """Git's own record: it also knows what an alias, a hook or a subprocess asked for."""
    argv: tuple[str, ...] = ()
    kind: Literal["command"] = "command"


@dataclass(frozen=True, kw_only=True)
class Change(Event):
    """A file of the workspace that is another after a tool call than it was before."""

    call: int
    """The number of the tool call; 0 for what changed without one."""
    file: FileChange
    kind: Literal["change"] = "change"


@dataclass(frozen=True, kw_only=True)
class Commit(Event):
    """A commit that is there after a tool call and was not before."""

    call: int
    id: str
    parents: tuple[str, ...]
    branch: str
    """The branch that HEAD was on; empty where it was on none."""
    message: str
    files: tuple[FileChange, ...]
    """What it changes over its first parent."""
    kind: Literal["commit"] = "commit"


@dataclass(frozen=True, kw_only=True)
class Head(Event):
    """HEAD is at another commit or on another branch after a tool call than before."""

    call: int
    branch: str
    """Empty where it is on none."""
    commit: str
    kind: Literal["head"] = "head"


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


AnyEvent = (
    Request
    | Message
    | ToolCall
    | Delegation
    | ToolResult
    | Command
    | Change
    | Commit
    | Head
    | ModelCall
    | Limit
    | Fault
    | End
)
EventType = TypeVar("EventType", bound=Event)
