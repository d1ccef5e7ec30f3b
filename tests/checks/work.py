"""Builders of traces in which agents work: a tool call, and what it brought about."""

from collections.abc import Callable
from typing import Any

from audition.events import (
    MAIN,
    AnyEvent,
    Change,
    Command,
    CommandOutcome,
    CommandRole,
    Commit,
    Delegation,
    End,
    Event,
    FailureKind,
    Message,
    Request,
    ToolCall,
    ToolResult,
)
from audition.evidence import Evidence
from audition.outcome import Outcome
from audition.trees import REGULAR, File, FileChange

OUTCOME = Outcome(
    base="base", branch="main", base_tree={}, head="base", head_branch="main", head_files=()
)
OLD, NEW = File(REGULAR, "old"), File(REGULAR, "new")
TEST, CODE, PLAN = "tests/test_cart.py", "shop/cart.py", "docs/plan.md"

Effect = Callable[..., AnyEvent]


def created(path: str) -> Effect:
    """A new file."""
    return _effect(Change, file=FileChange(path, None, NEW))


def changed(path: str) -> Effect:
    """A file with another content."""
    return _effect(Change, file=FileChange(path, OLD, NEW))


def deleted(path: str) -> Effect:
    """A file that is gone."""
    return _effect(Change, file=FileChange(path, OLD, None))


def committed(message: str) -> Effect:
    """A commit on the branch main."""
    return _effect(Commit, id="c", parents=("base",), branch="main", message=message, files=())


def ran(
    text: str,
    outcome: CommandOutcome = "unknown",
    *,
    role: CommandRole = "other",
    failure: FailureKind | None = None,
    whole: bool = False,
    recorded: bool = False,
) -> Effect:
    """A command."""
    return _effect(
        Command,
        text=text,
        tool=text.split()[0],
        role=role,
        outcome=outcome,
        failure=failure,
        whole=whole,
        recorded_by_git=recorded,
        argv=tuple(text.split()) if recorded else (),
    )


def checked(
    outcome: CommandOutcome, failure: FailureKind | None = None, *, whole: bool = True
) -> Effect:
    """A run of the tests."""
    return ran("pytest -q", outcome, role="test", failure=failure, whole=whole)


def git(text: str) -> Effect:
    """A command of git's, as read from the text of the call."""
    return ran(text, role="git")


class Work:
    """A trace in which agents work, written one tool call at a time."""

    def __init__(self) -> None:
        self._events: list[AnyEvent] = []
        self.add(Request, text="Add a cart", offered=("backend", "Plan"))

    def add(self, kind: Callable[..., AnyEvent], **fields: Any) -> int:
        """Any event; returns its number."""
        number = len(self._events) + 1
        self._events.append(kind(number=number, at_s=0.0, **fields))
        return number

    def call(
        self, *effects: Effect, tool: str = "Bash", agent: str = "backend", **given: Any
    ) -> "Work":
        """A tool call with its input, and what it brings about, one event after the other."""
        call = self.add(ToolCall, tool=tool, input=given, agent=agent)
        for effect in effects:
            self.add(effect, call=call, agent=agent)
        self.add(ToolResult, call=call, content="", agent=agent)
        return self

    def reads(self, path: str, *, agent: str = "backend") -> "Work":
        """A call of Read."""
        return self.call(tool="Read", agent=agent, file_path=path)

    def delegates(self, to: str) -> "Work":
        """The main thread starts an agent."""
        started = _effect(Delegation, to=to, asked=to, brief="Do it")
        return self.call(started, tool="Agent", agent=MAIN, subagent_type=to)

    def says(self, text: str, *, agent: str = MAIN) -> "Work":
        """A message."""
        self.add(Message, text=text, agent=agent)
        return self

    def end(self, *, worked: bool = True) -> Evidence:
        """The evidence; without an outcome, no agent worked."""
        self.add(End, reason="answered")
        return Evidence(tuple(self._events), OUTCOME if worked else None)


def _effect(kind: type[Event], **fields: Any) -> Effect:
    def made(**more: Any) -> AnyEvent:
        event: Any = kind(**fields, **more)
        return event  # type: ignore[no-any-return]  # every concrete event is one

    return made
