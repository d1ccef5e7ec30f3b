"""The files of a revision, straight from git's object store: nothing is checked out.

No hook, filter or attribute of the repository has a say in what is read here. Names and contents
are bytes that anybody may have committed; whoever writes them to a disk has to look at them first.
"""

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from audition.hardened_git import FAILURES, run_git

LINK, GITLINK = 0o120000, 0o160000
BATCH_BYTES = 32 << 20
"""As much as is held at once when many contents are read."""

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

    Its properties raise `OSError` or `subprocess.SubprocessError` where git cannot read it.
    """

    repository: Path
    """The top of a work tree."""
    commit: str
    """Its full id."""

    @cached_property
    def entries(self) -> dict[str, Entry]:
        """Everything that the revision holds, by path."""
        listing = run_git(
            ["ls-tree", "-r", "-z", "-l", "--full-tree", self.commit], cwd=self.repository
        )
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

    def contents(self, entries: Iterable[Entry]) -> Iterator[tuple[Entry, bytes]]:
        """What files and links hold, a batch at a time.

        Raises:
            OSError: git has no content for one of them.
            subprocess.SubprocessError: git cannot read them.
        """
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

    def _batch(self, entries: list[Entry]) -> Iterator[tuple[Entry, bytes]]:
        stdin = "".join(f"{entry.blob}\n" for entry in entries).encode()
        said = run_git(["cat-file", "--batch"], cwd=self.repository, stdin=stdin)
        position = 0
        for entry in entries:
            end = said.index(b"\n", position)
            header = said[position:end].split()
            if len(header) != 3:
                raise OSError(0, f"git has no content for {entry.path}")
            size = int(header[2])
            yield entry, said[end + 1 : end + 1 + size]
            position = end + 1 + size + 1


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
