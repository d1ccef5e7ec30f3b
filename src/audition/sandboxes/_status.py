"""What bubblewrap says about itself, and how everything inside it is ended.

Bubblewrap writes one JSON document a line: `child-pid` as soon as there is a first process inside,
and `exit-code` once the command has ended. Without the second nothing is known about the command.
"""

import asyncio
import json
import os
import select
import signal
import subprocess
from contextlib import suppress
from types import TracebackType

from audition.errors import FaultError
from audition.sandboxes._process import readable
from audition.sandboxes._watchdog import resident_bytes

_FIRST_WORD_S = 1.0
_END_S = 20.0


class Status:
    """The processes of one sandbox, as `audition.sandboxes._process.Tree`."""

    def __init__(self) -> None:
        self._reading, self.descriptor = os.pipe()
        """`descriptor` is the end that bubblewrap writes to."""
        os.set_blocking(self._reading, False)
        self._line = b""
        self._first: int | None = None
        self._first_descriptor: int | None = None
        self._spoke = asyncio.Event()
        self.exit_code: int | None = None

    def __enter__(self) -> "Status":
        asyncio.get_running_loop().add_reader(self._reading, self._read)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        asyncio.get_running_loop().remove_reader(self._reading)
        for descriptor in (self._reading, self.descriptor, self._first_descriptor):
            if descriptor is not None:
                os.close(descriptor)

    @property
    def began(self) -> bool:
        """There was a first process inside."""
        return self._spoke.is_set()

    def resident(self, process: "subprocess.Popen[bytes]") -> int:
        """Bytes of memory of all processes inside."""
        return resident_bytes(self._first) if self._first else 0

    def is_over(self, process: "subprocess.Popen[bytes]") -> bool:
        """Kill what is left inside once bubblewrap has ended; whether it is gone by now."""
        self._read()
        self._kill()
        descriptor = self._first_descriptor
        if descriptor is None:
            return True
        waiting = select.poll()
        waiting.register(descriptor, select.POLLIN)
        return bool(waiting.poll(0))

    async def end(self, process: "subprocess.Popen[bytes]") -> None:
        """Kill the first process inside, with which the kernel ends all others, and wait for it.

        Raises:
            FaultError: they do not end, as happens where a disk hangs.
        """
        self._read()
        if not self._spoke.is_set() and process.poll() is None:
            # Killed before it knows its child, bubblewrap would leave it waiting for ever.
            with suppress(TimeoutError):
                await asyncio.wait_for(self._spoke.wait(), _FIRST_WORD_S)
        process.kill()
        self._read()
        self._kill()
        descriptor, self._first_descriptor = self._first_descriptor, None
        if descriptor is not None and not await readable(descriptor, _END_S):
            raise FaultError("sandbox", "processes in a sandbox cannot be ended", retryable=False)

    def _kill(self) -> None:
        if self._first_descriptor is not None:
            with suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._first_descriptor, signal.SIGKILL)

    def _read(self) -> None:
        with suppress(BlockingIOError):
            *lines, self._line = (self._line + os.read(self._reading, 1 << 16)).split(b"\n")
            for line in lines:
                self._understand(json.loads(line))

    def _understand(self, said: dict[str, object]) -> None:
        child, code = said.get("child-pid"), said.get("exit-code")
        if isinstance(code, int):
            self.exit_code = code
        if isinstance(child, int):
            self._first = child
            self._spoke.set()
            # Its last word is read when it has ended, so that nobody has to wake up for it.
            asyncio.get_running_loop().remove_reader(self._reading)
            with suppress(ProcessLookupError):
                self._first_descriptor = os.pidfd_open(child)
