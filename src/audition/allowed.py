"""Which tools a definition leaves its agent.

As Claude Code does it: what `disallowedTools` names is taken away first, then what `tools` names is
kept; without `tools` all are kept; `memory` adds the tools that reading and writing it takes. An
entry with a rule, `Bash(git:*)`, counts as the whole tool, in either list.
"""

from collections.abc import Iterator
from dataclasses import replace
from difflib import get_close_matches
from typing import TYPE_CHECKING

from audition.events import DELEGATING_TOOLS
from audition.setups.setup import Finding, Setup

if TYPE_CHECKING:  # only definitions that name tools, and agents at work, need them
    from audition.tools import Tool

FOR_MEMORY = frozenset({"Read", "Write", "Edit"})
NOT_HERE = frozenset({
    "AskUserQuestion", "BashOutput", "EnterPlanMode", "EnterWorktree", "ExitPlanMode",
    "ExitWorktree", "KillBash", "KillShell", "LS", "LSP", "ListAgents", "Monitor", "MultiEdit",
    "NotebookEdit", "NotebookRead", "ReportFindings", "ScheduleWakeup", "SendMessage", "Skill",
    "SlashCommand", "TaskCreate", "TaskGet", "TaskList", "TaskOutput", "TaskStop", "TaskUpdate",
    "TodoRead", "TodoWrite", "ToolSearch", "WebFetch", "WebSearch", "Workflow",
})  # fmt: skip
"""Tools that some version of Claude Code has, or had, and no trial has."""


def allowed(
    tools: tuple[str, ...] | None, disallowed: tuple[str, ...], *, has_memory: bool
) -> "tuple[Tool, ...]":
    """The tools that an agent works with, in the order of the shelf; the one to delegate left out.

    Args:
        tools: What the definition lists; None for all.
        disallowed: What it takes away.
        has_memory: Whether it has a memory to read and write.
    """
    from audition.tools import all_tools

    kept = None if tools is None or "*" in tools else {_tool(entry) for entry in tools}
    if kept is not None and has_memory:
        kept |= FOR_MEMORY
    taken = {_tool(entry) for entry in disallowed}
    return tuple(
        tool
        for tool in all_tools()
        if tool.spec.name not in taken and (kept is None or tool.spec.name in kept)
    )


def unknown(tools: tuple[str, ...]) -> tuple[str, ...]:
    """What no trial has of these, one sentence each, without its full stop."""
    return tuple(_unknown(tools))


def not_narrowed(tools: tuple[str, ...]) -> tuple[str, ...]:
    """The entries whose rule is not kept, one sentence each, without its full stop."""
    known = _names() if tools else frozenset()
    return tuple(
        f"`{entry}` counts as the whole tool `{_tool(entry)}` in a trial"
        for entry in dict.fromkeys(tools)
        if _tool(entry) != entry and _tool(entry) in known
    )


def with_tool_findings(setup: Setup) -> Setup:
    """The setup, with findings for the tools that its definitions name and no trial has."""
    found = [
        Finding(agent.path, 1, what, do, "not modelled")
        for agent in setup.agents
        for what, do in _remarks((*(agent.tools or ()), *agent.disallowed_tools))
    ]
    return replace(setup, findings=(*setup.findings, *found))


def _remarks(tools: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    for sentence in unknown(tools):
        yield f"lists tools that a trial does not have: {sentence}", "mend the name, or know it"
    for sentence in not_narrowed(tools):
        yield f"narrows a tool: {sentence}", "nothing, if that is good enough"


def _unknown(tools: tuple[str, ...]) -> Iterator[str]:
    if not tools:
        return
    known = sorted(_names() | DELEGATING_TOOLS)
    by_small_letters = {name.lower(): name for name in [*sorted(NOT_HERE), *known]}
    for entry in dict.fromkeys(tools):
        name = _tool(entry)
        if name in known or name == "*":
            continue
        if name in NOT_HERE:
            yield f"`{name}` is a tool of Claude Code's that no trial has"
        elif name.startswith("mcp__"):
            yield f"`{name}` is a tool of an MCP server, and no such server is started"
        else:
            near = get_close_matches(name.lower()[:100], by_small_letters, n=1)
            ending = f"; did you mean `{by_small_letters[near[0]]}`?" if near else ""
            yield f"`{name}` is no tool{ending}"


def _names() -> frozenset[str]:
    from audition.tools import all_tools

    return frozenset(tool.spec.name for tool in all_tools())


def _tool(entry: str) -> str:
    """`Bash` of `Bash(git:*)`."""
    return entry.partition("(")[0].strip()
