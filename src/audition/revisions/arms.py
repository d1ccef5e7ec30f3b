"""The two jobs of a comparison: one suite, two setups.

Both arms play the same cases with the same model and the same limits; what differs is the setup.
The suite is the base's where that is a git revision, unless the head's is asked for.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Literal

from audition.errors import InputError
from audition.job import Arm, Job, prepare
from audition.overrides import Overrides, command
from audition.results import load_either
from audition.revisions import GitRevision, NoAgents, Revision, RunFile
from audition.revisions.exporting import Export, exported
from audition.revisions.reading import load_setup_at, without_agents
from audition.revisions.renaming import applicable, renaming_problems, with_new_names
from audition.runfile import Run
from audition.setups.loader import SetupSpec
from audition.setups.setup import Setup
from audition.suite import Suite

Side = Literal["base", "head"]


@dataclass(frozen=True)
class Inquiry:
    """What is compared, as somebody asked for it."""

    suite: Path
    """As it is called in the work tree."""
    base: Revision
    head: Revision
    suite_from: Side = "base"
    """Only a git revision brings suites along: a base that is none is judged by the head's."""
    renamed: Mapping[str, str] = field(default_factory=dict)
    """Agents of base that have another name in head."""
    models: Mapping[Side, str] = field(default_factory=dict)
    """The model of a side, where the two sides have different ones."""

    @property
    def judging(self) -> Side:
        """The side that suites, datasets, workspaces and checks are of."""
        return self.suite_from if isinstance(self.base, GitRevision) else "head"

    @property
    def judge(self) -> Revision:
        """The revision of that side."""
        return self.base if self.judging == "base" else self.head


@dataclass(frozen=True)
class Arms:
    """The two sides, validated; usable as long as the context that made them lasts."""

    base: Job | None
    """None where base is a run file, which nothing is added to."""
    run: Run | None
    """The run, where base is one."""
    head: Job
    export: Export | None
    """Where suite and workspaces lie, if they are those of a git revision."""
    renamed: Mapping[str, str]

    @property
    def suite_label(self) -> str:
        """Where suite, datasets, workspaces and checks come from."""
        return self.export.revision.label if self.export else "the working tree"


@contextmanager
def opened_arms(
    asked: Inquiry, overrides: Overrides, *, now: datetime, plays: bool = True
) -> Iterator[Arms]:
    """Read and validate both sides of a comparison.

    Args:
        asked: What is compared.
        overrides: What the command line says over the suite; it names no setup.
        now: When the comparison is made.
        plays: Whether anything will be asked of the model.

    Raises:
        InputError: with the problems of the suite, the setups and the names.
        NothingSelectedError: the selection leaves no case.
    """
    judge = asked.judge
    if not isinstance(judge, GitRevision):
        yield _arms(asked, overrides, None, now, plays)
        return
    with exported(judge, asked.suite) as export:
        try:
            yield _arms(asked, overrides, export, now, plays)
        except InputError as error:
            raise InputError(
                replace(problem, where=export.named(problem.where), what=export.named(problem.what))
                for problem in error.problems
            ) from None


def _arms(
    asked: Inquiry, overrides: Overrides, export: Export | None, now: datetime, plays: bool
) -> Arms:
    suite = export.place(asked.suite) if export else asked.suite
    both = _Setups(asked, export)
    run = load_either(asked.base.path) if isinstance(asked.base, RunFile) else None

    def job(side: Side) -> Job:
        own = replace(overrides, model=asked.models.get(side, overrides.model))
        prepared = prepare(suite, own, now=now, plays=plays, arm=both.arm(side))
        return _named(prepared, asked, own, export)

    base = None if run else job("base")
    return Arms(base, run, job("head"), export, both.renamed)


def _named(job: Job, asked: Inquiry, overrides: Overrides, export: Export | None) -> Job:
    """The job with places of the export called as git calls them: the export will be gone."""
    if export is None:
        return job
    record = replace(
        job.record,
        suite_path=str(asked.suite),
        datasets=tuple(export.named(path) for path in job.record.datasets),
        command=command(asked.suite, overrides),
    )
    cases = tuple(replace(case, workspace=export.named(case.workspace)) for case in job.cases)
    return replace(job, record=record, cases=cases)


class _Setups:
    """The setups of both sides, read once it is known what the suite names."""

    def __init__(self, asked: Inquiry, export: Export | None) -> None:
        self.asked = asked
        self.export = export
        self.renamed = dict(asked.renamed)
        self.found: dict[Side, Setup] = {}

    def arm(self, side: Side) -> Arm:
        """One side, for `prepare`."""

        def read(place: Path | SetupSpec) -> Setup:
            if not self.found:
                self._read(self.export.original_setup(place) if self.export else place)
            return self.found[side]

        return Arm(read, self._names, partial(self._settled, side))

    def _names(self) -> set[str]:
        return {agent.name for setup in self.found.values() for agent in setup.roster}

    def _read(self, place: Path | SetupSpec) -> None:
        asked, beside = self.asked, self.asked.suite.absolute().parent
        revisions: dict[Side, Revision] = {"base": asked.base, "head": asked.head}
        there = {
            side: revision
            for side, revision in revisions.items()
            if not isinstance(revision, NoAgents | RunFile)
        }
        read = {side: load_setup_at(r, place, beside=beside) for side, r in there.items()}
        for side, revision in revisions.items():
            if isinstance(revision, NoAgents):
                other = next(iter(read.values()), None) or load_setup_at(
                    revision, place, beside=beside
                )
                read[side] = without_agents(other)
        self.found = read
        self._check_names()

    def _check_names(self) -> None:
        if "base" in self.found:
            names = [{a.name for a in self.found[side].roster} for side in ("base", "head")]
            if problems := renaming_problems(self.renamed, *names):
                raise InputError(problems)

    def _settled(self, side: Side, suite: Suite) -> Suite:
        """The suite as one side plays it."""
        if "base" in self.found:
            names = ({a.name for a in self.found[side].roster} for side in ("base", "head"))
            self.renamed = {**applicable(suite.renamed, *names), **self.asked.renamed}
        settled = self.export.settled(suite) if self.export else suite
        if side == self.asked.judging:
            return settled
        new_names = self.renamed
        if side == "base":
            new_names = {new: old for old, new in new_names.items()}
        cases = tuple(with_new_names(case, new_names) for case in settled.cases)
        return replace(settled, cases=cases)
