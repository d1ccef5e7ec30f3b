"""What no limit of the kernel's covers: how full the written folders and the memory get.

A command that hides files in folders that their owner cannot list is not seen here; for that there
is the space that the host must keep.
"""

import asyncio
import os
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path

from audition.errors import FaultError
from audition.sandboxes import LimitHit, Limits

FREE_BYTES = 256 << 20
_FREE_PART = 20
"""What must stay free on every disk that a command can write to: the first, or one part in so many
of a disk that is small, as the one in memory of a container is."""

_PAUSE_S = 0.1
_SHARE = 20
"""A look may cost one part in so many of the time between two looks."""
_DEEPEST = 200
"""Folders below are not looked into: each level holds an open folder, and a process has few."""

_PAGE = os.sysconf("SC_PAGE_SIZE")


def require_space(roots: Iterable[Path], least: int | None = None) -> None:
    """Say that the host is full before a command is blamed for it.

    Raises:
        FaultError: a disk has fewer bytes left than `least`, or than it must keep.
    """
    for root in roots:
        found = os.statvfs(root)
        free, size = found.f_bavail * found.f_frsize, found.f_blocks * found.f_frsize
        if free < (min(FREE_BYTES, size // _FREE_PART) if least is None else least):
            raise FaultError(
                "sandbox", f"{root}: only {free >> 20} MB are free; make room", retryable=False
            )


async def watch(limits: Limits, roots: Sequence[Path], resident: Callable[[], int]) -> LimitHit:
    """Look from time to time; returns when a limit is passed, and not before."""
    pause = _PAUSE_S
    while True:
        await asyncio.sleep(pause)
        began = time.perf_counter()
        found = await asyncio.to_thread(_look, limits, roots, resident)
        if found:
            return found
        pause = max(_PAUSE_S, _SHARE * (time.perf_counter() - began))


def _look(limits: Limits, roots: Sequence[Path], resident: Callable[[], int]) -> LimitHit | None:
    require_space(roots)
    size = files = 0
    for root in roots:
        found = measure(root, most_files=limits.workspace_files)
        size, files = size + found[0], files + found[1]
    if files > limits.workspace_files:
        return "workspace_files"
    if size > limits.workspace_bytes:
        return "workspace_bytes"
    return "memory" if resident() > limits.memory_bytes else None


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
