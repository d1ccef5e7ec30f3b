"""Reading and writing files of the bench on the host: regular ones only, and in bounds."""

import errno
import os
import posixpath
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import islice

from audition.beneath import open_beneath, opened
from audition.errors import FaultError
from audition.tools._given import MistakeError, shown
from audition.tools._places import Spot

READ_BYTES = 10 << 20
WRITTEN_BYTES = 10 << 20
_FILE, _FOLDER = 0o644, 0o755
"""Modes of what is made, whatever the umask of the user who runs us."""
_COMPARED_NAMES, _COMPARED_CHARACTERS = 500, 100
"""Comparing two names costs the product of their lengths."""

_ANSWERS = {
    errno.EXDEV: "is reached through a link that leads out of its folder, which is not followed",
    errno.ELOOP: "is reached through links that lead in a circle",
    errno.ENOTDIR: "has a file in its way: one of the names before the last is no folder",
    errno.EISDIR: "is a folder",
    errno.EACCES: "may not be opened: permission denied",
    errno.EPERM: "may not be opened: not permitted",
    errno.ENAMETOOLONG: "has a name in it that is too long",
    errno.EEXIST: "is a link to something that is not there",
    errno.ENXIO: "is no regular file",
    errno.ENODEV: "is no regular file",
    errno.EINVAL: "is no name that this file system can have",
    errno.EILSEQ: "is no name that this file system can have",
    errno.ETXTBSY: "is being run",
    errno.EFBIG: "would be too large",
}
"""What is the model's own doing; everything else is trouble of this machine."""


@dataclass(frozen=True)
class Content:
    """What a file holds."""

    data: bytes
    whole: bool
    """False where there is more than is read."""


def read_file(spot: Spot) -> Content:
    """The first `READ_BYTES` of a regular file.

    Raises:
        MistakeError: there is none, or it is not for reading.
        FaultError: the disk failed.
    """
    with (
        _explained(spot),
        opened(spot.root) as root,
        open(_regular(root, spot, os.O_RDONLY), "rb") as file,
    ):
        data = file.read(READ_BYTES + 1)
    return Content(data[:READ_BYTES], len(data) <= READ_BYTES)


def write_file(spot: Spot, data: bytes, *, owner: int | None) -> bool:
    """Put this into a file in place of what it held; whether the file is new.

    Folders on the way are made. A file that is there keeps its mode and its owner.

    Raises:
        MistakeError: it cannot be written.
        FaultError: the disk failed.
    """
    if len(data) > WRITTEN_BYTES:
        raise MistakeError(f"That is more than the {WRITTEN_BYTES >> 20} MiB a file may be given.")
    with _explained(spot), opened(spot.root) as root:
        try:
            descriptor, is_new = _regular(root, spot, os.O_WRONLY), False
        except FileNotFoundError:
            _make_folders(root, spot.path, owner)
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
            descriptor, is_new = open_beneath(root, spot.path, flags=flags, mode=_FILE), True
        with os.fdopen(descriptor, "wb") as file:
            if is_new:
                _give(descriptor, _FILE, owner)
            file.truncate(0)
            file.write(data)
    return is_new


def is_folder(spot: Spot) -> bool:
    """Whether it is a folder, rather than a regular file.

    Raises:
        MistakeError: it is neither, or not there.
    """
    with _explained(spot), opened(spot.root) as root:
        descriptor = open_beneath(root, spot.path)
        try:
            mode = os.fstat(descriptor).st_mode
        finally:
            os.close(descriptor)
    if not stat.S_ISDIR(mode) and not stat.S_ISREG(mode):
        raise MistakeError(f"{spot.shown} is no regular file.")
    return stat.S_ISDIR(mode)


def _regular(root: int, spot: Spot, flags: int) -> int:
    descriptor = open_beneath(root, spot.path, flags=flags)
    mode = os.fstat(descriptor).st_mode
    if stat.S_ISREG(mode):
        return descriptor
    os.close(descriptor)
    raise OSError(errno.EISDIR if stat.S_ISDIR(mode) else errno.ENXIO, "", spot.path)


def _make_folders(root: int, path: str, owner: int | None) -> None:
    """Every folder on the way to a file, each beneath the one before."""
    names = path.split("/")[:-1]
    for count in range(1, len(names) + 1):
        here = "/".join(names[:count])
        try:
            os.close(open_beneath(root, here, flags=os.O_RDONLY | os.O_DIRECTORY))
        except FileNotFoundError:
            _make_folder(root, "/".join(names[: count - 1]) or ".", names[count - 1], owner)


def _make_folder(root: int, above: str, name: str, owner: int | None) -> None:
    parent = open_beneath(root, above, flags=os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.mkdir(name, _FOLDER, dir_fd=parent)
        made = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=parent)
        try:
            _give(made, _FOLDER, owner)
        finally:
            os.close(made)
    finally:
        os.close(parent)


def _give(descriptor: int, mode: int, owner: int | None) -> None:
    os.fchmod(descriptor, mode)
    if owner is not None:
        os.fchown(descriptor, owner, owner)


@contextmanager
def _explained(spot: Spot) -> Iterator[None]:
    """Tell what the model did wrong from trouble of this machine."""
    try:
        yield
    except FileNotFoundError:
        raise MistakeError(_missing(spot)) from None
    except OSError as error:
        if error.errno in _ANSWERS:
            raise MistakeError(f"{spot.shown} {_ANSWERS[error.errno]}.") from None
        raise FaultError("sandbox", f"{spot.shown}: {error}", retryable=True) from error


def _missing(spot: Spot) -> str:
    """What is not there, how far the path leads, and what has nearly that name."""
    above, names = ".", spot.path.split("/")
    try:
        with opened(spot.root) as root:
            while len(names) > 1 and _is_there(root, further := posixpath.join(above, names[0])):
                above, names = posixpath.normpath(further), names[1:]
            there = _names(root, above)
    except OSError:
        return f"{spot.shown} is not there."
    near = get_close_matches(names[0][:_COMPARED_CHARACTERS], there, n=3)
    place = Spot(root=spot.root, folder=spot.folder, path=above)
    said = f"{spot.shown} is not there: {place.shown} holds no `{shown(names[0])}`."
    return f"{said} Near it: {', '.join(map(shown, near))}." if near else said


def _is_there(root: int, path: str) -> bool:
    try:
        os.close(open_beneath(root, path, flags=os.O_RDONLY | os.O_DIRECTORY))
    except FileNotFoundError:
        return False
    return True


def _names(root: int, path: str) -> list[str]:
    folder = open_beneath(root, path, flags=os.O_RDONLY | os.O_DIRECTORY)
    try:
        with os.scandir(folder) as entries:
            some = [entry.name for entry in islice(entries, _COMPARED_NAMES)]
    finally:
        os.close(folder)
    return sorted(name for name in some if len(name) <= _COMPARED_CHARACTERS)
