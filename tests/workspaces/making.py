"""Builders: folders of files, repositories, a template, and a workspace driven step by step."""

import asyncio
import os
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from audition.outcome import Outcome
from audition.sandboxes import Finished, Limits, Sandboxes
from audition.workspaces.source import Source
from audition.workspaces.template import Template, build
from audition.workspaces.workspace import Seen, Workspace, opened

SHOP = {
    "README.md": "# Shop\n",
    ".gitignore": "# what tools leave\n*.log\n\nbuild/\n!keep.log\n",
    "pyproject.toml": "[project]\nname = 'shop'\n",
    "shop/__init__.py": "",
    "shop/cart.py": "def total(prices):\n    return sum(prices)\n",
    "tests/test_cart.py": "from shop.cart import total\n\n\ndef test_total():\n"
    "    assert total([1, 2]) == 3\n",
    "docs/guide.md": "Add things.\n",
}


def write(folder: Path, files: Mapping[str, str | bytes]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for path, content in files.items():
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content.encode() if isinstance(content, str) else content)
    return folder


def git(folder: Path, *arguments: str) -> str:
    """Git as a user runs it, without settings of this machine."""
    identity = ("-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "safe.directory=*")
    env = {"PATH": os.environ["PATH"], "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    done = subprocess.run(
        ["git", *identity, *arguments], cwd=folder, env=env, check=True, capture_output=True
    )
    return done.stdout.decode().strip()


def make_repository(folder: Path, files: Mapping[str, str | bytes]) -> str:
    """A repository with one commit of all these files; returns the commit."""
    write(folder, files)
    git(folder, "init", "-q", "-b", "main")
    git(folder, "add", "-A", "-f")
    git(folder, "commit", "-q", "-m", "All of it")
    return git(folder, "rev-parse", "HEAD")


def make_template(
    at: Path, files: Mapping[str, str | bytes] = SHOP, *, setup: str | None = None
) -> Template:
    source = Source(folder=write(at.with_name(f"{at.name}-source"), files), setup=setup)
    return asyncio.run(build(source, at))


@dataclass(frozen=True)
class Desk:
    """A workspace, one step after the other."""

    workspace: Workspace
    runner: asyncio.Runner

    @property
    def root(self) -> Path:
        return self.workspace.root

    def bash(self, script: str) -> Finished:
        run = self.workspace.sandbox.run(["bash", "-c", script], limits=Limits(wall_s=30))
        return self.runner.run(run)

    def does(self, script: str) -> Seen:
        """What is seen after a command that has to succeed."""
        ended = self.bash(script)
        assert ended.exit_code == 0, ended.stderr
        return self.look()

    def look(self) -> Seen:
        return self.runner.run(self.workspace.look())

    def finish(self, **options: Any) -> Outcome:
        return self.runner.run(self.workspace.finish(**options))


@contextmanager
def desk_of(template: Template, sandboxes: Sandboxes, **options: Any) -> Iterator[Desk]:
    with asyncio.Runner() as runner:
        context = opened(template, sandboxes, **options)
        workspace = runner.run(context.__aenter__())
        try:
            yield Desk(workspace, runner)
        finally:
            runner.run(context.__aexit__(None, None, None))


def what(seen: Seen) -> dict[str, str]:
    """What happened to which path."""
    return {change.path: change.what for change in seen.changes}
