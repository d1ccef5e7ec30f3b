"""Template: the files of a source with a repository that looks as if people had worked on it.

    template = await build(source, at=folder)

The history has three to five commits: the project's configuration first, then its code, then its
tests, then what is left. Names and dates are made up and always the same, so that the same files
give the same commit. What a set-up command makes and a `.gitignore` ignores lies in the template
and in no commit.
"""

import os
import re
import stat
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path

from audition.errors import InputError, Problem
from audition.hardened_git import FAILURES, run_git
from audition.project import DEFAULT_PROJECT
from audition.trees import EXECUTABLE, LINK, REGULAR, Tree
from audition.workspaces._setup import run_setup
from audition.workspaces.copying import Original
from audition.workspaces.kept import looks_secret
from audition.workspaces.laying import clear
from audition.workspaces.snapshot import Snapshot, snapshot
from audition.workspaces.source import Source
from audition.workspaces.walk import UNSEEN

BRANCH = "main"
WORKER = ("Sam Rivers", "sam.rivers@example.org")
"""Who commits in the workspace."""
_AUTHORS = (("Alex Moor", "alex.moor@example.org"), ("Kim Lindt", "kim.lindt@example.org"))
_BEGAN = datetime(2025, 3, 3, 9, 12, tzinfo=UTC)
_APART = timedelta(days=2, hours=3, minutes=17)
_FEWEST_COMMITS = 3
_MANY = 4
"""So many files of code are more than one day's work."""
_PERMISSIONS = {REGULAR: 0o644, EXECUTABLE: 0o755}

_SETTINGS = {
    "user.name": WORKER[0],
    "user.email": WORKER[1],
    # A copy has other inodes and other times of change; its files are the same.
    "core.checkStat": "minimal",
    "core.trustctime": "false",
    "core.fileMode": "true",
    "gc.auto": "0",
    "maintenance.auto": "false",
}


@dataclass(frozen=True)
class Template:
    """What every trial of a case begins with."""

    folder: Path
    base: str
    """The commit that a trial begins on."""
    branch: str
    shot: Snapshot = field(repr=False)
    ignored: tuple[str, ...] = ()
    """The globs of the `.gitignore` at its top, in order."""
    size: int = 0
    """Bytes of all its files, the unseen ones included."""

    @property
    def tree(self) -> Tree:
        """Its files, without git's own and the folders that no tree shows."""
        return self.shot.tree

    def path_of(self, blob: str) -> str | None:
        """A file of it that has this content."""
        return self._paths.get(blob)

    def content(self, blob: str) -> bytes | None:
        """What a file of it holds; None for what it does not have, and for what looks secret."""
        path = self.path_of(blob)
        if path is None or looks_secret(path):
            return None
        place = self.folder / path
        return os.fsencode(place.readlink()) if place.is_symlink() else place.read_bytes()

    def copy(self, target: Path, *, owner: int | None) -> None:
        """Write a workspace that begins as this; see `Original.copy`.

        Raises:
            OSError: the disk is full.
        """
        self._original.copy(target, owner=owner)

    @cached_property
    def _original(self) -> Original:
        return Original(self.folder)

    @cached_property
    def _paths(self) -> Mapping[str, str]:
        files = {file.blob: path for path, file in self.tree.items() if looks_secret(path)}
        return files | {
            file.blob: path for path, file in self.tree.items() if not looks_secret(path)
        }


async def build(source: Source, at: Path) -> Template:
    """Make a template in a folder that is not there yet.

    Raises:
        InputError: the source has problems, its set-up fails, or git is missing; nothing is left.
    """
    problems = source.problems()
    if problems:
        raise InputError(_problem(text) for text in problems)
    _make(at)
    try:
        _lay_files(source, at)
        if source.setup:
            await run_setup(source.setup, at)
        return _with_history(source, at)
    except FAILURES as error:
        said = getattr(error, "stderr", b"") or str(error).encode()
        what = f"no workspace can be made of it ({said.decode(errors='replace').strip()})"
        clear(at)
        raise InputError([Problem(str(source.folder), what, "mend it and start again")]) from error
    except BaseException:
        clear(at)
        raise


def _problem(text: str) -> Problem:
    return Problem("workspace", text, "name a folder, or a revision of a repository, with files")


def _make(at: Path) -> None:
    try:
        at.mkdir(parents=True)
    except OSError as error:
        what = f"no workspace can be made there ({error.strerror})"
        raise InputError([Problem(str(at), what, "name a place that is free")]) from error


def _lay_files(source: Source, at: Path) -> None:
    for held, content in source.contents():
        place = at / held.path
        place.parent.mkdir(parents=True, exist_ok=True)
        if held.mode == LINK:
            place.symlink_to(os.fsdecode(content))
        else:
            place.write_bytes(content)
            place.chmod(_PERMISSIONS[held.mode])


def _with_history(source: Source, at: Path) -> Template:
    if os.path.lexists(at / ".git"):
        clear(at / ".git")  # of the set-up's own making
    _git(at, "init", "-q", "--template=", "-b", BRANCH)
    for name, value in _SETTINGS.items():
        _git(at, "config", name, value)
    excluded = at / ".git" / "info" / "exclude"
    excluded.parent.mkdir(exist_ok=True)
    excluded.write_text("".join(f"{name}/\n" for name in sorted(UNSEEN - {".git"})))
    paths = _committed(source, at)
    commits = plan_commits(paths)
    _age(at, commits)
    stream = b"".join(_stream(at, commits))
    _git(at, "-c", "fastimport.unpackLimit=0", "fast-import", "--quiet", "--done", stdin=stream)
    _git(at, "read-tree", BRANCH)
    # Refreshing says so, by its exit code, where a filter of the attributes sees a difference.
    with suppress(subprocess.CalledProcessError):
        _git(at, "update-index", "-q", "--refresh")
    shot = snapshot(at)
    if shot.truncated or shot.notes:
        raise OSError("; ".join([shot.truncated, *shot.notes]).strip("; "))
    return Template(
        folder=at,
        base=_git(at, "rev-parse", BRANCH).decode().strip(),
        branch=BRANCH,
        shot=shot,
        ignored=_ignored(at),
        size=_size(at),
    )


def _git(at: Path, *arguments: str, stdin: bytes = b"") -> bytes:
    return run_git(arguments, cwd=at, stdin=stdin)


def _committed(source: Source, at: Path) -> list[str]:
    """The files that the commits hold, sorted."""
    # A user's own excludes cannot get in here: git reads no configuration but the new one.
    listed = _git(at, "ls-files", "-z", "--others", "--exclude-standard").split(b"\0")
    paths = {os.fsdecode(path) for path in listed if path and not path.endswith(b"/")}
    if source.listing.by_git:
        paths |= {held.path for held in source.listing.files if os.path.lexists(at / held.path)}
    return sorted(path for path in paths if not UNSEEN & set(path.split("/")[:-1]))


@dataclass(frozen=True)
class PlannedCommit:
    """One commit of the history."""

    message: str
    paths: tuple[str, ...]
    author: tuple[str, str]
    at: datetime


def plan_commits(paths: Sequence[str]) -> tuple[PlannedCommit, ...]:
    """Spread files over a history as people might have made it."""
    groups = [(message, tuple(files)) for message, files in _groups(paths) if files]
    if len(groups) < _FEWEST_COMMITS:
        groups = _evenly(sorted(paths))
    if len(groups) < _FEWEST_COMMITS:
        groups.insert(0, ("Initial commit", ()))
    return tuple(
        PlannedCommit(message, files, _AUTHORS[number % 2], _BEGAN + number * _APART)
        for number, (message, files) in enumerate(groups)
    )


def _groups(paths: Sequence[str]) -> Iterator[tuple[str, Sequence[str]]]:
    roles = {path: DEFAULT_PROJECT.role(path) for path in paths}
    other = [path for path in paths if roles[path] == "other"]
    code = [path for path in paths if roles[path] == "implementation"]
    half = len(code) // 2 if len(code) >= _MANY else len(code)
    yield "Set up the project", [path for path in other if _is_early(path)]
    yield "Add the first modules", code[:half]
    yield "Add the remaining modules", code[half:]
    yield "Add tests", [path for path in paths if roles[path] == "tests"]
    yield "Add documents and data", [path for path in other if not _is_early(path)]


def _is_early(path: str) -> bool:
    """Whether a project begins with such a file."""
    return "/" not in path or path.startswith(".")


def _evenly(paths: Sequence[str]) -> list[tuple[str, tuple[str, ...]]]:
    messages = ("Start the project", "Add what was missing", "Complete the first version")
    parts = (tuple(paths[number :: len(messages)]) for number in range(len(messages)))
    return [(message, part) for message, part in zip(messages, parts, strict=True) if part]


def _age(at: Path, commits: Sequence[PlannedCommit]) -> None:
    """Files are as old as their commits, so that git takes none for changed since."""
    for commit in commits:
        moment_ns = int(commit.at.timestamp()) * 1_000_000_000
        for path in commit.paths:
            os.utime(at / path, ns=(moment_ns, moment_ns), follow_symlinks=False)


def _stream(at: Path, commits: Sequence[PlannedCommit]) -> Iterator[bytes]:
    """The history in the format of `git fast-import`; source: its manual page."""
    for commit in commits:
        moment = f"{int(commit.at.timestamp())} +0000"
        name, mail = commit.author
        yield f"commit refs/heads/{BRANCH}\n".encode()
        yield f"author {name} <{mail}> {moment}\ncommitter {name} <{mail}> {moment}\n".encode()
        yield _data(f"{commit.message}\n".encode())
        for path in commit.paths:
            yield from _entry(at / path, os.fsencode(path))
        yield b"\n"
    yield b"done\n"


def _entry(place: Path, path: bytes) -> Iterator[bytes]:
    status = place.lstat()
    if stat.S_ISLNK(status.st_mode):
        mode, content = LINK, os.fsencode(place.readlink())
    elif stat.S_ISREG(status.st_mode):
        mode = EXECUTABLE if status.st_mode & stat.S_IXUSR else REGULAR
        content = place.read_bytes()
    else:
        return
    quoted = path.replace(b"\\", b"\\\\").replace(b'"', b'\\"').replace(b"\n", b"\\n")
    yield b'M %o inline "%s"\n' % (mode, quoted)
    yield _data(content)


def _data(content: bytes) -> bytes:
    return b"data %d\n%s\n" % (len(content), content)


def _ignored(at: Path) -> tuple[str, ...]:
    place = at / ".gitignore"
    if place.is_symlink() or not place.is_file():
        return ()
    lines = place.read_text(encoding="utf-8", errors="replace").splitlines()
    return tuple(line for line in lines if re.match(r"\s*[^#\s]", line))


def _size(root: Path) -> int:
    return sum(
        (Path(folder) / name).lstat().st_size
        for folder, _, files in os.walk(root)
        for name in files
    )
