"""From trials to what a gate counts."""

from collections.abc import Iterable, Iterator, Sequence

from audition.gate.counts import Arm, Case
from audition.gate.critical import Critical
from audition.record import Trial

LIMITS = "limits"
"""The check that a trial fails where it reached a limit of its own."""


def arm(trials: Iterable[Trial]) -> Arm:
    """The trials of one case in one arm.

    A trial that met a fault, or that its checks could not judge, is lost: it is neither passed nor
    failed.
    """
    listed = list(trials)
    failed = [trial for trial in listed if trial.verdict == "fail"]
    passed = sum(trial.verdict == "pass" for trial in listed)
    return Arm(
        passed=passed,
        failed=len(failed),
        lost=len(listed) - passed - len(failed),
        limited=sum(any(score.check == LIMITS for score in t.scores) for t in failed),
    )


def cases(names: Sequence[str], base: Iterable[Trial], head: Iterable[Trial]) -> tuple[Case, ...]:
    """The cases with these ids, in their order."""
    sides = [_by_case(trials) for trials in (base, head)]
    return tuple(
        Case(id=name, base=arm(sides[0].get(name, ())), head=arm(sides[1].get(name, ())))
        for name in names
    )


def criticals(
    names: Sequence[str],
    base: Iterable[Trial],
    head: Iterable[Trial],
    *,
    reruns: Iterable[Trial] = (),
    flakes: Sequence[tuple[str, str]] = (),
) -> tuple[Critical, ...]:
    """The critical checks of these cases, with what both arms say of them.

    Args:
        names: The cases.
        base: Trials of the base.
        head: Trials of the head.
        reruns: Trials of the head that were played to settle a failure.
        flakes: Check and case of every flake of the last 30 days.
    """
    sides = [_by_case(trials) for trials in (base, head, reruns)]
    found = []
    for name in names:
        tried = [side.get(name, []) for side in sides]
        checks = dict.fromkeys(_critical_checks([*tried[0], *tried[1]]))
        for check in checks:
            counts = [_judged(trials, check) for trials in tried]
            found.append(
                Critical(
                    check=check,
                    case=name,
                    base_trials=counts[0][0],
                    base_failures=counts[0][1],
                    head_trials=counts[1][0],
                    head_failures=counts[1][1],
                    reruns=counts[2][0],
                    rerun_failures=counts[2][1],
                    recent_flakes=list(flakes).count((check, name)),
                )
            )
    return tuple(found)


def _by_case(trials: Iterable[Trial]) -> dict[str, list[Trial]]:
    found: dict[str, list[Trial]] = {}
    for trial in trials:
        found.setdefault(trial.case, []).append(trial)
    return found


def _critical_checks(trials: Iterable[Trial]) -> Iterator[str]:
    for trial in trials:
        yield from (score.check for score in trial.scores if score.critical)


def _judged(trials: Iterable[Trial], check: str) -> tuple[int, int]:
    """Trials in which the check was decided, and those of them that failed it."""
    verdicts = []
    for trial in trials:
        found = {s.verdict for s in trial.scores if s.check == check and s.critical}
        if "fail" in found or found == {"pass"}:
            verdicts.append("fail" in found)
    return len(verdicts), sum(verdicts)
