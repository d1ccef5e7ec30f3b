"""View data of one trial: its events in order, each marked by the checks whose evidence it is.

Nothing is rendered and nothing is made harmless here; whoever writes to a page or a terminal does.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
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
from audition.report.figures import count, counted, dollars, seconds
from audition.score import Score, Verdict

_ENDINGS: dict[str, str] = {
    "delegated": "ends: the work was handed to an agent",
    "answered": "ends: the main thread finished its turn",
    "refused": "ends: the model refused",
    "limit": "ends: a limit was reached",
    "fault": "ends: the infrastructure failed",
}


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


def event_views(
    trace: Iterable[AnyEvent], scores: Iterable[Score], *, longest: int | None
) -> tuple[EventView, ...]:
    """The timeline of a trial.

    Args:
        trace: the events in order.
        scores: what the checks said of them.
        longest: how many characters a body may have; None for all of them.
    """
    events = tuple(trace)
    by_number = {event.number: event for event in events}
    chips = _chips(scores)
    return tuple(
        _view(event, by_number, chips.get(event.number, ()), longest=longest) for event in events
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


def _chips(scores: Iterable[Score]) -> dict[int, tuple[Chip, ...]]:
    chips: dict[int, tuple[Chip, ...]] = {}
    for score in scores:
        for number in score.evidence:
            if isinstance(number, int):
                chips[number] = (*chips.get(number, ()), Chip(score.check, score.verdict))
    return chips


def _view(
    event: AnyEvent,
    events: Mapping[int, AnyEvent],
    chips: tuple[Chip, ...],
    *,
    longest: int | None,
) -> EventView:
    title, facts, body = _work_words(event) or _words(event, events)
    kept = body if longest is None else body[:longest]
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
    )


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


def _work_words(event: AnyEvent) -> tuple[str, tuple[str, ...], str] | None:
    """The same for what happened in the workspace; None for every other event."""
    match event:
        case Command():
            return f"runs {event.text}", (event.role, event.outcome, event.failure or ""), ""
        case Change():
            return f"{event.file.what} {event.file.path}", (), ""
        case Commit():
            return f"commits {event.id[:10]}", (event.branch,), event.message
        case Head():
            return f"HEAD is at {event.commit[:10]}", (event.branch or "on no branch",), ""
        case _:
            return None


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
