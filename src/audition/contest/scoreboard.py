"""Counts while trials are played, and the moment from which no other trial can change them."""

from collections.abc import Callable, Sequence

from audition.contest.counting import cases
from audition.gate.counts import Case, count
from audition.gate.curtail import certain
from audition.gate.rules import Design
from audition.performance import Audience, Work
from audition.record import Trial
from audition.revisions.arms import Side

_LOOKS = 100
"""So often is it seen whether the verdict is certain: in a large gate each look takes its time."""


class Scoreboard:
    """What is known of both arms so far."""

    def __init__(
        self, names: Sequence[str], design: Design, *, stops_early: bool, base: Sequence[Trial] = ()
    ) -> None:
        self._names = names
        self._design = design
        self._stops_early = stops_early
        self._trials: dict[Side, dict[str, Trial]] = {
            "base": {trial.key: trial for trial in base},
            "head": {},
        }
        self._step = max(1, len(names) * (design.base_trials + design.head_trials) // _LOOKS)
        self._looked_at = -self._step
        self._is_decided = False

    def audience(self, side: Side, also: Audience) -> Audience:
        """Who listens to one arm, beside somebody else."""
        trials = self._trials[side]

        def begun(work: Work) -> None:
            trials.update({trial.key: trial for trial in work.there})
            also.begun(work)

        def heard(trial: Trial) -> None:
            trials[trial.key] = trial
            also.heard(trial)

        return Audience(begun, heard)

    def _settles(self, counted: Sequence[Case]) -> bool:
        kept = [case for case in counted if not case.is_lost]
        if not kept:
            return False
        base = [(case.base.passed, case.base.failed) for case in kept]
        head = [(case.head.passed, case.head.failed) for case in kept]
        is_certain = certain(base, head, self._design) is not None
        return is_certain and not count(counted, self._design).is_invalid

    @property
    def is_decided(self) -> Callable[[], bool]:
        """Tells whether the verdict is certain, whatever is still played."""

        def decided() -> bool:
            known = sum(map(len, self._trials.values()))
            if self._stops_early and known - self._looked_at >= self._step:
                self._looked_at = known
                base, head = (self._trials[side].values() for side in ("base", "head"))
                self._is_decided = self._settles(cases(self._names, base, head))
            return self._is_decided

        return decided
