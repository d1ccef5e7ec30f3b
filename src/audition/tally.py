"""The nouns of a summary: rates with their intervals, groups, cases, the confusion table."""

from dataclasses import dataclass

from audition.record import CaseRecord
from audition.score import Verdict


@dataclass(frozen=True)
class Rate:
    """A share with its 95 % interval; `rate` is None where nothing was counted."""

    passed: int
    of: int
    rate: float | None
    low: float | None
    high: float | None
    method: str
    """How the interval was made, for the reader: `Wilson`, `beta-binomial`."""


@dataclass(frozen=True)
class Group:
    """The pass rate of what shares a tag, an origin, a split, a kind of check, or a check."""

    name: str
    cases: int
    rate: Rate


@dataclass(frozen=True)
class CaseSummary:
    """One case: k of n trials passed."""

    case: CaseRecord
    verdict: Verdict
    passed: int
    judged: int
    """Trials with a verdict of pass or fail."""
    faults: int
    skips: int
    missing: int
    """Planned and not played."""
    flaky: bool
    """Both a pass and a fail."""
    cost_usd: float | None
    duration_s: float


@dataclass(frozen=True)
class Confusion:
    """Rows: the agent a case expects. Columns: the agent started. `none` is no delegation."""

    expected: tuple[str, ...]
    found: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]
    right: tuple[tuple[int, ...], ...]
    """How many of them went where the case accepts it."""


@dataclass(frozen=True)
class Repeats:
    """pass@k (at least one of k trials passes) and pass^k (all of k pass), averaged over cases."""

    k: int
    pass_at: Rate
    pass_all: Rate
    cases: int
    """Cases with at least k judged trials."""


@dataclass(frozen=True)
class Summary:
    """All numbers of a run."""

    verdict: Verdict
    """fail if a case fails that is not known to; else fault, else skip, else pass."""
    headline: str
    """The verdict in one sentence."""
    warnings: tuple[str, ...]
    """What a reader has to know before any number, most important first."""
    planned: int
    played: int
    """Trials that the run has, reused ones included."""
    reused: int
    """Of these, copied from earlier runs."""
    verdicts: dict[Verdict, int]
    """Trials by verdict; all four are present."""
    pass_rate: Rate
    cases: tuple[CaseSummary, ...]
    cases_passed: int
    cases_judged: int
    by_kind: tuple[Group, ...]
    by_check: tuple[Group, ...]
    by_tag: tuple[Group, ...]
    by_origin: tuple[Group, ...]
    by_split: tuple[Group, ...]
    by_copied: tuple[Group, ...]
    """`copied` and `own words`."""
    delegated: Rate | None
    """P(delegate): over trials of cases that expect a delegation."""
    right: Rate | None
    """P(right | delegate): over those of them that delegated."""
    confusion: Confusion | None
    macro_f1: float | None
    repeats: tuple[Repeats, ...]
    unexpected_passes: tuple[str, ...]
    """Cases with a known failure that passed: news."""
    cost_usd: float | None
    """None as soon as one trial's cost is unknown."""
    tokens: int
    duration_s: float
