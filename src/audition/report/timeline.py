"""View data of one trial: its events in order, each marked by the checks whose evidence it is.

Nothing is rendered and nothing is made harmless here; whoever writes to a page or a terminal does.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from audition.events import (
    MAIN,
    AnyEvent,
    Change,
    Command,
    Commit,
    Delegation,
    End,
    Fault,
    Head,
    Limit,
    Message,
    ModelCall,
    Request,
    ToolCall,
    ToolResult,
)
from audition.report.diffs import FileDiff, Room
from audition.report.figures import count, counted, dollars, seconds
from audition.score import Score, Verdict

_ENDINGS: dict[str, str] = {
    "delegated": "ends: the work was handed to an agent",
    "answered": "ends: the main thread finished its turn",
    "refused": "ends: the model refused",
    "limit": "ends: a limit was reached",
    "fault": "ends: the infrastructure failed",
}
_LONGEST_TITLE = 200


@dataclass(frozen=True)
class Chip:
    """A check that names an event as its evidence."""

    check: str
    verdict: Verdict


@dataclass(frozen=True)
class EventView:
    """One event as a line, a few facts and a text."""

    number: int
    at: str
    actor: str
    """Who acted: the user, an agent, a model, a tool."""
    depth: int
    """How many delegations stand between the main thread and the acting one."""
    kind: str
    title: str
    facts: tuple[str, ...] = ()
    body: str = ""
    is_prose: bool = False
    """The body is what somebody said, not code or data."""
    left_off: int = 0
    """Characters of the body that were cut away."""
    is_trouble: bool = False
    chips: tuple[Chip, ...] = ()
    part_of: int | None = None
    """The tool call that it belongs to; of a call, its own number."""
    diffs: tuple[FileDiff, ...] = ()
    commit: str = ""
    """The id of a commit, which an evidence may name."""


@dataclass(frozen=True)
class Seen:
    """What is known of the events beyond the trace, and the room that they share."""

    diffs: Mapping[int, tuple[FileDiff, ...]] = field(default_factory=dict)
    """By the event of a change or a commit."""
    probed: Mapping[int, str] = field(default_factory=dict)
    """What the harness found where an agent ran something, by the event of the command."""
    room: Room = field(default_factory=Room)


def event_views(
    trace: Iterable[AnyEvent],
    scores: Iterable[Score],
    *,
    longest: int | None,
    seen: Seen | None = None,
) -> tuple[EventView, ...]:
    """The timeline of a trial.

    Args:
        trace: the events in order.
        scores: what the checks said of them.
        longest: how many characters a body may have; None for all of them.
        seen: what is known of them beyond the trace.
    """
    events = tuple(trace)
    by_number = {event.number: event for event in events}
    chips = _chips(scores, {event.id: event.number for event in events if event.kind == "commit"})
    known = seen or Seen()
    return tuple(
        _view(event, by_number, chips.get(event.number, ()), known, longest=longest)
        for event in events
    )


def laid_out(tool_input: Mapping[str, Any]) -> str:
    """The input of a tool as `name: value` lines, texts of several lines as indented blocks."""
    lines: list[str] = []
    for name, value in tool_input.items():
        text = value if isinstance(value, str) else json.dumps(value, indent=2, ensure_ascii=False)
        if "\n" in text:
            lines.append(f"{name}:")
            lines.extend(f"  {line}" for line in text.splitlines())
        else:
            lines.append(f"{name}: {text}")
    return "\n".join(lines)


def _chips(scores: Iterable[Score], commits: Mapping[str, int]) -> dict[int, tuple[Chip, ...]]:
    chips: dict[int, tuple[Chip, ...]] = {}
    for score in scores:
        for item in dict.fromkeys(score.evidence):
            number = commits.get(item) if isinstance(item, str) else item
            if number is not None:
                chips[number] = (*chips.get(number, ()), Chip(score.check, score.verdict))
    return chips


def _view(
    event: AnyEvent,
    events: Mapping[int, AnyEvent],
    chips: tuple[Chip, ...],
    seen: Seen,
    *,
    longest: int | None,
) -> EventView:
    title, facts, body = _work_words(event, seen) or _words(event, events)
    kept = seen.room.fitting(body, longest)
    return EventView(
        number=event.number,
        at=seconds(event.at_s),
        actor=_actor(event),
        depth=_depth(event, events),
        kind=event.kind,
        title=title,
        facts=tuple(fact for fact in (*facts, _on_behalf(event)) if fact),
        body=kept,
        is_prose=isinstance(event, Request | Message | Delegation),
        left_off=len(body) - len(kept),
        is_trouble=isinstance(event, Fault | Limit)
        or (isinstance(event, ToolResult) and event.is_error),
        chips=chips,
        part_of=_part_of(event),
        diffs=seen.diffs.get(event.number, ()),
        commit=event.id if isinstance(event, Commit) else "",
    )


def _part_of(event: AnyEvent) -> int | None:
    if isinstance(event, ToolCall):
        return event.number
    parts = Command | Change | Commit | Head | ToolResult | Delegation
    return (event.call or None) if isinstance(event, parts) else None


def _actor(event: AnyEvent) -> str:
    match event:
        case Request():
            return "user"
        case ModelCall():
            return "model"
        case ToolResult():
            return "tool"
        case Fault():
            return event.source
        case Limit() | End():
            return "trial"
        case _:
            return event.agent


def _on_behalf(event: AnyEvent) -> str:
    """Whose thread it was, where the actor does not say so and it was not the main one."""
    if event.agent == MAIN or _actor(event) == event.agent:
        return ""
    return f"in the thread of {event.agent}"


def _depth(event: AnyEvent, events: Mapping[int, AnyEvent]) -> int:
    depth = 0
    parent = event.parent
    while parent is not None and parent in events and depth < len(events):
        depth += 1
        parent = events[parent].parent
    return depth


def _words(event: AnyEvent, events: Mapping[int, AnyEvent]) -> tuple[str, tuple[str, ...], str]:
    """Title, facts and text of an event."""
    match event:
        case Request():
            offered = ", ".join(event.offered) or "no agent"
            return "requests", (f"on offer: {offered}",), event.text
        case Message():
            return "says", (), event.text
        case ToolCall():
            return f"calls {event.tool}", (), laid_out(event.input)
        case Delegation():
            return _delegation_words(event, events)
        case ToolResult():
            return _result_words(event)
        case ModelCall():
            return _model_call_words(event)
        case Limit():
            allowed = "" if event.allowed is None else f"allowed: {event.allowed:g}"
            return f"reaches the limit on {event.limit}", (allowed,), ""
        case Fault():
            return "fault", (), event.message
        case _:
            reason = event.reason if isinstance(event, End) else event.kind
            return _ENDINGS.get(reason, f"ends: {reason}"), (), ""


def _work_words(event: AnyEvent, seen: Seen) -> tuple[str, tuple[str, ...], str] | None:
    """The same for what happened in the workspace; None for every other event."""
    match event:
        case Command():
            return _command_words(event, seen.probed.get(event.number, ""))
        case Change():
            nobody = "" if event.call else "without a tool call"
            (diff,) = seen.diffs.get(event.number) or (None,)
            facts = (diff.role, diff.size, *diff.facts) if diff else ()
            return _titled(f"{event.file.what} {event.file.path}", (*facts, nobody))
        case Commit():
            merged = f"merge of {len(event.parents)} commits" if len(event.parents) > 1 else ""
            files = counted(len(event.files), "file")
            branch = f"on {event.branch}" if event.branch else "on no branch"
            return f"commits {event.id[:10]}", (branch, files, merged), event.message
        case Head():
            branch = f"on {event.branch}" if event.branch else "on no branch"
            return f"HEAD is at {event.commit[:10]}", (branch,), ""
        case _:
            return None


def _command_words(event: Command, probed: str) -> tuple[str, tuple[str, ...], str]:
    outcome = "cannot tell how it ended" if event.outcome == "unknown" else event.outcome
    title, facts, body = _titled(
        f"ran {event.text}",
        (
            f"{event.role} ({event.tool})" if event.role != event.tool else event.role,
            outcome,
            (event.failure or "").replace("_", " "),
            "" if event.exit_code is None else f"exit code {event.exit_code}",
            "" if event.tests is None else counted(event.tests, "test"),
            "recorded by git" if event.recorded_by_git else "",
            f"the harness's own run: {probed}" if probed else "",
        ),
    )
    return title, facts, body


def _titled(title: str, facts: tuple[str, ...]) -> tuple[str, tuple[str, ...], str]:
    """A title of one short line; where it would be longer, the whole of it as the body."""
    first = title.partition("\n")[0][:_LONGEST_TITLE]
    return (title, facts, "") if first == title else (f"{first}…", facts, title)


def _delegation_words(
    event: Delegation, events: Mapping[int, AnyEvent]
) -> tuple[str, tuple[str, ...], str]:
    asked = f"the model wrote {event.asked!r}" if event.asked != event.to else ""
    call = events.get(event.call)
    if isinstance(call, ToolCall) and event.brief in call.input.values():
        return f"delegates to {event.to}", (asked, f"brief: as in event {event.call}"), ""
    return f"delegates to {event.to}", (asked,), event.brief


def _result_words(event: ToolResult) -> tuple[str, tuple[str, ...], str]:
    title = f"answers event {event.call}{' with an error' if event.is_error else ''}"
    return title, ("a stand-in: nothing was run" if event.stand_in else "",), event.content


def _model_call_words(event: ModelCall) -> tuple[str, tuple[str, ...], str]:
    tokens = counted(event.input_tokens + event.output_tokens, "token")
    if event.input_tokens or event.output_tokens:
        tokens += f" ({count(event.input_tokens)} in, {count(event.output_tokens)} out)"
    cached = event.cache_read_tokens + event.cache_write_tokens
    return (
        "answers",
        (
            event.served,
            f"stop: {event.stop}",
            tokens,
            f"{counted(cached, 'token')} of the cache" if cached else "",
            dollars(event.cost_usd) if event.cost_usd is not None else "cost unknown",
            f"took {seconds(event.latency_s)}",
            f"waited {seconds(event.waited_s)}" if event.waited_s else "",
        ),
        "",
    )
