"""Copying a trusted folder: walked once, then written as often as it takes.

    shop = Original(Path("/templates/shop"))
    shop.copy(Path("/dev/shm/one"))
    shop.copy(Path("/dev/shm/other"))

Small files are held in memory, since opening and reading one costs as much as writing it. Links are
copied as links; pipes and devices are left out.
"""

import errno
import os
import stat
from dataclasses import dataclass
from pathlib import Path

MAX_HELD_BYTES = 32 << 20
"""Of one folder."""
_SMALL_BYTES = 1 << 16
_CHUNK_BYTES = 1 << 30
_READ_BYTES = 1 << 20
_NO_SHORT_WAY = frozenset(
    {errno.EXDEV, errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP, errno.EPERM, errno.EBADF}
)
"""What the kernel says where it cannot copy by itself, as between two file systems."""
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


@dataclass(frozen=True, slots=True)
class _File:
    name: str
    permissions: int
    mtime_ns: int
    place: str
    """Where it is."""
    size: int
    content: bytes | None
    """None where it is read from its place for every copy."""


@dataclass(frozen=True, slots=True)
class _Link:
    name: str
    mtime_ns: int
    target: str


@dataclass(frozen=True, slots=True)
class _Folder:
    name: str
    permissions: int
    mtime_ns: int
    files: tuple[_File, ...]
    links: tuple[_Link, ...]
    folders: tuple["_Folder", ...]


class Original:
    """A trusted folder that nobody changes any more."""

    def __init__(self, folder: Path, *, most_bytes: int = MAX_HELD_BYTES) -> None:
        """Walk it, and hold its small files until they come to `most_bytes`.

        Raises:
            OSError: it cannot be read.
        """
        self._left = most_bytes
        self._top = self._read(str(folder), "", folder.stat())

    def copy(self, target: Path, *, owner: int | None = None) -> None:
        """Write a copy with its times and permissions.

        Args:
            target: Where; nothing is there yet, and nobody else writes there.
            owner: The user id that everything is given to; None for whoever runs us.

        Raises:
            OSError: it cannot be written, or a file that is not held cannot be read.
        """
        target.mkdir()
        opened = os.open(target, _FOLDER)
        try:
            _Writing(owner).fill(self._top, opened)
        finally:
            os.close(opened)

    def _read(self, place: str, name: str, status: os.stat_result) -> _Folder:
        files: list[_File] = []
        links: list[_Link] = []
        folders: list[_Folder] = []
        with os.scandir(place) as entries:
            for entry in entries:
                below = entry.stat(follow_symlinks=False)
                if stat.S_ISDIR(below.st_mode):
                    folders.append(self._read(entry.path, entry.name, below))
                elif stat.S_ISLNK(below.st_mode):
                    target = os.readlink(entry.path)  # noqa: PTH115 # no path is taken apart here
                    links.append(_Link(entry.name, below.st_mtime_ns, target))
                elif stat.S_ISREG(below.st_mode):
                    files.append(self._file(entry, below))
        permissions = stat.S_IMODE(status.st_mode) & 0o777
        return _Folder(
            name, permissions, status.st_mtime_ns, tuple(files), tuple(links), tuple(folders)
        )

    def _file(self, entry: "os.DirEntry[str]", status: os.stat_result) -> _File:
        content = None
        if status.st_size <= min(_SMALL_BYTES, self._left):
            content = Path(entry.path).read_bytes()
            self._left -= len(content)
        permissions = stat.S_IMODE(status.st_mode) & 0o777
        return _File(
            entry.name, permissions, status.st_mtime_ns, entry.path, status.st_size, content
        )


class _Writing:
    """One copy while it is written."""

    def __init__(self, owner: int | None) -> None:
        self._owner = owner
        self._as_asked: dict[int, bool] = {}
        """Permissions that a new file gets, to whether the umask leaves them as they are."""

    def fill(self, folder: _Folder, opened: int) -> None:
        """Write what a folder holds into an open one that is empty."""
        for file in folder.files:
            self._file(file, opened)
        for link in folder.links:
            os.symlink(link.target, link.name, dir_fd=opened)
            if self._owner is not None:
                owner = self._owner
                os.chown(link.name, owner, owner, dir_fd=opened, follow_symlinks=False)
            times = (link.mtime_ns, link.mtime_ns)
            os.utime(link.name, ns=times, dir_fd=opened, follow_symlinks=False)
        for below in folder.folders:
            os.mkdir(below.name, 0o700, dir_fd=opened)
            inside = os.open(below.name, _FOLDER, dir_fd=opened)
            try:
                self.fill(below, inside)
            finally:
                os.close(inside)
        if self._owner is not None:
            os.fchown(opened, self._owner, self._owner)
        os.fchmod(opened, folder.permissions)
        os.utime(opened, ns=(folder.mtime_ns, folder.mtime_ns))

    def _file(self, file: _File, inside: int) -> None:
        writing = os.open(file.name, _NEW, file.permissions, dir_fd=inside)
        try:
            if file.content is None:
                _copy_content(file, writing)
            elif file.content:
                write_all(writing, file.content)
            if self._owner is not None:
                os.fchown(writing, self._owner, self._owner)
            if not self._is_as_asked(file.permissions, writing):
                os.fchmod(writing, file.permissions)
            os.utime(writing, ns=(file.mtime_ns, file.mtime_ns))
        finally:
            os.close(writing)

    def _is_as_asked(self, permissions: int, writing: int) -> bool:
        """Whether new files get these permissions; looked up at the first that has them."""
        known = self._as_asked.get(permissions)
        if known is None:
            known = stat.S_IMODE(os.fstat(writing).st_mode) == permissions
            self._as_asked[permissions] = known
        return known


def copy_folder(source: Path, target: Path, *, owner: int | None = None) -> None:
    """Copy a trusted folder once, with its times and permissions; see `Original.copy`.

    Raises:
        OSError: it cannot be read or written.
    """
    Original(source, most_bytes=0).copy(target, owner=owner)


def _copy_content(file: _File, writing: int) -> None:
    reading = os.open(file.place, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    try:
        _pour(reading, writing, file.size)
    finally:
        os.close(reading)


def _pour(reading: int, writing: int, size: int) -> None:
    if size <= _SMALL_BYTES:
        # Two calls whatever the file systems; by itself the kernel copies within one of them only.
        _pour_through(reading, writing, size)
        return
    left = size
    try:
        while left > 0 and (count := os.copy_file_range(reading, writing, min(left, _CHUNK_BYTES))):
            left -= count
    except OSError as error:
        if error.errno not in _NO_SHORT_WAY:
            raise
        _pour_through(reading, writing, left)
    except AttributeError:  # not Linux
        _pour_through(reading, writing, left)


def _pour_through(reading: int, writing: int, left: int) -> None:
    while left > 0 and (chunk := os.read(reading, min(left, _READ_BYTES))):
        left -= len(chunk)
        write_all(writing, chunk)


def write_all(writing: int, content: bytes) -> None:
    """Write all of it, in as many calls as it takes."""
    view = memoryview(content)
    while view:
        view = view[os.write(writing, view) :]
