"""A tree of setup files at a git revision, read from git's objects without a checkout.

It gives what a clean checkout of the revision would: links are followed as long as they stay
inside the folder, files that git does not track are not there, and a submodule is an empty folder.
Contents are those that were committed: no filter of the repository is run. What a checkout makes of
line ends is no difference, since whoever reads a text makes them alike.
"""

import errno
import posixpath
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from audition.errors import InputError, Problem
from audition.git_objects import GITLINK, LINK, Entry, GitObjects
from audition.setups.setup import Finding
from audition.setups.tree import MAX_DEPTH, MAX_ENTRIES, MAX_FILE_BYTES

_READ_TOGETHER = 400
"""Files of one folder that are fetched at once, since they are asked for one after another."""


@dataclass(frozen=True)
class GitTree:
    """The files of a folder as a revision has them.

    Raises:
        InputError: the revision has no such folder, git cannot read it, or a listing finds more
            than `MAX_ENTRIES`.
    """

    objects: GitObjects
    folder: str = ""
    """From the top of the repository, with `/`; its links are followed as the revision has them."""
    label: str = ""
    """The revision, as the user named it."""

    def __post_init__(self) -> None:
        try:
            real = self.objects.resolved(self.folder)
            is_folder = real is not None and real in self.objects.folders
        except OSError:
            is_folder = False
        if not is_folder:
            what = f"has no folder {self.folder or '.'!r}"
            do = "name a revision that has it, or `none`"
            raise InputError([Problem(self.label or self.objects.commit[:12], what, do)])

    def files(self, under: str = "", *, deep: bool = True) -> tuple[str, ...]:
        """The files under a folder of the tree, sorted; without `deep`, those directly in it."""
        return tuple(sorted(x for x in self._walk(under, deep=deep) if isinstance(x, str)))

    def findings(self, under: str = "") -> tuple[Finding, ...]:
        """Links that leave the folder, and submodules."""
        return tuple(x for x in self._walk(under, deep=True) if isinstance(x, Finding))

    def read(self, path: str) -> bytes:
        """The content of one file.

        Raises:
            OSError: it is missing, no file, outside the tree, unreadable or over `MAX_FILE_BYTES`.
        """
        real = self._real(path)
        if real is None:
            raise OSError(errno.EXDEV, "lies outside the project")
        entry = self.objects.entries.get(self._full(real))
        if entry is None or entry.mode == GITLINK:
            raise IsADirectoryError(errno.EISDIR, "is a folder")
        if entry.size > MAX_FILE_BYTES:
            raise OSError(errno.EFBIG, f"is larger than {MAX_FILE_BYTES >> 20} MiB")
        if entry.blob not in self._contents:
            self._fetch(entry)
        return self._contents[entry.blob]

    @cached_property
    def _root(self) -> str:
        return self.objects.resolved(self.folder) or ""

    @cached_property
    def _contents(self) -> dict[str, bytes]:
        """What was read so far, by blob."""
        return {}

    def _full(self, real: str) -> str:
        return posixpath.join(self._root, real) if real != "." else self._root

    def _real(self, path: str) -> str | None:
        """The path with all links followed, from the root of the tree; None where it is outside."""
        real = self.objects.resolved(posixpath.join(self._root, path))
        if real is None or ".git" in real.split("/"):
            return None
        if not self._root:
            return real or "."
        if real == self._root:
            return "."
        inside = f"{self._root}/"
        return real.removeprefix(inside) if real.startswith(inside) else None

    def _fetch(self, entry: Entry) -> None:
        """Read a file, and those beside it that will be asked for next."""
        folder, _, name = entry.path.rpartition("/")
        ending = posixpath.splitext(name)[1]
        beside = (
            self.objects.entries.get(posixpath.join(folder, other))
            for other in self.objects.folders[folder]
            if other.endswith(ending)
        )
        small = [
            other
            for other in beside
            if other and other.mode not in (LINK, GITLINK) and other.size <= MAX_FILE_BYTES
        ]
        wanted = small if len(small) <= _READ_TOGETHER else [entry]
        for read, data in self.objects.contents({e.blob: e for e in (*wanted, entry)}.values()):
            self._contents[read.blob] = data

    def _walk(self, under: str, *, deep: bool) -> Iterator[str | Finding]:
        """Every file, or a finding in place of what cannot be followed."""
        pending: list[tuple[str, tuple[str, ...]]] = [(under, ())]
        seen = 0
        while pending:
            path, parents = pending.pop()
            seen += 1
            if seen > MAX_ENTRIES:
                what = f"holds more than {MAX_ENTRIES} files"
                raise InputError([Problem(self.label, what, "name a narrower folder")])
            try:
                real = self._real(path)
                names = self.objects.folders.get(self._full(real)) if real is not None else None
                if real is None:
                    yield _lost(path, "is a link that leaves the project", "copy the files in")
                elif names is None:
                    yield self._file(path, real)
                elif real not in parents and (deep or not parents):
                    pending += self._entries(path, names, (*parents, real))
            except FileNotFoundError:
                if parents:
                    yield _lost(path, "is a link to nothing", "mend the link")
            except OSError as error:
                yield _lost(path, f"cannot be read: it {error.strerror}", "mend it")

    def _file(self, path: str, real: str) -> str | Finding:
        if self.objects.entries[self._full(real)].mode == GITLINK:
            what = "is a submodule, of which this revision holds no file"
            return _lost(path, what, "copy the files in")
        return path

    def _entries(
        self, folder: str, names: tuple[str, ...], parents: tuple[str, ...]
    ) -> Iterator[tuple[str, tuple[str, ...]]]:
        """What lies in a folder, each with the folders above it."""
        if len(parents) > MAX_DEPTH:
            raise OSError(errno.ELOOP, "is nested too deeply")
        for name in names:
            if name != ".git":
                yield posixpath.join(folder, name), parents


def _lost(path: str, what: str, do: str) -> Finding:
    return Finding(path, 1, what, do, "not loaded")
