"""Tools: what an agent works with. One file is one tool.

A tool has the name and the fields that Claude Code gives it, and a description of our own. It works
on a `Bench`: the folders of one trial and the sandbox around them. `Bash` and `Grep` run in the
sandbox; `Read`, `Write`, `Edit` and `Glob` work on the host, where every path is followed beneath
its folder and no further. Whatever a model gets wrong is an answer in words that let it try again,
never an exception.

What Claude Code does and these tools do not: demand that a file was read before it is written or
edited, run anything in the background, show images and documents, and keep the folder or the
variables of one command for the next.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, ClassVar, Protocol

from audition import parts
from audition.conversation import ToolSpec
from audition.sandboxes import Limits, Sandbox

SKIPPED = (
    ".git", ".hg", ".mypy_cache", ".pytest_cache", ".ruff_cache", ".svn", ".tox", ".venv",
    "__pycache__", "node_modules",
)  # fmt: skip
"""Folders that a search leaves out unless it names them: not what somebody wrote."""


@dataclass(frozen=True, kw_only=True)
class Bench:
    """What the tools of one trial work on."""

    sandbox: Sandbox
    folders: Mapping[str, Path]
    """The writable folders: path inside to path on the host; `WORKSPACE` is one of them."""
    owner: int | None = None
    """The user id that new files belong to; None for the user who runs us."""
    limits: Limits = field(default_factory=Limits)
    """Of one command."""
    environment: Mapping[str, str] = field(default_factory=dict)
    """Variables that commands start with, beside those of the sandbox."""
    aliases: Mapping[str, str] = field(default_factory=dict)
    """Absolute paths that a definition may name, to the path inside that is meant."""


@dataclass(frozen=True, kw_only=True)
class Ran:
    """A command that was run."""

    text: str
    """As the model wrote it."""
    exit_code: int | None
    """None where a limit ended it."""
    output: str
    """Standard output, then standard error: the head and the tail of each, 100,000 characters."""
    timed_out: bool


@dataclass(frozen=True, kw_only=True)
class Used:
    """What came of a tool call."""

    content: str
    """What the model is told; always something, and always valid UTF-8."""
    is_error: bool = False
    ran: Ran | None = None
    """The command, where the tool is the one that runs commands."""
    written: tuple[str, ...] | None = None
    """Files of the workspace that it wrote, from there, where nothing else can be another than
    before; None where anything can."""


class Tool(Protocol):
    """A file of this shelf."""

    spec: ClassVar[ToolSpec]

    async def use(self, given: Mapping[str, Any], bench: Bench) -> Used:
        """Do it.

        Args:
            given: The input as the model emitted it, of any shape.
            bench: Where.

        Raises:
            FaultError: the sandbox or the disk failed; the call says nothing about the model.
        """


@cache
def all_tools() -> tuple[Tool, ...]:
    """Every tool of the shelf, by name."""
    found = (parts.find("tools", name) for name in parts.names("tools"))
    return tuple(tool() for tool in found if tool is not None)
