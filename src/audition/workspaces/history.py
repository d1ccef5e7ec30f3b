"""The history of a hostile repository, read by git, and nothing of the repository decides how.

Configuration, attributes, hooks and refs of a repository can name programs to run. So git is given
another repository, empty and of our own making, and only the objects of the agent's: read-only,
inside of a sandbox. What is wrong with them ends as a sentence, never as an exception.
"""

import os
import re
import stat
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from audition.hardened_git import ENVIRONMENT, SETTINGS
from audition.inert import inert
from audition.sandboxes import Finished, Limits, Place, Sandboxes
from audition.trees import EXECUTABLE, LINK, OTHER, REGULAR, File, FileChange, blob_id
from audition.workspaces.laying import clear
from audition.workspaces.refs import branches_of, head_of
from audition.workspaces.scratch import roomy, scratch
from audition.workspaces.walk import MAX_KEPT_BYTES, shown_path

MAX_COMMITS = 1000
MAX_BLOBS = 2000
"""How many contents are read at once."""
_OBJECTS = "/objects"
_OUTPUT_BYTES = 32 << 20
_CONTENT_BYTES = 64 << 20
_LIMITS = Limits(wall_s=20, cpu_s=20, file_bytes=_OUTPUT_BYTES, kept_bytes=1 << 16)
_SHOWN = 300
_ID = re.compile(r"[0-9a-f]{40}")
_NOTHING = "0" * 40
_EMPTY = {
    "HEAD": b"ref: refs/heads/none\n",
    "config": b"[core]\n\trepositoryformatversion = 0\n\tbare = true\n",
}
"""The files of a repository that holds nothing."""
_NORMAL = frozenset({REGULAR, EXECUTABLE, LINK})

_GIT = " ".join(("git", *SETTINGS))
_HISTORY = f"""
{_GIT} log -z --raw --no-abbrev --no-renames --diff-merges=first-parent --no-show-signature \\
  --no-notes --no-mailmap --topo-order --reverse --max-count={MAX_COMMITS + 1} \\
  --format=tformat:%H%x00%P%x00%B%x00 "$1..$2" -- >log || exit 1
{_GIT} diff-tree -r -z --raw --no-renames --no-abbrev "$1" "$2" -- >differences || exit 1
{_GIT} merge-base --is-ancestor "$1" "$2"; echo $? >ancestor
"""
_CONTENTS = f"""
{_GIT} cat-file --batch-check='%(objectname) %(objecttype) %(objectsize)' |
  while read -r name type size; do
    [ "$type" = blob ] && [ "$size" -le {MAX_KEPT_BYTES} ] && echo "$name"
  done | {_GIT} cat-file --batch
"""


@dataclass(frozen=True)
class CommitRead:
    """One commit."""

    id: str
    parents: tuple[str, ...]
    message: str
    files: tuple[FileChange, ...]
    """What it changes over its first parent."""


@dataclass(frozen=True, kw_only=True)
class History:
    """What a repository has come to since its base."""

    head: str = ""
    branch: str = ""
    """The branch that HEAD is on; empty where it is on none."""
    branches: Mapping[str, str] = field(default_factory=dict)
    base_is_ancestor: bool = False
    commits: tuple[CommitRead, ...] = ()
    """Between base and HEAD, oldest first."""
    files: tuple[FileChange, ...] = ()
    """What HEAD's tree differs in from the base's."""
    broken: str = ""
    """Why it cannot be read, in a sentence; then nothing above but HEAD and branches is known."""


async def read_history(workspace: Path, base: str, sandboxes: Sandboxes) -> History:
    """Read what lies between a commit that is known and HEAD.

    Raises:
        FaultError: the sandbox itself failed.
    """
    git_folder = workspace / ".git"
    head = head_of(git_folder)
    found = History(head=head.commit, branch=head.branch, branches=branches_of(git_folder))
    broken = _unusable(git_folder) or ("" if head.commit else "HEAD names no commit")
    if broken:
        return replace(found, broken=broken)
    if head.commit == base:
        return replace(found, base_is_ancestor=True)
    with _repository(sandboxes) as scratch:
        ended = await _run(_HISTORY, base, head.commit, at=scratch, of=workspace, by=sandboxes)
        if ended.exit_code != 0:
            return replace(found, broken=_why(ended))
        log, differences, ancestor = (
            (scratch / name).read_bytes() for name in ("log", "differences", "ancestor")
        )
    try:
        commits = tuple(_commits(_fields(log)))
        files = tuple(_changes(_fields(differences)))
    except (ValueError, StopIteration):
        return replace(found, broken="git's account of the history makes no sense")
    if len(commits) > MAX_COMMITS:
        return replace(found, broken=f"the history has more than {MAX_COMMITS} new commits")
    is_ancestor = ancestor.strip() == b"0"
    return replace(found, commits=commits, files=files, base_is_ancestor=is_ancestor)


async def read_contents(
    workspace: Path, blobs: Iterable[str], sandboxes: Sandboxes
) -> dict[str, bytes]:
    """The contents of blobs that a repository has, of at most `MAX_KEPT_BYTES` each.

    At most `MAX_BLOBS`; what cannot be read, or is not what its name says, is not there.

    Raises:
        FaultError: the sandbox itself failed.
    """
    asked = [blob for blob in dict.fromkeys(blobs) if _ID.fullmatch(blob)][:MAX_BLOBS]
    if not asked or _unusable(workspace / ".git"):
        return {}
    limits = replace(_LIMITS, kept_bytes=_CONTENT_BYTES)
    stdin = "".join(f"{blob}\n" for blob in asked).encode()
    with _repository(sandboxes) as scratch:
        ended = await _run(
            _CONTENTS, at=scratch, of=workspace, by=sandboxes, stdin=stdin, limits=limits
        )
    return dict(_contents(ended.stdout))


def _unusable(git_folder: Path) -> str:
    """Why the objects of a repository are not looked at; empty if they are."""
    for place in (git_folder, git_folder / "objects"):
        try:
            mode = place.lstat().st_mode
        except OSError:
            return f"{place.name} is gone"
        if not stat.S_ISDIR(mode):
            return f"{place.name} is no folder of the workspace's own"
    information = git_folder / "objects" / "info"
    try:
        borrows = information.is_symlink() or _is_there(information / "alternates")
    except OSError as error:
        return f"its objects cannot be looked at ({error.strerror})"
    return "the repository borrows objects from elsewhere" if borrows else ""


def _is_there(place: Path) -> bool:
    try:
        place.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    return True


@contextmanager
def _repository(sandboxes: Sandboxes) -> Iterator[Path]:
    """An empty repository of our own."""
    folder = scratch(roomy(_OUTPUT_BYTES))
    try:
        for name, content in _EMPTY.items():
            with open(f"{folder}/{name}", "xb", buffering=0) as file:  # noqa: PTH123 # see below
                file.write(content)
        for name in ("objects", "refs"):
            os.mkdir(f"{folder}/{name}")  # noqa: PTH102 # this is done for every trial
        sandboxes.hand_over(folder)
        yield folder
    finally:
        clear(folder)


async def _run(
    script: str,
    *arguments: str,
    at: Path,
    of: Path,
    by: Sandboxes,
    stdin: bytes = b"",
    limits: Limits | None = None,
) -> Finished:
    """Run a script in our repository on the objects of a workspace."""
    objects = of / ".git" / "objects"
    place = Place(workspace=at, toolchains=(), readable={_OBJECTS: objects})
    # Without walls there is no other place to see them at than their own.
    seen_at = str(objects) if by.info.strength == "none" else _OBJECTS
    env = {**ENVIRONMENT, "GIT_DIR": ".", "GIT_OBJECT_DIRECTORY": seen_at}
    argv = ["sh", "-c", script, "sh", *arguments]
    return await by.around(place).run(argv, env=env, stdin=stdin, limits=limits or _LIMITS)


def _why(ended: Finished) -> str:
    if ended.limit_hit:
        return f"reading the history met a limit ({ended.limit_hit})"
    said = inert(ended.stderr.decode(errors="replace").strip().rpartition("\n")[2])
    return f"git cannot read the history ({said[:_SHOWN]})"


def _fields(output: bytes) -> Iterator[str]:
    return iter(os.fsdecode(output).split("\0"))


def _commits(fields: Iterator[str]) -> Iterator[CommitRead]:
    """The commits of a log: id, parents, message, then two fields for every file."""
    pending = next(fields)
    while pending:
        name, parents, message = pending, next(fields), next(fields)
        if not _ID.fullmatch(name):
            raise ValueError(name)
        files = []
        pending = next(fields, "")
        while not pending or pending.lstrip("\n").startswith(":"):
            if pending:
                files.append(_change(pending.strip(), next(fields)))
            following = next(fields, None)
            if following is None:
                pending = ""
                break
            pending = following
        yield CommitRead(name, tuple(parents.split()), _text(message).strip(), tuple(files))


def _changes(fields: Iterator[str]) -> Iterator[FileChange]:
    for header in fields:
        if header:
            yield _change(header, next(fields))


def _change(header: str, path: str) -> FileChange:
    """One file; source of the format: git's manual, diff-format, raw output."""
    before_mode, after_mode, before, after, _ = header.removeprefix(":").split()
    shown, is_real = shown_path(path)
    return FileChange(
        shown,
        _file(before_mode, before, is_real=is_real),
        _file(after_mode, after, is_real=is_real),
    )


def _file(mode: str, blob: str, *, is_real: bool) -> File | None:
    if blob == _NOTHING:
        return None
    if not _ID.fullmatch(blob):
        raise ValueError(blob)
    number = int(mode, 8)
    return File(number if number in _NORMAL and is_real else OTHER, blob)


def _text(message: str) -> str:
    return os.fsencode(message).decode("utf-8", "replace")


def _contents(output: bytes) -> Iterator[tuple[str, bytes]]:
    """The objects of a batch; source of the format: git's manual, cat-file."""
    position = 0
    while (end := output.find(b"\n", position)) >= 0:
        name, _, size = output[position:end].partition(b" blob ")
        if not size.isdigit():
            return
        content = output[end + 1 : end + 1 + int(size)]
        position = end + 2 + int(size)
        if blob_id(content) == name.decode(errors="replace"):
            yield name.decode(), content
