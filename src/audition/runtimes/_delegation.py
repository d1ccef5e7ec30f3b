"""Delegation as Claude Code does it: the tool, the listing, how a name is resolved, the answers.

The shape of the tool and of the listing, the sort order, the lenient names and the error for an
unknown agent were measured on Claude Code 2.1.330. The words are our own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from audition.conversation import Offer, ToolSpec
from audition.setups.setup import Setup

DEFAULT_AGENT = "general-purpose"
"""Who takes a call that names nobody."""

STAND_IN = "The agent reports that the work described in the brief is finished."
"""What a delegation is answered with in a trial in which no agent works."""

AGENT_TOOL = ToolSpec(
    name="Agent",
    description=(
        "Hand a piece of work to another agent. The agent starts with no memory of this "
        "conversation: everything it needs to know has to be in the prompt. It works on its own "
        "and reports back once, when it is done. The agents on offer are listed in the "
        "conversation, each with what it is for and the tools it has.\n\n"
        "Use an agent when one of them is meant for what the user asks. Answer directly, without "
        "an agent, when the request is a question or a small matter that needs no agent's skills. "
        "Several calls in one turn run side by side."
    ),
    schema={
        "type": "object",
        "properties": {
            "description": {
                "type": "string",
                "description": "The work in three to five words.",
            },
            "prompt": {
                "type": "string",
                "description": "The brief: all that the agent needs to know to do the work.",
            },
            "subagent_type": {
                "type": "string",
                "description": "The name of the agent.",
            },
        },
        "required": ["description", "prompt"],
        "additionalProperties": False,
    },
)


@dataclass(frozen=True)
class Order:
    """A delegation call that can be carried out."""

    to: str
    asked: str
    brief: str


def offers(setup: Setup) -> tuple[Offer, ...]:
    """The roster as it is offered, sorted by name."""
    return tuple(
        Offer(
            name=agent.name,
            description=agent.description,
            tools=agent.listed_tools,
            builtin=agent.builtin,
        )
        for agent in setup.roster
    )


def listing(offered: Sequence[Offer]) -> str:
    """The roster as the main thread reads it; a description keeps its own lines, unindented."""
    lines = [f"- {offer.name}: {offer.description} (Tools: {offer.tools})" for offer in offered]
    return "\n".join(["Agents on offer for the Agent tool:", *lines])


def read_order(call_input: Mapping[str, Any], names: Sequence[str]) -> Order | str:
    """The order in a call, or the text of the error it is answered with."""
    for field in ("description", "prompt"):
        value = call_input.get(field)
        if not isinstance(value, str) or not value.strip():
            return f"Invalid input for Agent: the field `{field}` is required and must be text."
    asked = call_input.get("subagent_type") or DEFAULT_AGENT
    if not isinstance(asked, str):
        return "Invalid input for Agent: the field `subagent_type` must be text."
    to = resolve(asked, names)
    if to is None:
        return f"Agent type '{asked}' not found. Available agents: {', '.join(names)}"
    return Order(to=to, asked=asked, brief=call_input["prompt"])


def resolve(asked: str, names: Sequence[str]) -> str | None:
    """The agent that a model means: its very name, or the same in other case and with spaces."""
    if asked in names:
        return asked
    folded = _folded(asked)
    return next((name for name in names if _folded(name) == folded), None)


def _folded(name: str) -> str:
    return "-".join(name.lower().replace("_", " ").replace("-", " ").split())
