"""Folders that end with a trial or a run, named so that what a kill leaves can be swept."""

import os
import tempfile
from pathlib import Path

PREFIX = "audition-workspace-"
_MEMORY = Path("/dev/shm")  # noqa: S108 # only private folders are made there
_ROOM_BYTES = 2 << 30
"""What must be free in memory beside what is put there, or it goes to a disk."""


def scratch(parent: Path | None = None) -> Path:
    """A new folder of our own, with this process in its name; private to its user.

    Args:
        parent: Where; the system's folder for temporary files where none is given.
    """
    return Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-", dir=parent))


def parents() -> tuple[Path, ...]:
    """Where such folders are made: in memory, where there is a place for that, and on a disk."""
    disk = Path(tempfile.gettempdir())
    return (_MEMORY, disk) if _MEMORY.is_dir() else (disk,)


def roomy(size: int) -> Path:
    """Where so many bytes are put: memory if there is room, else the folder for temporary files.

    A disk can need ten times as much of the processor for every file that is made.
    """
    for parent in parents()[:-1]:
        found = os.statvfs(parent)
        if found.f_bavail * found.f_frsize > _ROOM_BYTES + size:
            return parent
    return parents()[-1]
