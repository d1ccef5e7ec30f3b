"""Has the second of two arms lost no more than a margin? A test on pairs, and its margins.

A result of the second arm is paired with a random result of the first arm in the same group. A pair
is lost (success, then failure), gained (failure, then success) or neither. The shares of the three
follow a Dirichlet distribution with one more pair counted as lost, so that luck alone proves
nothing: for pairs that were all kept this is the bound of Clopper and Pearson (1934). That the test
errs at most as often as it says is proved where the first arm always succeeds and conjectured
elsewhere (the worst of 28 designs in a hundred suites each: 5.1 % for 5 %, by simulation).
"""

from collections.abc import Sequence
from fractions import Fraction
from math import exp, inf, sqrt
from statistics import NormalDist
from typing import NamedTuple

from audition.stats.beta import betainc, log_density

_CELLS = 160
_STEPS_MOST = 60
_NEGLIGIBLE = 36.0
"""Where the log density lies this far below its peak, nothing is added any more."""


class Pairs(NamedTuple):
    """Pairs of results; parts of one where the first arm has several results for each."""

    lost: float
    gained: float
    n: int


def pairs(a: Sequence[int], b: Sequence[int], *, ka: int, kb: int) -> Pairs:
    """The pairs of groups with `a` successes of `ka` in one arm and `b` of `kb` in the other.

    lost = Σ a(kb − b)/ka, gained = Σ (ka − a)b/ka, and kb pairs a group: each of the second arm's
    results with the average of the first arm's.
    """
    couples = list(zip(a, b, strict=True))
    lost = Fraction(sum(x * (kb - y) for x, y in couples), ka)
    gained = Fraction(sum((ka - x) * y for x, y in couples), ka)
    return Pairs(float(lost), float(gained), len(couples) * kb)


def pair_p(lost: float, gained: float, *, n: int, margin: float) -> float:
    """The p-value of "the second arm's mean is lower by more than `margin`"; `margin` in −1..1.

    P(G − L ≤ −margin) for (L, G, rest) ~ Dirichlet(lost + 1, gained, n − lost − gained). L is a
    beta variable, and G a beta share of what L leaves: one integral, by the trapezoidal rule after
    a substitution that flattens both ends (Sidi 1993). Where nothing was gained it is
    1 − betainc(lost + 1, n − lost, margin).
    """
    if n - lost <= 0:
        return 1.0
    if gained <= 0:
        return 1 - betainc(lost + 1, n - lost, x=margin)
    middle = (1 + margin) / 2
    beyond = 1 - betainc(lost + 1, n - lost, x=middle)
    rest = n - lost - gained
    inside = _inside(lost, gained, rest, margin=margin) if rest > 0 else 0.0
    return min(1.0, beyond + inside)


def provable_margin(lost: float, gained: float, *, n: int, alpha: float = 0.05) -> float:
    """The smallest margin with `pair_p` at most `alpha`: the loss that these pairs rule out.

    It is below 0 where a gain is proved. There is one pair at least.
    """
    normal = NormalDist()
    wanted = normal.inv_cdf(alpha)

    def excess(margin: float) -> float:  # nearly a straight line, where p itself is none
        p = pair_p(lost, gained, n=n, margin=margin)
        return normal.inv_cdf(min(max(p, 1e-12), 1 - 1e-12)) - wanted

    low, high, step = -1.0, 1.0, sqrt(lost + gained + 1) / n
    margin, over = (lost - gained) / n, -wanted
    for _ in range(_STEPS_MOST):  # the secant rule, and halves where it leads astray
        before, margin = (margin, over), margin + step
        if not low < margin < high:
            margin = (low + high) / 2
        over = excess(margin)
        low, high = (margin, high) if over > 0 else (low, margin)
        if abs(over) < 1e-8 or high - low < 1e-9:
            break
        moved, fell = margin - before[0], before[1] - over
        step = over * moved / fell if moved * fell > 0 else 2.0
    return high if high - low < 1e-9 else margin


def difference_interval(
    lost: float, gained: float, *, n: int, alpha: float = 0.05
) -> tuple[float, float]:
    """The interval for the second arm's mean less the first's, by both one-sided pair tests.

    Its lower end is above −margin just where the test passes at alpha / 2.
    """
    low = -provable_margin(lost, gained, n=n, alpha=alpha / 2)
    return low, provable_margin(gained, lost, n=n, alpha=alpha / 2)


def zero_failures_bound(n: int, *, alpha: float = 0.05) -> float:
    """The failure rate that `n` tries without a failure rule out: 1 − alpha^(1/n).

    (Clopper and Pearson 1934, one-sided.) It is also the smallest margin that `n` pairs can prove,
    all of them kept.
    """
    return 1 - alpha ** (1 / n) if n else 1.0


def _inside(lost: float, gained: float, rest: float, *, margin: float) -> float:
    a, b = lost + 1, gained + rest
    low, high = _carrying(a, b, low=max(0.0, margin), high=(1 + margin) / 2)
    total = 0.0
    for cell in range(1, _CELLS):
        u = cell / _CELLS
        v = 1 - u
        x = low + (high - low) * u**5 * (126 + u * (-420 + u * (540 + u * (-315 + 70 * u))))
        if 0 < x < 1:
            share = betainc(gained, rest, x=(x - margin) / (1 - x))
            total += 630 * (u * v) ** 4 * exp(log_density(a, b, x=x)) * share
    return total * (high - low) / _CELLS


def _carrying(a: float, b: float, *, low: float, high: float) -> tuple[float, float]:
    """The part of the span in which Beta(a, b), with a >= 1, has its weight."""
    peak = (a - 1) / (a + b - 2) if b > 1 else high
    peak = min(max(peak, low), high)
    floor = _log_density(a, b, peak) - _NEGLIGIBLE
    return _edge(a, b, outside=low, inside=peak, floor=floor), _edge(
        a, b, outside=high, inside=peak, floor=floor
    )


def _edge(a: float, b: float, *, outside: float, inside: float, floor: float) -> float:
    if _log_density(a, b, outside) >= floor:
        return outside
    for _ in range(30):
        middle = (outside + inside) / 2
        if _log_density(a, b, middle) < floor:
            outside = middle
        else:
            inside = middle
    return outside


def _log_density(a: float, b: float, x: float) -> float:
    if 0 < x < 1:
        return log_density(a, b, x=x)
    return log_density(a, b, x=1e-300) if x <= 0 and a <= 1 else -inf
