"""What repeated attempts at one thing say: at least one of k, all of k, and whether they agree."""

from math import ceil, comb, exp, lgamma, log, sqrt


def pass_at(passed: int, of: int, *, k: int) -> float:
    """pass@k: the chance that `k` attempts drawn from the `of` made hold a success; `k` <= `of`.

    (Chen et al. 2021, arXiv 2107.03374, the unbiased estimator.)
    """
    return 1 - comb(of - passed, k) / comb(of, k)


def pass_all(passed: int, of: int, *, k: int) -> float:
    """pass^k: the chance that `k` attempts drawn from the `of` made all succeed; `k` <= `of`.

    (Yao et al. 2024, arXiv 2406.12045; the power of the success rate would be biased.)
    """
    return comb(passed, k) / comb(of, k)


def disagreement(passed: int, of: int) -> float:
    """2p(1−p), the chance that two further attempts differ, at the success rate seen."""
    share = passed / of
    return 2 * share * (1 - share)


def is_flaky(passed: int, of: int) -> bool:
    """Whether the success rate is, more likely than .8, neither near 0 nor near 1.

    Near is within .1; the likelihood is the posterior of Jeffreys' prior, Beta(1/2, 1/2). Fewer
    than ten attempts are not enough to say.
    """
    return of >= 10 and _posterior_between(0.1, 0.9, passed, of) > 0.8


def _posterior_between(low: float, high: float, passed: int, of: int) -> float:
    """The midpoint rule over the posterior density, in steps well below its spread."""
    a, b = passed + 0.5, of - passed + 0.5
    scale = lgamma(a + b) - lgamma(a) - lgamma(b)

    def density(x: float) -> float:
        return exp(scale + (a - 1) * log(x) + (b - 1) * log(1 - x))

    cells = 200 + ceil(8 * sqrt(of))
    step = (high - low) / cells
    return step * sum(density(low + (cell + 0.5) * step) for cell in range(cells))
