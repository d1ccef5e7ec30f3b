"""Files opened beneath a folder: whatever links a stranger planted, nothing outside is reached.

Linux does this itself (`openat2`). Elsewhere, and where a container forbids that call, the path is
walked step by step through open folders, which gives the same answers.
"""

import ctypes
import errno
import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path

_OPENAT2 = 437
"""The number of the call on every architecture. Source: Linux, `openat2(2)`."""
_NO_MAGIC_LINKS, _BENEATH = 0x02, 0x08
_MOST_LINKS, _MOST_FOLDERS = 40, 256
"""As many links as Linux follows, and as many folders as may be open for one path."""
_TRIES = 8
_ALWAYS = os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY
"""Neither a pipe that nobody writes to nor a terminal may hold us up."""


class _How(ctypes.Structure):
    _fields_ = [
        ("flags", ctypes.c_uint64),
        ("mode", ctypes.c_uint64),
        ("resolve", ctypes.c_uint64),
    ]


@contextmanager
def opened(root: Path) -> Iterator[int]:
    """A folder of the host that is ours to trust."""
    descriptor = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def open_beneath(root: int, path: str, *, flags: int = os.O_RDONLY, mode: int = 0) -> int:
    """A descriptor of what lies at a path below an open folder.

    Links are followed as long as they are relative and stay below the folder.

    Args:
        root: The descriptor of the folder.
        path: Relative to it.
        flags: As for `os.open`.
        mode: Of a file that is created.

    Raises:
        OSError: with EXDEV where the path would leave the folder.
    """
    if "\0" in path:
        raise OSError(errno.EINVAL, os.strerror(errno.EINVAL), path)
    if _has_openat2():
        return _ask_linux(root, path, flags=flags, mode=mode)
    return walk_beneath(root, path, flags=flags, mode=mode)


@cache
def _has_openat2() -> bool:
    if sys.platform != "linux":
        return False
    try:
        with opened(Path("/")) as root:
            os.close(_ask_linux(root, ".", flags=os.O_RDONLY | os.O_DIRECTORY, mode=0))
    except OSError:
        return False
    return True


def _ask_linux(root: int, path: str, *, flags: int, mode: int) -> int:
    kept = mode if flags & os.O_CREAT else 0
    how = _How(flags | _ALWAYS, kept, _BENEATH | _NO_MAGIC_LINKS)
    for _ in range(_TRIES):
        found = _linux().syscall(
            ctypes.c_long(_OPENAT2),
            ctypes.c_int(root),
            ctypes.c_char_p(os.fsencode(path)),
            ctypes.byref(how),
            ctypes.c_size_t(ctypes.sizeof(how)),
        )
        if found >= 0:
            return int(found)
        if ctypes.get_errno() not in (errno.EAGAIN, errno.EINTR):
            break
    number = ctypes.get_errno()
    raise OSError(number, os.strerror(number), path)


@cache
def _linux() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def walk_beneath(root: int, path: str, *, flags: int = os.O_RDONLY, mode: int = 0) -> int:
    """The same as `open_beneath`, for systems without such a call.

    Raises:
        OSError: with EXDEV where the path would leave the folder.
    """
    with ExitStack() as stack:
        folders = [root]
        steps = _steps(path)
        links = 0
        while steps:
            step = steps.pop(0)
            if step == ".":  # what is before it was opened as a folder
                continue
            if step == "/" or (step == ".." and len(folders) == 1):
                raise OSError(errno.EXDEV, os.strerror(errno.EXDEV), path)
            if step == "..":
                folders.pop()
                continue
            is_made = not steps and flags & os.O_EXCL  # a link in its place is in the way
            link = None if is_made else _link(step, folders[-1])
            if link is not None:
                links += 1
                if links > _MOST_LINKS:
                    raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), path)
                steps = [*_steps(link), *steps]
            elif steps:
                way = os.open(step, _ALWAYS | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=folders[-1])
                stack.callback(os.close, way)
                folders.append(way)
                if len(folders) > _MOST_FOLDERS:
                    raise OSError(errno.ENAMETOOLONG, os.strerror(errno.ENAMETOOLONG), path)
            else:
                return os.open(step, flags | _ALWAYS | os.O_NOFOLLOW, mode, dir_fd=folders[-1])
        return os.open(".", flags | _ALWAYS, mode, dir_fd=folders[-1])


def _steps(path: str) -> list[str]:
    """The names of a path: `/` before an absolute one, `.` after one that must be a folder."""
    names = [name for name in path.split("/") if name not in ("", ".")]
    first = ["/"] if path.startswith("/") else []
    last = ["."] if path.endswith(("/", "/.")) else []
    return [*first, *names, *last]


def _link(name: str, folder: int) -> str | None:
    """Where a link leads; None for what is none, or is not there."""
    try:
        return os.readlink(name, dir_fd=folder)
    except OSError:
        return None
