"""Many agent jobs at once: how much memory they need, all processes and workspaces together."""

import os
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from jobs import write_jobs
from measuring import cost_of
from side_by_side import HERE, WARMUP

JOBS = 200
FILES = 10
LATENCY_S = 1.0
"""Seconds that each answer takes, so that no job is over before the last has begun."""
_MEMORY = Path("/dev/shm")
_PAUSE_S = 0.1
_PAGE_MB = os.sysconf("SC_PAGE_SIZE") / 1e6


@dataclass(frozen=True)
class Crowd:
    """The most that was seen at any moment."""

    at_once: int
    """Workspaces that were there together."""
    own_mb: float
    """Resident in the process of Audition."""
    tree_mb: float
    """Resident in it and all that it started; what they share is counted once for each."""
    files_mb: float
    """In the workspaces, where those lie in memory."""

    @property
    def all_mb(self) -> float:
        """Processes and workspaces."""
        return self.tree_mb + self.files_mb


def watch_crowd(folder: Path) -> Crowd:
    """Play the jobs all at once, looking at them ten times a second."""
    suites = [write_jobs(folder / f"crowd-{count}", count, FILES) for count in (WARMUP, JOBS)]
    over = threading.Event()
    looks: list[Crowd] = []
    watcher = threading.Thread(target=_watch, args=(over, looks))
    watcher.start()
    try:
        words = ("--latency", LATENCY_S)
        cost_of(sys.executable, HERE / "play_audition.py", *suites, JOBS, *words)
    finally:
        over.set()
        watcher.join()
    return Crowd(
        at_once=max(look.at_once for look in looks),
        own_mb=max(look.own_mb for look in looks),
        tree_mb=max(look.tree_mb for look in looks),
        files_mb=max(look.files_mb for look in looks),
    )


def _watch(over: threading.Event, looks: list[Crowd]) -> None:
    before = _used_mb()
    while not over.is_set():
        looks.append(_look(before))
        time.sleep(_PAUSE_S)


def _look(files_before_mb: float) -> Crowd:
    resident = _resident_below(os.getpid())
    found = [
        len(list(_MEMORY.glob(f"audition-workspace-{process}-*/workspace"))) for process in resident
    ]
    return Crowd(
        at_once=max(found, default=0),
        own_mb=max(resident.values(), default=0.0),
        tree_mb=sum(resident.values()),
        files_mb=_used_mb() - files_before_mb,
    )


def _resident_below(ancestor: int) -> dict[int, float]:
    """MB of every descendant of a process, by its id."""
    parents, resident = {}, {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "stat").read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        process = int(folder.name)
        parents[process], resident[process] = int(words[1]), int(words[21]) * _PAGE_MB
    return {
        process: size for process, size in resident.items() if _is_below(process, ancestor, parents)
    }


def _is_below(process: int, ancestor: int, parents: dict[int, int]) -> bool:
    while (process := parents.get(process, 0)) != 0:
        if process == ancestor:
            return True
    return False


def _used_mb() -> float:
    found = os.statvfs(_MEMORY)
    return (found.f_blocks - found.f_bfree) * found.f_frsize / 1e6
