"""Stopping early: a gate ends as soon as its verdict can no longer change.

Every trial that is still missing is put as what speaks most for the head, and then as what speaks
most against it: passes of the head only ever speak against FAIL and for PASS, passes of the base
the other way round. So what holds at both ends holds for whatever would have come between. The
verdict is the full run's, no estimate of it; looking costs no level.
"""

from collections.abc import Sequence

from audition.gate.rules import Design, Ruling, fails, keeps

Played = Sequence[tuple[int, int]]
"""Trials of each case that passed, and that failed, so far."""


def certain(base: Played, head: Played, design: Design) -> Ruling | None:
    """The verdict that no further trial can change; None while there is none.

    Args:
        base: What was played of the base; one case at least.
        head: What was played of the head, case by case as in base.
        design: The sizes and levels that were planned.
    """
    kindest = worst(base), best(head, design.head_trials)
    harshest = best(base, design.base_trials), worst(head)
    if fails(*kindest, design):
        return "fail"
    if keeps(*harshest, design):
        return None if fails(*harshest, design) else "pass"
    is_open = fails(*harshest, design) or keeps(*kindest, design)
    return None if is_open else "inconclusive"


def best(played: Played, trials: int) -> list[int]:
    """The passes of each case if every missing trial passes."""
    return [trials - failed for _, failed in played]


def worst(played: Played) -> list[int]:
    """The passes of each case if every missing trial fails."""
    return [passed for passed, _ in played]
