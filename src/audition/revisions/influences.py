"""What differs between two setups as far as it can influence a case, in words.

`affected.influences` has the same parts as digests, which is what the key of a trial is made of;
here each has a name. Two setups have the same key for a case if and only if nothing is named.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from audition.affected import takers
from audition.dataset import Case
from audition.setups.setup import Agent, Setup

AGENT, INSTRUCTIONS, SETTINGS = "agent", "instructions", "settings"
_ORDER = "the order of the instructions"
_NOWHERE = object()


@dataclass(frozen=True, order=True)
class Part:
    """One thing that can influence a case."""

    kind: str
    """`agent`, `instructions` or `settings`."""
    name: str
    """Of the agent, the path, or the key of the settings."""
    aspect: str = ""
    """Of an agent: `description`, `prompt`, `tools`, …"""
    is_listed: bool = False
    """True for the tools as everybody is shown them, which say less than the definition."""


@dataclass(frozen=True)
class Difference:
    """What is another in head than in base, of one agent, one file or one key of the settings."""

    kind: str
    """As of a part."""
    name: str
    what: str
    """In words, to follow the name: `is new`, `is gone`, `changed`, `description, prompt`."""

    def __str__(self) -> str:
        if self.kind == AGENT:
            separator = " " if self.what.startswith(("is ", "was ")) else ": "
            return f"{self.name}{separator}{self.what}"
        subject = f"settings `{self.name}`" if self.kind == SETTINGS else self.name
        return f"{subject} {self.what}"


def parts_of(case: Case, setup: Setup) -> dict[Part, Any]:
    """The parts of a setup that can influence a case, as `affected.influences` has them."""
    if case.extent != "work" or case.work is None:
        return {**_listing(setup), **_shared(setup)}
    if case.work.agent is not None:
        named = {case.work.agent}
        found = _shared(setup)
    else:
        named = takers(case)
        found = {**_listing(setup), **_shared(setup)}
    for agent in setup.roster:
        if not named or agent.name in named:
            found.update(_definition(agent))
    return found


def all_parts(setup: Setup) -> dict[Part, Any]:
    """Every part of a setup, whether or not a case depends on it."""
    found = {**_listing(setup), **_shared(setup)}
    for agent in setup.roster:
        found.update(_definition(agent))
    return found


def differences(
    base: Mapping[Part, Any], head: Mapping[Part, Any], renamed: Mapping[str, str] | None = None
) -> tuple[Difference, ...]:
    """What is another in head than in base, by agent and by file; agents first."""
    renamed = renamed or {}
    base = {_renamed(part, renamed): value for part, value in base.items()}
    changed = sorted(p for p in {**base, **head} if base.get(p, _NOWHERE) != head.get(p, _NOWHERE))
    texts = any(part.kind == INSTRUCTIONS and part.name != _ORDER for part in changed)
    aspects = {
        (AGENT, new): [f"was called {old}"]
        for old, new in renamed.items()
        if any((part.kind, part.name) == (AGENT, new) for part in head)
    }
    for part in changed:
        if not (texts and part.name == _ORDER):  # what came or went has changed it
            aspects.setdefault((part.kind, part.name), []).append(part.aspect)
    subjects = [{(part.kind, part.name) for part in side} for side in (base, head)]
    return tuple(
        Difference(*subject, _words(subject, found, subjects))
        for subject, found in sorted(aspects.items())
    )


def _renamed(part: Part, renamed: Mapping[str, str]) -> Part:
    """The part as head calls its agent."""
    if part.kind != AGENT or part.name not in renamed:
        return part
    return replace(part, name=renamed[part.name])


def _words(subject: tuple[str, str], aspects: list[str], sides: list[set[tuple[str, str]]]) -> str:
    base, head = sides
    if subject not in head:
        return "is gone"
    if subject not in base:
        return "is new"
    return ", ".join(dict.fromkeys(aspects)) if subject[0] == AGENT else "changed"


def _listing(setup: Setup) -> dict[Part, Any]:
    """What everybody is shown of every agent."""
    found: dict[Part, Any] = {}
    for agent in setup.roster:
        found[Part(AGENT, agent.name, "description")] = agent.description
        found[Part(AGENT, agent.name, "tools", is_listed=True)] = agent.listed_tools
    return found


def _shared(setup: Setup) -> dict[Part, Any]:
    """What every thread is shown or bound by."""
    found: dict[Part, Any] = {
        Part(INSTRUCTIONS, text.path): text.text for text in setup.instructions
    }
    paths = [text.path for text in setup.instructions]
    found[Part(INSTRUCTIONS, _ORDER)] = paths
    found.update({Part(SETTINGS, key): value for key, value in setup.settings.items()})
    return found


def _definition(agent: Agent) -> dict[Part, Any]:
    """The file of an agent."""
    values = {
        "prompt": agent.body,
        "model": agent.model,
        "tools": (agent.tools, agent.disallowed_tools),
        "memory": agent.memory,
        "turn limit": agent.max_turns,
    }
    return {Part(AGENT, agent.name, aspect): value for aspect, value in values.items()}
