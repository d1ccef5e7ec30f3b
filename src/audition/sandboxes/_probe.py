"""Whether bubblewrap holds, found by running one sandbox and looking around in it."""

import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from audition.sandboxes import (
    HOME,
    WORKSPACE,
    Limits,
    Observation,
    Place,
    Refusal,
    RefusedError,
    Sandboxes,
    running_python,
)
from audition.sandboxes import _refusals as refusals
from audition.sandboxes._profile import PRLIMIT
from audition.sandboxes._seccomp import seccomp_filter

_LIMITS = Limits(processes=77)
_FEW_PROCESSES = 10
_VARIABLES = frozenset({"PATH", "LANG", "PWD"})
_CANARY = "nobody inside may read this"

_SCRIPT = r"""
yes_or_no() { if "$@" >/dev/null 2>&1; then echo yes; else echo no; fi; }
connects() { exec 3<>"/dev/tcp/127.0.0.1/$1"; }
echo "reads $(yes_or_no cat "$1")"
echo "writes $(for path in "$1.new" /usr/new /etc/new /new /dev/new; do
  yes_or_no touch "$path"; done | sort -ru | head -n 1)"
echo "capabilities $(sed -n 's/^CapEff:\s*//p' /proc/self/status)"
echo "seccomp $(sed -n 's/^Seccomp:\s*//p' /proc/self/status)"
echo "variables $(tr '\0' '\n' </proc/1/environ | cut -d= -f1 | tr '\n' ' ')"
echo "connects $(yes_or_no connects "$2")"
echo "processes $(ls -d /proc/[0-9]* | wc -l)"
echo "nproc $(ulimit -u)"
echo "nests $(yes_or_no unshare --user true)"
echo "user $(id -u)"
echo "workspace $(yes_or_no touch made)"
"""


@dataclass(frozen=True)
class Installed:
    """The program as this machine has it."""

    path: str
    version: str
    disables: bool
    """It can forbid user namespaces inside of its own."""
    notes: tuple[str, ...]


def installed() -> Installed:
    """Find bubblewrap and what it needs.

    Raises:
        RefusedError: something is missing; the message names the cure.
    """
    if sys.platform != "linux":
        raise RefusedError(refusals.NOT_LINUX)
    path = shutil.which("bwrap")
    if path is None:
        raise RefusedError(refusals.NOT_FOUND)
    if not Path(PRLIMIT).exists():
        raise RefusedError(refusals.NO_PRLIMIT)
    if os.geteuid() == 0 and shutil.which("setpriv") is None:
        raise RefusedError(refusals.NO_SETPRIV)
    if any(folder.is_relative_to(own) for folder in running_python() for own in (WORKSPACE, HOME)):
        raise RefusedError(refusals.UNDER_THE_SANDBOX)
    said = subprocess.run([path, "--version"], capture_output=True, text=True, check=False).stdout  # noqa: S603
    version = re.search(r"\d+(\.\d+)+", said)
    if version is None:
        raise RefusedError(refusals.diagnose(said))
    disables = tuple(map(int, version[0].split(".")[:2])) >= (0, 8)
    filtered = seccomp_filter() is not None
    if not disables and not filtered:
        raise RefusedError(refusals.TOO_OLD)
    notes = () if filtered else ("no filter of system calls: it is made for x86-64 alone",)
    return Installed(path, version[0], disables, notes)


async def probe(sandboxes: Sandboxes, *, patience_s: float) -> tuple[Observation, ...]:
    """Run one sandbox and look around in it.

    Raises:
        RefusedError: it does not start or does not hold; the message names the cure.
    """
    with tempfile.TemporaryDirectory(prefix="audition-probe-") as folder, _listening() as server:
        workspace, canary = _lay_out(Path(folder))
        sandboxes.hand_over(workspace)
        argv = ["bash", "-c", _SCRIPT, "bash", str(canary), str(server.getsockname()[1])]
        try:
            limits = replace(_LIMITS, wall_s=patience_s)
            ended = await sandboxes.around(Place(workspace=workspace)).run(argv, limits=limits)
        except RefusedError as error:
            raise RefusedError(error.refusal) from error  # what fails at the first try stays so
        if ended.timed_out:
            raise RefusedError(refusals.TOO_SLOW)
        kept = [*_names(workspace), *_names(Path(folder))]
    seen = dict(line.split(" ", 1) for line in ended.stdout.decode().splitlines() if " " in line)
    observations = tuple(_judge(seen, kept))
    broken = [seen for seen in observations if not seen.held]
    if broken:
        raise RefusedError(_leaks(broken))
    return observations


def _lay_out(folder: Path) -> tuple[Path, Path]:
    workspace, canary = folder / "workspace", folder / "canary"
    workspace.mkdir()
    canary.write_text(_CANARY)
    return workspace, canary


def _names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def _listening() -> socket.socket:
    """A server of this machine that a sandbox must not reach."""
    return socket.create_server(("127.0.0.1", 0))


def _judge(seen: Mapping[str, str], kept: Sequence[str]) -> list[Observation]:
    def look(what: str, key: str, right: str) -> Observation:
        found = seen.get(key, "nothing")
        return Observation(what, found == right, found)

    variables = set(seen.get("variables", "").split())
    processes = seen.get("processes", "")
    filtered = [look("system calls are filtered", "seccomp", "2")] if seccomp_filter() else []
    return [
        look("a file outside cannot be read", "reads", "no"),
        look("nothing outside can be written", "writes", "no"),
        look("no capability is left", "capabilities", "0" * 16),
        Observation(
            "the first process knows no variable of ours",
            variables <= _VARIABLES,
            " ".join(sorted(variables)),
        ),
        look("a server of this machine cannot be reached", "connects", "no"),
        Observation(
            "no process of this machine can be seen",
            processes.isdecimal() and int(processes) < _FEW_PROCESSES,
            processes,
        ),
        look("the number of processes is limited", "nproc", str(_LIMITS.processes)),
        look("no user namespace can be made", "nests", "no"),
        look("commands are an ordinary user", "user", "1000"),
        *filtered,
        Observation(
            "what is written to the workspace stays there",
            kept == ["made", "canary", "workspace"],
            " ".join(kept),
        ),
    ]


def _leaks(broken: list[Observation]) -> Refusal:
    what = ", ".join(f"{seen.what}: {seen.found}" for seen in broken)
    return Refusal(
        verdict=f"bubblewrap runs here and does not hold ({what})",
        cure="run on another machine; this one cannot keep commands apart from your files",
    )
