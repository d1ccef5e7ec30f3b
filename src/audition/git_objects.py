"""The files of a revision, straight from git's object store: nothing is checked out.

No hook, filter or attribute of the repository has a say in what is read here. Names and contents
are bytes that anybody may have committed; whoever writes them to a disk has to look at them first.
"""

import errno
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from audition.errors import InputError, Problem
from audition.hardened_git import FAILURES, run_git

LINK, GITLINK = 0o120000, 0o160000
BATCH_BYTES = 32 << 20
"""As much as is held at once when many contents are read."""

_MOST_LINKS = 40
"""As many links as Linux follows for one path."""
_LONGEST_LINK = 4095
"""Bytes; no file system holds a longer one."""
_LINE = re.compile(rb"(\d{6}) (\w+) ([0-9a-f]{40,64}) +(\d+|-|BAD)\t(.+)", re.DOTALL)


@dataclass(frozen=True)
class Entry:
    """What a revision holds at a path: a file, a link, or the mark of a submodule."""

    path: str
    """From the top of the repository, with `/`."""
    mode: int
    """As git has it."""
    blob: str
    size: int
    """In bytes; 0 for a submodule, and for what this clone does not hold."""


@dataclass(frozen=True)
class GitObjects:
    """One commit of one repository.

    Whatever git cannot read of it is an `InputError`: a revision that is read in part would be
    another one.
    """

    repository: Path
    """The top of a work tree."""
    commit: str
    """Its full id."""

    @cached_property
    def entries(self) -> dict[str, Entry]:
        """Everything that the revision holds, by path."""
        listing = self._asked(["ls-tree", "-r", "-z", "-l", "--full-tree", self.commit])
        found = (match.groups() for match in map(_LINE.fullmatch, listing.split(b"\0")) if match)
        read = (
            Entry(
                os.fsdecode(path), int(mode, 8), blob.decode(), int(size) if size.isdigit() else 0
            )
            for mode, _, blob, size, path in found
        )
        return {entry.path: entry for entry in read}

    @cached_property
    def folders(self) -> dict[str, tuple[str, ...]]:
        """The names in each folder, sorted; the top is the empty path."""
        held: dict[str, set[str]] = {"": set()}
        for path in self.entries:
            while path:
                folder, _, name = path.rpartition("/")
                known = folder in held
                held.setdefault(folder, set()).add(name)
                path = "" if known else folder
        return {folder: tuple(sorted(names)) for folder, names in held.items()}

    @cached_property
    def links(self) -> dict[str, str]:
        """Where each link leads, as it is written in it; empty for one that leads nowhere."""
        links = [entry for entry in self.entries.values() if entry.mode == LINK]
        short = [entry for entry in links if entry.size <= _LONGEST_LINK]
        read = {entry.path: os.fsdecode(data) for entry, data in self.contents(short)}
        return {**dict.fromkeys((entry.path for entry in links), ""), **read}

    def contents(self, entries: Iterable[Entry]) -> Iterator[tuple[Entry, bytes]]:
        """What files and links hold, a batch at a time."""
        batch: list[Entry] = []
        size = 0
        for entry in entries:
            if batch and size + entry.size > BATCH_BYTES:
                yield from self._batch(batch)
                batch, size = [], 0
            batch.append(entry)
            size += entry.size
        if batch:
            yield from self._batch(batch)

    def resolved(self, path: str) -> str | None:
        """The path from the top with all links followed, empty for the top; None beyond it.

        Raises:
            OSError: nothing lies there, as `stat` would say it.
        """
        place: list[str] = []
        steps = path.split("/")[::-1]
        followed = 0
        while steps:
            step = steps.pop()
            if step in ("", "."):
                continue
            if step == "..":
                if not place:
                    return None
                place.pop()
                continue
            place.append(step)
            target = self._target("/".join(place), is_last=not any(steps))
            if target is None:
                continue
            followed += 1
            if followed > _MOST_LINKS:
                raise OSError(errno.ELOOP, "is a link to itself")
            if target.startswith("/"):
                return None
            place.pop()
            steps += target.split("/")[::-1]
        return "/".join(place)

    def _target(self, path: str, *, is_last: bool) -> str | None:
        """Where the link at a path leads, as written in it; None for what is no link."""
        entry = self.entries.get(path)
        if entry is None and path not in self.folders:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
        if entry is None or entry.mode == GITLINK:
            return None
        if entry.mode != LINK:
            if not is_last:
                raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
            return None
        if not self.links[path]:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
        return self.links[path]

    def _batch(self, entries: list[Entry]) -> Iterator[tuple[Entry, bytes]]:
        stdin = "".join(f"{entry.blob}\n" for entry in entries).encode()
        said = self._asked(["cat-file", "--batch"], stdin)
        position = 0
        for entry in entries:
            end = said.index(b"\n", position)
            header = said[position:end].split()
            if len(header) != 3:
                raise self._unreadable(f"there is no content for {entry.path!r}")
            size = int(header[2])
            yield entry, said[end + 1 : end + 1 + size]
            position = end + 1 + size + 1

    def _asked(self, arguments: list[str], stdin: bytes = b"") -> bytes:
        try:
            return run_git(arguments, cwd=self.repository, stdin=stdin)
        except FAILURES as error:
            raise self._unreadable(str(error)) from None

    def _unreadable(self, why: str) -> InputError:
        do = "fetch it whole: this clone may be a partial one"
        what = f"git cannot read revision {self.commit[:12]} ({why})"
        return InputError([Problem(str(self.repository), what, do)])


def top_of(folder: Path) -> Path | None:
    """The top of the work tree that a folder lies in, links resolved; None outside of any."""
    try:
        said = run_git(["rev-parse", "--show-toplevel"], cwd=folder)
    except (*FAILURES, ValueError):
        return None
    text = os.fsdecode(said.removesuffix(b"\n"))
    return Path(text).resolve() if text else None


def commit_of(repository: Path, text: str) -> str | None:
    """The full id of the commit that a text names; None where it names none."""
    if not text or text.startswith("-") or "\0" in text:
        return None
    try:
        said = run_git(
            ["rev-parse", "--verify", "--quiet", "--end-of-options", f"{text}^{{commit}}"],
            cwd=repository,
        )
    except (*FAILURES, ValueError):
        return None
    return said.decode().strip() or None
