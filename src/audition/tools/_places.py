"""Where a path leads that a model wrote: which folder of the bench, and where in it."""

import posixpath
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from audition.sandboxes import HOME, WORKSPACE
from audition.tools import Bench
from audition.tools._given import MistakeError, shown


@dataclass(frozen=True, kw_only=True)
class Spot:
    """A place below one of the folders."""

    root: Path
    """The folder on the host."""
    folder: str
    """The folder as the model knows it."""
    path: str
    """Relative to the folder; `.` for the folder itself."""

    @property
    def inside(self) -> str:
        """The whole path as the model knows it."""
        return self.folder if self.path == "." else f"{self.folder}/{self.path}"

    @property
    def written(self) -> tuple[str, ...]:
        """What changes of the workspace when this is written."""
        return (self.path,) if self.folder == WORKSPACE else ()

    @property
    def shown(self) -> str:
        """The whole path, safe to repeat."""
        return shown(self.inside)


def spot(bench: Bench, given: str) -> Spot:
    """Where this leads; nothing is opened, and links are not looked at.

    Raises:
        MistakeError: it is no path, or lies outside every folder.
    """
    if not given or "\0" in given:
        raise MistakeError(f"`{shown(given)}` is no path.")
    path = _inside(bench, given)
    around = [folder for folder in bench.folders if path.is_relative_to(folder)]
    if not around:
        raise MistakeError(
            f"{shown(given)} lies outside of what you can reach here, which is "
            f"{', '.join(sorted(bench.folders))}. Use a path below that."
        )
    folder = max(around, key=len)
    return Spot(root=bench.folders[folder], folder=folder, path=str(path.relative_to(folder)))


def _inside(bench: Bench, given: str) -> PurePosixPath:
    if given == "~" or given.startswith("~/"):
        given = HOME + given[1:]
    # A double slash at the start means something of its own to POSIX, and not to anybody here.
    whole = posixpath.normpath(posixpath.join(WORKSPACE, given))
    path = PurePosixPath("/" + whole.lstrip("/"))
    for alias in sorted(bench.aliases, key=len, reverse=True):
        if path.is_relative_to(alias):
            return PurePosixPath(bench.aliases[alias]) / path.relative_to(alias)
    return path
