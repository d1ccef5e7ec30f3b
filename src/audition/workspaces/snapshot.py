"""Snapshots: what lies in a workspace at one moment, whoever put it there and by whatever means.

A snapshot looks at the status of every file and reads only those whose status is another than in
the snapshot before. A set modification time does not hide an edit, since nobody can set the time
of the last change of the status.

The workspace is hostile: it is walked through descriptors of folders, no link is followed, nothing
but regular files is opened, and everything has a bound. What could not be looked at is said in
`notes`.
"""

import errno
import os
import stat
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cached_property
from hashlib import sha1
from typing import NamedTuple

from audition.trees import EXECUTABLE, LINK, OTHER, REGULAR, File, FileChange, Tree, blob_id

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
MAX_ALL_KEPT_BYTES = 64 << 20
"""Of one trial."""

_SECRETS = (".env", ".env.*", "*.pem", "*.key", "*.p12", "*.pfx", "id_rsa*", "id_ed25519*",
            "id_ecdsa*", ".netrc", ".npmrc", ".pypirc", "credentials*", "*token*", "*secret*",
            "*password*")  # fmt: skip
_NO_SECRETS = (".env.example", ".env.sample", ".env.template", "*.py", "*.pyi", "*.js", "*.mjs",
               "*.cjs", "*.jsx", "*.ts", "*.mts", "*.cts", "*.tsx", "*.md", "*.html",
               "*.css")  # fmt: skip
_MAX_NOTES = 100
_CHUNK_BYTES = 1 << 18
_TICK_NS = 10_000_000
"""Two changes may get the same time of an older kernel's clock: what changed so shortly before a
snapshot is read again for the next one."""

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
class Snapshot:
    """Everything in a workspace at one moment."""

    entries: Mapping[str, Entry]
    notes: tuple[str, ...] = ()
    """What could not be looked at, in sentences."""
    truncated: str = ""
    """Why it does not hold everything; then no file that it lacks is taken for deleted."""
    taken_ns: int = 0
    seen: int = 0
    """How many files and folders were met."""

    @cached_property
    def tree(self) -> Tree:
        """The files alone."""
        return {path: entry.file for path, entry in self.entries.items()}

    def since(
        self, previous: "Snapshot", among: Iterable[str] | None = None
    ) -> tuple[FileChange, ...]:
        """What has changed since an earlier one, by path.

        Args:
            previous: The earlier one.
            among: All that can have changed, where that is known.
        """
        before, after = previous.entries, self.entries
        if among is not None:
            paths = [path for path in among if before.get(path) is not after.get(path)]
        else:
            paths = _others(before, after)
        changes = (
            FileChange(path, _file(before, path), _file(after, path)) for path in sorted(paths)
        )
        return tuple(change for change in changes if change.before != change.after)


EMPTY = Snapshot({})


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


class Kept:
    """The contents that a trial has kept, each once."""

    def __init__(self, *, most_bytes: int = MAX_ALL_KEPT_BYTES) -> None:
        self.contents: dict[str, bytes] = {}
        self.is_full = False
        """Something was not kept since there was no room."""
        self._left = most_bytes

    def keep(self, path: str, blob: str, content: bytes) -> None:
        """Keep a content, unless it looks like a secret, is large, or there is no room."""
        if blob in self.contents or len(content) > MAX_KEPT_BYTES or looks_secret(path):
            return
        if len(content) > self._left:
            self.is_full = True
            return
        self._left -= len(content)
        self.contents[blob] = content


def looks_secret(path: str) -> bool:
    """Whether a file is named like one that holds a key; source code and documents are not."""
    name = path.rpartition("/")[2].lower()
    if any(fnmatchcase(name, pattern) for pattern in _NO_SECRETS):
        return False
    return any(fnmatchcase(name, pattern) for pattern in _SECRETS)


def shown_path(name: str) -> tuple[str, bool]:
    """A path that can be written as UTF-8, and whether it is the real one.

    Bytes of a name that are no UTF-8 are shown as backslash escapes.
    """
    try:
        name.encode()
    except UnicodeEncodeError:
        return os.fsencode(name).decode("utf-8", "backslashreplace"), False
    return name, True


def snapshot(
    root: int | str | os.PathLike[str],
    previous: Snapshot = EMPTY,
    *,
    keep: Keep | None = None,
    given: Tree | None = None,
    bounds: Bounds = ALL,
) -> Snapshot:
    """Look at everything below a folder.

    Args:
        root: The folder, or a descriptor of it.
        previous: The snapshot before: what has the status that it had there is not read again.
        keep: Takes the content of every regular file and link that was read whole.
        given: What is known to lie there, from whoever laid it out: nothing of it is read.
        bounds: How much is looked at, at most.

    Raises:
        OSError: the folder itself cannot be opened.
    """
    taken_ns = time.time_ns()
    trusted_ns = previous.taken_ns - _TICK_NS
    look = _Look(previous.entries, trusted_ns, keep, given or {}, bounds, left_bytes=bounds.bytes)
    opened = os.dup(root) if isinstance(root, int) else os.open(root, _FOLDER)
    try:
        look.at(_Folder(opened))
    finally:
        os.close(opened)
    entries = {**previous.entries, **look.entries} if look.truncated else look.entries
    # Nobody has changed anything since it was laid out, so that all of it may be trusted.
    settled_ns = taken_ns + 2 * _TICK_NS if given else taken_ns
    return Snapshot(entries, tuple(look.notes), look.truncated, settled_ns, look.seen)


def after_writing(
    root: int | str | os.PathLike[str],
    previous: Snapshot,
    paths: Iterable[str],
    *,
    keep: Keep | None = None,
) -> Snapshot | None:
    """The next snapshot where nothing but these files can have changed since the one before.

    Args:
        root: The folder, or a descriptor of it.
        previous: The snapshot before.
        paths: Files that were written, from the folder; nothing was removed.
        keep: As for `snapshot`.

    Returns:
        The same as `snapshot`; None where only that can tell, as where a path leads over a link.
    """
    written = [path.split("/") for path in paths]
    seen = previous.seen + sum(map(len, written))
    if previous.truncated or seen > MAX_FILES:
        return None
    taken_ns = time.time_ns()
    look = _Look(previous.entries, 0, keep, {}, entries=dict(previous.entries))
    with suppress(OSError):
        opened = os.dup(root) if isinstance(root, int) else os.open(root, _FOLDER)
        try:
            if all(look.along(opened, parts) for parts in written) and not look.truncated:
                return Snapshot(look.entries, tuple(look.notes), "", taken_ns, seen)
        finally:
            os.close(opened)
    return None


_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC


@dataclass(frozen=True, slots=True)
class _Folder:
    """A folder that is open."""

    descriptor: int
    prefix: str = ""
    depth: int = 0
    is_real: bool = True
    """Its path is shown as it is."""


@dataclass
class _Look:
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

    def at(self, folder: _Folder) -> None:
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
                below = os.open(part, _FOLDER, dir_fd=current)
                os.close(current)
                current = below
            status = os.stat(name, dir_fd=current, follow_symlinks=False)
            if not stat.S_ISREG(status.st_mode) or status.st_nlink != 1:
                return False
            if UNSEEN.isdisjoint(folders):
                self._entry(_Folder(current, prefix, len(folders)), name, status)
        finally:
            os.close(current)
        return True

    def _entry(self, folder: _Folder, name: str, status: os.stat_result) -> None:
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

    def _below(self, folder: _Folder, name: str, path: str, *, is_real: bool) -> None:
        if folder.depth >= MAX_DEPTH:
            self.truncated = f"the workspace has folders more than {MAX_DEPTH} deep"
            return
        try:
            below = os.open(name, _FOLDER, dir_fd=folder.descriptor)
        except OSError as error:
            self._note(path, f"could not be looked into ({error.strerror})")
            return
        try:
            self.at(_Folder(below, f"{path}/", folder.depth + 1, is_real))
        finally:
            os.close(below)

    def _read(self, folder: _Folder, name: str, path: str, status: os.stat_result) -> File:
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


def _others(before: Mapping[str, Entry], after: Mapping[str, Entry]) -> list[str]:
    """The paths of all entries that are not the same object."""
    paths = [path for path, entry in after.items() if before.get(path) is not entry]
    if len(after) - len(paths) < len(before):
        paths += [path for path in before if path not in after]
    return paths


def _file(entries: Mapping[str, Entry], path: str) -> File | None:
    entry = entries.get(path)
    return None if entry is None else entry.file
