"""What the gate says, for somebody who builds agents and has no statistics at hand.

That nothing bad was seen is never called more than that.
"""

from collections.abc import Iterator, Sequence
from typing import Literal

from audition.gate.counts import Numbers
from audition.gate.critical import TRIALS_TO_ARM, Critical
from audition.gate.power import Sight
from audition.gate.rules import Design
from audition.stats.noninferiority import zero_failures_bound

Verdict = Literal["fail", "pass", "inconclusive", "invalid", "nothing changed"]

_NAMED_MOST = 5


def reasons(
    verdict: Verdict,
    numbers: Numbers,
    design: Design,
    *,
    sight: Sight | None,
    critical: Sequence[Critical],
    obstacles: Sequence[str] = (),
) -> Iterator[str]:
    """What was decided, what led to it, and what it promises."""
    if verdict == "nothing changed":
        yield "Nothing changed: no case is affected, so nothing was compared."
        return
    yield _headline(verdict, numbers)
    yield from obstacles
    yield from (str(each) for each in critical if each.state in ("broken", "unconfirmed"))
    if verdict == "invalid":
        yield from _faults(numbers)
    yield from _seen(numbers, design)
    if verdict == "fail" and numbers.settled == "fail" and not numbers.is_invalid:
        yield (
            "If the change did nothing, results this bad would come up at most "
            f"{_odds(design.fail_level)} such comparisons."
        )
    if verdict == "pass":
        yield (
            f"If the change cost these cases more than {_points(design.margin)} on average, this "
            f"would have said pass at most {_odds(design.pass_level)} such comparisons."
        )
    if verdict == "inconclusive" and sight:
        yield from _open(numbers, design, sight)


def notes(numbers: Numbers, design: Design, critical: Sequence[Critical]) -> Iterator[str]:
    """What a reader has to know beside the verdict."""
    if numbers.lost_cases:
        yield (
            f"{_cases(len(numbers.lost_cases))} left out of both arms, for trials that met faults "
            f"or could not be judged: {_listed(numbers.lost_cases)}."
        )
    if design.attempt:
        yield (
            f"This is fresh attempt {design.attempt} at the same revisions, and a second try is a "
            f"second chance: its levels are divided by {2**design.attempt}."
        )
    yield from _criticals(critical)


def _criticals(critical: Sequence[Critical]) -> Iterator[str]:
    told = [each for each in critical if each.state not in ("broken", "unconfirmed", "clear")]
    unarmed = [each for each in told if each.state == "unarmed"]
    if len(unarmed) > 1:
        names = _listed([f"`{each.check}` of {each.case}" for each in unarmed])
        yield (
            f"{len(unarmed)} critical checks are not armed and count like any other check, since "
            f"that takes {TRIALS_TO_ARM} trials of base without a failure: {names}."
        )
        told = [each for each in told if each.state != "unarmed"]
    clear = [each for each in critical if each.state == "clear"]
    if len(clear) > 1:
        fewest = min(each.head_trials for each in clear)
        bound = 100 * zero_failures_bound(fewest)
        yield (
            f"{len(clear)} armed critical checks did not fail in head; with {fewest} trials that "
            f"rules out no more than a failure rate above {bound:.1f} % for each."
        )
    else:
        told += clear
    yield from map(str, told)


def can_see(sight: Sight) -> str:
    """What a suite of this size can see, in one sentence."""
    caught = []
    if sight.fewest_broken:
        caught.append(f"{_cases(sight.fewest_broken)} broken entirely")
    if sight.smallest_drop:
        caught.append(f"a fall of every pass rate by {_points(sight.smallest_drop)}")
    return (
        f"With {_cases(sight.cases)} and {sight.head_trials} head trials, this gate catches "
        f"{' or '.join(caught) or 'nothing'} 4 times in 5; the smallest loss that it can rule out "
        f"is {_points(sight.smallest_margin)}."
    )


def _headline(verdict: Verdict, numbers: Numbers) -> str:
    compared = _cases(numbers.compared)
    if verdict == "fail" and (numbers.is_invalid or numbers.settled != "fail"):
        return "Fail: a critical check broke."
    headlines: dict[Verdict, str] = {
        "fail": f"Fail: the head does worse than the base; {compared} compared.",
        "pass": f"Pass: the head keeps what the base does; {compared} compared.",
        "inconclusive": "Inconclusive: neither a loss nor its absence is shown; that no regression "
        "was seen does not mean that there is none.",
        "invalid": "Invalid: the two arms cannot be compared fairly.",
    }
    return headlines[verdict]


def _faults(numbers: Numbers) -> Iterator[str]:
    base, head = numbers.every_base, numbers.every_head
    if numbers.has_too_many_lost:
        yield (
            f"{len(numbers.lost_cases)} of {_cases(numbers.affected)} lost trials to faults or "
            "could not be judged, which is more than 5 %: play them again."
        )
    if numbers.is_lost_unequally:
        yield (
            f"{base.lost} trials of the base and {head.lost} of the head met faults or could not "
            f"be judged; chance alone would make them this unequal {_chance(numbers.lost_p)}."
        )
    if numbers.is_limited_unequally:
        yield (
            f"{base.limited} of {base.judged} base trials reached a limit of their own, and "
            f"{head.limited} of {head.judged} head trials; chance alone would make them this "
            f"unequal {_chance(numbers.limited_p)}. Look at those trials: the change may have made "
            "the agents run on, or the limits may be too tight to compare."
        )


def _seen(numbers: Numbers, design: Design) -> Iterator[str]:
    if numbers.tests is None:
        return
    base, head, tests = numbers.base, numbers.head, numbers.tests
    yield (
        f"The base passed {base.passed} of {base.judged} trials, the head {head.passed} of "
        f"{head.judged}."
    )
    if numbers.filled:
        yield from _unplayed(numbers)
    yield (
        f"If the change did nothing, a head this bad or worse would come up "
        f"{_chance(tests.perm_p)}; fail needs {_percent(design.fail_level)} or less."
    )
    if tests.guard_p is not None:
        yield (
            f"With the base cut down to as many trials as the head, {_chance(tests.guard_p)}; fail "
            f"needs {_percent(design.guard_level)} or less here, too."
        )
    yield (
        f"Of {tests.pairs.n} pairs of a base and a head trial of one case, {tests.pairs.lost:.4g} "
        f"were lost and {tests.pairs.gained:.4g} gained. If the change cost more than "
        f"{_points(design.margin)}, that few losses would come up {_chance(tests.pair_p)}; pass "
        f"needs {_percent(design.pass_level)} or less."
    )


def _unplayed(numbers: Numbers) -> Iterator[str]:
    other = {"passed": "failed", "failed": "passed", "": ""}[numbers.filled]
    for side, arm, planned, taken_for in (
        ("base", numbers.base, numbers.base_planned, other),
        ("head", numbers.head, numbers.head_planned, numbers.filled),
    ):
        if missing := planned - arm.judged:
            yield (
                f"{missing} of {planned} {side} trials were not played; below they are taken to "
                f"have {taken_for}."
            )


def _open(numbers: Numbers, design: Design, sight: Sight) -> Iterator[str]:
    if numbers.settled is None:
        yield "The trials that were not played could still decide."
    yield can_see(sight)
    yield (
        f"To rule out a loss of {_points(design.margin)} takes {sight.flawless_trials} head trials "
        f"if all pass; for an unchanged agent to pass 4 times in 5 it takes about "
        f"{sight.trials_to_pass} at the base's pass rates."
    )


def _odds(level: float) -> str:
    return f"once in {round(1 / level)}"


def _chance(p: float) -> str:
    return f"in {_percent(p)} of comparisons"


def _percent(share: float) -> str:
    if 0 < share < 1e-5:
        return "less than 0.001 %"
    return f"{100 * share:.3g} %"


def _points(share: float) -> str:
    return f"{100 * share:.3g} points"


def _cases(cases: int) -> str:
    return f"{cases} case" if cases == 1 else f"{cases} cases"


def _listed(names: Sequence[str]) -> str:
    more = len(names) - _NAMED_MOST
    return ", ".join(names[:_NAMED_MOST]) + (f" and {more} more" if more > 0 else "")
