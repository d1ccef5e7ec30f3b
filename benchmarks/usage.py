"""What a piece of work cost the process that does it, and apart from that its children.

Both sides of the comparison with Inspect AI are measured by this file, so it needs nothing but the
standard library.
"""

import json
import resource
import time
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Usage:
    """What so many trials cost once everything was loaded, and what loading cost before."""

    trials: int
    own_cpu_s: float
    """User and system time of the process itself."""
    children_cpu_s: float
    """User and system time of all processes that it started and that have ended."""
    wall_s: float
    peak_mb: float
    """Largest resident set of the process itself, in units of 1,000,000 bytes."""
    start_cpu_s: float
    """Its own time until then: start-up, imports, and two trials to warm up."""

    def to_json(self) -> str:
        """On one line."""
        return json.dumps(asdict(self))


class Meter:
    """Runs from the moment it is made."""

    def __init__(self) -> None:
        self._own_s = _cpu_s(resource.RUSAGE_SELF)
        self._children_s = _cpu_s(resource.RUSAGE_CHILDREN)
        self._began = time.perf_counter()

    def read(self, trials: int) -> Usage:
        """What was used since."""
        return Usage(
            trials=trials,
            own_cpu_s=_cpu_s(resource.RUSAGE_SELF) - self._own_s,
            children_cpu_s=_cpu_s(resource.RUSAGE_CHILDREN) - self._children_s,
            wall_s=time.perf_counter() - self._began,
            peak_mb=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6,
            start_cpu_s=self._own_s,
        )


def _cpu_s(who: int) -> float:
    usage = resource.getrusage(who)
    return usage.ru_utime + usage.ru_stime
