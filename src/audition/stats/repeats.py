"""What several tries at one thing say: at least one of k, all of k, and whether they agree."""

from math import comb


def pass_at(passed: int, of: int, *, k: int) -> float:
    """pass@k: the chance that `k` tries drawn from the `of` made hold a success; `k` <= `of`.

    (Chen et al. 2021, arXiv 2107.03374, the unbiased estimator.)
    """
    return 1 - comb(of - passed, k) / comb(of, k)


def pass_all(passed: int, of: int, *, k: int) -> float:
    """pass^k: the chance that `k` tries drawn from the `of` made all succeed; `k` <= `of`.

    (Yao et al. 2024, arXiv 2406.12045; the power of the success rate would be biased.)
    """
    return comb(passed, k) / comb(of, k)
