"""Refs of a hostile repository, read as text: cheap enough for after every tool call.

No git runs and no link is followed. What is no ref of git's own format reads as nothing.
Source: git's manual, gitrepository-layout and pack-refs.
"""

import os
import re
import stat
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from audition.workspaces.walk import shown_path

MAX_REF_BYTES = 4096
MAX_PACKED_BYTES = 4 << 20
MAX_BRANCHES = 1000
_MAX_LINKS = 5
_DEEPEST = 16
_HEADS = "refs/heads/"
_ID = re.compile(r"[0-9a-f]{40}")
_NAME = re.compile(r"refs/[^\s\x00-\x1f\x7f~^:?*\[\\]+")
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC


class Position(NamedTuple):
    """Where HEAD is."""

    branch: str
    """Empty where it is on none, or where nothing can be read."""
    commit: str
    """Empty where the branch has no commit, or where nothing can be read."""


NOWHERE = Position("", "")


def head_of(git_folder: Path) -> Position:
    """Where HEAD of a repository is, `NOWHERE` if that cannot be read."""
    try:
        folder = os.open(git_folder, _FOLDER)
    except OSError:
        return NOWHERE
    try:
        text = _read(folder, "HEAD", MAX_REF_BYTES)
        branch = ""
        for _ in range(_MAX_LINKS):
            if not text.startswith("ref:"):
                break
            name = text.removeprefix("ref:").strip()
            if not _is_name(name):
                return NOWHERE
            branch = branch or shown_path(name.removeprefix(_HEADS))[0]
            text = _read(folder, name, MAX_REF_BYTES) or _packed(folder).get(name, "")
        return Position(branch, _commit(text))
    finally:
        os.close(folder)


def branches_of(git_folder: Path) -> dict[str, str]:
    """Every branch and its commit, by name; at most `MAX_BRANCHES`."""
    try:
        folder = os.open(git_folder, _FOLDER)
    except OSError:
        return {}
    try:
        found = {
            name.removeprefix(_HEADS): commit
            for name, commit in _packed(folder).items()
            if name.startswith(_HEADS)
        }
        for name in _loose(folder, _HEADS.rstrip("/"), _DEEPEST):
            found[name.removeprefix(_HEADS)] = _commit(_read(folder, name, MAX_REF_BYTES))
    finally:
        os.close(folder)
    known = sorted((shown_path(name)[0], commit) for name, commit in found.items() if commit)
    return dict(known[:MAX_BRANCHES])


def _commit(text: str) -> str:
    """The id that a ref holds."""
    text = text.strip()
    return text if _ID.fullmatch(text) else ""


def _is_name(name: str) -> bool:
    parts = name.split("/")
    return bool(_NAME.fullmatch(name)) and not any(part in ("", ".", "..") for part in parts)


def _packed(folder: int) -> Mapping[str, str]:
    found = {}
    for line in _read(folder, "packed-refs", MAX_PACKED_BYTES).splitlines():
        commit, _, name = line.partition(" ")
        if _ID.fullmatch(commit) and _is_name(name):
            found[name] = commit
    return found


def _loose(folder: int, prefix: str, depth: int) -> Iterator[str]:
    """The names of refs that have files of their own, at most `MAX_BRANCHES`."""
    pending, count = [(prefix, depth)], 0
    while pending:
        name, left = pending.pop()
        for entry, is_folder in _entries(folder, name):
            count += 1
            if count > MAX_BRANCHES:
                return
            path = f"{name}/{entry}"
            if is_folder and left:
                pending.append((path, left - 1))
            elif not is_folder and _is_name(path) and not path.endswith(".lock"):
                yield path


def _entries(folder: int, name: str) -> list[tuple[str, bool]]:
    found: list[tuple[str, bool]] = []
    with suppress(OSError):
        opened = _open(folder, name.split("/"), _FOLDER)
        try:
            with os.scandir(opened) as entries:
                for entry in entries:
                    if len(found) > MAX_BRANCHES:
                        break
                    with suppress(OSError):
                        found.append((entry.name, entry.is_dir(follow_symlinks=False)))
        finally:
            os.close(opened)
    return found


def _open(folder: int, parts: list[str], flags: int) -> int:
    """Open a path relative to a folder, through no link."""
    current = os.dup(folder)
    for part in parts[:-1]:
        try:
            below = os.open(part, _FOLDER, dir_fd=current)
        finally:
            os.close(current)
        current = below
    try:
        return os.open(parts[-1], flags, dir_fd=current)
    finally:
        os.close(current)


def _read(folder: int, name: str, most_bytes: int) -> str:
    """A small regular file; empty for everything else."""
    try:
        opened = _open(folder, name.split("/"), _FILE)
    except (OSError, ValueError):
        return ""
    try:
        status = os.fstat(opened)
        if not stat.S_ISREG(status.st_mode) or status.st_size > most_bytes:
            return ""
        return os.fsdecode(os.read(opened, most_bytes))  # names of refs are names of files
    except OSError:
        return ""
    finally:
        os.close(opened)
