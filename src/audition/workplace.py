"""Where agents work in a case: the part of a dataset that a case about behaviour needs.

    workspace: ../evals/workspaces/shop        # a folder, or {git: ., ref: main, setup: npm ci}
    project:
      tests: ["tests/**"]
      test_command: python -m pytest -q
    cases:
      - id: order-total
        agent: backend-implementer             # talk to this agent directly
        home: homes/with-a-lesson              # files laid into the throw-away home
        reference:                             # what would pass, in tool calls
          - Write: {file_path: shop/order.py, content: "…"}
          - Bash: {command: git commit -qam "feat: add totals"}
          - say: Done.

Paths are relative to the dataset. A case may state its own `workspace` and `project`.
"""

import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, RootModel, model_validator

from audition.digests import digest
from audition.document import Document, Loc, quoted, shown
from audition.errors import Problem
from audition.expectation import FORM, Expectation
from audition.parts import suggestion
from audition.project import DEFAULT_PROJECT, Project
from audition.validation import SOME_TEXT, VARIABLE
from audition.workspaces.source import Source

SomeText = Annotated[str, Field(pattern=SOME_TEXT)]
Globs = Annotated[tuple[SomeText, ...], Field(min_length=1)]


class WorkspaceEntry(BaseModel):
    """A workspace: a folder, or a repository at a revision."""

    model_config = FORM

    folder: SomeText | None = None
    """The folder that every trial gets a copy of."""
    git: SomeText | None = None
    """The repository whose revision every trial gets."""
    ref: SomeText = "HEAD"
    """The revision of that repository."""
    setup: SomeText | None = None
    """A command of yours that is run once, when the workspace is made, such as `npm ci`."""

    @model_validator(mode="after")
    def _names_one_place(self) -> "WorkspaceEntry":
        if (self.folder is None) == (self.git is None):
            raise ValueError("name either a folder or a git repository; write one of the two")
        return self


class ProjectEntry(BaseModel):
    """How to read what happens in the workspace."""

    model_config = FORM

    tests: Globs | None = None
    """The files that are tests, as in a `.gitignore`."""
    implementation: Globs | None = None
    """The files that are implementation; tests are never."""
    test_command: SomeText | None = None
    """What runs all tests: `python -m pytest -q` where nothing is said."""
    lint_command: SomeText | None = None
    """What runs the linter."""
    toolchains: tuple[SomeText, ...] | None = None
    """Folders with programs that the commands need, shown read-only."""
    environment: dict[Annotated[str, Field(pattern=VARIABLE)], str] | None = None
    """Variables that all commands in the workspace start with; no secrets: agents can read them."""


class Action(RootModel[dict[str, Any]]):
    """One tool call, `{Write: {file_path: …, content: …}}`, or `{say: text}`."""

    model_config = ConfigDict(frozen=True)

    root: Annotated[dict[str, Any], Field(min_length=1, max_length=1)]

    @model_validator(mode="after")
    def _is_one(self) -> "Action":
        if self.name == "say" and not isinstance(self.argument, str):
            raise ValueError("what is said is a text; write say: TEXT")
        if self.name != "say" and not isinstance(self.argument, dict):
            raise ValueError("a tool call has its input; write {Bash: {command: …}}")
        return self

    @property
    def name(self) -> str:
        """The tool, or `say`."""
        return next(iter(self.root))

    @property
    def argument(self) -> Any:
        """The input of the tool, or the text that is said."""
        return self.root[self.name]


@dataclass(frozen=True, kw_only=True)
class Work:
    """Where agents work in a case, and how what they do is read."""

    source: Source
    project: Project = DEFAULT_PROJECT
    agent: str | None = None
    """The agent that is talked to directly; None where the main thread decides."""
    home: Path | None = None
    """A folder whose files are laid into the throw-away home."""
    reference: tuple[Action, ...] = ()
    """Actions that pass every required check."""

    @cached_property
    def identity(self) -> str:
        """Digest of what can influence a trial, as far as it is known before one is played."""
        home = Source(folder=self.home).identity if self.home else ""
        project = self.project
        commands = [project.test_command, project.lint_command, project.environment]
        return digest([self.source.identity, self.agent, home, commands, project.toolchains])


def source_of(entry: str | WorkspaceEntry, folder: Path) -> Source:
    """The workspace that a dataset in a folder means."""
    if isinstance(entry, str):
        return Source(folder=_path(folder, entry))
    if entry.folder is not None:
        return Source(folder=_path(folder, entry.folder), setup=entry.setup)
    return Source(folder=_path(folder, entry.git or "."), ref=entry.ref, setup=entry.setup)


def project_of(entries: tuple[ProjectEntry | None, ...], folder: Path) -> Project:
    """The project as stated, the first entry over the second, over the defaults."""
    stated: dict[str, Any] = {}
    for entry in reversed(entries):
        if entry is not None:
            stated.update({k: v for k, v in vars(entry).items() if v is not None})
    paths = tuple(str(_path(folder, text)) for text in stated.pop("toolchains", ()))
    return replace(DEFAULT_PROJECT, **stated, toolchains=paths)


def home_of(entry: str | None, folder: Path) -> Path | None:
    """The folder laid into the home."""
    return None if entry is None else _path(folder, entry)


def work_problems(
    document: Document,
    loc: Loc,
    case: tuple[Work | None, Sequence[Expectation]],
    roster: Collection[str] | None,
) -> Iterator[Problem]:
    """What is wrong with where the agents of the case at a place work."""
    work, expectations = case
    if work is None:
        yield from _without_a_workspace(document, loc, expectations)
        return
    if work.agent is not None:
        yield from _of_the_agent(document, loc, work.agent, expectations, roster)
    if work.project.lint_command is None:
        for expectation in expectations:
            if "linter" in expectation.check.needs:
                what = f"{quoted(expectation.name)} runs the linter, and the project names none"
                do = "write `lint_command` under `project`"
                yield document.problem(expectation.loc, what, do)
    for key, sentences in _of_the_places(work).items():
        at = (*loc, key) if document.at(loc).get(key) else (key,)
        for what in sentences:
            yield document.problem(at, what, "mend it")


def _without_a_workspace(
    document: Document, loc: Loc, expectations: Sequence[Expectation]
) -> Iterator[Problem]:
    do = "write `workspace: FOLDER` in the case or at the top of the file"
    for key in ("agent", "home", "reference", "project"):
        if document.at(loc).get(key):
            yield document.problem((*loc, key), f"{quoted(key)} needs a workspace", do, key=True)
    for expectation in expectations:
        if "work" in expectation.check.needs:
            what = f"{quoted(expectation.name)} judges agents at work, which takes a workspace"
            yield document.problem(expectation.loc, what, do)


def _of_the_agent(
    document: Document,
    loc: Loc,
    agent: str,
    expectations: Sequence[Expectation],
    roster: Collection[str] | None,
) -> Iterator[Problem]:
    if roster is not None and agent not in roster:
        what = f"the setup has no agent {quoted(agent)}"
        yield document.problem((*loc, "agent"), what, suggestion(agent, tuple(roster)))
    for expectation in expectations:
        if expectation.check.kind == "routing":
            what = f"{quoted(expectation.name)} judges the main thread, and there is none"
            do = "remove it, or remove `agent`, so that the main thread decides"
            yield document.problem(expectation.loc, what, do)


def _of_the_places(work: Work) -> Mapping[str, tuple[str, ...]]:
    """What is wrong with the places, by the key that names them: sentences."""
    is_homeless = work.home is not None and not work.home.is_dir()
    tools = [Path(path) for path in work.project.toolchains]
    return {
        "workspace": work.source.problems(),
        "home": (f"there is no folder {shown(work.home)}",) if is_homeless and work.home else (),
        "project": tuple(f"there is no folder {shown(p)}" for p in tools if not p.is_dir()),
    }


def _path(folder: Path, text: str) -> Path:
    return Path(os.path.normpath(folder / text))
