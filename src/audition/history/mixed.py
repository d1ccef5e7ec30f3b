"""Cases that came out both ways: with nothing changed, some trials passed and some failed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from audition.history.nights import Night
from audition.record import Trial
from audition.stats.beta import betainc

FEWEST = 10
"""Trials below which no case is called flaky."""
_SURE = 0.8
_LOW, _HIGH = 0.1, 0.9


@dataclass(frozen=True)
class Mixed:
    """A case that passed and failed under one revision, served by the same models."""

    case: str
    passed: int
    of: int
    since: str
    """The first night that is counted."""
    until: str
    is_current: bool
    """Whether the newest night that has the case is among them."""

    @property
    def is_flaky(self) -> bool:
        """Whether its pass rate lies well within 10 % and 90 %, with a chance of more than 80 %.

        By Jeffreys' posterior, from ten trials on.
        """
        a, b = self.passed + 0.5, self.of - self.passed + 0.5
        inside = betainc(a, b, x=_HIGH) - betainc(a, b, x=_LOW)
        return self.of >= FEWEST and inside > _SURE

    @property
    def disagreement(self) -> float:
        """How likely two trials are to come out differently, by its pass rate."""
        rate = self.passed / self.of
        return 2 * rate * (1 - rate)


def mixed_cases(nights: Sequence[Night]) -> tuple[Mixed, ...]:
    """For each case the newest revision under which it came out both ways; the least sure first."""
    found = []
    for case in {name: None for night in nights for name in night.cases}:
        tried = [(n, n.judged_by_case[case]) for n in nights if case in n.judged_by_case]
        one = _newest(case, tried)
        if one is not None:
            found.append(one)
    return tuple(sorted(found, key=lambda mixed: (not mixed.is_flaky, -mixed.disagreement)))


def _newest(case: str, tried: Sequence[tuple[Night, list[Trial]]]) -> Mixed | None:
    groups: dict[object, list[tuple[Night, list[Trial]]]] = {}
    for night, trials in tried:
        groups.setdefault(_revision(case, night), []).append((night, trials))
    for group in reversed(groups.values()):
        passed, of = _count(trial for _, trials in group for trial in trials)
        if 0 < passed < of:
            current = group[-1][0] is tried[-1][0]
            return Mixed(case, passed, of, group[0][0].name, group[-1][0].name, current)
    return None


def _revision(case: str, night: Night) -> object:
    """All that may have changed the case; where no agent works, prompts of agents may not."""
    record = night.record
    setup = record.setup_digest if night.cases[case].workspace else record.routing_digest
    return night.identities[case], setup, record.loop_version, night.served


def _count(trials: Iterable[Trial]) -> tuple[int, int]:
    verdicts = [trial.verdict for trial in trials]
    return verdicts.count("pass"), len(verdicts)
