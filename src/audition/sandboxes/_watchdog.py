"""What no limit of the kernel's covers: how full the written folders and the memory get.

A command that hides files in folders that their owner cannot list is not seen here; for that there
is the space that the host must keep.
"""

import asyncio
import os
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from functools import partial
from itertools import islice
from pathlib import Path

from audition.errors import FaultError
from audition.sandboxes import LimitHit, Limits

FREE_BYTES = 256 << 20
_FREE_PART = 20
"""What must stay free on every disk that a command can write to: the first, or one part in so many
of a disk that is small, as the one in memory of a container is."""

_PAUSE_S = 0.1
_WALK_S = 1.0
_SHARE = 20
"""A look may cost one part in so many of the time between two looks, and so may a walk."""
_FILLED_PART = 16
"""The folders are walked once the disks have filled by one part in so many of what is allowed."""
_DEEPEST = 200
"""Folders below are not looked into: each level holds an open folder, and a process has few."""

_PAGE = os.sysconf("SC_PAGE_SIZE")


def require_space(roots: Iterable[Path], least: int | None = None) -> tuple[int, int]:
    """Say that the host is full before a command is blamed for it.

    Returns:
        How many bytes and how many entries are free, added up over the folders; a disk that does
        not count entries adds none.

    Raises:
        FaultError: a disk has fewer bytes left than `least`, or than it must keep.
    """
    all_free = all_entries = 0
    for root in roots:
        found = os.statvfs(root)
        free, size = found.f_bavail * found.f_frsize, found.f_blocks * found.f_frsize
        if free < (min(FREE_BYTES, size // _FREE_PART) if least is None else least):
            raise FaultError(
                "sandbox", f"{root}: only {free >> 20} MB are free; make room", retryable=False
            )
        all_free, all_entries = all_free + free, all_entries + found.f_ffree
    return all_free, all_entries


class Watchdog:
    """Looks from time to time while a command runs, until it finds something or is stopped.

    Whether there is room on the disks, and how much memory is used, is seen each time. The folders
    are walked where the disks have filled since the last walk, and at least every `_WALK_S`.
    """

    def __init__(
        self,
        limits: Limits,
        roots: Sequence[Path],
        *,
        free: tuple[int, int],
        resident: Callable[[], int],
        end: "asyncio.Future[LimitHit | None]",
    ) -> None:
        """Begin.

        Args:
            limits: What nothing may pass.
            roots: The folders that the command can fill.
            free: What `require_space` found before it was started.
            resident: How much memory it uses.
            end: Gets the limit that is passed, or the error where the host is full.
        """
        self._limits, self._roots, self._resident, self._end = limits, roots, resident, end
        self._loop = asyncio.get_running_loop()
        self._free = free
        self._walked = self._loop.time()
        self._walk_s = _WALK_S
        self._walking: asyncio.Future[LimitHit | None] | None = None
        self._timer = self._loop.call_later(_PAUSE_S, self._look)

    def stop(self) -> None:
        """Look no more."""
        self._timer.cancel()
        if self._walking is not None:
            self._walking.cancel()

    def _look(self) -> None:
        began = time.perf_counter()
        try:
            free = require_space(self._roots)
            if self._resident() > self._limits.memory_bytes:
                self._tell("memory")
        except (OSError, FaultError) as error:
            self._fail(error)
        else:
            if self._has_to_walk(free):
                self._free = free
                self._walking = self._loop.run_in_executor(None, _walk, self._limits, self._roots)
                self._walking.add_done_callback(partial(self._has_walked, began))
        pause = max(_PAUSE_S, _SHARE * (time.perf_counter() - began))
        self._timer = self._loop.call_later(pause, self._look)

    def _has_to_walk(self, free: tuple[int, int]) -> bool:
        if self._walking is not None:
            return False
        waited_s = self._loop.time() - self._walked
        bytes_filled, entries_filled = self._free[0] - free[0], self._free[1] - free[1]
        has_filled = (
            bytes_filled > self._limits.workspace_bytes // _FILLED_PART
            or entries_filled > self._limits.workspace_files // _FILLED_PART
            or not free[1]  # a disk that does not say
        )
        return waited_s > (self._walk_s - _WALK_S if has_filled else self._walk_s)

    def _has_walked(self, began: float, walked: "asyncio.Future[LimitHit | None]") -> None:
        self._walking, self._walked = None, self._loop.time()
        self._walk_s = _WALK_S + _SHARE * (time.perf_counter() - began)
        if walked.cancelled():
            return
        if error := walked.exception():
            self._fail(error)
        elif hit := walked.result():
            self._tell(hit)

    def _tell(self, hit: LimitHit) -> None:
        if not self._end.done():
            self._end.set_result(hit)

    def _fail(self, error: BaseException) -> None:
        if not self._end.done():
            self._end.set_exception(error)


def _walk(limits: Limits, roots: Sequence[Path]) -> LimitHit | None:
    size = files = 0
    for root in roots:
        found = measure(root, most_files=limits.workspace_files)
        size, files = size + found[0], files + found[1]
    if files > limits.workspace_files:
        return "workspace_files"
    return "workspace_bytes" if size > limits.workspace_bytes else None


def measure(root: Path, *, most_files: int) -> tuple[int, int]:
    """Bytes on disk and number of entries below a folder; stops counting past `most_files`.

    Opens folders only, relative to their parent and through no link, so that neither long paths nor
    planted links or pipes matter.
    """
    size = files = 0
    opened: list[tuple[int, list[os.DirEntry[str]]]] = []
    try:
        with suppress(PermissionError):
            opened.append(_open(root, None, most_files))
        while opened:
            folder, entries = opened[-1]
            if not entries or files > most_files:
                os.close(folder)
                opened.pop()
                continue
            entry = entries.pop()
            files += 1
            # What went away or may not be read is left to the next look.
            with suppress(OSError):
                size += entry.stat(follow_symlinks=False).st_blocks * 512
                if entry.is_dir(follow_symlinks=False) and len(opened) < _DEEPEST:
                    opened.append(_open(entry.name, folder, most_files))
    finally:
        for folder, _ in opened:
            os.close(folder)
    return size, files


def _open(name: str | Path, inside: int | None, most: int) -> tuple[int, list[os.DirEntry[str]]]:
    flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
    folder = os.open(name, flags, dir_fd=inside)
    try:
        with os.scandir(folder) as entries:
            return folder, list(islice(entries, most + 1))
    except OSError:
        os.close(folder)
        raise


def resident_bytes(first: int) -> int:
    """Memory of a process and everything below it, what it shares with others left out."""
    total, waiting = 0, [first]
    while waiting:
        process = waiting.pop()
        folder = f"/proc/{process}"
        try:
            _, pages, shared, *_ = _words(f"{folder}/statm")
            total += (int(pages) - int(shared)) * _PAGE
            for task in os.listdir(f"{folder}/task"):  # noqa: PTH208 # this is done very often
                waiting += map(int, _words(f"{folder}/task/{task}/children"))
        except OSError:
            continue
    return total


def _words(path: str) -> list[bytes]:
    with open(path, "rb", buffering=0) as file:  # noqa: PTH123 # likewise
        return file.read().split()
