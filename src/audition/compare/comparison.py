"""The nouns of a comparison: what two runs say about a change, case by case and in numbers.

Base is the run that is measured against, head the one that is judged.
"""

from dataclasses import dataclass
from typing import Literal

from audition.compare.definitions import DefinitionChange
from audition.record import CaseRecord, RunRecord
from audition.score import Verdict
from audition.tally import Confusion

_LEVEL = 0.05

Change = Literal["broke", "worse", "unknown", "fixed", "better", "same", "no evidence"]
"""What became of a case: its verdict flipped (`broke`, `fixed`), only its share of passes moved
(`worse`, `better`, `same`), one side was never judged (`unknown`), or both sides hold the very same
trials (`no evidence`). In the order in which they are shown."""


@dataclass(frozen=True)
class Tries:
    """Trials of one side: of a case, or with one check of it."""

    passed: int
    judged: int
    """Trials with a verdict of pass or fail."""
    faults: int = 0
    skips: int = 0

    def __str__(self) -> str:
        """`k/n`, as it is shown everywhere."""
        return f"{self.passed}/{self.judged}"

    @property
    def share(self) -> float | None:
        """The share that passed; None where none was judged."""
        return self.passed / self.judged if self.judged else None


@dataclass(frozen=True)
class CheckChange:
    """One check of a case on both sides."""

    check: str
    base: Tries
    head: Tries
    reason: str = ""
    """Why it failed in head; empty where it did not get worse."""
    trial: int | None = None
    """The trial of head that the reason is of."""


@dataclass(frozen=True)
class CaseChange:
    """One case in both runs."""

    case: CaseRecord
    change: Change
    base: Tries
    head: Tries
    base_verdict: Verdict
    head_verdict: Verdict
    checks: tuple[CheckChange, ...]
    """Those that moved, the losses first."""
    steady: tuple[CheckChange, ...]
    """Those whose share of passes is the same."""
    base_routes: tuple[tuple[str, int], ...]
    """Which agents took it and how often, most often first, by their names in head."""
    head_routes: tuple[tuple[str, int], ...]

    @property
    def is_evidence(self) -> bool:
        """Whether it can tell the two apart."""
        return self.change not in ("unknown", "no evidence")


@dataclass(frozen=True)
class Delta:
    """The difference of a pass rate, head less base, with its 95 % interval.

    Over pairs: the average trial of base beside the average trial of head of the same case, as many
    times as the side with fewer trials has some. Both rates weigh a case by its pairs.
    """

    name: str
    cases: int
    """Cases that were judged on both sides."""
    pairs: int
    base: float
    head: float
    difference: float
    low: float
    high: float
    p: float
    """Of "no difference", two-sided, by the same test on pairs as the interval."""
    q: float
    """`p` with regard to all rows of its table (Benjamini and Hochberg)."""

    @property
    def is_shown(self) -> bool:
        """Whether the interval leaves 0 out, and would among all rows of the table.

        If not, there may be a difference all the same.
        """
        return (self.low > 0 or self.high < 0) and self.q <= _LEVEL


@dataclass(frozen=True)
class Amounts:
    """What one side took, over the cases that can be compared.

    Costs, tokens, turns and time are of whole trials, so that a trial that a fault broke off does
    not look cheap; limits and faults are of every trial.
    """

    trials: int
    """Without a fault, of cases that were judged on both sides."""
    cost_usd: float | None
    """None as soon as one trial's cost is unknown."""
    tokens: int
    turns: int
    duration_s: float
    """Of all of them together; the mean is what a user waits for."""
    tried: int
    """All trials, also of cases that were judged on one side alone."""
    limited: int
    """Trials that reached a limit of their own."""
    faults: int


@dataclass(frozen=True)
class Arm:
    """One of the two runs."""

    record: RunRecord
    amounts: Amounts
    confusion: Confusion | None
    """Over the cases that both have; agents by their names in head."""
    unpaired: tuple[str, ...]
    """Cases that the other run does not have."""


@dataclass(frozen=True)
class Comparison:
    """All that two runs say about a change."""

    base: Arm
    head: Arm
    unlike: tuple[str, ...]
    """Why they are not like for like, in sentences; said before any number."""
    overall: Delta | None
    """Of whole trials; None where no case is evidence."""
    by_kind: tuple[Delta, ...]
    by_check: tuple[Delta, ...]
    by_tag: tuple[Delta, ...]
    cases: tuple[CaseChange, ...]
    """Every case that both runs have, those that broke first."""
    taken: tuple[str, ...]
    """Which agent took cases from which, in sentences."""
    definitions: tuple[DefinitionChange, ...]
    untouched: tuple[str, ...] = ()
    """Cases that nobody played, since nothing that they depend on is another."""

    def changed(self, *changes: Change) -> tuple[CaseChange, ...]:
        """The cases that came to one of these."""
        return tuple(case for case in self.cases if case.change in changes)

    @property
    def evidence(self) -> tuple[CaseChange, ...]:
        """The cases that can tell the two apart."""
        return tuple(case for case in self.cases if case.is_evidence)
