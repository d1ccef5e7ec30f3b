"""A sandbox around a fresh workspace, tried as the rest of the program uses it."""

import asyncio
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from audition.sandboxes import (
    Finished,
    Limits,
    Place,
    RefusedError,
    Sandbox,
    Sandboxes,
    remove_tree,
)
from audition.sandboxes.bubblewrap import Bubblewrap
from audition.sandboxes.local import Local

KINDS: dict[str, type[Bubblewrap] | type[Local]] = {"bubblewrap": Bubblewrap, "local": Local}
BRIEF = Limits(wall_s=20)


@dataclass(frozen=True)
class Booth:
    """A workspace on the host, and a sandbox around it."""

    sandboxes: Sandboxes
    place: Place

    @property
    def workspace(self) -> Path:
        return self.place.workspace

    @property
    def sandbox(self) -> Sandbox:
        return self.sandboxes.around(self.place)

    def run(self, *argv: str, limits: Limits = BRIEF, **options: Any) -> Finished:
        return asyncio.run(self.sandbox.run(argv, limits=limits, **options))

    def bash(self, script: str, *arguments: str, **options: Any) -> Finished:
        return self.run("bash", "-c", script, *arguments, **options)

    def says(self, script: str, *arguments: str, **options: Any) -> str:
        """What a script says on both streams."""
        ended = self.bash(script, *arguments, **options)
        return (ended.stdout + ended.stderr).decode()

    def python(self, source: str, *arguments: str, **options: Any) -> Finished:
        return self.run("python", "-c", source, *arguments, **options)

    def showing(self, **more: Any) -> "Booth":
        """The same, with more to see."""
        return replace(self, place=replace(self.place, **more))

    def folder(self, name: str) -> Path:
        """A folder beside the workspace that commands may write to."""
        made = self.workspace.parent / name
        made.mkdir()
        self.sandboxes.hand_over(made)
        return made


@cache
def opened(kind: str) -> Sandboxes:
    if kind == "bubblewrap" and (sys.platform != "linux" or shutil.which("bwrap") is None):
        pytest.skip("bubblewrap is not installed here (apt-get install bubblewrap)")
    try:
        return asyncio.run(KINDS[kind]().open())
    except RefusedError as error:
        pytest.skip(str(error))


@contextmanager
def booth_of(kind: str) -> Iterator[Booth]:
    sandboxes = opened(kind)
    root = Path(tempfile.mkdtemp(prefix="audition-test-"))
    try:
        workspace = root / "workspace"
        workspace.mkdir()
        sandboxes.hand_over(workspace)
        yield Booth(sandboxes, Place(workspace=workspace))
    finally:
        remove_tree(root)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def processes(mark: str) -> list[str]:
    """Command lines on this machine in which a mark stands."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdecimal() and int(folder.name) != os.getpid():
            try:
                line = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            except (OSError, UnicodeDecodeError):
                continue
            if mark in line:
                found.append(line)
    return found
