"""The workspace of one trial: a copy of the template, a sandbox around it, and what happened in it.

    async with opened(template, sandboxes) as workspace:
        await workspace.sandbox.run(["bash", "-c", "echo x > y"])
        seen = await workspace.look()
        outcome = await workspace.finish()

Look after every tool call: what happens between two looks is told as having happened at once. When
the block is left, everything is removed; what a killed process leaves is removed by `sweep`.
"""

import asyncio
import os
import pwd
import stat
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from audition.outcome import Outcome
from audition.sandboxes import Place, Sandbox, Sandboxes, running_python
from audition.trees import FileChange
from audition.workspaces.copying import copy_folder
from audition.workspaces.git_record import GitCommand, git_commands
from audition.workspaces.history import CommitRead, History, read_contents, read_history
from audition.workspaces.kept import Kept, looks_secret
from audition.workspaces.laying import clear, clear_at_once
from audition.workspaces.refs import Position, branches_of, head_of
from audition.workspaces.scratch import PREFIX, parents, roomy, scratch
from audition.workspaces.snapshot import Snapshot, after_writing, snapshot
from audition.workspaces.template import Template
from audition.workspaces.walk import ALL, QUICK, Bounds

_MAX_NOTES = 100


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What has happened in a workspace since the look before."""

    changes: tuple[FileChange, ...] = ()
    """Files that are others than they were, by path."""
    head: Position | None = None
    """Where HEAD is now; None where it has not moved."""
    commits: tuple[CommitRead, ...] = ()
    """Commits that HEAD came to and that were not there before, oldest first."""
    git: tuple[GitCommand, ...] = ()
    """What git noted that it was asked to do."""
    notes: tuple[str, ...] = ()
    """What could not be looked at, in sentences."""
    truncated: str = ""
    """Why not all of the workspace was looked at; empty where it was."""


class Workspace:
    """The live workspace of one trial; `opened` makes it."""

    def __init__(self, template: Template, sandboxes: Sandboxes, place: Place) -> None:
        self.template = template
        self.place = place
        self.sandbox: Sandbox = sandboxes.around(place)
        self._sandboxes = sandboxes
        self._is_alone = sandboxes.info.strength == "isolated"
        """Nothing that a command has started runs on after it."""
        self._kept = Kept()
        self._shot = snapshot(place.workspace, given=template.tree)
        self._head = Position(template.branch, template.base)
        self._known = {template.base}
        self._history: tuple[object, History] | None = None
        self._git_seen = 0
        self._notes: dict[str, None] = {}

    @property
    def root(self) -> Path:
        """The folder on this machine that commands find as their workspace."""
        return self.place.workspace

    @property
    def home(self) -> Path | None:
        """The folder on this machine that commands find as their home."""
        return self.place.home

    @property
    def contents(self) -> Mapping[str, bytes]:
        """The content of every blob that was kept in this trial, the template's left out."""
        return self._kept.contents

    @property
    def notes(self) -> tuple[str, ...]:
        """All that could not be looked at so far."""
        return tuple(self._notes)

    async def look(self, written: Sequence[str] | None = None) -> Seen:
        """See what has happened since the last look.

        Args:
            written: The files that can have changed, where no command has run since; None where
                one has.

        Raises:
            FaultError: the sandbox in which git is read failed.
        """
        if written is not None and self._is_alone and not any(map(_is_gits, written)):
            shot = after_writing(self.root, self._shot, written, keep=self._keep)
            if shot is not None:
                return self._seen(shot, (), among=set(written))
        shot = self._next(QUICK) if self._shot.seen <= QUICK.files else None
        if shot is None or shot.truncated:  # a thread takes all the time that it needs
            shot = await asyncio.to_thread(self._next, ALL)
        recorded = git_commands(self.place.trace, self._git_seen) if self.place.trace else None
        head, commits, notes = await self._moved()
        if recorded:
            self._git_seen = recorded.seen
            notes += recorded.notes
        seen = self._seen(shot, notes)
        git = recorded.commands if recorded else ()
        return replace(seen, head=head, commits=commits, git=git)

    def _seen(
        self, shot: Snapshot, notes: Iterable[str], among: Iterable[str] | None = None
    ) -> Seen:
        """What is new in a snapshot, which is the last one from now on."""
        changes = shot.since(self._shot, among)
        self._shot = shot
        notes = [*filter(None, (shot.truncated, *shot.notes)), *notes]
        if self._kept.is_full:
            notes.append("there was no room to keep the content of every file")
        fresh = tuple(note for note in dict.fromkeys(notes) if note not in self._notes)
        self._notes.update(dict.fromkeys(fresh[: _MAX_NOTES - len(self._notes)]))
        return Seen(changes=changes, notes=fresh, truncated=shot.truncated)

    async def finish(self, *, started_at: str = "", ended_at: str = "") -> Outcome:
        """The workspace as the trial leaves it; look once more before, if anything has run since.

        Args:
            started_at: When the trial began, UTC, ISO 8601.
            ended_at: When it ended.

        Raises:
            FaultError: the sandbox in which git is read failed.
        """
        history = await self._read()
        notes = (*self.notes, history.broken) if history.broken else self.notes
        return Outcome(
            base=self.template.base,
            branch=self.template.branch,
            base_tree=self.template.tree,
            head=history.head,
            head_branch=history.branch,
            head_files=history.files,
            history=tuple(commit.id for commit in history.commits),
            base_is_ancestor=history.base_is_ancestor,
            unreadable=history.broken,
            branches=history.branches,
            started_at=started_at,
            ended_at=ended_at,
            notes=tuple(dict.fromkeys(notes)),
            ignored=self.template.ignored,
        )

    def _next(self, bounds: Bounds) -> Snapshot:
        _open_up(self.root)
        return snapshot(self.root, self._shot, keep=self._keep, bounds=bounds)

    def _keep(self, path: str, blob: str, content: bytes) -> None:
        if self.template.path_of(blob) is None:
            self._kept.keep(path, blob, content)

    async def _moved(self) -> tuple[Position | None, tuple[CommitRead, ...], list[str]]:
        """Where HEAD has gone, what is new there, and what could not be read of it."""
        head = head_of(self.root / ".git")
        if head == self._head:
            return None, (), []
        self._head = head
        if head.commit in self._known:
            return head, (), []
        history = await self._read()
        commits = tuple(commit for commit in history.commits if commit.id not in self._known)
        self._known.update(commit.id for commit in commits)
        await self._keep_committed(commits)
        return head, commits, [history.broken] if history.broken else []

    async def _read(self) -> History:
        """The history, read again only where a ref has changed."""
        git_folder = self.root / ".git"
        key = (head_of(git_folder), branches_of(git_folder))
        if self._history is None or self._history[0] != key or self._history[1].broken:
            history = await read_history(self.root, self.template.base, self._sandboxes)
            self._history = (key, history)
        return self._history[1]

    async def _keep_committed(self, commits: Iterable[CommitRead]) -> None:
        """Keep what commits hold and no snapshot has met."""
        missing = {
            change.after.blob: change.path
            for commit in commits
            for change in commit.files
            if change.after and not self._has(change.after.blob) and not looks_secret(change.path)
        }
        found = await read_contents(self.root, missing, self._sandboxes)
        for blob, content in found.items():
            self._kept.keep(missing[blob], blob, content)

    def _has(self, blob: str) -> bool:
        return blob in self._kept.contents or self.template.path_of(blob) is not None


@asynccontextmanager
async def opened(
    template: Template,
    sandboxes: Sandboxes,
    *,
    home: Path | None = None,
    extra: Mapping[str, Path] | None = None,
    toolchains: Iterable[Path] = (),
) -> AsyncIterator[Workspace]:
    """A fresh workspace for one trial, removed when the block is left.

    Args:
        template: What it begins as.
        sandboxes: What its commands run in.
        home: A folder of files to begin with in the home of its commands.
        extra: More that commands may read: path inside to path on this machine.
        toolchains: Folders with programs beside the Python that runs us; see `Place`.

    Raises:
        OSError: the disk is full.
        FaultError: something of it could not be removed in the end.
    """
    root = scratch(roomy_parent(template))
    try:
        _furnish(root, template, sandboxes, home)
        place = Place(
            workspace=root / "workspace",
            home=root / "home",
            trace=root / "trace",
            toolchains=(*running_python(), *toolchains),
            readable=extra or {},
        )
        yield Workspace(template, sandboxes, place)
    finally:
        if not clear_at_once(root):
            # Whoever cancels us while this goes on does not stop it.
            await asyncio.shield(asyncio.create_task(asyncio.to_thread(clear, root)))


def sweep() -> tuple[Path, ...]:
    """Remove the workspaces of our own user whose processes are gone; returns what it removed."""
    removed = []
    for parent in parents():
        for root in parent.glob(f"{PREFIX}*"):
            process = root.name.removeprefix(PREFIX).partition("-")[0]
            if process.isdecimal() and _is_ours(root) and not _is_running(int(process)):
                clear(root)
                removed.append(root)
    return tuple(sorted(removed))


def _furnish(root: Path, template: Template, sandboxes: Sandboxes, home: Path | None) -> None:
    template.copy(root / "workspace", owner=sandboxes.owner)
    if home:
        copy_folder(home, root / "home", owner=sandboxes.owner)
    for name in ("home", "trace"):
        place = root / name
        if not place.exists():
            place.mkdir()
            sandboxes.hand_over(place)


def _is_gits(path: str) -> bool:
    return path.partition("/")[0] == ".git"


def _open_up(root: Path) -> None:
    """Undo a `chmod 000 .`, after which neither we nor the next command could get in."""
    mode = root.stat().st_mode
    if mode & stat.S_IRWXU != stat.S_IRWXU:
        root.chmod(stat.S_IMODE(mode) | stat.S_IRWXU)


def roomy_parent(*templates: Template) -> Path:
    """Where copies of these are put; see `roomy`."""
    return roomy(max((template.size for template in templates), default=0))


def _is_ours(root: Path) -> bool:
    """Whether we made it; root also gives folders to a user id that nobody has."""
    try:
        owner = root.lstat().st_uid
        is_ours = owner == os.geteuid() or (os.geteuid() == 0 and not _is_somebody(owner))
        return is_ours and root.is_dir() and not root.is_symlink()
    except OSError:
        return False


def _is_somebody(user: int) -> bool:
    try:
        pwd.getpwuid(user)
    except KeyError:
        return False
    return True


def _is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        pass
    return True
