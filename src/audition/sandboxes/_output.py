"""What a command says: read as it comes, kept in bounds, its head and its tail."""

import asyncio
import os
from collections.abc import Callable

_READ_BYTES = 1 << 18
_LAST_READS = 8
"""A pipe holds 64 KB, and something that lingers may go on filling it."""


class Output:
    """One stream of a running command."""

    def __init__(
        self, descriptor: int, *, kept_bytes: int, most_bytes: int, on_flood: Callable[[], None]
    ) -> None:
        self._descriptor = descriptor
        self._half = max(1, kept_bytes // 2)
        self._most = most_bytes
        self._on_flood = on_flood
        self._head = bytearray()
        self._tail = bytearray()
        self._total = 0
        self._loop = asyncio.get_running_loop()
        self._open = True
        os.set_blocking(descriptor, False)
        self._loop.add_reader(descriptor, self._read)

    @property
    def truncated(self) -> bool:
        """Something of it was left out."""
        return self._total > len(self._head) + len(self._last)

    @property
    def text(self) -> bytes:
        """What was kept."""
        if not self.truncated:
            return bytes(self._head + self._last)
        left_out = self._total - len(self._head) - len(self._last)
        return bytes(self._head) + b"\n[... %d bytes left out ...]\n" % left_out + self._last

    def close(self) -> None:
        """Take what is there, without waiting for more, and read no longer."""
        for _ in range(_LAST_READS):
            if not self._open or not self._read():
                break
        self._stop()

    @property
    def _last(self) -> bytes:
        return bytes(self._tail[-self._half :])

    def _stop(self) -> None:
        if self._open:
            self._loop.remove_reader(self._descriptor)
            os.close(self._descriptor)
            self._open = False

    def _read(self) -> bool:
        """Take what is there; False where there was nothing."""
        try:
            data = os.read(self._descriptor, _READ_BYTES)
        except BlockingIOError:
            return False
        if not data:
            self._stop()
            return False
        self._total += len(data)
        room = self._half - len(self._head)
        if room > 0:
            self._head += data[:room]
            data = data[room:]
        self._tail += data
        if len(self._tail) > 2 * self._half + _READ_BYTES:
            del self._tail[: -self._half]
        if self._total > self._most:
            self._on_flood()
        return True
