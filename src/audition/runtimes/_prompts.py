"""What the threads of a trial are shown: every byte of it is pinned by the loop version."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from audition.allowed import allowed
from audition.conversation import Offer, Prompt, Text, ToolSpec, Turn
from audition.digests import digest
from audition.runtimes import Cue
from audition.runtimes._delegation import AGENT_TOOL, listing, offers
from audition.setups.setup import Agent, Setup

SYSTEM = (
    "You are the main thread of a coding assistant that works in a user's repository. You read the "
    "user's request and decide how it is served: by answering it yourself, or by handing it to one "
    "of the agents on offer with the Agent tool. Choose the agent whose description fits the work "
    "best. When a request has parts for different agents, hand out each part. When you hand work "
    "over, write a brief that stands on its own. When an agent has reported back, go on with what "
    "is left of the request, and finish with a short answer to the user."
)
_INSTRUCTIONS_HEAD = "Instructions of this project, to be followed as they stand:"

PLACE = (
    "The repository is the folder /workspace; it is a git repository, and every command starts "
    "there in a fresh shell. There is no network. Use relative paths."
)
REPORT = (
    "When you are done, or cannot go on, finish with a short report of what you did; whoever gave "
    "you the work sees nothing but that report."
)
ALONE = (
    "You talk to the user directly. Do the work with your tools, then finish with a short answer."
)
_AT_WORK = (
    "You have the tools to do the work in the repository yourself where no agent on offer is meant "
    "for it."
)
MEMORY_LINES, MEMORY_BYTES = 200, 25_000
"""How much of MEMORY.md an agent is shown (Claude Code's documentation has these figures)."""
_MEMORY = (
    "You keep a memory of your own in the folder {folder}. What is written there outlasts this "
    "conversation: consult it before you start, and note there what will help next time, briefly "
    "and in general terms. The file MEMORY.md in it is its index, shown here:\n\n{index}"
)
_MEMORY_FOLDERS = {
    "user": "/user/.claude/agent-memory",
    "project": "/workspace/.claude/agent-memory",
    "local": "/workspace/.claude/agent-memory-local",
}


@dataclass(frozen=True)
class Prompts:
    """The prompts of one setup."""

    setup: Setup

    @cached_property
    def offered(self) -> tuple[Offer, ...]:
        """The roster as it is offered."""
        return offers(self.setup)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The agents on offer."""
        return tuple(offer.name for offer in self.offered)

    @cached_property
    def agents(self) -> dict[str, Agent]:
        """The agents on offer, by name."""
        return {agent.name: agent for agent in self.setup.roster}

    @cached_property
    def instructions(self) -> tuple[Text, ...]:
        """`CLAUDE.md` and its imports, as every thread is shown them; empty without any."""
        sections = [f"Contents of {i.path}:\n\n{i.text}" for i in self.setup.instructions]
        return (_reminder("\n\n".join([_INSTRUCTIONS_HEAD, *sections])),) if sections else ()

    @cached_property
    def context(self) -> tuple[Text, ...]:
        """What stands ahead of every request to the main thread: a server can cache it."""
        return (*self.instructions, _reminder(listing(self.offered)))

    def first_turn(self, cue: Cue) -> Turn:
        """The request, with what stands ahead of it."""
        ahead = self.instructions if cue.agent else self.context
        return Turn("user", (*ahead, Text(cue.request)))

    def brief(self, text: str) -> Turn:
        """A sub-agent's first turn."""
        return Turn("user", (*self.instructions, Text(text)))

    def system(self, cue: Cue) -> str:
        """The system prompt of the thread that gets the request, without its memory."""
        if cue.agent is not None:
            return self.agent_system(self.agents[cue.agent], ALONE)
        return f"{SYSTEM}\n\n{_AT_WORK} {PLACE}" if cue.extent == "work" else SYSTEM

    def agent_system(self, agent: Agent, ending: str = REPORT) -> str:
        """The system prompt of an agent's thread, without its memory."""
        body = mapped(agent.body, agent) or agent.description
        return "\n\n".join([body.strip(), f"{PLACE} {ending}"])

    def tools(self, cue: Cue) -> tuple[ToolSpec, ...]:
        """The tools of the thread that gets the request."""
        if cue.agent is not None:
            return self.agent_tools(self.agents[cue.agent])
        own = tuple(tool.spec for tool in allowed(None, (), has_memory=False))
        return (AGENT_TOOL, *own) if cue.extent == "work" else (AGENT_TOOL,)

    def agent_tools(self, agent: Agent) -> tuple[ToolSpec, ...]:
        """The tools that a definition allows."""
        tools = allowed(agent.tools, agent.disallowed_tools, has_memory=agent.memory is not None)
        return tuple(tool.spec for tool in tools)

    def opening(self, cue: Cue, max_tokens: int) -> Prompt:
        """What a model is shown at the start."""
        turn = self.first_turn(cue)
        return Prompt(self.system(cue), self.tools(cue), (turn,), max_tokens, len(turn.blocks) - 1)

    def pin(self, cue: Cue) -> str:
        """Digest of all that a trial with this beginning can show a model before anybody acts."""
        reachable = self.setup.roster if cue.extent == "work" and cue.agent is None else ()
        return digest([self._shared(cue.extent, cue.agent, reachable), cue.request])[:16]

    def _shared(self, extent: str, agent: str | None, reachable: Sequence[Agent]) -> str:
        if extent != "work":
            return self._routing_digest
        cue = Cue("", "work", agent)
        threads = [[a.name, self.agent_system(a), _shown(self.agent_tools(a))] for a in reachable]
        ahead = [block.text for block in self.first_turn(cue).blocks if isinstance(block, Text)]
        return digest([self.system(cue), _shown(self.tools(cue)), ahead, threads])

    @cached_property
    def _routing_digest(self) -> str:
        texts = [text.text for text in self.context]
        return digest([SYSTEM, AGENT_TOOL.description, AGENT_TOOL.schema, texts])


def memory_folder(agent: Agent) -> str | None:
    """Where the agent's memory lies in a trial; None for an agent without one."""
    return f"{_MEMORY_FOLDERS[agent.memory]}/{agent.name}" if agent.memory else None


def memory_prompt(folder: str, index: str | None) -> str:
    """What an agent with a memory is told of it.

    Source: Claude Code shows the first lines of `MEMORY.md` and says so where it is empty.
    """
    text = "".join((index or "").splitlines(keepends=True)[:MEMORY_LINES])
    shown = text.encode()[:MEMORY_BYTES].decode(errors="ignore").strip()
    return _MEMORY.format(folder=folder, index=shown or "(it is empty)")


def mapped(body: str, agent: Agent) -> str:
    """The body with absolute paths of its memory replaced by the folder of the trial."""
    folder = memory_folder(agent)
    if folder is None:
        return body
    name = re.escape(agent.name)
    pattern = (
        rf"(?:~|\$HOME|/)[^\s`'\"()<>]{{0,200}}\.claude/agent-memory(?:-local)?/{name}(?=\W|$)"
    )
    return re.sub(pattern, folder, body)


def _shown(tools: Sequence[ToolSpec]) -> list[list[object]]:
    return [[tool.name, tool.description, tool.schema] for tool in tools]


def _reminder(text: str) -> Text:
    return Text(f"<system-reminder>\n{text}\n</system-reminder>")
