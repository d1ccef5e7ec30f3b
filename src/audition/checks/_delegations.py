"""What several routing checks ask of the evidence."""

from collections.abc import Iterable

from audition.evidence import MAIN, Delegation, Evidence, Message, Score, ToolCall, skipped


def found(evidence: Evidence) -> str:
    """Where the request went, in a few words."""
    started = {delegation.call: delegation.to for delegation in evidence.delegations}
    names = [
        started.get(call.number) or ("a call that was cut off" if call.cut else _unknown(call))
        for call in evidence.attempts
    ]
    return ", then ".join(names) if names else "no delegation"


def _unknown(call: ToolCall) -> str:
    return f"unknown agent {call.input.get('subagent_type', '')!r}"


def did_nothing(evidence: Evidence) -> bool:
    """The main thread neither said nor called anything: no expectation is met by that."""
    acted = (e for e in evidence.trace if isinstance(e, Message | ToolCall) and e.agent == MAIN)
    return next(acted, None) is None


def not_offered(wanted: Iterable[str], evidence: Evidence) -> Score | None:
    """A skip where none of the wanted agents was on offer: routing cannot be judged then."""
    wanted = tuple(wanted)
    if any(name in evidence.offered for name in wanted):
        return None
    return skipped(f"{' or '.join(wanted)} was not on offer in this trial", expected=wanted[0])


def marks(delegations: Iterable[Delegation]) -> tuple[int, ...]:
    """The events that show these delegations: the call and the start."""
    return tuple(number for d in delegations for number in (d.call, d.number))
