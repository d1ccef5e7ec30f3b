"""Stopping early: a gate ends as soon as its verdict can no longer change.

The base is known. Every head trial that is still missing is put as passed, and then as failed:
passes only ever speak against FAIL and for PASS, so what holds at both ends holds for whatever
would have come between. The verdict is the full run's, no estimate of it; looking costs no level.
"""

from collections.abc import Sequence

from audition.gate.rules import Design, Ruling, fails, keeps


def certain(
    base: Sequence[int], passed: Sequence[int], failed: Sequence[int], design: Design
) -> Ruling | None:
    """The verdict that no further head trial can change; None while there is none.

    Args:
        base: Passes of each case in the base, all trials played; one case at least.
        passed: Head trials of each case that passed so far.
        failed: Head trials of each case that failed so far.
        design: The sizes and levels that were planned.
    """
    best = [design.head_trials - count for count in failed]
    if fails(base, best, design):
        return "fail"
    if keeps(base, passed, design):
        return None if fails(base, passed, design) else "pass"
    worst_fails = fails(base, passed, design)
    return None if worst_fails or keeps(base, best, design) else "inconclusive"
