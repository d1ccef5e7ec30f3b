"""What is another in a night than in the one before it, beside what its trials came to."""

from typing import Any

from audition.history.nights import Night
from audition.record import AgentRecord, RunRecord
from audition.revisions.influences import AGENT, INSTRUCTIONS, Part, differences

_NAMED = 6


def what_differs(before: Night, after: Night) -> tuple[str, ...]:
    """What could explain another result, in words, the likeliest first."""
    old, new = before.record, after.record
    return tuple(
        words
        for words in (
            *_definitions(old, new),
            _served(before, after),
            _versions("loop version", old.loop_version, new.loop_version),
            _cases(before, after),
            "" if old.limits == new.limits else "the limits of a trial are others",
            _versions("audition", old.audition_version, new.audition_version),
        )
        if words
    )


def new_cases(before: Night, after: Night) -> tuple[str, ...]:
    """Cases that the one has and the other lacks; none where the other was to have some only."""
    return () if before.is_part else tuple(n for n in after.cases if n not in before.cases)


def is_break(before: Night, after: Night) -> bool:
    """Whether what was before says nothing about what comes after: another loop played it."""
    return before.record.loop_version != after.record.loop_version


def _definitions(old: RunRecord, new: RunRecord) -> list[str]:
    if old.setup_digest == new.setup_digest:
        return []
    found = [str(difference) for difference in differences(_parts(old), _parts(new))]
    if not found:  # a run file does not hold everything that the digest is made of
        return ["the settings, or tools that agents may not use, are others"]
    more = len(found) - _NAMED
    return [*found[:_NAMED], *([f"and {more} more differences of the setup"] if more > 0 else [])]


def _parts(record: RunRecord) -> dict[Part, Any]:
    found: dict[Part, Any] = {Part(INSTRUCTIONS, i.path): i.text for i in record.instructions}
    for agent in record.agents:
        found |= {Part(AGENT, agent.name, name): value for name, value in _aspects(agent).items()}
    return found


def _aspects(agent: AgentRecord) -> dict[str, Any]:
    return {
        "description": agent.description,
        "prompt": agent.body,
        "model": agent.model,
        "tools": agent.tools,
        "memory": agent.memory,
        "turn limit": agent.max_turns,
    }


def _served(before: Night, after: Night) -> str:
    if not (before.served and after.served) or before.served == after.served:
        return ""
    return f"served by {', '.join(after.served)} instead of {', '.join(before.served)}"


def _versions(name: str, old: object, new: object) -> str:
    return "" if old == new else f"{name} {new} instead of {old}"


def _cases(before: Night, after: Night) -> str:
    both = before.identities.keys() & after.identities.keys()
    edited = sum(before.identities[name] != after.identities[name] for name in both)
    counts = {
        "new": len(new_cases(before, after)),
        "gone": len(new_cases(after, before)),
        "edited": edited,
    }
    words = [f"{count} {what}" for what, count in counts.items() if count]
    return f"cases: {', '.join(words)}" if words else ""
