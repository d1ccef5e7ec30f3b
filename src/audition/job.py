"""A job: one suite with everything it needs, validated whole before anything is spent."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from fnmatch import fnmatchcase
from math import isfinite
from pathlib import Path
from typing import Any

from audition import parts
from audition.affected import Entry, Settings, plan_trials
from audition.allowed import with_tool_findings
from audition.budget import worst_case_usd
from audition.conversation import Opening, Wanted
from audition.dataset import Case, CaseSelection
from audition.errors import InputError, NothingSelectedError, Problem
from audition.evidence import naming_agents
from audition.job_record import case_records, run_record, setup_label
from audition.overrides import Overrides
from audition.record import (
    CaseRecord,
    RunRecord,
    Trial,
)
from audition.runfile import Planned
from audition.runtimes import Runtime
from audition.setups.loader import SetupSpec, load_setup
from audition.setups.setup import Setup
from audition.suite import Suite, build_model, load_suite
from audition.suitefile import what_is_wrong_with
from audition.yamlfile import uncollected

LIKELY_OUTPUT_TOKENS = 300
"""What a brief takes: measured on none, assumed for the projection of a dry run."""


@dataclass(frozen=True)
class Arm:
    """One side of a comparison: its setup takes the place of the one that the suite names."""

    read: Callable[[Path | SetupSpec], Setup]
    """Reads it, told what the suite names."""
    also_known: Callable[[], Collection[str]] = tuple
    """Agents of the other side, once this one is read: a case may name one that this side lacks."""
    settle: Callable[[Suite], Suite] = lambda suite: suite
    """The suite as this side plays it."""


@dataclass(frozen=True)
class Job:
    """A suite, ready to be played."""

    suite: Suite
    settings: Settings
    entries: tuple[Entry, ...]
    record: RunRecord
    cases: tuple[CaseRecord, ...]
    lacking: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """By case, the agents that it cannot do without and that this side of a comparison lacks: it
    has no entries and fails without a call."""
    absent: tuple[Trial, ...] = ()
    """The trials of such cases, which nobody plays."""

    @property
    def plan(self) -> tuple[Planned, ...]:
        """The trials as the run file lists them."""
        played = (Planned(e.case.id, e.scene.trial, e.key) for e in self.entries)
        return (*played, *(Planned(t.case, t.number, t.key) for t in self.absent))

    def projected_usd(self, entries: Sequence[Entry]) -> tuple[float, float] | None:
        """What these trials may cost: a likely figure and the most; None without a price."""
        price = self.settings.model.price(self.settings.opening)
        if price is None:
            return None
        likely = most = 0.0
        for entry in entries:
            cue, most_tokens = entry.scene.cue, entry.scene.max_tokens
            opening = self.settings.stage.opening
            likely += worst_case_usd(opening(cue, LIKELY_OUTPUT_TOKENS), price)
            most += entry.scene.turns * worst_case_usd(opening(cue, most_tokens), price)
        return likely, most


@uncollected()
def prepare(
    path: Path, overrides: Overrides, *, now: datetime, plays: bool = True, arm: Arm | None = None
) -> Job:
    """Read and validate a suite, its datasets, its setup and its model.

    Args:
        path: The suite.
        overrides: What the command line says over it.
        now: When the run is made.
        plays: Whether anything will be asked of the model: only then a key has to be there.
        arm: The side of a comparison that is prepared.

    Raises:
        InputError: with every problem of all of them.
        NothingSelectedError: the selection leaves no case.
    """
    setups: list[Setup] = []

    def offered(place: Path | SetupSpec) -> tuple[str, ...]:
        read = arm.read(place) if arm else load_setup(place, label=setup_label(place))
        setups.append(with_tool_findings(read))
        names = [agent.name for agent in setups[0].roster]
        return (*names, *(arm.also_known() if arm else ()))

    loaded = load_suite(path, setup=overrides.setup, offered=offered, selection=overrides.selection)
    suite, setup = _overridden(arm.settle(loaded) if arm else loaded, overrides), setups[0]
    cases = overrides.selection.select(suite.cases)
    problems: list[Problem] = []
    settings = _settings(suite, setup, overrides)
    lacking = _lacking(cases, setup) if arm else {}
    entries = plan_trials([case for case in cases if case.id not in lacking], settings)
    if plays:
        problems += playing_problems(suite, settings, entries)
    if problems:
        raise InputError(problems)
    if not cases:
        raise NothingSelectedError(_nothing_fits(path, suite, overrides.selection))
    record = run_record(path, suite, settings, overrides, now)
    records = case_records(cases, setup, now.date())
    return Job(suite, settings, entries, record, records, lacking)


def playing_problems(suite: Suite, settings: Settings, entries: Sequence[Entry]) -> list[Problem]:
    """What keeps these trials from being played: no key, no recording, a budget without a price."""
    model, opening = settings.model, settings.opening
    wanted = [Wanted(e.case.id, e.scene.trial, e.scene.pin) for e in entries]
    return [*model.problems(opening, wanted), *_budget_problems(suite, settings, entries)]


def _lacking(cases: Sequence[Case], setup: Setup) -> dict[str, tuple[str, ...]]:
    """By case, the agents that it cannot be passed without and that the setup does not have."""
    names = {agent.name for agent in setup.roster}
    missing = {case.id: tuple(sorted(_needed(case) - names)) for case in cases}
    return {case: agents for case, agents in missing.items() if agents}


def _needed(case: Case) -> set[str]:
    needed = {case.work.agent} if case.work and case.work.agent else set()
    for expectation in case.expectations:
        check = naming_agents(expectation.check)
        if expectation.required and check is not None:
            needed |= set(check.reference or ())
    return needed


def _nothing_fits(path: Path, suite: Suite, selection: CaseSelection) -> str:
    """Why no case is left, with what there is that looks like what was asked for."""
    hints = []
    known = tuple(case.id for case in suite.cases)
    for glob in selection.globs:
        if not any(fnmatchcase(name, glob) for name in known):
            hints.append(f"no id fits {glob!r} ({parts.suggestion(glob, known[:20])})")
    tags = tuple(sorted({tag for case in suite.cases for tag in case.tags}))
    for tag in selection.tags:
        if tag not in tags:
            hints.append(f"no case is tagged {tag!r} ({parts.suggestion(tag, tags)})")
    why = "; ".join(hints) or "no case fits both --cases and --tag"
    return f"{path}: nothing was played: {why}"


def _overridden(suite: Suite, overrides: Overrides) -> Suite:
    """The suite with what the command line says over it."""
    problems = []
    if overrides.budget_usd is not None and not isfinite(overrides.budget_usd):
        problems.append(Problem("--budget-usd", "is no amount of dollars", "give a number"))
    if overrides.base_url is not None and (wrong := what_is_wrong_with(overrides.base_url)):
        problems.append(Problem("--base-url", *wrong))
    if problems:
        raise InputError(problems)
    stated: dict[str, Any] = {
        "model": parts.read_spec_text(overrides.model) if overrides.model else None,
        "base_url": overrides.base_url,
        "trials": overrides.trials,
        "concurrency": overrides.concurrency,
        "budget_usd": overrides.budget_usd,
    }
    if overrides.trials is not None:  # a number on the command line is meant for every case
        if suite.allow >= overrides.trials:
            what = f"every trial may fail: the suite allows {suite.allow}"
            do = f"give more than {suite.allow}"
            raise InputError([Problem("--trials", what, do)])
        stated["cases"] = tuple(replace(case, trials=None) for case in suite.cases)
    return replace(suite, **{name: value for name, value in stated.items() if value is not None})


def _opening(suite: Suite, overrides: Overrides) -> Opening:
    return Opening(
        folder=suite.path.parent,
        suite=suite.name,
        concurrency=suite.concurrency,
        base_url=suite.base_url,
        recordings=suite.recordings,
        strict=overrides.strict,
        prices=suite.prices,
    )


def _settings(suite: Suite, setup: Setup, overrides: Overrides) -> Settings:
    runtime: Runtime = parts.find("runtimes", suite.runtime)()  # type: ignore[misc]  # validated
    return Settings(
        setup=setup,
        runtime_name=suite.runtime,
        runtime=runtime,
        stage=runtime.prepare(setup),
        model=build_model(suite),
        opening=_opening(suite, overrides),
        trials=suite.trials,
        max_tokens=suite.max_tokens,
        series=overrides.series,
        unsafe_no_sandbox=overrides.unsafe_no_sandbox,
    )


def _budget_problems(suite: Suite, settings: Settings, entries: Sequence[Entry]) -> list[Problem]:
    if suite.budget_usd is None:
        return []
    model, opening = settings.model, settings.opening
    at_work = any(entry.scene.cue.extent == "work" for entry in entries)
    named = {agent.model for agent in settings.setup.agents if at_work} - {"inherit"}
    unpriced = [name for name in {None, *named} if model.price(opening, name) is None]
    do = "state one under `prices:` in the suite, or leave the budget out"
    return [
        Problem(
            str(suite.path),
            f"a budget in dollars cannot be kept: no price is known for {name or model.label}",
            do,
        )
        for name in unpriced
    ]
