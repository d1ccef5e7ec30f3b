"""Laying files out: a stored tree written to a folder, and a folder removed again.

A stored tree may come from anywhere. Nothing of it is written outside of its folder: regular files
come first, links last, and a link only where it stays inside.
"""

import errno
import os
import posixpath
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Protocol

from audition.sandboxes import remove_tree
from audition.trees import EXECUTABLE, LINK, REGULAR, File, Tree
from audition.workspaces.copying import copy_folder, write_all
from audition.workspaces.walk import UNSEEN

MAX_LINK_BYTES = 4096
_PERMISSIONS = {REGULAR: 0o644, EXECUTABLE: 0o755}
_DEEPEST = 64
_FEW = 2_000
"""Files and folders that are removed in less time than it takes to ask a thread to."""


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


def clear(root: Path) -> None:
    """Remove a folder, however deep, unreadable or oddly named what it holds is.

    Raises:
        FaultError: something of it is still there.
    """
    if not clear_at_once(root, most=sys.maxsize):
        remove_tree(root)


def clear_at_once(root: Path, *, most: int = _FEW) -> bool:
    """Remove a folder where that takes a moment; whether it is gone.

    Nothing is removed twice: where it is not gone, `clear` goes on with what is left.
    """
    with suppress(OSError):
        _Removal(most).remove(str(root), None, _DEEPEST)
    return not os.path.lexists(root)


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
            os.makedirs(posixpath.dirname(place), exist_ok=True)  # noqa: PTH103 # many files
            made.add(folder)
        if file.mode in _PERMISSIONS:
            with open(place, "xb", buffering=0) as opened:  # noqa: PTH123 # many files
                write_all(opened.fileno(), content)
                os.fchmod(opened.fileno(), _PERMISSIONS[file.mode])
            return True
        if file.mode != LINK or len(content) > MAX_LINK_BYTES:
            return False
        target = os.fsdecode(content)
        if not stays_inside(path, target):
            return False
        os.symlink(target, place)  # noqa: PTH211 # many files
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


@dataclass
class _Removal:
    """One removal of a folder."""

    left: int
    """How many files and folders may still be removed."""

    def remove(self, name: str, inside: int | None, depth: int) -> None:
        """Remove a folder of no more than this depth.

        Raises:
            OSError: something of it is still there.
        """
        flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
        folder = os.open(name, flags, dir_fd=inside)
        try:
            with os.scandir(folder) as entries:
                found = list(islice(entries, min(self.left + 1, sys.maxsize)))
            self.left -= len(found)
            if depth == 0 or self.left < 0:
                raise OSError(errno.ELOOP, "holds too much")
            for entry in found:
                if entry.is_dir(follow_symlinks=False):
                    self.remove(entry.name, folder, depth - 1)
                else:
                    os.unlink(entry.name, dir_fd=folder)
        finally:
            os.close(folder)
        os.rmdir(name, dir_fd=inside)
