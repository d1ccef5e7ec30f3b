"""Snapshots: what lies in a workspace at one moment, whoever put it there and by whatever means.

A snapshot looks at the status of every file and reads only those whose status is another than in
the snapshot before. A set modification time does not hide an edit, since nobody can set the time
of the last change of the status.

The workspace is hostile: it is walked through descriptors of folders, no link is followed, nothing
but regular files is opened, and everything has a bound. What could not be looked at is said in
`notes`.
"""

import os
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property

from audition.trees import File, FileChange, Tree
from audition.workspaces.walk import (
    ALL,
    FOLDER,
    MAX_FILES,
    Bounds,
    Entry,
    Folder,
    Keep,
    Look,
)

_TICK_NS = 10_000_000
"""Two changes may get the same time of an older kernel's clock: what changed so shortly before a
snapshot is read again for the next one."""


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
    look = Look(previous.entries, trusted_ns, keep, given or {}, bounds, left_bytes=bounds.bytes)
    opened = os.dup(root) if isinstance(root, int) else os.open(root, FOLDER)
    try:
        look.at(Folder(opened))
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
    look = Look(previous.entries, 0, keep, {}, entries=dict(previous.entries))
    with suppress(OSError):
        opened = os.dup(root) if isinstance(root, int) else os.open(root, FOLDER)
        try:
            if all(look.along(opened, parts) for parts in written) and not look.truncated:
                return Snapshot(look.entries, tuple(look.notes), "", taken_ns, seen)
        finally:
            os.close(opened)
    return None


def _others(before: Mapping[str, Entry], after: Mapping[str, Entry]) -> list[str]:
    """The paths of all entries that are not the same object."""
    paths = [path for path, entry in after.items() if before.get(path) is not entry]
    if len(after) - len(paths) < len(before):
        paths += [path for path in before if path not in after]
    return paths


def _file(entries: Mapping[str, Entry], path: str) -> File | None:
    entry = entries.get(path)
    return None if entry is None else entry.file
