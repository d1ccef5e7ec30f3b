"""How far what was found agrees with what was expected."""

from collections.abc import Sequence


def macro_f1(
    expected: Sequence[str], found: Sequence[str], counts: Sequence[Sequence[int]]
) -> float | None:
    """The mean F1 of the expected classes, each of equal weight; None where there is none.

    `counts[row][column]` says how often `found[column]` met `expected[row]`. F1 of a class is twice
    its hits over all times it was expected or found (van Rijsbergen 1979); a class that was never
    found has 0. A class that was found but never expected has no F1 of its own.
    """
    scores = []
    for row, name in enumerate(expected):
        column = found.index(name) if name in found else None
        hits = counts[row][column] if column is not None else 0
        seen = sum(line[column] for line in counts) if column is not None else 0
        met = sum(counts[row]) + seen
        scores.append(2 * hits / met if met else 0.0)
    return sum(scores) / len(scores) if scores else None
