"""Trees: the files of a workspace at one moment, by path, and what differs between two of them.

Contents are named as git names them, by the id of the blob, so that a working tree and a commit can
be compared without reading either.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha1
from typing import Literal

REGULAR, EXECUTABLE, LINK = 0o100644, 0o100755, 0o120000
OTHER = 0
"""The mode of what has no content: a pipe, a socket, a device."""


@dataclass(frozen=True)
class File:
    """What lies at a path."""

    mode: int
    """As git has it: `REGULAR`, `EXECUTABLE` or `LINK`; `OTHER` for what git knows nothing of."""
    blob: str
    """The id of its content; of a link, of the path that it holds. Empty where it was not read."""


Tree = Mapping[str, File]
"""Files by path, with `/`, relative to the workspace."""

ChangeKind = Literal["created", "modified", "deleted"]


@dataclass(frozen=True)
class FileChange:
    """One path that differs between two trees."""

    path: str
    before: File | None
    after: File | None

    @property
    def what(self) -> ChangeKind:
        """Created, modified or deleted."""
        if self.before is None:
            return "created"
        return "deleted" if self.after is None else "modified"


def blob_id(content: bytes) -> str:
    """The name of a content.

    Source: git's object format, `blob`, the size in decimal, a zero byte, the content.
    """
    return sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


def differences(before: Tree, after: Tree) -> tuple[FileChange, ...]:
    """What has to be changed to make one tree the other, by path."""
    paths = sorted(
        path for path in before.keys() | after.keys() if before.get(path) != after.get(path)
    )
    return tuple(FileChange(path, before.get(path), after.get(path)) for path in paths)


def changed(tree: Tree, changes: Iterable[FileChange]) -> dict[str, File]:
    """The tree after these changes."""
    files = dict(tree)
    for change in changes:
        if change.after is None:
            files.pop(change.path, None)
        else:
            files[change.path] = change.after
    return files
