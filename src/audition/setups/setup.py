"""The setup: roster, instructions and settings at one revision, and what reading them lost."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from audition.digests import digest

Level = Literal["not loaded", "altered", "not modelled", "note"]


@dataclass(frozen=True)
class Finding:
    """Something that a reader of the setup should know: never silent, never fatal."""

    path: str
    line: int
    what: str
    do: str
    level: Level = "note"


@dataclass(frozen=True)
class Example:
    """A request that a description quotes, and the agent it says should take it."""

    request: str
    agent: str


@dataclass(frozen=True)
class Agent:
    """One definition file."""

    name: str
    description: str
    body: str = ""
    model: str | None = None
    tools: tuple[str, ...] | None = None
    """The tools it allows; None for all."""
    disallowed_tools: tuple[str, ...] = ()
    memory: str | None = None
    max_turns: int | None = None
    path: str = ""
    line: int = 1
    """Where the description stands."""
    examples: tuple[Example, ...] = ()
    builtin: bool = False

    @property
    def listed_tools(self) -> str:
        """The tools as the roster lists them."""
        if self.tools is None:
            if self.disallowed_tools:
                return f"All tools except {', '.join(self.disallowed_tools)}"
            return "All tools"
        left = [tool for tool in self.tools if tool not in self.disallowed_tools]
        return ", ".join(left) or "None"


@dataclass(frozen=True)
class Instruction:
    """`CLAUDE.md` or one of its imports, in the order in which Claude Code sends them."""

    path: str
    text: str


@dataclass(frozen=True)
class Setup:
    """Everything that shapes behaviour at one revision."""

    label: str
    """The folder or revision, as the user named it."""
    agents: tuple[Agent, ...]
    """The user's own agents, sorted by name."""
    builtins: tuple[Agent, ...] = ()
    """The built-in agents that the settings leave on offer, sorted by name."""
    instructions: tuple[Instruction, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()

    @cached_property
    def roster(self) -> tuple[Agent, ...]:
        """Every agent on offer, sorted by name in any case, as Claude Code lists them.

        One of the user's hides a built-in of its name.
        """
        own = {agent.name for agent in self.agents}
        offered = [*self.agents, *(agent for agent in self.builtins if agent.name not in own)]
        return tuple(sorted(offered, key=lambda agent: (agent.name.casefold(), agent.name)))

    @cached_property
    def routing_digest(self) -> str:
        """Digest of what can influence routing: the listing, the instructions, the settings."""
        listing = [[agent.name, agent.description, agent.listed_tools] for agent in self.roster]
        return digest([listing, self._instructions, self.settings])

    @cached_property
    def shared_digest(self) -> str:
        """Digest of what every thread is shown or bound by: the instructions and the settings."""
        return digest([self._instructions, self.settings])

    @cached_property
    def digest(self) -> str:
        """Digest of the whole setup, bodies included."""
        bodies = [[a.name, a.body, a.model, a.memory, a.max_turns] for a in self.agents]
        return digest([self.routing_digest, bodies])

    @property
    def _instructions(self) -> list[list[str]]:
        return [[instruction.path, instruction.text] for instruction in self.instructions]
