"""Audition evaluates agent definitions by replaying requests and judging the evidence.

From Python: `load(path)` reads a run file, `frames(run)` makes tidy pandas tables of it.
"""

from typing import TYPE_CHECKING, Any

from audition.version import __version__

if TYPE_CHECKING:
    from audition.runfile import load
    from audition.tables import frames

__all__ = ["__version__", "frames", "load"]


def __dir__() -> list[str]:
    return __all__


def __getattr__(name: str) -> Any:
    """Import what is asked for only then: the command line starts without it."""
    if name == "load":
        from audition.runfile import load

        return load
    if name == "frames":
        from audition.tables import frames

        return frames
    raise AttributeError(f"module 'audition' has no attribute {name!r}")
