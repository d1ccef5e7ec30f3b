"""What two setups differ in, as their run files hold them: definitions and instructions."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import unified_diff
from typing import Literal

from audition.record import AgentRecord, RunRecord

What = Literal["added", "removed", "changed"]

_LINES_MOST = 2_000
_LONGEST_LINE = 2_000
_COMPARED_MOST = 1_000
"""Lines of a version that are compared one by one, after what both have at start and end alike:
the time that takes grows with the square."""
_CONTEXT = 2
_HEAD = re.compile(r"(?<= )([-+])(\d+)")
"""Where a part of a difference begins, in its first line."""
_PARTS = {
    "name": "name",
    "description": "description",
    "tools": "tools",
    "model": "model",
    "memory": "memory",
    "max_turns": "maxTurns",
    "body": "prompt",
}
"""Fields of an agent, and how its author calls them."""


@dataclass(frozen=True)
class DefinitionChange:
    """An agent, or a file of the instructions, that is another in head."""

    name: str
    path: str
    what: What
    parts: tuple[str, ...]
    """Which parts of an agent are another."""
    diff: tuple[str, ...]
    """Lines of a unified difference, without its first two."""
    is_cut: bool = False
    """Whether the difference goes on."""


def definition_changes(
    base: RunRecord, head: RunRecord, renamed: Mapping[str, str]
) -> tuple[DefinitionChange, ...]:
    """What differs: agents by name, then the files of the instructions.

    Args:
        base: One run.
        head: The other.
        renamed: Names of agents in base, to their names in head.
    """
    if not base.agents or not head.agents:
        return ()  # one of them does not tell; even a setup without agents has the built-in ones
    old = {renamed.get(agent.name, agent.name): agent for agent in base.agents if not agent.builtin}
    new = {agent.name: agent for agent in head.agents if not agent.builtin}
    found = [_agent_change(name, old.get(name), new.get(name)) for name in sorted({*old, *new})]
    texts = [{i.path: i.text for i in record.instructions} for record in (base, head)]
    for path in sorted({*texts[0], *texts[1]}):
        found.append(_text_change(path, path, texts[0].get(path), texts[1].get(path)))
    return tuple(change for change in found if change is not None)


def _agent_change(
    name: str, old: AgentRecord | None, new: AgentRecord | None
) -> DefinitionChange | None:
    path = next((agent.path for agent in (new, old) if agent and agent.path), "")
    parts: tuple[str, ...] = ()
    if old and new:
        parts = tuple(
            called for field, called in _PARTS.items() if getattr(old, field) != getattr(new, field)
        )
    before, after = (_written(agent) if agent else None for agent in (old, new))
    return _text_change(name, path, before, after, parts)


def _written(agent: AgentRecord) -> str:
    """The definition as one text, alike on both sides however its file was laid out."""
    front = {
        called: getattr(agent, field) for field, called in _PARTS.items() if called != "prompt"
    }
    lines = [f"{key}: {value}" for key, value in front.items() if value not in ("", None)]
    return "\n".join([*lines, "", agent.body.strip()])


def _text_change(
    name: str, path: str, old: str | None, new: str | None, parts: tuple[str, ...] = ()
) -> DefinitionChange | None:
    if old == new:
        return None
    lines = [*_compared((old or "").splitlines(), (new or "").splitlines())]
    what: What = "added" if old is None else "removed" if new is None else "changed"
    cut = len(lines) > _LINES_MOST
    return DefinitionChange(name, path, what, parts, tuple(lines[:_LINES_MOST]), cut)


def _compared(old: Sequence[str], new: Sequence[str]) -> Iterator[str]:
    """The lines of a unified difference."""
    most = min(len(old), len(new))
    start = next((n for n in range(most) if old[n] != new[n]), most)
    end = next((n for n in range(most - start) if old[-1 - n] != new[-1 - n]), most - start)
    first, last = max(0, start - _CONTEXT), max(0, end - _CONTEXT)
    before, after = old[first : len(old) - last], new[first : len(new) - last]
    if max(len(before), len(after)) <= _COMPARED_MOST:
        lines: Iterable[str] = [*unified_diff(before, after, lineterm="", n=_CONTEXT)][2:]
    else:  # everything between what is alike counts as replaced
        head = f"@@ -1,{len(before)} +1,{len(after)} @@"
        lines = (head, *(f"-{line}" for line in before), *(f"+{line}" for line in after))
    for line in lines:
        if line.startswith("@@"):
            line = _HEAD.sub(lambda found: f"{found[1]}{int(found[2]) + first}", line)
        yield line if len(line) <= _LONGEST_LINE else f"{line[:_LONGEST_LINE]}… [line cut]"
