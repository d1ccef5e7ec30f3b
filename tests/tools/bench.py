"""Tools at work on real folders, called as a runtime calls them."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from audition.sandboxes import HOME, WORKSPACE, Limits, Place
from audition.tools import Bench, Used, all_tools
from tests.sandboxes.trying import booth_of, opened

TOOLS = {tool.spec.name: tool for tool in all_tools()}


@dataclass(frozen=True)
class Desk:
    """A bench, and where its folders are on this machine."""

    bench: Bench

    @property
    def workspace(self) -> Path:
        return self.bench.folders[WORKSPACE]

    @property
    def home(self) -> Path:
        return self.bench.folders[HOME]

    def use(self, tool: str, **given: Any) -> Used:
        return self.give(tool, given)

    def give(self, tool: str, given: Any) -> Used:
        used = asyncio.run(TOOLS[tool].use(given, self.bench))
        used.content.encode()  # a server takes nothing else
        assert used.content
        return used

    def says(self, tool: str, **given: Any) -> str:
        """What a call that works is answered."""
        used = self.use(tool, **given)
        assert not used.is_error, used.content
        return used.content

    def refuses(self, tool: str, **given: Any) -> str:
        """What a call that does not work is answered."""
        used = self.use(tool, **given)
        assert used.is_error, used.content
        return used.content

    def put(self, path: str, content: str | bytes = "") -> Path:
        """A file of the workspace, made without a tool."""
        target = self.workspace / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content.encode() if isinstance(content, str) else content)
        return target

    def changed(self, **changes: Any) -> "Desk":
        """The same with another bench."""
        return Desk(replace(self.bench, **changes))


def desk_in(root: Path) -> Desk:
    """A desk for the tools that need no sandbox."""
    folders = {WORKSPACE: root / "workspace", HOME: root / "user"}
    for folder in folders.values():
        folder.mkdir()
    sandbox = opened("local").around(Place(workspace=folders[WORKSPACE], home=folders[HOME]))
    return Desk(Bench(sandbox=sandbox, folders=folders))


@contextmanager
def desk_behind(kind: str) -> Iterator[Desk]:
    """A desk with a sandbox of a kind."""
    with booth_of(kind) as booth:
        home = booth.folder("user")
        bench = Bench(
            sandbox=booth.showing(home=home).sandbox,
            folders={WORKSPACE: booth.workspace, HOME: home},
            owner=booth.sandboxes.owner,
            limits=Limits(wall_s=20),
        )
        yield Desk(bench)
