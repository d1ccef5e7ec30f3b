"""Glob finds files by their path.

`*`, `?`, `[abc]` and `{a,b}` stand for parts of a name and `**` for any number of folders; a
pattern holds from the searched folder on, so that `*.py` finds nothing in folders below it and
`**/*.py` does. Found are files and links, never followed, newest first, at most 100. A search looks
at 20,000 names, 64 folders deep, never into `.git`, and into folders such as `node_modules` only
where the pattern or `path` names them; unlike Claude Code's it does not read `.gitignore`.

    {"pattern": "tests/**/test_*.py"}
"""

import asyncio
import os
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice
from pathlib import PurePosixPath
from stat import S_ISLNK, S_ISREG
from typing import Any, ClassVar

from audition.beneath import open_beneath, opened
from audition.conversation import ToolSpec
from audition.inert import inert
from audition.sandboxes import WORKSPACE
from audition.tools import SKIPPED, Bench, Used
from audition.tools._files import is_folder
from audition.tools._given import MistakeError, answering, without_zeros
from audition.tools._globs import Pattern, State, read_pattern
from audition.tools._output import middle_cut
from audition.tools._places import Spot, spot

MOST_FILES, MOST_NAMES, MOST_FOLDERS_DEEP = 100, 20_000, 64
_MOST_COMPARISONS = 1_000_000
"""Of a name with a part of the pattern: more than a second of them, and only malice needs more."""
_WILD = frozenset("*?[{")
_NEVER = ".git"


@dataclass(frozen=True)
class Glob:
    """Finds files by their path."""

    spec: ClassVar[ToolSpec] = ToolSpec(
        "Glob",
        "Finds files by a pattern of their path, such as `src/**/*.ts`, newest first. `*` stays "
        "within one name, `**` is any number of folders, `{a,b}` is either. "
        f"It shows {MOST_FILES} files at most, and leaves out `.git`, `node_modules` and the like.",
        {
            "type": "object",
            "properties": {
                "pattern": {"type": "string", "description": "The pattern"},
                "path": {
                    "type": "string",
                    "description": "The folder to search; the workspace if left out",
                },
            },
            "required": ["pattern"],
            "additionalProperties": False,
        },
    )

    @answering
    async def use(self, given: Mapping[str, Any], bench: Bench) -> Used:
        """Find the files; see `audition.tools.Tool`."""
        without_zeros(given, "pattern")
        folder, text = _start(given["pattern"], given.get("path", WORKSPACE))
        place = spot(bench, folder)
        if not is_folder(place):
            raise MistakeError(f"{place.shown} is a file, not a folder to search in.")
        if _NEVER in place.path.split("/"):
            raise MistakeError(f"`{_NEVER}` is not searched.")
        search = _Search(place, read_pattern(text))
        # A search can take a while, and other trials are waiting.
        await asyncio.to_thread(search.run)
        return Used(content=_told(search), written=())


def _start(pattern: str, path: str) -> tuple[str, str]:
    """The folder to search, and the pattern from there; an absolute pattern names both."""
    if not pattern.startswith(("/", "~")):
        return path, pattern
    names = pattern.split("/")
    wild = next((place for place, name in enumerate(names) if _WILD & set(name)), len(names) - 1)
    return "/".join(names[:wild]) or "/", "/".join(names[wild:])


@dataclass
class _Search:
    """A walk through the folders that can hold something, the upper ones first."""

    place: Spot
    pattern: Pattern
    found: list[tuple[int, str]] = field(default_factory=list)
    """Time of the last change, downwards, and path."""
    looked_at: int = 0
    comparisons: int = 0
    is_cut: bool = False

    def run(self) -> None:
        """Fill `found`."""
        skipped = {name for name in SKIPPED if not self.pattern.names(name)} | {_NEVER}
        waiting: deque[tuple[str, int, State]] = deque([(".", 0, self.pattern.start)])
        with opened(self.place.root) as root:
            while waiting and not self._is_over():
                path, depth, state = waiting.popleft()
                for name in self._look(root, path, state):
                    if name in skipped:
                        continue
                    if depth == MOST_FOLDERS_DEEP:
                        self.is_cut = True
                        break
                    below = self.pattern.after(state, name)
                    if below:
                        waiting.append((f"{path}/{name}", depth + 1, below))
        self.is_cut |= bool(waiting)

    def _look(self, root: int, path: str, state: State) -> list[str]:
        """Note the files of one folder; the folders in it."""
        whole = f"{self.place.path}/{path}"
        try:
            descriptor = open_beneath(root, whole, flags=os.O_RDONLY | os.O_DIRECTORY)
        except OSError:  # one that nobody may read, or a path that is too long to be opened
            self.is_cut = True
            return []
        try:
            with os.scandir(descriptor) as entries:
                room = MOST_NAMES - self.looked_at
                some = sorted(islice(entries, room + 1), key=lambda entry: entry.name)
            self.is_cut |= len(some) > room
            self.looked_at += len(some)
            self.comparisons += len(some) * len(state)
            return [entry.name for entry in some if self._is_folder(entry, path, state)]
        finally:
            os.close(descriptor)

    def _is_over(self) -> bool:
        return self.looked_at >= MOST_NAMES or self.comparisons >= _MOST_COMPARISONS

    def _is_folder(self, entry: "os.DirEntry[str]", path: str, state: State) -> bool:
        if entry.is_dir(follow_symlinks=False):
            return True
        if self.pattern.is_whole(self.pattern.after(state, entry.name)):
            with suppress(OSError):  # it may just be gone
                about = entry.stat(follow_symlinks=False)
                if S_ISREG(about.st_mode) or S_ISLNK(about.st_mode):
                    self.found.append((-about.st_mtime_ns, f"{path}/{entry.name}"))
        return False


def _told(search: _Search) -> str:
    base = PurePosixPath(search.place.inside)
    lines = [inert(str(base / path)) for _, path in sorted(search.found)[:MOST_FILES]]
    if not lines:
        lines = ["No file matches."]
    elif len(search.found) > MOST_FILES:
        lines.append(f"[{len(search.found) - MOST_FILES} older files match too.]")
    if search.is_cut:
        lines.append("[The search did not reach everything; search a smaller folder.]")
    return middle_cut("\n".join(lines))
