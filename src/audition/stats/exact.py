"""Exact tests on small tables of counts."""

from collections.abc import Iterable
from math import comb
from typing import Literal

Side = Literal["either", "higher", "lower"]

_SAME = 1 + 1e-7
"""Chances within rounding of each other count as equal."""


def fisher_p(first: int, of_first: int, *, second: int, of_second: int, side: Side) -> float:
    """Fisher's exact p-value (1934) of "both arms have the same rate".

    Args:
        first: How many of the first arm's results are of the kind in question.
        of_first: Results of the first arm.
        second: How many of the second arm's results are.
        of_second: Results of the second arm.
        side: `higher` asks for a higher rate in the second arm, `lower` for a lower one; `either`
            adds up every table that is no likelier than the one seen.

    Raises:
        ValueError: A count does not lie between 0 and the size of its arm.
    """
    if not (0 <= first <= of_first and 0 <= second <= of_second):
        raise ValueError(f"{first} of {of_first} and {second} of {of_second} are no counts")
    total = first + second
    ways = {
        x: comb(of_second, x) * comb(of_first, total - x)
        for x in range(max(0, total - of_first), min(total, of_second) + 1)
    }
    extreme: dict[Side, Iterable[int]] = {
        "either": (x for x in ways if ways[x] <= ways[second] * _SAME),
        "higher": (x for x in ways if x >= second),
        "lower": (x for x in ways if x <= second),
    }
    return sum(ways[x] for x in extreme[side]) / sum(ways.values())


def mcnemar_mid_p(lost: int, gained: int) -> float:
    """The two-sided mid-p value of McNemar's test, for pairs of single results.

    The exact p-value less the chance of just what was seen (Fagerland, Lydersen and Laake 2013).
    It takes pairs for independent: with several results for each group it is wrong.
    """
    changed = lost + gained
    if not changed:
        return 1.0
    fewer = min(lost, gained)
    ways = [comb(changed, x) for x in range(fewer + 1)]
    doubled = 2 * sum(ways) - ways[-1]
    return min(1.0, doubled / (1 << changed))
