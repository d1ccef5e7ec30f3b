"""Laying files out: a copy of a folder, a stored tree, and a folder removed again.

A stored tree may come from anywhere. Nothing of it is written outside of its folder: regular files
come first, links last, and a link only where it stays inside.
"""

import errno
import os
import posixpath
import stat
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from audition.sandboxes import remove_tree
from audition.trees import EXECUTABLE, LINK, REGULAR, File, Tree
from audition.workspaces.snapshot import UNSEEN

MAX_LINK_BYTES = 4096
_PERMISSIONS = {REGULAR: 0o644, EXECUTABLE: 0o755}
_DEEPEST = 64
_CHUNK_BYTES = 1 << 30
_READ_BYTES = 1 << 20
_SMALL_BYTES = 1 << 16
_NO_SHORT_WAY = frozenset(
    {errno.EXDEV, errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP, errno.EPERM, errno.EBADF}
)
"""What the kernel says where it cannot copy by itself, as between two file systems."""


class Unshown(Protocol):
    """A template, as far as a tree that is laid out again needs it."""

    @property
    def folder(self) -> Path:
        """Where its files are."""

    def path_of(self, blob: str) -> str | None:
        """A file of it that has this content."""


def lay_out(
    tree: Tree,
    content: Callable[[str], bytes | None],
    at: Path,
    *,
    template: Unshown | None = None,
) -> tuple[str, ...]:
    """Write a stored tree into a folder, which is made if it is not there.

    Args:
        tree: The files.
        content: Gives the content of a blob, or None where it was not kept.
        at: The folder; nobody else writes there.
        template: What the tree began as: what was not kept and is still as it was comes from there,
            and so does what no tree shows, as `node_modules`.

    Returns:
        The paths that could not be written: unknown content, no regular file, or outside.

    Raises:
        OSError: the disk is full, or the folder cannot be written.
    """
    at.mkdir(parents=True, exist_ok=True)
    missing = []
    made: set[str] = set()
    for path, file in sorted(tree.items(), key=_links_last):
        held = content(file.blob) if file.blob else None
        if held is None and template:
            held = _held_by(template, file.blob)
        if held is None or not is_inside(path) or not _written(at, path, file, held, made):
            missing.append(path)
    if template:
        _copy_unseen(template.folder, at)
    return tuple(sorted(missing))


def _links_last(item: tuple[str, File]) -> tuple[bool, int, str]:
    """Files before links, deep links before others: nothing is ever written through a link."""
    path, file = item
    return file.mode == LINK, -path.count("/"), path


def is_inside(path: str) -> bool:
    """Whether a path of a tree names a place in its folder, and none of git's own."""
    parts = path.split("/")
    return "\0" not in path and not any(part in ("", ".", "..", ".git") for part in parts)


def stays_inside(path: str, target: str) -> bool:
    """Whether a link at a path of a tree leads to a place in the tree, through whatever links."""
    if not target or "\0" in target or target.startswith("/"):
        return False
    parts = target.split("/")
    climbing = next((i for i, part in enumerate(parts) if part not in ("..", ".", "")), len(parts))
    # After a name, `..` would lead up from wherever another link has led to.
    depth = path.count("/")
    return ".." not in parts[climbing:] and parts[:climbing].count("..") <= depth


def copy_folder(source: Path, target: Path, *, owner: int | None = None) -> None:
    """Copy a trusted folder with its times and permissions; the target must not be there.

    Args:
        source: What to copy; links are copied as links, pipes and devices are left out.
        target: Where to.
        owner: The user id that everything is given to; None for whoever runs us.

    Raises:
        OSError: it cannot be read or written.
    """
    target.mkdir()
    with os.scandir(source) as entries:
        for entry in entries:
            _copy(entry, f"{target}/{entry.name}", owner)
    _dress(str(target), source.stat(), owner)


def clear(root: Path) -> None:
    """Remove a folder, however deep, unreadable or oddly named what it holds is.

    Raises:
        FaultError: something of it is still there.
    """
    with suppress(OSError):
        _unlink_all(root.name, os.open(root.parent, os.O_RDONLY | os.O_DIRECTORY), _DEEPEST)
    if os.path.lexists(root):
        remove_tree(root)


def _held_by(template: Unshown, blob: str) -> bytes | None:
    path = template.path_of(blob)
    if path is None:
        return None
    place = template.folder / path
    return os.fsencode(place.readlink()) if place.is_symlink() else place.read_bytes()


def _written(at: Path, path: str, file: File, content: bytes, made: set[str]) -> bool:
    """Write one file of a tree; False where it cannot be there.

    `made` holds the folders of the tree that are there already.
    """
    place = f"{at}/{path}"
    folder = posixpath.dirname(path)
    try:
        if folder not in made:
            os.makedirs(posixpath.dirname(place), exist_ok=True)  # noqa: PTH103 # see _copy
            made.add(folder)
        if file.mode in _PERMISSIONS:
            with open(place, "xb", buffering=0) as opened:  # noqa: PTH123 # see _copy
                _write_all(opened.fileno(), content)
                os.fchmod(opened.fileno(), _PERMISSIONS[file.mode])
            return True
        if file.mode != LINK or len(content) > MAX_LINK_BYTES:
            return False
        target = os.fsdecode(content)
        if not stays_inside(path, target):
            return False
        os.symlink(target, place)  # noqa: PTH211 # see _copy
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES):
            raise
        return False  # a name too long, or a file where a folder has to be
    except UnicodeEncodeError:
        return False
    return True


def _copy_unseen(source: Path, target: Path) -> None:
    """Copy the folders that no tree shows, where they do not exist yet."""
    real = target.resolve()
    for folder in unseen_folders(source):
        place = real / folder
        is_there = place.parent.is_dir() and place.parent.resolve() == place.parent
        if is_there and not os.path.lexists(place):
            copy_folder(source / folder, place)


def unseen_folders(root: Path, prefix: str = "", depth: int = 0) -> Iterator[str]:
    """The outermost folders of a trusted folder that no tree shows, git's own left out."""
    with os.scandir(root / prefix) as entries:
        folders = [entry.name for entry in entries if entry.is_dir(follow_symlinks=False)]
    for name in folders:
        path = posixpath.join(prefix, name)
        if name in UNSEEN:
            if name != ".git":
                yield path
        elif depth < _DEEPEST:
            yield from unseen_folders(root, path, depth + 1)


def _copy(entry: "os.DirEntry[str]", target: str, owner: int | None) -> None:
    status = entry.stat(follow_symlinks=False)
    if stat.S_ISDIR(status.st_mode):
        os.mkdir(target)  # noqa: PTH102 # no path is taken apart here, for the sake of speed
        with os.scandir(entry.path) as entries:
            for below in entries:
                _copy(below, f"{target}/{below.name}", owner)
        _dress(target, status, owner)
    elif stat.S_ISLNK(status.st_mode):
        os.symlink(os.readlink(entry.path), target)  # noqa: PTH115, PTH211
        _dress(target, status, owner)
    elif stat.S_ISREG(status.st_mode):
        _copy_file(entry.path, target, status, owner)


def _dress(target: str, status: os.stat_result, owner: int | None) -> None:
    """Give a copy the permissions, the times and the owner that it has to have."""
    if owner is not None:
        os.chown(target, owner, owner, follow_symlinks=False)
    if not stat.S_ISLNK(status.st_mode):
        os.chmod(target, stat.S_IMODE(status.st_mode) & 0o777)  # noqa: PTH101
    os.utime(target, ns=(status.st_mtime_ns, status.st_mtime_ns), follow_symlinks=False)


def _copy_file(source: str, target: str, status: os.stat_result, owner: int | None) -> None:
    reading = os.open(source, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    try:
        new = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
        writing = os.open(target, new, stat.S_IMODE(status.st_mode) & 0o777)
        try:
            _pour(reading, writing, status.st_size)
            if owner is not None:
                os.fchown(writing, owner, owner)
            os.fchmod(writing, stat.S_IMODE(status.st_mode) & 0o777)
            os.utime(writing, ns=(status.st_mtime_ns, status.st_mtime_ns))
        finally:
            os.close(writing)
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
        _write_all(writing, chunk)


def _write_all(writing: int, content: bytes) -> None:
    view = memoryview(content)
    while view:
        view = view[os.write(writing, view) :]


def _unlink_all(name: str, inside: int, depth: int) -> None:
    """Remove a folder of no more than this depth; takes over the descriptor of its parent."""
    try:
        folder = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=inside)
        if depth == 0:
            os.close(folder)
            raise OSError(errno.ELOOP, "is nested too deeply")
        try:
            with os.scandir(folder) as entries:
                found = [(entry.name, entry.is_dir(follow_symlinks=False)) for entry in entries]
            for below, is_folder in found:
                if is_folder:
                    _unlink_all(below, os.dup(folder), depth - 1)
                else:
                    os.unlink(below, dir_fd=folder)  # relative to a descriptor
        finally:
            os.close(folder)
        os.rmdir(name, dir_fd=inside)
    finally:
        os.close(inside)
