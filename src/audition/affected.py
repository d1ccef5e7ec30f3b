"""What a run has to play, what it already has, and why.

A trial is keyed by a digest of all that it depends on and that is known before it runs. From that
one key follow resume, reuse and running only what an edit touches. What a stored trial happened to
reach is never part of it.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from audition.codec import Packed
from audition.conversation import Model, Opening
from audition.dataset import Case, Limits
from audition.digests import digest
from audition.errors import AuditionError
from audition.evidence import naming_agents
from audition.record import Trial
from audition.runfile import SUFFIX, stored_trials
from audition.runtimes import Cue, Runtime, Scene, Stage
from audition.setups.setup import Agent, Setup

if TYPE_CHECKING:
    from audition.sandboxes import SandboxKind

KEY_VERSION = 2
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
    unsafe_no_sandbox: bool = False

    @property
    def sandbox(self) -> "SandboxKind":
        """Where the commands of agents run; no other trial needs any of it."""
        if self.unsafe_no_sandbox:
            from audition.sandboxes.local import Local

            return Local()
        from audition.sandboxes.bubblewrap import Bubblewrap

        return Bubblewrap()


def plan_trials(cases: Sequence[Case], settings: Settings) -> tuple[Entry, ...]:
    """Every trial of a run, case by case."""
    return tuple(entry for case in cases for entry in _entries(case, settings))


def stored(
    entries: Sequence[Entry], folder: Path, own: Path
) -> Iterator[tuple[Trial, Packed, Path]]:
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


def reference_of(case: Case) -> tuple[str, ...] | None:
    """The delegations that the case expects; None where no check demands any."""
    for expectation in case.expectations:
        check = naming_agents(expectation.check)
        if expectation.required and check is not None and check.reference is not None:
            return check.reference
    return None


def influences(case: Case, setup: Setup) -> list[str]:
    """Digests of the parts of the setup that can influence a case, known before it is played.

    Routing depends on what is listed of every agent; the work of an agent on its own file; a case
    that goes through the main thread on both, with the files of the agents that its expectations
    name, or of all where none of them has to take it. Instructions and settings always count.
    """
    if case.extent != "work" or case.work is None:
        return [setup.routing_digest]
    if case.work.agent is not None:
        named: set[str] = {case.work.agent}
        shared = [setup.shared_digest]
    else:
        named = takers(case)
        shared = [setup.routing_digest]
    agents = [agent for agent in setup.roster if not named or agent.name in named]
    return [*shared, case.work.identity, *(_file_digest(agent) for agent in agents)]


def takers(case: Case) -> set[str]:
    """The agents that a case names, one of which has to take it; empty where any may.

    Where a check only says who must not take it, or is not required, another agent's work counts.
    """
    if not reference_of(case):
        return set()
    checks = (naming_agents(expectation.check) for expectation in case.expectations)
    return {name for check in checks if check for name in check.agents}


def _file_digest(agent: Agent) -> str:
    tools = (agent.tools, agent.disallowed_tools)
    return digest([agent.name, agent.body, agent.model, tools, agent.memory, agent.max_turns])


def _entries(case: Case, settings: Settings) -> Iterable[Entry]:
    scripted = settings.model.nature == "scripted"
    shown = reference_of(case) if scripted else None
    actions = tuple(action.root for action in case.work.reference) if case.work and scripted else ()
    cue = Cue(case.request, case.extent, case.work.agent if case.work else None)
    pin = settings.stage.pin(cue)
    shared = digest(
        [
            KEY_VERSION,
            case.id,
            case.request,
            cue.extent,
            shown,
            actions,
            vars(case.limits),
            settings.max_tokens,
            settings.runtime_name,
            settings.runtime.loop_version,
            influences(case, settings.setup),
            type(settings.sandbox).__name__ if cue.extent == "work" else "",
            settings.series,
        ]
    )
    for number in range(1, (case.trials or settings.trials) + 1):
        identity = settings.model.identity(settings.opening, case.id, number)
        scene = Scene(
            case=case.id,
            trial=number,
            cue=cue,
            turns=case.limits.turns or 1,
            max_tokens=settings.max_tokens,
            pin=pin,
            reference=shown,
            actions=actions,
            series=settings.series,
        )
        yield Entry(case, scene, case.limits, digest([shared, identity, number])[:32])
