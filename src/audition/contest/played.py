"""What playing both arms came to, and what it cost."""

from dataclasses import asdict, dataclass, field
from math import fsum

from audition.contest.newcomers import Newcomers
from audition.contest.verdicts import Saving
from audition.gate.decision import Decision
from audition.record import EndedBy, Trial
from audition.runfile import Run


@dataclass(frozen=True)
class Played:
    """What playing came to."""

    base: Run
    head: Run
    before: tuple[Trial, ...]
    """The trials of base that count."""
    head_planned: int
    ended_by: EndedBy
    base_planned: int = 0
    """0 where the base was there before."""
    reruns: Run | None = None
    flakes_before: tuple[tuple[str, str], ...] = ()
    newcomers: Newcomers = field(default_factory=Newcomers)

    @property
    def _own(self) -> list[Run]:
        runs = [self.base] if self.base_planned else []
        more = [run for run in (self.reruns, self.newcomers.run) if run]
        return [*runs, self.head, *more]

    @property
    def paid_usd(self) -> float:
        """What is known to have been paid so far."""
        return fsum(run.state.spent_usd for run in self._own)

    @property
    def spent_usd(self) -> float | None:
        """What was paid for trials of this gate; None where a cost is not known."""
        if any(run.state.unpriced_trials for run in self._own):
            return None
        return self.paid_usd

    @property
    def saving(self) -> Saving:
        """What was planned and not played."""
        runs = [self.base, self.head] if self.base_planned else [self.head]
        tried = [trial for run in runs for trial in run.trials]
        missing = self.base_planned + self.head_planned - len(tried)
        if not tried or missing <= 0 or self.ended_by != "decided":
            return Saving()
        costs = [trial.cost_usd for trial in tried if trial.cost_usd is not None]
        return Saving(
            trials=missing,
            calls=missing * sum(trial.turns for trial in tried) / len(tried),
            usd=missing * fsum(costs) / len(costs) if len(costs) == len(tried) else None,
        )


def flat(decision: Decision) -> dict[str, float | int | str | None]:
    """Every number that led to the verdict, by a name that says what it is."""
    numbers = decision.numbers
    found: dict[str, float | int | str | None] = {
        "affected_cases": numbers.affected,
        "lost_cases": len(numbers.lost_cases),
        "lost_p": numbers.lost_p,
        "limited_p": numbers.limited_p,
        "filled": numbers.filled,
        "settled": numbers.settled,
    }
    for side, arm in (("base", numbers.base), ("head", numbers.head)):
        found |= {f"{side}_{name}": value for name, value in asdict(arm).items()}
    if numbers.tests is not None:
        tests = numbers.tests
        found |= {
            "perm_p": tests.perm_p,
            "guard_p": tests.guard_p,
            "pair_p": tests.pair_p,
            "pairs": tests.pairs.n,
            "pairs_lost": tests.pairs.lost,
            "pairs_gained": tests.pairs.gained,
        }
    if decision.what_would_decide is not None:
        found |= asdict(decision.what_would_decide)
    return found
