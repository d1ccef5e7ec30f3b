"""Where a command runs, and what a runner tells of it."""

import posixpath
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from audition.events import FailureKind
from audition.outcome import TestOutcome, TestResult
from audition.probing._failures import Trouble, failure
from audition.probing._files import text
from audition.probing._invocation import Invocation
from audition.project import Project
from audition.trees import Tree

MOST_TESTS = 20_000
_MOST_MESSAGE, _MOST_LINES, _MOST_ID = 1200, 12, 1000
_MOST_FOLDERS = 8
_NOT_OURS = re.compile(r"(?:^|/)(?:node_modules|site-packages|\.venv)/")


@dataclass(frozen=True, kw_only=True)
class Scene:
    """A tree as the command sees it."""

    workspace: str
    home: str
    cwd: str
    """Where the command starts, relative to the workspace."""
    tree: Tree = field(repr=False)
    project: Project

    def path(self, name: str) -> str:
        """The path in the workspace of a file as a program names it; empty for any other file."""
        name = name.removeprefix("file://").partition("?")[0]
        if name.startswith("/"):
            if not name.startswith(f"{self.workspace}/"):
                return ""
            name = name[len(self.workspace) + 1 :]
        else:
            name = posixpath.join(self.cwd, name)
        name = posixpath.normpath(name)
        return name if name in self.tree and not _NOT_OURS.search(name) else ""

    def paths(self, names: Iterable[str]) -> tuple[str, ...]:
        """Those of the files that lie in the workspace."""
        return tuple(filter(None, map(self.path, names)))

    def module(self, dotted: str) -> str:
        """The file of Python that has this name, as pytest makes them; empty where none has.

        A name may be one from a folder deeper down, where only one file has it.
        """
        return self._modules.get(dotted) or self._endings.get(dotted, "")

    @cached_property
    def _modules(self) -> Mapping[str, str]:
        return {
            path.removesuffix(".py").replace("/", "."): path
            for path in self.tree
            if path.endswith(".py")
        }

    @cached_property
    def _endings(self) -> Mapping[str, str]:
        found: dict[str, str] = {}
        for dotted, path in self._modules.items():
            parts = dotted.rsplit(".", _MOST_FOLDERS)
            for start in range(1, len(parts)):
                ending = ".".join(parts[start:])
                found[ending] = "" if ending in found else path
        return found


@dataclass(frozen=True, kw_only=True)
class Told:
    """One test, as a runner tells it."""

    path: str
    """The file in the workspace; empty where it is not known."""
    names: tuple[str, ...]
    """Of the groups around it and its own; none for a file that could not be loaded."""
    outcome: TestOutcome
    trouble: Trouble | None = None
    message: str = ""

    @property
    def id(self) -> str:
        """File, groups and name."""
        return text("::".join(filter(None, (self.path, *self.names))), _MOST_ID)


@dataclass(frozen=True, kw_only=True)
class Runner:
    """A program that runs tests, and how it is made to tell what it found."""

    program: str
    asks: Callable[[Invocation, str], str]
    """The command for a shell that also writes a report to this file."""
    reads: Callable[[bytes, Scene], list[Told]]
    """A report; raises ValueError for what is none."""
    explains: Callable[[int | None, str, Scene], FailureKind | list[Told]]
    """Why there is no report, from the exit code and the output."""
    takes: Callable[[Invocation], bool] = lambda _: True
    """Whether the program is used to run tests."""
    gear: str = ""
    """A file beside this one that it needs in its home folder."""


def results(told: Iterable[Told], project: Project) -> tuple[TestResult, ...]:
    """What became of each test, by id; of a test that is told twice the worse."""
    found: dict[str, TestResult] = {}
    for one in told:
        result = _result(one, project)
        before = found.get(result.id)
        if before is None or (before.outcome != "failed" and result.outcome == "failed"):
            found[result.id] = result
    return tuple(result for _, result in sorted(found.items()))


def _result(told: Told, project: Project) -> TestResult:
    if told.outcome != "failed":
        return TestResult(told.id, told.outcome)
    trouble = told.trouble or Trouble(error=told.message)
    kind, name = failure(trouble, project.role)
    lines = (told.message or trouble.error).strip().splitlines()[:_MOST_LINES]
    return TestResult(
        told.id, "failed", kind, text(name, _MOST_ID), text("\n".join(lines), _MOST_MESSAGE)
    )
