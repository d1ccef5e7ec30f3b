"""Many p-values at once, adjusted; each adjusted value is compared with the level itself."""

from collections.abc import Sequence


def benjamini_hochberg(values: Sequence[float]) -> list[float]:
    """The q-values, in the order of `values`: among those at most q, a share of q is false.

    (Benjamini and Hochberg 1995; for independent or positively dependent tests.)
    """
    adjusted, lowest = [1.0] * len(values), 1.0
    for rank, place in reversed(list(enumerate(_ascending(values), start=1))):
        lowest = min(lowest, values[place] * len(values) / rank)
        adjusted[place] = lowest
    return adjusted


def holm(values: Sequence[float]) -> list[float]:
    """The p-values in the order of `values`, adjusted so that one false finding in all is as rare.

    (Holm 1979; for any dependence.)
    """
    adjusted, highest = [1.0] * len(values), 0.0
    for rank, place in enumerate(_ascending(values)):
        highest = max(highest, min(1.0, values[place] * (len(values) - rank)))
        adjusted[place] = highest
    return adjusted


def _ascending(values: Sequence[float]) -> list[int]:
    return sorted(range(len(values)), key=values.__getitem__)
