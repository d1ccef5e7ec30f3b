"""Sandboxes: where commands run that a model wrote. One file is one kind.

A kind is a part with one method, `open`: it proves that this machine can run it and returns
`Sandboxes`, which put a sandbox around a workspace. A command that fails is a `Finished`; trouble
of the sandbox itself is a `FaultError("sandbox", …)`, which is never a command's failure.
"""

import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Literal, Protocol

from audition.errors import FaultError

WORKSPACE = "/workspace"
HOME = "/user"
TRACE = "/trace"
"""Where a command finds its workspace, its home folder and the folder for git's own record."""

Strength = Literal["isolated", "none"]
LimitHit = Literal[
    "wall", "cpu", "memory", "file_size", "output", "workspace_bytes", "workspace_files"
]


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What one command may use. Sizes are bytes."""

    wall_s: float = 120.0
    cpu_s: int = 60
    """Of each process; the wall clock bounds them together."""
    processes: int = 128
    memory_bytes: int = 4 << 30
    """Address space of each process, and resident memory of all of them together."""
    file_bytes: int = 100 << 20
    """The largest file."""
    open_files: int = 1024
    output_bytes: int = 256 << 20
    """What it may write to standard output and to standard error, each."""
    kept_bytes: int = 1 << 20
    """What is kept of each: its head and its tail."""
    workspace_bytes: int = 512 << 20
    workspace_files: int = 50_000


@dataclass(frozen=True, kw_only=True)
class Finished:
    """A command that came to its end, or was brought to it by a limit."""

    exit_code: int | None
    """As a shell says it: 128 and the signal where one ended it; None where a limit of ours did."""
    signal: int | None
    """The signal that the exit code names; SIGKILL where a limit ended it."""
    limit_hit: LimitHit | None
    stdout: bytes
    stderr: bytes
    truncated: bool
    """True where the middle of an output was left out; a line in it says how much."""
    duration_s: float

    @property
    def timed_out(self) -> bool:
        """The wall clock ended it."""
        return self.limit_hit == "wall"


@dataclass(frozen=True)
class Observation:
    """One thing that a probe looked at from the inside."""

    what: str
    held: bool
    found: str


@dataclass(frozen=True, kw_only=True)
class SandboxInfo:
    """What kind of sandbox it is, and what its probe saw."""

    kind: str
    version: str
    strength: Strength
    probe: tuple[Observation, ...] = ()
    notes: tuple[str, ...] = ()
    """What it lacks on this machine, in sentences."""


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """Why this machine has no sandbox, and how it gets one."""

    verdict: str
    cure: str

    def __str__(self) -> str:
        return f"{self.verdict}; {self.cure}"


class RefusedError(FaultError):
    """No sandbox came to stand: the command was not run."""

    def __init__(self, refusal: Refusal, *, retryable: bool = False) -> None:
        self.refusal = refusal
        super().__init__("sandbox", str(refusal), retryable=retryable)


@cache
def running_python() -> tuple[Path, ...]:
    """The folders of the Python that runs us: a virtual environment and what it is based on."""
    program = Path(sys.executable).resolve().parent.parent
    return tuple(dict.fromkeys((Path(sys.prefix), Path(sys.base_prefix), program)))


@dataclass(frozen=True, kw_only=True)
class Place:
    """What a sandbox shows of the host; nothing else is there but the system's programs."""

    workspace: Path
    """Writable, at `WORKSPACE`."""
    home: Path | None = None
    """Writable, at `HOME`; without one, an empty folder in memory that ends with the command."""
    trace: Path | None = None
    """Writable, at `TRACE`: git notes there what it was asked to do, whatever shell asked."""
    toolchains: tuple[Path, ...] = field(default_factory=running_python)
    """Folders with a `bin`, read-only at their own path and first on `PATH`."""
    readable: Mapping[str, Path] = field(default_factory=dict)
    """More read-only folders and files: path inside to path on the host."""

    @property
    def written(self) -> tuple[Path, ...]:
        """The folders of the host that a command can fill."""
        return tuple(path for path in (self.workspace, self.home, self.trace) if path)


class Sandbox(Protocol):
    """A place where commands run one at a time; each leaves nothing running behind."""

    @property
    def info(self) -> SandboxInfo:
        """Kind, version, strength, and what the probe saw."""

    async def run(
        self,
        argv: Sequence[str],
        *,
        cwd: str = WORKSPACE,
        env: Mapping[str, str] | None = None,
        stdin: bytes = b"",
        limits: Limits | None = None,
    ) -> Finished:
        """Run one command. Cancelled, it ends all its processes before it returns.

        Raises:
            FaultError: the sandbox itself failed, and the command says nothing.
        """


@dataclass(frozen=True, kw_only=True)
class Sandboxes:
    """A kind that this machine was proved to have."""

    info: SandboxInfo
    around: Callable[[Place], Sandbox]
    owner: int | None = None
    """The user id that must own what commands may write; None for the user who runs us."""

    def hand_over(self, *roots: Path) -> None:
        """Give trees that no command has seen yet to the user that commands run as."""
        if self.owner is None:
            return
        for root in roots:
            os.chown(root, self.owner, self.owner, follow_symlinks=False)
            for folder, folders, files in os.walk(root):
                for name in (*folders, *files):
                    path = f"{folder}/{name}"  # no path is taken apart here, for the sake of speed
                    os.chown(path, self.owner, self.owner, follow_symlinks=False)


class SandboxKind(Protocol):
    """A file of this shelf."""

    async def open(self) -> Sandboxes:
        """Prove by a probe that this machine can run it.

        Raises:
            RefusedError: it cannot; the message says why, and what to do.
        """


def remove_tree(root: Path) -> None:
    """Remove what commands left, however deep, unreadable or oddly named it is.

    Raises:
        FaultError: something of it is still there.
    """
    # The standard library's own gives up on folders that nobody may read and on very deep ones.
    subprocess.run(["chmod", "-R", "u+rwX", "--", root], capture_output=True, check=False)  # noqa: S603, S607
    subprocess.run(["rm", "-rf", "--", root], capture_output=True, check=False)  # noqa: S603, S607
    if os.path.lexists(root):
        raise FaultError("sandbox", f"{root} could not be removed", retryable=False)
