"""The set-up command of a source: the user's own, run on this machine, once.

It may need the network, so no sandbox is around it. It gets the user's environment without what
looks like a key, since nothing that it starts has to call a model.
"""

import asyncio
import os
import re
import signal
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from audition.errors import InputError, Problem
from audition.inert import inert

PATIENCE_S = 900.0
_SHOWN_BYTES = 2000
_READ_BYTES = 1 << 16
_KEY = re.compile(r"KEY|TOKEN|SECRET|PASSW|CREDENTIAL", re.IGNORECASE)


def without_keys(variables: Mapping[str, str]) -> dict[str, str]:
    """The variables whose names do not look like those of keys, nor like git's own."""
    return {
        name: value
        for name, value in variables.items()
        if not _KEY.search(name) and not name.startswith("GIT_")
    }


async def run_setup(command: str, at: Path, *, patience_s: float = PATIENCE_S) -> None:
    """Run it in a folder. Cancelled, it ends the command before it returns.

    Raises:
        InputError: it fails or takes longer than `patience_s`; the message has the end of its
            output.
    """
    process = await asyncio.create_subprocess_shell(
        command,
        cwd=at,
        env=without_keys(os.environ),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        start_new_session=True,
    )
    tail = bytearray()
    try:
        async with asyncio.timeout(patience_s):
            await _read(process, tail)
            code = await process.wait()
    except TimeoutError:
        raise _failed(command, f"took longer than {patience_s:g} seconds", tail) from None
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await asyncio.shield(process.wait())
    if code:
        raise _failed(command, f"ended with exit code {code}", tail)


async def _read(process: asyncio.subprocess.Process, tail: bytearray) -> None:
    stream = process.stdout
    while stream and (chunk := await stream.read(_READ_BYTES)):
        tail += chunk
        del tail[:-_SHOWN_BYTES]


def _failed(command: str, what: str, tail: bytearray) -> InputError:
    said = inert(tail.decode(errors="replace").strip(), keep_layout=True)
    do = "run it by hand in a fresh copy and mend it"
    return InputError([Problem("workspace: setup", f"`{command}` {what}", do, said)])
