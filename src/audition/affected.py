"""What a run has to play, what it already has, and why.

A trial is keyed by a digest of all that it depends on and that is known before it runs. From that
one key follow resume, reuse and running only what an edit touches. What a stored trial happened to
reach is never part of it.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from audition.conversation import Model, Opening
from audition.dataset import Case, Limits
from audition.digests import digest
from audition.errors import AuditionError
from audition.evidence import Extent, extent_of, naming_agents
from audition.record import Trial
from audition.runfile import SUFFIX, stored_trials
from audition.runtimes import Runtime, Scene, Stage
from audition.setups.setup import Setup

KEY_VERSION = 1
"""Raised when the meaning of a key changes; older trials are then played again."""


@dataclass(frozen=True)
class Entry:
    """One trial of a run: what it is, and the key that says what it depends on."""

    case: Case
    scene: Scene
    limits: Limits
    key: str


@dataclass(frozen=True)
class Settings:
    """What is the same for all trials of a run."""

    setup: Setup
    runtime_name: str
    runtime: Runtime
    stage: Stage
    model: Model
    opening: Opening
    trials: int
    max_tokens: int
    series: str = ""


def plan_trials(cases: Sequence[Case], settings: Settings) -> tuple[Entry, ...]:
    """Every trial of a run, case by case."""
    return tuple(entry for case in cases for entry in _entries(case, settings))


def stored(
    entries: Sequence[Entry], folder: Path, own: Path
) -> Iterator[tuple[Trial, bytes, Path]]:
    """Trials of these entries that other run files of a folder hold, newest file first."""
    missing = {entry.key for entry in entries}
    files = [path for path in folder.glob(f"*{SUFFIX}") if path.is_file()]
    for path in sorted(files, key=lambda path: path.stat().st_mtime, reverse=True):
        if not missing or path.resolve() == own.resolve():
            continue
        try:
            for trial, packed in stored_trials(path, missing):
                missing.discard(trial.key)
                yield trial, packed, path
        except AuditionError:
            continue  # a file that is no run file of ours has nothing to offer


def extent_of_case(case: Case) -> Extent:
    """How far the case has to be played, over all its checks."""
    return extent_of(need for e in case.expectations for need in e.check.needs)


def reference_of(case: Case) -> tuple[str, ...] | None:
    """The delegations that the case expects; None where no check demands any."""
    for expectation in case.expectations:
        check = naming_agents(expectation.check)
        if expectation.required and check is not None and check.reference is not None:
            return check.reference
    return None


def _entries(case: Case, settings: Settings) -> Iterable[Entry]:
    extent = extent_of_case(case)
    shown = reference_of(case) if settings.model.nature == "scripted" else None
    pin = settings.stage.pin(case.request)
    shared = digest(
        [
            KEY_VERSION,
            case.id,
            case.request,
            extent,
            shown,
            vars(case.limits),
            settings.max_tokens,
            settings.runtime_name,
            settings.runtime.loop_version,
            pin,
            settings.setup.routing_digest,
            settings.series,
        ]
    )
    for number in range(1, (case.trials or settings.trials) + 1):
        identity = settings.model.identity(settings.opening, case.id, number)
        scene = Scene(
            case=case.id,
            trial=number,
            request=case.request,
            extent=extent,
            turns=case.limits.turns or 1,
            max_tokens=settings.max_tokens,
            pin=pin,
            reference=shown,
        )
        yield Entry(case, scene, case.limits, digest([shared, identity, number])[:32])
