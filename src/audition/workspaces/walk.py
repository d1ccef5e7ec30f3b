"""Walking a workspace: the status of every file, and the content of those that are another.

The workspace is hostile: it is walked through descriptors of folders, no link is followed, nothing
but regular files is opened, and everything has a bound.
"""

import errno
import os
import stat
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha1
from typing import NamedTuple

from audition.trees import EXECUTABLE, LINK, OTHER, REGULAR, File, Tree, blob_id

UNSEEN = frozenset({
    ".git", "__pycache__", ".pytest_cache", ".ruff_cache", ".mypy_cache", "node_modules", ".venv",
})  # fmt: skip
"""Folders that are never looked into, wherever they lie."""
MAX_DEPTH = 64
MAX_FILES = 20_000
"""Folders are counted, too."""
MAX_KEPT_BYTES = 1 << 20
"""Of one file: a larger one is known by its id alone."""
MAX_HASHED_BYTES = 1 << 30
"""Of one file: a larger one is known by nothing. Of all files that one snapshot reads, too: files
with holes cost a command no room, and whoever reads them all day."""
_MAX_NOTES = 100
_CHUNK_BYTES = 1 << 18
Keep = Callable[[str, str, bytes], None]
"""Takes the path, the blob's id and the content of a file that may be kept."""


class Entry(NamedTuple):
    """One file, as the file system and as git have it."""

    mode: int
    size: int
    mtime_ns: int
    ctime_ns: int
    inode: int
    file: File


@dataclass(frozen=True)
class Bounds:
    """How much of a workspace is looked at; what lies beyond is told by `truncated`."""

    files: int
    """Folders are counted, too."""
    bytes: int
    """To be read."""


ALL = Bounds(MAX_FILES, MAX_HASHED_BYTES)
QUICK = Bounds(2_000, 4 << 20)
"""What is looked at in less time than it takes to ask a thread to."""


def shown_path(name: str) -> tuple[str, bool]:
    """A path that can be written as UTF-8, and whether it is the real one.

    Bytes of a name that are no UTF-8 are shown as backslash escapes.
    """
    try:
        name.encode()
    except UnicodeEncodeError:
        return os.fsencode(name).decode("utf-8", "backslashreplace"), False
    return name, True


FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder that is open."""

    descriptor: int
    prefix: str = ""
    depth: int = 0
    is_real: bool = True
    """Its path is shown as it is."""


@dataclass
class Look:
    """One walk."""

    previous: Mapping[str, Entry]
    before_ns: int
    keep: Keep | None
    given: Tree
    bounds: Bounds = ALL
    entries: dict[str, Entry] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    truncated: str = ""
    seen: int = 0
    left_bytes: int = MAX_HASHED_BYTES

    def at(self, folder: Folder) -> None:
        """Look at everything below an open folder."""
        most, prefix, known_of = self.bounds.files, folder.prefix, self.previous.get
        try:
            with os.scandir(folder.descriptor) as entries:
                for entry in entries:
                    self.seen += 1
                    if self.seen > most:
                        self.truncated = f"the workspace holds more than {most} files"
                        return
                    try:
                        status = entry.stat(follow_symlinks=False)
                        path = f"{prefix}{entry.name}"
                        known = known_of(path)
                        # The way of nearly all files: what has its real path is known by it.
                        if known and folder.is_real and self._is_same(known, status):
                            self.entries[path] = known
                        else:
                            self._entry(folder, entry.name, status)
                    except FileNotFoundError:
                        pass  # what is gone by now is not there
        except OSError as error:
            self._note(folder.prefix, f"could not be listed ({error.strerror})")

    def along(self, root: int, parts: Sequence[str]) -> bool:
        """Look at one file that was written; False where others can have been written with it.

        Raises:
            OSError: there is no such file, or a name on the way to it is no folder.
        """
        *folders, name = parts
        prefix = "".join(f"{part}/" for part in folders)
        if len(folders) > MAX_DEPTH or not shown_path(prefix + name)[1]:
            return False
        current = os.dup(root)
        try:
            for part in folders:
                below = os.open(part, FOLDER, dir_fd=current)
                os.close(current)
                current = below
            status = os.stat(name, dir_fd=current, follow_symlinks=False)
            if not stat.S_ISREG(status.st_mode) or status.st_nlink != 1:
                return False
            if UNSEEN.isdisjoint(folders):
                self._entry(Folder(current, prefix, len(folders)), name, status)
        finally:
            os.close(current)
        return True

    def _entry(self, folder: Folder, name: str, status: os.stat_result) -> None:
        shown, is_real = (name, folder.is_real) if name.isascii() else shown_path(name)
        is_real = is_real and folder.is_real
        path = f"{folder.prefix}{shown}"
        if stat.S_ISDIR(status.st_mode):
            if name not in UNSEEN:
                self._below(folder, name, path, is_real=is_real)
        elif name != ".git" and (is_real or path not in self.entries):
            known = self.previous.get(path)
            if known is None or not self._is_same(known, status):
                file = self.given.get(path) or self._read(folder, name, path, status)
                known = _entry_of(status, file if is_real else File(OTHER, file.blob))
            self.entries[path] = known

    def _is_same(self, known: Entry, status: os.stat_result) -> bool:
        return (
            known.ctime_ns == status.st_ctime_ns
            and known.mtime_ns == status.st_mtime_ns
            and known.size == status.st_size
            and known.mode == status.st_mode
            and known.inode == status.st_ino
            and known.ctime_ns < self.before_ns
        )

    def _below(self, folder: Folder, name: str, path: str, *, is_real: bool) -> None:
        if folder.depth >= MAX_DEPTH:
            self.truncated = f"the workspace has folders more than {MAX_DEPTH} deep"
            return
        try:
            below = os.open(name, FOLDER, dir_fd=folder.descriptor)
        except OSError as error:
            self._note(path, f"could not be looked into ({error.strerror})")
            return
        try:
            self.at(Folder(below, f"{path}/", folder.depth + 1, is_real))
        finally:
            os.close(below)

    def _read(self, folder: Folder, name: str, path: str, status: os.stat_result) -> File:
        if stat.S_ISLNK(status.st_mode):
            mode, read = LINK, _read_link
        elif stat.S_ISREG(status.st_mode):
            mode = EXECUTABLE if status.st_mode & stat.S_IXUSR else REGULAR
            read = _read_file
        else:
            return File(OTHER, "")
        if status.st_size <= MAX_HASHED_BYTES:  # a larger one is not read
            self.left_bytes -= status.st_size
        if self.left_bytes < 0:
            self.truncated = f"the workspace has more than {self.bounds.bytes >> 20} MB to read"
            return File(mode, "")
        try:
            blob, content = read(name, folder.descriptor)
        except FileNotFoundError:
            raise
        except OSError as error:
            self._note(path, f"could not be read ({error.strerror})")
            return File(mode, "")
        if content is not None and self.keep:
            self.keep(path, blob, content)
        return File(mode, blob)

    def _note(self, path: str, what: str) -> None:
        if len(self.notes) < _MAX_NOTES:
            self.notes.append(f"{path.rstrip('/') or 'the workspace'} {what}")


def _entry_of(status: os.stat_result, file: File) -> Entry:
    return Entry(
        status.st_mode,
        status.st_size,
        status.st_mtime_ns,
        status.st_ctime_ns,
        status.st_ino,
        file,
    )


def _read_link(name: str, folder: int) -> tuple[str, bytes | None]:
    text = os.fsencode(os.readlink(name, dir_fd=folder))
    return blob_id(text), text


def _read_file(name: str, folder: int) -> tuple[str, bytes | None]:
    """The blob's id, and the content where it is small enough to be kept."""
    opened = os.open(name, _FILE, dir_fd=folder)
    try:
        status = os.fstat(opened)
        if not stat.S_ISREG(status.st_mode):
            raise OSError(errno.EINVAL, "it is no regular file")
        if status.st_size > MAX_HASHED_BYTES:
            raise OSError(errno.EFBIG, f"it is larger than {MAX_HASHED_BYTES >> 20} MB")
        if status.st_size <= MAX_KEPT_BYTES:
            content = _read_all(opened, status.st_size)
            return blob_id(content), content
        return _hash(opened, status.st_size), None
    finally:
        os.close(opened)


def _read_all(opened: int, size: int) -> bytes:
    content = os.read(opened, size + 1)
    if len(content) != size:
        raise OSError(errno.EBUSY, "it changed while it was read")
    return content


def _hash(opened: int, size: int) -> str:
    """The blob's id of a large file, without holding all of it."""
    name, left = sha1(b"blob %d\0" % size, usedforsecurity=False), size
    while left > 0 and (chunk := os.read(opened, min(_CHUNK_BYTES, left))):
        name.update(chunk)
        left -= len(chunk)
    if left:
        raise OSError(errno.EBUSY, "it changed while it was read")
    return name.hexdigest()
