"""The decision of the gate: counts in, a verdict with its reasons and every number out.

It is about the affected cases only: a case that is the same in both arms is no evidence. Nothing
here reads a file or the clock; the same counts give the same decision.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from audition.gate import words
from audition.gate.counts import Case, Numbers, count
from audition.gate.critical import Critical
from audition.gate.power import ROUNDS, Sight, likely_rates, sight
from audition.gate.rules import Design
from audition.gate.words import Verdict

Profile = Literal["pr", "release"]


@dataclass(frozen=True, kw_only=True)
class Decision:
    """The verdict of a gate."""

    verdict: Verdict
    reasons: tuple[str, ...]
    """Sentences; the first says what was decided, the rest what led to it and what it promises."""
    notes: tuple[str, ...]
    """What a reader has to know beside it."""
    numbers: Numbers
    what_would_decide: Sight | None
    """What this size can see, and what would decide; None where nothing was affected."""
    confirm: tuple[Critical, ...]
    """Critical checks that wait for their re-runs."""
    exit_code: int
    """1 for FAIL, 3 for an inconclusive release, 4 for arms that cannot be compared, else 0."""


def decide(
    cases: Sequence[Case],
    design: Design,
    *,
    profile: Profile = "pr",
    critical: Sequence[Critical] = (),
    obstacles: Sequence[str] = (),
    seed: int = 0,
    rounds: int = ROUNDS,
) -> Decision:
    """The decision on these affected cases.

    Args:
        cases: Every affected case, those that lost trials included; none with a known failure.
        design: What was planned before a trial was played.
        profile: `pr` blocks only on FAIL; `release` asks for PASS.
        critical: The critical checks of these cases.
        obstacles: Sentences that say why the arms cannot be compared, whatever was counted.
        seed: For the simulation of what the suite can see.
        rounds: How often that is simulated.

    Raises:
        ValueError: A case has more trials than planned.
    """
    numbers = count(cases, design)
    verdict = "invalid" if obstacles else _verdict(numbers, critical)
    seen = _sight(cases, design, seed=seed, rounds=rounds) if cases else None
    return Decision(
        verdict=verdict,
        reasons=tuple(
            words.reasons(
                verdict, numbers, design, sight=seen, critical=critical, obstacles=obstacles
            )
        ),
        notes=tuple(words.notes(numbers, design, critical)),
        numbers=numbers,
        what_would_decide=seen,
        confirm=tuple(each for each in critical if each.state == "unconfirmed"),
        exit_code=exit_code(verdict, profile),
    )


def exit_code(verdict: Verdict, profile: Profile) -> int:
    """What the gate tells its caller."""
    codes: dict[Verdict, int] = {
        "fail": 1,
        "pass": 0,
        "inconclusive": 3 if profile == "release" else 0,
        "invalid": 4,
        "nothing changed": 0,
    }
    return codes[verdict]


def _verdict(numbers: Numbers, critical: Sequence[Critical]) -> Verdict:
    states = {each.state for each in critical}
    if not numbers.affected:
        return "nothing changed"
    if "broken" in states:
        return "fail"
    if numbers.is_invalid:
        return "invalid"
    if numbers.settled == "pass" and "unconfirmed" in states:
        return "inconclusive"
    return numbers.settled or "inconclusive"


def _sight(cases: Sequence[Case], design: Design, *, seed: int, rounds: int) -> Sight:
    compared = [case for case in cases if not case.is_lost] or cases
    passed = [case.base.passed for case in compared]
    rates = likely_rates(passed, of=design.base_trials)
    return sight(rates, design, seed=seed, rounds=rounds)
