"""No sandbox: commands run on this machine as you, with limits and without walls.

For whoever asks for it by name, on a machine that has nothing to lose. A command can read, change
and send whatever you can; what it starts and lets go lives on after it. Programs that need the
workspace at its usual place do not find it there.

    Local().open()
"""

import asyncio
import os
import platform
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from audition.sandboxes import WORKSPACE, Finished, Limits, Place, Sandboxes, SandboxInfo
from audition.sandboxes._process import Program, finished, play
from audition.sandboxes._profile import PRLIMIT, environment, limited, moved, writable
from audition.sandboxes._watchdog import resident_bytes

_LOOKS, _PAUSE_S = 200, 0.005
"""How often to look whether the processes of a group are gone, and how long to wait in between."""


@dataclass(frozen=True)
class Local:
    """This machine itself."""

    at_once: int = 0
    """How many commands run side by side; 0 for two above the processors."""

    async def open(self) -> Sandboxes:
        """There is nothing to prove; see `SandboxKind`."""
        slots = asyncio.Semaphore(self.at_once or (os.cpu_count() or 1) + 2)
        info = SandboxInfo(
            kind="local",
            version=platform.release(),
            strength="none",
            notes=("commands run on this machine without a sandbox",),
        )
        return Sandboxes(info=info, around=lambda place: _Open(place, info, slots))


@dataclass(frozen=True)
class _Open:
    """A workspace with nothing around it."""

    place: Place
    info: SandboxInfo
    slots: asyncio.Semaphore

    async def run(
        self,
        argv: Sequence[str],
        *,
        cwd: str = WORKSPACE,
        env: Mapping[str, str] | None = None,
        stdin: bytes = b"",
        limits: Limits | None = None,
    ) -> Finished:
        """Run one command; see `audition.sandboxes.Sandbox`."""
        limits = limits or Limits()
        inside = moved(argv, str(self._outside(cwd)))
        if shutil.which(PRLIMIT):
            inside = limited(inside, limits, alone=False)
        async with self.slots:
            with tempfile.TemporaryDirectory(prefix="audition-home-") as home:
                program = Program(
                    argv=inside, env={**self._environment(home), **(env or {})}, stdin=stdin
                )
                ended = await play(program, _Group(), limits=limits, roots=self.place.written)
        if isinstance(ended, Finished):
            return ended
        return finished(ended, ended.code if ended.code >= 0 else 128 - ended.code)

    def _outside(self, path: str) -> Path:
        """The place on this machine of a path as commands know it."""
        for inside, outside in writable(self.place).items():
            if Path(path).is_relative_to(inside):
                return outside / Path(path).relative_to(inside)
        return Path(path)

    def _environment(self, home: str) -> dict[str, str]:
        found = environment(
            self.place, home=str(self.place.home or home), trace=str(self.place.trace)
        )
        # Elsewhere than on Linux, programs are installed where only this variable knows.
        return {**found, "PATH": f"{found['PATH']}:{os.environ.get('PATH', '')}"}


class _Group:
    """The processes of one command that did not leave its process group."""

    def resident(self, process: "subprocess.Popen[bytes]") -> int:
        """Bytes of memory of the command and what it has started."""
        return resident_bytes(process.pid)

    def is_over(self, process: "subprocess.Popen[bytes]") -> bool:
        """Whether the group is gone, as it mostly is once its first process has ended."""
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            return True
        except PermissionError:
            return False
        return False

    async def end(self, process: "subprocess.Popen[bytes]") -> None:
        """Kill the group; what has left it is out of reach."""
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
            for _ in range(_LOOKS):
                if not _is_alive(process.pid):
                    return
                await asyncio.sleep(_PAUSE_S)


def _is_alive(group: int) -> bool:
    """Whether a process of this group is left that is more than a name in the table."""
    for file in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            state, _, its_group, *_ = file.read_text(errors="replace").rpartition(")")[2].split()
            if its_group == str(group) and state != "Z":
                return True
    return False
