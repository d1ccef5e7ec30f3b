"""Datasets: the cases somebody wrote, read strictly and all at once.

    # yaml-language-server: $schema=../schemas/dataset.schema.json
    defaults: {tags: [backend], limits: {turns: 10}}
    cases:
      - id: register-endpoint
        request: Create a REST API endpoint for user registration
        expect:
          - routes_to: backend-implementer
      - id: trivial-question
        request: What does HTTP 409 mean?
        expect: [no_delegation]

What an item of `expect` may look like is told in `expectation.py`.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from audition.document import Document, Loc, quoted
from audition.errors import InputError, Problem
from audition.evidence import Extent, extent_of
from audition.expectation import (
    FORM,
    Expectation,
    contradictions,
    known_checks,
    read_expectations,
    unknown_agents,
)
from audition.project import DEFAULT_PROJECT, Project
from audition.validation import IDENTIFIER, SOME_TEXT, gathered, validate
from audition.workplace import (
    Action,
    ProjectEntry,
    SomeText,
    Work,
    WorkspaceEntry,
    home_of,
    project_of,
    source_of,
    work_problems,
)
from audition.workspaces.source import Source
from audition.yamlfile import read_yaml

Origin = Literal["session", "human", "drafted", "example"]
Split = Literal["tune", "holdout"]


@dataclass(frozen=True)
class Limits:
    """What stops a trial; a trial that reaches a limit fails."""

    turns: Annotated[int, Field(ge=1, le=1_000)] | None = None
    """The most turns of the main thread."""
    minutes: Annotated[float, Field(gt=0, le=1_440)] | None = None
    """The most minutes, waiting for the provider left out."""
    cost_usd: Annotated[float, Field(gt=0)] | None = None
    """The most US dollars."""

    __pydantic_config__: ClassVar[ConfigDict] = FORM

    def over(self, other: "Limits") -> "Limits":
        """These limits, and those of `other` where nothing is said here."""
        stated = {name: value for name, value in vars(self).items() if value is not None}
        return Limits(**{**vars(other), **stated})


@dataclass(frozen=True)
class Known:
    """A failure that is known: shown, and excused until a date."""

    reason: Annotated[str, Field(pattern=SOME_TEXT)]
    """Why the case fails."""
    until: Annotated[date, Field(json_schema_extra={"pattern": r"^\d{4}-\d{2}-\d{2}$"})]
    """The last day on which that is an excuse."""

    __pydantic_config__: ClassVar[ConfigDict] = FORM

    def excuses(self, today: date) -> bool:
        """Whether a failure is excused on this day."""
        return today <= self.until


@dataclass(frozen=True)
class Case:
    """A request and what is expected of it."""

    id: str
    request: str
    expectations: tuple[Expectation, ...]
    tags: tuple[str, ...] = ()
    trials: int | None = None
    """How many trials; None for as many as the suite says."""
    limits: Limits = Limits()
    origin: Origin = "human"
    split: Split = "tune"
    known: Known | None = None
    where: str = ""
    """`path:line`."""
    work: Work | None = None
    """Where agents work; None for a case without a workspace."""

    @property
    def project(self) -> Project:
        """How its workspace is read."""
        return self.work.project if self.work else DEFAULT_PROJECT

    @property
    def extent(self) -> Extent:
        """How far the case has to be played, over all its checks."""
        if self.work is not None and self.work.agent is not None:
            return "work"
        return extent_of(need for e in self.expectations for need in e.check.needs)


@dataclass(frozen=True)
class Dataset:
    """The cases of one file."""

    path: Path
    cases: tuple[Case, ...]
    document: Document = field(repr=False, compare=False)


@dataclass(frozen=True)
class CaseSelection:
    """Which cases to play: the id fits one of the globs, and the case has one of the tags."""

    globs: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()

    def select(self, cases: Iterable[Case]) -> tuple[Case, ...]:
        """The cases that fit, in their order; an empty list of globs or tags fits everything."""
        return tuple(case for case in cases if self._fits(case))

    def may_fit(self, written: Any) -> bool:
        """Whether a case as it was written can be among them; its tags may not be all known."""
        name = written.get("id") if isinstance(written, dict) else None
        if not self.globs or not isinstance(name, str):
            return True
        return any(fnmatchcase(name, glob) for glob in self.globs)

    def _fits(self, case: Case) -> bool:
        by_id = not self.globs or any(fnmatchcase(case.id, glob) for glob in self.globs)
        return by_id and (not self.tags or not set(self.tags).isdisjoint(case.tags))


class Defaults(BaseModel):
    """What holds for every case of the file that does not say otherwise."""

    model_config = FORM

    tags: tuple[Annotated[str, Field(pattern=SOME_TEXT)], ...] = ()
    """Tags that every case gets beside its own."""
    trials: Annotated[int, Field(ge=1, le=10_000)] | None = None
    """How many times each case is tried."""
    limits: Limits = Limits()
    """What stops a trial."""
    origin: Origin = "human"
    """Where the requests come from."""
    split: Split = "tune"
    """Whether the cases are for tuning the definitions or held out to judge them."""


class CaseEntry(BaseModel):
    """A request and what is expected of it."""

    model_config = FORM

    id: Annotated[str, Field(pattern=IDENTIFIER)]
    """The name of the case, unique in the suite."""
    request: Annotated[str, Field(pattern=SOME_TEXT)]
    """What the user says, word for word."""
    expect: Annotated[tuple[Any, ...], Field(min_length=1)]
    """The checks that judge every trial of the case."""
    tags: tuple[Annotated[str, Field(pattern=SOME_TEXT)], ...] = ()
    """Words to select and to group cases by."""
    trials: Annotated[int, Field(ge=1, le=10_000)] | None = None
    """How many times the case is tried, where it differs from the suite."""
    limits: Limits = Limits()
    """What stops a trial of this case."""
    origin: Origin | None = None
    """Where the request comes from: a real session, a person, a draft, a definition's example."""
    split: Split | None = None
    """`tune` for cases the definitions are tuned on, `holdout` for those that only judge them."""
    known: Known | None = None
    """A failure that is known and excused until a date."""
    agent: SomeText | None = None
    """The agent that is talked to directly; without it the main thread decides."""
    workspace: SomeText | WorkspaceEntry | None = None
    """Where agents work in this case, where it differs from the file."""
    project: ProjectEntry | None = None
    """How to read what happens there, where it differs from the file."""
    home: SomeText | None = None
    """A folder whose files are laid into the throw-away home."""
    reference: tuple[Action, ...] = ()
    """Actions that pass every required check: tool calls, and what is said."""


class DatasetFile(BaseModel):
    """A dataset: requests, and what is expected of each."""

    model_config = FORM

    defaults: Defaults = Defaults()
    """What holds for every case that does not say otherwise."""
    workspace: SomeText | WorkspaceEntry | None = None
    """Where agents work: a folder, or a repository at a revision."""
    project: ProjectEntry | None = None
    """How to read what happens there."""
    cases: Annotated[tuple[CaseEntry, ...], Field(min_length=1)]
    """The cases."""


@dataclass(frozen=True)
class Reading:
    """What a dataset is read with."""

    own_checks: Mapping[str, type[Any]] = field(default_factory=dict)
    """Checks of the user's own, by name, beside the built-in ones."""
    roster: Collection[str] | None = None
    """The agents on offer; None where they are not known."""
    selection: CaseSelection = CaseSelection()
    """The cases whose agents have to be on offer."""


def load_dataset(path: Path, reading: Reading | None = None) -> Dataset:
    """The dataset in a file.

    Raises:
        InputError: with every problem of the file.
    """
    reading = reading or Reading()
    problems: list[Problem] = []
    document = read_yaml(path, problems)
    file = gathered(problems, lambda: validate(document, _file()))
    checks = known_checks(reading.own_checks)
    locs = _case_locs(document)
    expectations = [read_expectations(document, loc, checks, problems) for loc in locs]
    problems.extend(_repeated_ids(document))
    for loc, found in zip(locs, expectations, strict=True):
        problems.extend(contradictions(document, found))
        if reading.roster is not None and reading.selection.may_fit(document.at(loc)):
            problems.extend(unknown_agents(document, found, tuple(reading.roster)))
    if file is None:
        raise InputError(problems)
    entries = zip(locs, file.cases, expectations, strict=False)
    cases = _sharing(_case(document, file, *entry) for entry in entries)
    for loc, case in zip(locs, cases, strict=False):
        if reading.selection.select((case,)):
            place = (case.work, case.expectations)
            problems.extend(work_problems(document, loc, place, reading.roster))
    if problems:
        raise InputError(problems)
    return Dataset(path, cases, document)


@cache
def _file() -> TypeAdapter[DatasetFile]:
    return TypeAdapter(DatasetFile)


def _case_locs(document: Document) -> list[Loc]:
    data = document.data
    cases = data.get("cases") if isinstance(data, dict) else None
    return [("cases", i) for i in range(len(cases) if isinstance(cases, list) else 0)]


def _repeated_ids(document: Document) -> Iterator[Problem]:
    first: dict[str, Loc] = {}
    for loc in _case_locs(document):
        case = document.at(loc)
        name = case.get("id") if isinstance(case, dict) else None
        if isinstance(name, str) and first.setdefault(name, loc) != loc:
            line, _ = document.locate((*first[name], "id"))
            what = f"the id {quoted(name)} is used twice"
            yield document.problem((*loc, "id"), what, f"it is also on line {line}")


def _case(
    document: Document,
    file: DatasetFile,
    loc: Loc,
    entry: CaseEntry,
    expectations: tuple[Expectation, ...],
) -> Case:
    defaults = file.defaults
    return Case(
        id=entry.id,
        request=entry.request,
        expectations=expectations,
        tags=tuple(dict.fromkeys((*defaults.tags, *entry.tags))),
        trials=entry.trials or defaults.trials,
        limits=entry.limits.over(defaults.limits),
        origin=entry.origin or defaults.origin,
        split=entry.split or defaults.split,
        known=entry.known,
        where=document.where(loc).rpartition(":")[0],
        work=_work(file, entry, document.path.resolve().parent),
    )


def _sharing(cases: Iterable[Case]) -> tuple[Case, ...]:
    """The cases with one source for all that name the same, so that it is listed once."""
    sources: dict[Source, Source] = {}

    def shared(case: Case) -> Case:
        if case.work is None:
            return case
        source = sources.setdefault(case.work.source, case.work.source)
        return replace(case, work=replace(case.work, source=source))

    return tuple(map(shared, cases))


def _work(file: DatasetFile, entry: CaseEntry, folder: Path) -> Work | None:
    place = entry.workspace or file.workspace
    if place is None:
        return None
    return Work(
        source=source_of(place, folder),
        project=project_of((entry.project, file.project), folder),
        agent=entry.agent,
        home=home_of(entry.home, folder),
        reference=entry.reference,
    )
