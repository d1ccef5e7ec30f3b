"""Trees: where the files of a setup are read from, a folder here and a git revision elsewhere.

A folder is what git tracks in it plus what it does not ignore, so that folder and revision agree;
outside a git work tree it is what lies there. Definitions are read even where git ignores them, and
a finding says so. Links are followed as long as they stay inside the folder.
"""

import errno
import posixpath
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Protocol

from audition.errors import InputError, Problem
from audition.hardened_git import listed_files
from audition.setups.setup import Finding

MAX_FILE_BYTES = 1 << 20
MAX_ENTRIES = 20_000
MAX_DEPTH = 64
DEFINITIONS = (
    ".claude/agents",
    ".claude/rules",
    ".claude/skills",
    ".claude/commands",
    ".claude/CLAUDE.md",
    ".claude/settings.json",
    ".claude/settings.local.json",
    "CLAUDE.md",
    "CLAUDE.local.md",
    "agents",
)
"""Paths that are read from a folder whatever git says of them."""


class Tree(Protocol):
    """Files under relative paths with `/`, at one revision."""

    @property
    def label(self) -> str:
        """The folder or revision, as the user named it."""
        ...

    def files(self, under: str = "", *, deep: bool = True) -> tuple[str, ...]:
        """The files under a folder of the tree, sorted; without `deep`, those directly in it."""
        ...

    def findings(self, under: str = "") -> tuple[Finding, ...]:
        """What a listing left out, and what it holds that git leaves out."""
        ...

    def read(self, path: str) -> bytes:
        """The content of one file.

        Raises:
            OSError: it is missing, no file, outside the tree, unreadable or over `MAX_FILE_BYTES`.
        """
        ...


@dataclass(frozen=True)
class FolderTree:
    """The files of a folder as they lie on the disk.

    Raises:
        InputError: there is no such folder, or a listing finds more than `MAX_ENTRIES`.
    """

    path: Path
    definitions: tuple[str, ...] = DEFINITIONS
    """Paths to read even where git ignores them."""

    def __post_init__(self) -> None:
        try:
            problem = "" if self.path.is_dir() else "is no folder"
            if not self.path.exists():
                problem = "does not exist"
        except (OSError, ValueError) as error:
            problem = f"is no usable path ({error})"
        if problem:
            raise InputError([Problem(str(self.path), problem, "name the folder of a setup")])

    @property
    def label(self) -> str:
        """The folder as the user named it."""
        return str(self.path)

    def files(self, under: str = "", *, deep: bool = True) -> tuple[str, ...]:
        """The files under a folder of the tree, sorted; without `deep`, those directly in it."""
        return tuple(sorted(x for x in self._walk(under, deep=deep) if isinstance(x, str)))

    def findings(self, under: str = "") -> tuple[Finding, ...]:
        """Links that leave the folder, folders that cannot be listed, files that git leaves out."""
        found = list(self._walk(under, deep=True))
        lost = [item for item in found if isinstance(item, Finding)]
        if self._listed is None:
            return tuple(lost)
        files = sorted(item for item in found if isinstance(item, str))
        known = self._listed
        strays = [path for path in files if not {path, self._real(path)} & known]
        return (*lost, *_left_out_by_git(strays))

    def read(self, path: str) -> bytes:
        """The content of one file.

        Raises:
            OSError: it is missing, no file, outside the tree, unreadable or over `MAX_FILE_BYTES`.
        """
        real = self._real(path)
        if real is None:
            raise OSError(errno.EXDEV, "lies outside the project")
        full = self._root / real
        mode = full.stat().st_mode
        if stat.S_ISDIR(mode):
            raise IsADirectoryError(errno.EISDIR, "is a folder")
        if not stat.S_ISREG(mode):
            raise OSError(errno.EINVAL, "is no regular file")
        if not self._is_offered(path, real):
            raise PermissionError(errno.EACCES, "is left out by git")
        with full.open("rb") as file:
            data = file.read(MAX_FILE_BYTES + 1)
        if len(data) > MAX_FILE_BYTES:
            raise OSError(errno.EFBIG, f"is larger than {MAX_FILE_BYTES >> 20} MiB")
        return data

    @cached_property
    def _root(self) -> Path:
        return self.path.resolve()

    @cached_property
    def _listed(self) -> frozenset[str] | None:
        return listed_files(self._root)

    @cached_property
    def _listed_folders(self) -> frozenset[str]:
        folders: set[str] = set()
        for path in self._listed or ():
            while (path := posixpath.dirname(path)) and path not in folders:
                folders.add(path)
        return frozenset(folders)

    def _real(self, path: str) -> str | None:
        """The path with all links followed; None where that is outside."""
        try:
            real = (self._root / path).resolve().relative_to(self._root).as_posix()
        except ValueError:
            return None
        except RuntimeError:
            raise OSError(errno.ELOOP, "is a link to itself") from None
        return None if ".git" in real.split("/") else real

    def _is_offered(self, path: str, real: str) -> bool:
        if self._listed is None or path in self._listed or real in self._listed:
            return True
        return any(path == wanted or path.startswith(f"{wanted}/") for wanted in self.definitions)

    def _may_hold_files(self, folder: str) -> bool:
        """False for a folder that git leaves out whole, so that nobody walks `node_modules`."""
        if self._listed is None or not folder or folder in self._listed_folders | self._listed:
            return True
        inside = f"{folder}/"
        return any(
            inside.startswith(f"{wanted}/") or wanted.startswith(inside)
            for wanted in self.definitions
        )

    def _walk(self, under: str, *, deep: bool) -> Iterator[str | Finding]:
        """Every file, or a finding in place of what cannot be followed."""
        pending: list[tuple[str, tuple[str, ...]]] = [(under, ())]
        seen = 0
        while pending:
            path, parents = pending.pop()
            seen += 1
            if seen > MAX_ENTRIES:
                what = f"holds more than {MAX_ENTRIES} files"
                raise InputError([Problem(str(self.path), what, "name a narrower folder")])
            try:
                real = self._real(path)
                mode = (self._root / path).stat().st_mode
                if stat.S_ISDIR(mode) and real is not None:
                    if real not in parents and (deep or not parents):
                        pending += self._entries(path, (*parents, real))
                else:
                    yield from self._file(path, real, is_regular=stat.S_ISREG(mode))
            except FileNotFoundError:
                if parents:
                    yield _lost(path, "is a link to nothing", "mend the link")
            except OSError as error:
                yield _lost(path, f"cannot be read: it {error.strerror}", "mend it")

    def _file(self, path: str, real: str | None, *, is_regular: bool) -> Iterator[str | Finding]:
        if real is None:
            yield _lost(path, "is a link that leaves the project", "copy the files in")
        elif not is_regular:
            yield _lost(path, "is no regular file", "put a file in its place")
        elif self._is_offered(path, real):
            yield path

    def _entries(
        self, folder: str, parents: tuple[str, ...]
    ) -> Iterator[tuple[str, tuple[str, ...]]]:
        """What lies in a folder, each with the folders above it, as they are without links."""
        if len(parents) > MAX_DEPTH:
            raise OSError(errno.ELOOP, "is nested too deeply")
        real = "" if parents[-1] == "." else parents[-1]
        if self._may_hold_files(folder) or self._may_hold_files(real):
            for entry in (self._root / folder).iterdir():
                if entry.name != ".git":
                    yield posixpath.join(folder, entry.name), parents


def read_text(data: bytes) -> str:
    """The bytes as Claude Code sees them: UTF-8, bad bytes replaced, line ends made alike."""
    return data.decode("utf-8", errors="replace").replace("\r\n", "\n")


def _lost(path: str, what: str, do: str) -> Finding:
    return Finding(path, 1, what, do, "not loaded")


def _left_out_by_git(paths: list[str]) -> Iterator[Finding]:
    if paths:
        others = f", like {len(paths) - 1} more here" if len(paths) > 1 else ""
        what = f"is left out by git (ignored, or of a repository of its own){others}; read anyway"
        yield Finding(paths[0], 1, what, "track it in git, else a revision is without it")
