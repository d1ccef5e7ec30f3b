"""Running a command to its end and knowing what it cost."""

import os
import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO


@dataclass(frozen=True)
class Cost:
    """What one process cost, from its first instruction to its last, start-up included."""

    cpu_s: float
    wall_s: float
    peak_mb: float
    """Largest resident set, in units of 1,000,000 bytes."""
    output: str
    errors: str


def cost_of(*words: object, exit_codes: Sequence[int] = (0,)) -> Cost:
    """Run a command and wait for it.

    The kernel counts the memory of whoever starts a process as its own until the new program is
    loaded, so that a peak below the size of this process cannot be seen: it has to stay small.

    Raises:
        RuntimeError: the command ended with another exit code; what it said is in the message.
    """
    command = [str(word) for word in words]
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        started = time.perf_counter()
        process = subprocess.Popen(command, stdout=output, stderr=errors)
        _, status, usage = os.wait4(process.pid, 0)  # unlike getrusage, this child alone
        wall_s = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        said, complained = (_text(stream) for stream in (output, errors))
    if process.returncode not in exit_codes:
        ending = f"ended with {process.returncode}:\n{said}\n{complained}"
        raise RuntimeError(f"{' '.join(command)}\n{ending}")
    cpu_s = usage.ru_utime + usage.ru_stime
    return Cost(cpu_s, wall_s, usage.ru_maxrss * 1024 / 1e6, said, complained)


def keep_bytecode(folder: Path) -> None:
    """Let every process from now on find there what an earlier one has compiled.

    A folder of its own, since some environments forbid Python to keep any.
    """
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    os.environ["PYTHONPYCACHEPREFIX"] = str(folder)


def _text(stream: IO[bytes]) -> str:
    stream.seek(0)
    return stream.read().decode(errors="replace")
