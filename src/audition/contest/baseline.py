"""Whether a run that was made before can be the base of a contest."""

from collections.abc import Iterator, Sequence
from typing import get_args

from audition.errors import Problem
from audition.job import Job
from audition.models.recorded import BROKEN_PIN
from audition.record import Trial
from audition.runfile import Run
from audition.score import Verdict

_AGAIN = "make a new one with `audition run`"
_JUDGED: tuple[Verdict, ...] = get_args(Verdict)[:2]


def baseline_problems(
    run: Run, head: Job, cases: Sequence[str], *, models_differ: bool = False
) -> Iterator[Problem]:
    """What is wrong with a run as the base of a contest with this head; nothing where it will do.

    Args:
        run: The run.
        head: The job that is measured against it.
        cases: The cases that are compared.
        models_differ: Whether two models are compared, so that theirs may be another.
    """
    where = str(run.path)
    was, now = run.record, head.record
    for what, before, after in (
        ("suite", was.suite, now.suite),
        ("runtime", was.runtime, now.runtime),
        ("version of the agent loop", was.loop_version, now.loop_version),
        ("model", was.model, now.model),
        ("server", was.base_url, now.base_url),
        ("set of limits", dict(was.limits), dict(now.limits)),
    ):
        if before != after and not (what in ("model", "server") and models_differ):
            yield Problem(where, f"was made with another {what}, {before} and not {after}", _AGAIN)
    if len({trial.key for trial in run.trials}) < len(run.trials):
        yield Problem(where, "holds a trial more than once", _AGAIN)
    if not run.trials:
        yield Problem(where, "holds no trial", _AGAIN)
        return
    if not any(trial.verdict in _JUDGED for trial in run.trials):
        yield Problem(where, "holds no trial that was judged: all met faults", _AGAIN)
        return
    broken = sum(BROKEN_PIN in trial.labels for trial in run.trials)
    if broken:
        what = f"{broken} of its {len(run.trials)} trials replay answers to another prompt"
        yield Problem(where, what, "record them again, or play them with a model")
    otherwise = sum(bool(set(trial.labels) - {BROKEN_PIN}) for trial in run.trials)
    if otherwise:
        what = f"{otherwise} of its {len(run.trials)} trials went otherwise than recorded"
        yield Problem(where, what, "record them again, or play them with a model")
    yield from _other_cases(run, head, cases)


def _other_cases(run: Run, head: Job, cases: Sequence[str]) -> Iterator[Problem]:
    before = {case.id: case for case in run.cases}
    for case in head.cases:
        if case.id not in cases:
            continue
        was = before.get(case.id)
        if was is None or not any(trial.case == case.id for trial in run.trials):
            yield Problem(str(run.path), f"holds no trial of {case.id}", _AGAIN)
        elif was.request and (was.request, was.expects) != (case.request, case.expects):
            what = f"was made when {case.id} asked or expected something else"
            yield Problem(str(run.path), what, _AGAIN)


def first_trials(run: Run, case: str, count: int) -> list[Trial]:
    """The trials of a case with the lowest numbers."""
    return sorted((t for t in run.trials if t.case == case), key=lambda t: t.number)[:count]
