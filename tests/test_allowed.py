"""Which tools a definition leaves its agent, and what is said of the others."""

import pytest

from audition.allowed import allowed, not_narrowed, unknown, with_tool_findings
from audition.setups.setup import Agent, Setup

ALL = ["Bash", "Edit", "Glob", "Grep", "Read", "Write"]


def names(
    tools: tuple[str, ...] | None, disallowed: tuple[str, ...] = (), *, has_memory: bool = False
) -> list[str]:
    return [tool.spec.name for tool in allowed(tools, disallowed, has_memory=has_memory)]


@pytest.mark.parametrize(
    ("tools", "disallowed", "left"),
    [
        (None, (), ALL),
        (("*",), (), ALL),
        (("Read", "Bash"), (), ["Bash", "Read"]),
        ((), (), []),
        (None, ("Bash", "Write"), ["Edit", "Glob", "Grep", "Read"]),
        (("Read", "Bash"), ("Bash",), ["Read"]),
        (("Bash(git:*)", "Read"), (), ["Bash", "Read"]),
        (None, ("Bash(rm:*)",), ["Edit", "Glob", "Grep", "Read", "Write"]),
        (("Agent(Explore)", "WebFetch", "read"), (), []),
    ],
)
def test_what_is_left(
    tools: tuple[str, ...] | None, disallowed: tuple[str, ...], left: list[str]
) -> None:
    assert names(tools, disallowed) == left


def test_a_memory_brings_the_tools_that_it_takes() -> None:
    assert names(("Grep",), has_memory=True) == ["Edit", "Grep", "Read", "Write"]
    assert names((), has_memory=True) == ["Edit", "Read", "Write"]
    assert names(("Grep",), ("Write",), has_memory=True) == ["Edit", "Grep", "Read"]
    assert names(None, has_memory=True) == ALL


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ("WebFetch", "`WebFetch` is a tool of Claude Code's that no trial has"),
        ("WebFetch(domain:a)", "`WebFetch` is a tool of Claude Code's that no trial has"),
        ("mcp__db__query", "`mcp__db__query` is a tool of an MCP server, and no such"),
        ("Raed", "`Raed` is no tool; did you mean `Read`?"),
        ("bash", "`bash` is no tool; did you mean `Bash`?"),
        ("todowrite", "`todowrite` is no tool; did you mean `TodoWrite`?"),
        ("Teleport", "`Teleport` is no tool"),
    ],
)
def test_what_no_trial_has_is_said(entry: str, said: str) -> None:
    (found,) = unknown((entry, "Read", entry))

    assert found.startswith(said)


def test_nothing_is_said_of_what_there_is() -> None:
    assert unknown((*ALL, "Agent", "Task", "Agent(Explore)", "Bash(git:*)", "*")) == ()


def test_a_rule_that_is_not_kept_is_said() -> None:
    assert not_narrowed(("Bash(git:*)", "Read", "Agent(Explore)", "WebFetch(x)")) == (
        "`Bash(git:*)` counts as the whole tool `Bash` in a trial",
    )


def test_a_setup_tells_of_tools_that_no_trial_has() -> None:
    agents = (Agent("a", "A.", tools=("Read", "Bsh", "WebFetch", "Bash(git:*)"), path="a.md"),)
    found = with_tool_findings(Setup("s", agents)).findings

    assert [(f.path, f.what.partition(": ")[2], f.level) for f in found] == [
        ("a.md", "`Bsh` is no tool; did you mean `Bash`?", "not modelled"),
        ("a.md", "`WebFetch` is a tool of Claude Code's that no trial has", "not modelled"),
        ("a.md", "`Bash(git:*)` counts as the whole tool `Bash` in a trial", "not modelled"),
    ]
