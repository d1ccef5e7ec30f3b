"""A verdict for a terminal of 80 columns."""

from audition.contest.verdicts import GateRecord
from audition.inert import inert


def render_gate_text(record: GateRecord, *, is_kept: bool, colour: bool) -> str:
    """What the suite can see, the verdict, and every number that led to it."""
    lines = [record.sees] if record.sees else []
    lines += [*record.reasons, *record.notes]
    if is_kept:
        lines.append(
            f"Decided on {record.decided_at}; the same question is not asked twice. "
            "--fresh plays it anew, at half the level."
        )
    return "\n".join(inert(line) for line in lines)
