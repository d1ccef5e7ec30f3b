"""What the checks of event patterns have in common: emptiness, and words for events."""

from collections.abc import Iterable, Sequence

from audition.checks._texts import shortened
from audition.events import AnyEvent, Change, Command, Commit, Delegation, Message, ToolCall
from audition.evidence import Evidence
from audition.matching import Match, matches, sure
from audition.patterns import Pattern
from audition.score import Score, failed

CANNOT_TELL = "it cannot be told whether"
"""How the reason of every score begins that was neither proved nor refuted."""

_MOST_NUMBERS = 20


def see_work(check_needs: Iterable[str], evidence: Evidence) -> None:
    """Refuse a trial in which no agent worked, where the check is about such work.

    Raises:
        NotRecordedError: no agent worked in this trial.
    """
    if "work" in check_needs:
        _ = evidence.work


def numbers(events: Iterable[AnyEvent]) -> tuple[int, ...]:
    """The numbers of events as evidence of a score, the first twenty."""
    return tuple(event.number for event in events)[:_MOST_NUMBERS]


def last(evidence: Evidence) -> tuple[int, ...]:
    """The end of the trace, as evidence that something is not in it."""
    return tuple(event.number for event in evidence.trace[-1:])


def emptiness(pattern: Pattern, evidence: Evidence, expected: str) -> Score | None:
    """A fail where a trial was empty for a pattern, so that finding nothing in it means nothing."""
    if not any(isinstance(event, Message | ToolCall) for event in evidence.trace):
        reason = "nobody did anything at all"
        return failed(reason, expected=expected, found="nothing", evidence=last(evidence))
    since = pattern.within.since if pattern.within else None
    if since is None:
        return None
    opening = matches(since, evidence)
    if not opening:
        reason = f"the part of the trial that is meant never began: nothing matches {since}"
        return failed(reason, expected=expected, found="nothing", evidence=last(evidence))
    if not sure(opening):
        return unsure(opening, since, expected)
    return None


def unsure(found: Sequence[Match], pattern: Pattern, expected: str) -> Score:
    """A fail because the evidence cannot tell whether an event matches."""
    event = next(match.event for match in found if not match.is_sure)
    return failed(
        f"{CANNOT_TELL} {told(event)} matches {pattern}",
        expected=expected,
        found=told(event),
        evidence=(event.number,),
    )


def told(event: AnyEvent) -> str:
    """An event in a few words, with its number."""
    return f"{_deed(event)} (event {event.number})"


def told_all(events: Sequence[AnyEvent]) -> str:
    """The first of the events, and how many more there are."""
    if not events:
        return "nothing"
    more = f" and {len(events) - 1} more" if len(events) > 1 else ""
    return told(events[0]) + more


def _deed(event: AnyEvent) -> str:
    match event:
        case Change():
            return f"{event.file.what} {shortened(event.file.path)}"
        case Command():
            kind = f", {event.failure}" if event.failure else ""
            return f"ran {shortened(event.text)} ({event.outcome}{kind})"
        case ToolCall():
            return f"called {shortened(event.tool)}"
        case Delegation():
            return f"delegated to {event.to}"
        case Commit():
            return f'committed "{shortened(event.message)}"'
        case Message():
            return f'said "{shortened(event.text)}"'
    return event.kind
