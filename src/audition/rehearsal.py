"""Rehearsal: shows that a suite can judge, before anybody spends money on it.

Each workspace has to pass its own tests and its linter, five times alike. An agent that does
nothing has to fail every case that demands work. The case's own reference, a plain list of actions
that is bound to no prompt, has to pass every check that is required. All of it is played for real,
in the sandbox; no model is asked.
"""

import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Literal

from audition.affected import plan_trials
from audition.dataset import Case
from audition.errors import FaultError, NothingSelectedError
from audition.job import Job, Overrides, prepare
from audition.outcome import Probe, Probed
from audition.record import Trial
from audition.runfile import SUFFIX, load
from audition.runner import Pace, play_all
from audition.runwriter import open_writer
from audition.studio import Studio, opened_studio
from audition.workplace import Work

TIMES = 5
"""How often a workspace's own tests and linter are run."""
PERFECT = (
    "simulated:misroute=0,no_delegation=0,invented=0,skip_plan=0,code_first=0,weaken_test=0,"
    "no_commit=0,push=0,without_rule=0"
)
IDLE = f"{PERFECT},idle=1"

Verdict = Literal["ok", "wrong"]


@dataclass(frozen=True)
class Line:
    """One thing that was tried, and what came of it."""

    subject: str
    """A workspace or a case."""
    what: str
    is_good: bool
    details: tuple[str, ...] = ()


@dataclass(frozen=True)
class Rehearsal:
    """What rehearsing a suite showed."""

    suite: str
    lines: tuple[Line, ...]

    @property
    def passed(self) -> bool:
        """The suite can judge."""
        return all(line.is_good for line in self.lines)


async def rehearse(path: Path, overrides: Overrides, *, now: datetime) -> Rehearsal:
    """Try the workspaces of a suite, its cases with nothing done, and their references.

    Raises:
        InputError: the suite is wrong, or this machine has no sandbox.
        NothingSelectedError: no case has a workspace in which agents work.
    """
    jobs = [
        prepare(path, replace(overrides, model=model, trials=1), now=now)
        for model in (IDLE, PERFECT)
    ]
    cases = [case for case in _cases(jobs[0]) if case.extent == "work" and case.work]
    if not cases:
        raise NothingSelectedError(f"{path}: no case in it has agents at work; nothing was tried")
    works = [case.work for case in cases if case.work is not None]
    async with opened_studio(jobs[0].settings.sandbox, works) as studio:
        lines = [await _try_workspace(studio, work) for work in _distinct(works)]
        with tempfile.TemporaryDirectory(prefix="audition-validate-") as folder:
            idle, done = [
                await _played(job, cases, studio, Path(folder) / f"{place}{SUFFIX}")
                for place, job in enumerate(jobs)
            ]
    lines += [_judge_case(case, idle[case.id], done[case.id]) for case in cases]
    return Rehearsal(jobs[0].suite.name, tuple(lines))


def _cases(job: Job) -> tuple[Case, ...]:
    return tuple({entry.case.id: entry.case for entry in job.entries}.values())


def _distinct(works: Iterable[Work]) -> list[Work]:
    """One of each workspace with the commands that are run in it."""
    found = {
        (work.source.identity, work.project.test_command, work.project.lint_command): work
        for work in works
    }
    return list(found.values())


async def _try_workspace(studio: Studio, work: Work) -> Line:
    """Run the workspace's own tests and linter, each several times."""
    tree = studio.template(work).tree
    probes = [Probe.tests(work.project.test_command, tree)]
    if work.project.lint_command is not None:
        probes.append(Probe.lint(work.project.lint_command, tree))
    details: list[str] = []
    words: list[str] = []
    for probe in probes:
        try:
            found = [await studio.try_once(work, probe) for _ in range(TIMES)]
        except FaultError as fault:
            details.append(f"{probe.command}: {fault}")
            continue
        words.append(_in_words(probe, found[0]))
        details += _wrong(probe, found)
    what = f"{', '.join(words)}, {TIMES} times alike" if not details else "cannot be judged by"
    return Line(str(work.source.folder), what, not details, tuple(details))


def _in_words(probe: Probe, found: Probed) -> str:
    if probe.kind == "lint":
        return "linter clean"
    return f"{len(found.tests)} test{'' if len(found.tests) == 1 else 's'} green"


def _wrong(probe: Probe, found: Sequence[Probed]) -> list[str]:
    if any(_shown(one) != _shown(found[0]) for one in found) or not found[0].is_stable:
        return [f"{probe.command}: does not come out alike every time"]
    first = found[0]
    if first.passed and (first.tests or probe.kind == "lint"):
        return []
    failed = [test.id for test in first.tests if test.outcome == "failed"]
    failed += [f"{f.path}: {f.rule} {f.message}" for f in first.findings]
    reasons = failed[:3] or [first.failure or f"exit code {first.exit_code}", first.output[-300:]]
    return [f"{probe.command}: {reason}" for reason in reasons if reason]


def _shown(found: Probed) -> tuple[object, ...]:
    tests = tuple(sorted((test.id, test.outcome) for test in found.tests))
    return found.exit_code, found.failure, tests, tuple(sorted(f.path for f in found.findings))


async def _played(job: Job, cases: Sequence[Case], studio: Studio, out: Path) -> dict[str, Trial]:
    """One trial of each case, by case."""
    entries = plan_trials([replace(case, trials=1) for case in cases], job.settings)
    with open_writer(out) as writer:
        writer.begin(job.record, job.cases, job.plan)
        pace = Pace(concurrency=job.suite.concurrency)
        await play_all(entries, job.settings, writer, pace, studio=studio)
    return {trial.case: trial for trial in load(out).trials}


def _judge_case(case: Case, idle: Trial, done: Trial) -> Line:
    """Whether nothing done fails the case, and its reference passes it."""
    details = []
    if case.work is not None and case.work.reference:
        if idle.verdict != "fail":
            details.append(f"an agent that does nothing comes to {idle.verdict}; add a check")
        details += [
            f"its reference comes to {score.verdict} by {score.check}: {score.reason}"
            for score in done.scores
            if score.required and score.verdict != "pass"
        ]
        what = "nothing done fails, the reference passes"
    else:
        details.append("has no reference, so nobody knows whether it can be passed; add one")
        what = "has no reference"
    return Line(
        case.id, what if not details else "cannot be relied on", not details, tuple(details)
    )
