"""One side of a comparison, cut down to what is played of it.

A case whose agent a side does not have is not played there: it fails without a call, and its trials
say so.
"""

from collections.abc import Collection, Iterator
from dataclasses import replace
from typing import Literal

from audition.affected import plan_trials
from audition.dataset import Case
from audition.digests import digest
from audition.errors import InputError
from audition.evidence import naming_agents
from audition.expectation import Expectation
from audition.job import Job, playing_problems
from audition.record import Trial
from audition.score import Score, failed, skipped


def cut_down(
    job: Job,
    cases: Collection[str],
    side: Literal["base", "head", "confirm"],
    *,
    trials: int | None = None,
    series: str | None = None,
) -> Job:
    """The job with these cases alone.

    Args:
        job: A side, prepared without being played.
        cases: The ids of the cases that stay.
        side: What it is played for.
        trials: So many of each case, whatever the cases say; as planned where it is None.
        series: Another series of trials than the job's own.
    """
    kept = [case for case in job.suite.cases if case.id in cases]
    settings = job.settings
    if trials is not None:
        kept = [replace(case, trials=None) for case in kept]
        settings = replace(settings, trials=trials)
    if series is not None:
        settings = replace(settings, series=series)
    lacking = {name: agents for name, agents in job.lacking.items() if name in cases}
    return replace(
        job,
        settings=settings,
        entries=plan_trials([case for case in kept if case.id not in lacking], settings),
        record=replace(job.record, trials=settings.trials, series=settings.series, side=side),
        cases=tuple(case for case in job.cases if case.id in cases),
        lacking=lacking,
        absent=tuple(
            trial
            for case in kept
            if case.id in lacking
            for trial in _absent(case, lacking[case.id], case.trials or settings.trials)
        ),
    )


def check_playable(*jobs: Job) -> None:
    """Nothing keeps these jobs from being played.

    Raises:
        InputError: with everything that does.
    """
    problems = [p for job in jobs for p in playing_problems(job.suite, job.settings, job.entries)]
    if problems:
        raise InputError(problems)


def _absent(case: Case, agents: tuple[str, ...], trials: int) -> Iterator[Trial]:
    scores = tuple(_score(expectation, agents) for expectation in case.expectations)
    if all(score.verdict == "skip" for score in scores):  # nobody names the agent but the case
        scores = (*scores, replace(_missing(agents), check="agent", kind="routing"))
    for number in range(1, trials + 1):
        key = digest(["absent", case.id, agents, number])[:32]
        yield Trial(case=case.id, number=number, key=key, verdict="fail", scores=scores)


def _score(expectation: Expectation, agents: tuple[str, ...]) -> Score:
    check = naming_agents(expectation.check)
    wanted = set(check.reference or ()) if check is not None else set()
    lacks = expectation.required and bool(wanted & set(agents))
    score = _missing(agents) if lacks else skipped(f"not asked: there is no {_named(agents)}")
    return replace(
        score,
        check=expectation.name,
        kind=expectation.check.kind,
        required=expectation.required,
        critical=expectation.critical,
        why=expectation.why,
        expected=expectation.text,
    )


def _missing(agents: tuple[str, ...]) -> Score:
    return failed(f"there is no {_named(agents)} here, so the case failed without a call")


def _named(agents: tuple[str, ...]) -> str:
    return f"agent {', '.join(agents)}" if len(agents) == 1 else f"agents {', '.join(agents)}"
