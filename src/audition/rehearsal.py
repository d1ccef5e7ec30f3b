"""Rehearsal: shows that a suite can judge, before anybody spends money on it.

Each workspace has to pass its own tests and its linter, five times alike, each time laid out anew
and in a sandbox of its own. An agent that does nothing has to fail every case that demands work.
The case's own reference, a plain list of actions that is bound to no prompt, has to pass every
check that is required. All of it is played for real, in the sandbox; no model is asked, so that
neither a key nor a recording has to be there.

A case without a reference stays open: nobody has shown that it can be passed. A case whose
reference only says something demands no work, and doing nothing may pass it.
"""

import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Literal

from audition.affected import plan_trials
from audition.crew import Lot, Pace
from audition.dataset import Case
from audition.errors import FaultError, NothingSelectedError
from audition.events import ToolCall, ToolResult
from audition.evidence import Evidence
from audition.job import Job, prepare
from audition.outcome import Probe, Probed
from audition.overrides import Overrides
from audition.record import Trial
from audition.runfile import SUFFIX, Planned, load
from audition.runner import play_all
from audition.runwriter import open_writer
from audition.score import Verdict
from audition.studio import Studio, opened_studio
from audition.workplace import Work

TIMES = 5
"""How often a workspace's own tests and linter are run."""
PERFECT = (
    "simulated:misroute=0,no_delegation=0,invented=0,skip_plan=0,code_first=0,weaken_test=0,"
    "no_commit=0,push=0,without_rule=0"
)
IDLE = f"{PERFECT},idle=1"
_MOST_REASONS, _MOST_CHARACTERS = 4, 300
_VERBS: Mapping[Verdict, str] = {
    "fail": "fails",
    "fault": "cannot be judged by",
    "skip": "is not decided by",
}

Mark = Literal["ok", "wrong", "open"]
"""`open`: nothing speaks against it, and nothing shows that it can judge."""


@dataclass(frozen=True)
class Line:
    """One thing that was tried, and what came of it."""

    kind: Literal["workspace", "case"]
    subject: str
    """The folder of the workspace, or the id of the case."""
    mark: Mark
    what: str
    details: tuple[str, ...] = ()
    """What disagrees, each with the check or the command that says so, on one line."""


@dataclass(frozen=True)
class Rehearsal:
    """What rehearsing a suite showed."""

    suite: str
    lines: tuple[Line, ...]
    untried: int
    """Cases in which no agent works: they are about routing alone."""

    @property
    def passed(self) -> bool:
        """The suite can judge."""
        return all(line.mark == "ok" for line in self.lines)

    def count(self, kind: str, mark: Mark | None = None) -> int:
        """How many workspaces or cases there are, with this mark or with any."""
        return sum(line.kind == kind and mark in (None, line.mark) for line in self.lines)


@dataclass(frozen=True)
class Onlooker:
    """Who is told how a rehearsal goes on."""

    found: Callable[[Line], None] = lambda line: None
    step: Callable[[int, int, str], None] = lambda done, of, what: None
    """Steps that are done, of how many, and what was just tried."""


@dataclass
class _Steps:
    of: int
    told: Callable[[int, int, str], None]
    done: int = 0

    def ahead(self, what: str, by: int = 1) -> None:
        self.done += by
        self.told(self.done, self.of, what)


async def rehearse(
    path: Path, overrides: Overrides, *, now: datetime, onlooker: Onlooker | None = None
) -> Rehearsal:
    """Try the workspaces of a suite, its cases with nothing done, and their references.

    Raises:
        InputError: the suite is wrong, or this machine has no sandbox.
        NothingSelectedError: no case has a workspace in which agents work.
    """
    onlooker = onlooker or Onlooker()
    idle_job, perfect_job = (
        prepare(path, replace(overrides, model=model), now=now) for model in (IDLE, PERFECT)
    )
    every = {entry.case.id: entry.case for entry in idle_job.entries}.values()
    cases = [case for case in every if case.extent == "work" and case.work]
    if not cases:
        raise NothingSelectedError(f"{path}: no case in it has agents at work; nothing was tried")
    works = [case.work for case in cases if case.work is not None]
    places = _distinct(works)
    lines: list[Line] = []

    def found(line: Line) -> None:
        lines.append(line)
        onlooker.found(line)

    steps = _Steps(2 * len(cases) + sum(TIMES * len(_commands(w)) for w in places), onlooker.step)
    async with opened_studio(idle_job.settings.sandbox, works) as studio:
        for work in places:
            found(await _try_workspace(studio, work, steps))
        with tempfile.TemporaryDirectory(prefix="audition-validate-") as folder:
            idle = await _played(idle_job, cases, studio, Path(folder) / f"idle{SUFFIX}", steps)
            done = await _played(perfect_job, cases, studio, Path(folder) / f"done{SUFFIX}", steps)
    for case in cases:
        found(_judged(case, idle.get(case.id), done.get(case.id)))
    return Rehearsal(idle_job.suite.name, tuple(lines), len(every) - len(cases))


def _distinct(works: Iterable[Work]) -> list[Work]:
    """One of each workspace with the commands that are run in it."""
    found: dict[tuple[object, ...], Work] = {}
    for work in works:
        project = work.project
        surroundings = tuple(sorted(project.environment.items())), project.toolchains
        found.setdefault((work.source.identity, *_commands(work), *surroundings), work)
    return list(found.values())


def _commands(work: Work) -> tuple[str, ...]:
    project = work.project
    return (project.test_command, *([project.lint_command] if project.lint_command else ()))


# ── Workspaces ───────────────────────────────────────────────────────────────────────────────────


async def _try_workspace(studio: Studio, work: Work, steps: _Steps) -> Line:
    """Run the workspace's own tests and linter, each several times."""
    tree, project = studio.template(work).tree, work.project
    probes = [Probe.tests(project.test_command, tree)]
    if project.lint_command is not None:
        probes.append(Probe.lint(project.lint_command, tree))
    name = _named(work)
    words, details = [], []
    for probe in probes:
        runs: list[Probed] = []
        try:
            for _ in range(TIMES):
                runs.append(await studio.try_once(work, probe))
                steps.ahead(f"{name}: {probe.command}")
        except FaultError as fault:
            steps.ahead(name, TIMES - len(runs))
            details.append(f"{probe.command}: could not be run: {_brief(str(fault))}")
            continue
        words.append(_in_words(probe, runs[0]))
        details += [f"{probe.command}: {reason}" for reason in _troubles(probe, runs)]
    if details:
        return Line("workspace", name, "wrong", "cannot be judged by", tuple(details))
    linter = () if project.lint_command else ("no linter",)
    what = f"{', '.join((*words, *linter))}, {TIMES} times alike"
    return Line("workspace", name, "ok", what)


def _named(work: Work) -> str:
    folder, here = work.source.folder, Path.cwd()
    name = str(folder.relative_to(here)) if folder.is_relative_to(here) else str(folder)
    return f"{name} at {work.source.ref}" if work.source.ref else name


def _in_words(probe: Probe, found: Probed) -> str:
    if probe.kind == "lint":
        return "linter clean"
    return f"{len(found.tests)} test{'' if len(found.tests) == 1 else 's'} green"


def _troubles(probe: Probe, runs: Sequence[Probed]) -> list[str]:
    """Why nothing can be judged by these runs, in a few lines; empty where it can."""
    if not all(run.is_stable for run in runs) or any(
        _shown(run) != _shown(runs[0]) for run in runs
    ):
        which = sorted(_wavering(runs)) or ["how it ends"]
        return [f"does not come out alike every time: {_some(which)}"]
    first = runs[0]
    if first.passed and (first.tests or probe.kind == "lint"):
        return []
    failing = [f"{test.id} {test.message}" for test in first.tests if test.outcome == "failed"]
    failing += [f"{f.path}:{f.line}: {f.rule} {f.message}" for f in first.findings]
    if failing:
        return _listed(failing)
    ended = first.failure or f"exit code {first.exit_code}"
    return [_brief(f"{ended}: {first.output[-_MOST_CHARACTERS:]}")]


def _wavering(runs: Sequence[Probed]) -> set[str]:
    """The tests that came out now so and now otherwise."""
    found = [{test.id: test.outcome for test in run.tests} for run in runs]
    names = {name for outcomes in found for name in outcomes}
    wavering = {n for n in names if len({outcomes.get(n) for outcomes in found}) > 1}
    within = [run.output.rpartition("\n")[2] for run in runs if not run.is_stable]
    return wavering or set(map(_brief, within[:1]))


def _shown(found: Probed) -> tuple[object, ...]:
    tests = sorted((test.id, test.outcome) for test in found.tests)
    findings = sorted((f.path, f.line, f.rule) for f in found.findings)
    return found.exit_code, found.failure, tests, findings


# ── Cases ────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class _Tried:
    """One trial of a case, and what was done in it."""

    trial: Trial
    evidence: Evidence


async def _played(
    job: Job, cases: Sequence[Case], studio: Studio, out: Path, steps: _Steps
) -> dict[str, _Tried]:
    """One trial of each case, by case; one that faults kept from being played is missing."""
    entries = plan_trials([replace(case, trials=1) for case in cases], job.settings)
    planned = tuple(Planned(entry.case.id, entry.scene.trial, entry.key) for entry in entries)
    with open_writer(out) as writer:
        writer.begin(job.record, job.cases, planned)
        lot = Lot(entries, job.settings, writer, lambda trial: steps.ahead(trial.case))
        await play_all([lot], Pace(concurrency=job.suite.concurrency), studio=studio)
    return {trial.case: _Tried(trial, evidence) for trial, evidence in load(out).evidences()}


def _judged(case: Case, idle: _Tried | None, done: _Tried | None) -> Line:
    """Whether nothing done fails the case, and its reference passes it."""
    actions = case.work.reference if case.work is not None else ()
    demands_work = any(action.name != "say" for action in actions)
    passes_idly = idle is not None and idle.trial.verdict == "pass"
    if not actions:
        what = "has no reference: nobody has shown that it can be passed"
        more = ["an agent that does nothing passes it"] if passes_idly else []
        return Line("case", case.id, "open", what, (*more, *_undecided(idle)))
    details = [*_undecided(idle), *_disagreeing(done)]
    if passes_idly and demands_work:
        details.insert(0, "an agent that does nothing passes it: no check demands the work")
    if details:
        return Line("case", case.id, "wrong", "cannot be relied on", tuple(details))
    nothing = "doing nothing passes, too, for it demands no work"
    what = nothing if passes_idly else "nothing done fails"
    return Line("case", case.id, "ok", f"{what}; the reference passes")


def _undecided(idle: _Tried | None) -> Iterator[str]:
    """Why it is not known what an agent comes to that does nothing; nothing where it is known."""
    if idle is None:
        yield "an agent that does nothing could not be tried: too much failed before"
    elif idle.trial.verdict in ("skip", "fault"):
        yield from _reasons(idle.trial, "an agent that does nothing")


def _disagreeing(done: _Tried | None) -> Iterator[str]:
    """Where the reference does not pass, by check, and what went wrong on the way."""
    if done is None:
        yield "its reference could not be tried: too much failed before"
    elif done.trial.verdict != "pass":
        yield from _reasons(done.trial, "its reference")
        yield from _stumbles(done.evidence)


def _reasons(trial: Trial, who: str) -> Iterator[str]:
    """What keeps a trial from passing: what failed, else what could not be decided."""
    if trial.faulted:
        yield f"{who} could not be played: {_brief(trial.scores[0].reason)}"
        return
    told = [s for s in trial.scores if s.verdict == "fault" or (s.verdict == "fail" and s.required)]
    undecided = [s for s in trial.scores if s.verdict == "skip" and s.required]
    for score in told or undecided:
        yield f"{who} {_VERBS[score.verdict]} {score.check}: {_brief(score.reason)}"


def _stumbles(evidence: Evidence) -> list[str]:
    """The calls that their tools refused; a command may fail, as a red test has to."""
    calls = {call.number: call for call in evidence.of(ToolCall)}
    refused = [
        f"{calls[result.call].tool} was refused: {result.content}"
        for result in evidence.of(ToolResult)
        if result.is_error and result.call in calls and calls[result.call].tool != "Bash"
    ]
    return _listed(refused)


def _listed(lines: Sequence[str]) -> list[str]:
    """The first few of them."""
    more = len(lines) - _MOST_REASONS
    kept = [_brief(line) for line in lines[:_MOST_REASONS]]
    return [*kept, f"and {more} more"] if more > 0 else kept


def _some(names: Sequence[str]) -> str:
    return ", ".join(_listed(names))


def _brief(text: str) -> str:
    """A reason on one line."""
    line = " ".join(text.split())
    return line if len(line) <= _MOST_CHARACTERS else f"{line[: _MOST_CHARACTERS - 2]} …"
