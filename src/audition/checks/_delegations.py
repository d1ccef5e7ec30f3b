"""What several routing checks ask of the evidence."""

from collections.abc import Iterable

from audition.events import MAIN, Delegation, Message, ToolCall
from audition.evidence import Evidence
from audition.score import Score, skipped


def found(evidence: Evidence) -> str:
    """Where the request went, in a few words."""
    started = {delegation.call: delegation.to for delegation in evidence.delegations}
    names = [
        started.get(call.number) or _unstarted(call, evidence) for call in evidence.delegating_calls
    ]
    return ", then ".join(names) if names else "no delegation"


def went(evidence: Evidence) -> str:
    """The same as a sentence: `went to backend`, `did not delegate`."""
    return f"went to {found(evidence)}" if evidence.delegating_calls else "did not delegate"


def why_nobody(evidence: Evidence) -> str:
    """Why no agent was started."""
    tried = evidence.delegating_calls
    if evidence.refused:
        return "the model refused the request"
    if not tried:
        return "the main thread did not delegate"
    if any(call.cut for call in tried):
        return "the call was cut off by max_tokens"
    if all(_is_unknown(call, evidence) for call in tried):
        return "asked only for agents that do not exist"
    return "the call could not be carried out: a field that it needs is missing"


def _unstarted(call: ToolCall, evidence: Evidence) -> str:
    if call.cut:
        return "a call that was cut off"
    if _is_unknown(call, evidence):
        return f"unknown agent {call.input.get('subagent_type', '')!r}"
    return "a call that lacks a field"


def _is_unknown(call: ToolCall, evidence: Evidence) -> bool:
    asked = call.input.get("subagent_type")
    return isinstance(asked, str) and bool(asked) and asked not in evidence.offered


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
