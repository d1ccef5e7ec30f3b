"""Checks that may never get worse, each on its own case.

Such a check is armed where the base has at least ten trials of it and no failure. If it then fails
in the head, it is run three times more at once. One more failure decides: FAIL. None is a flake;
two flakes in 30 days disarm it until a person has looked. The re-runs count here and nowhere else.
Unarmed, it is a check like any other.
"""

from dataclasses import dataclass
from typing import Literal

from audition.stats.noninferiority import zero_failures_bound

RERUNS = 3

TRIALS_TO_ARM = 10
_FLAKES_TO_DISARM = 2

State = Literal["unarmed", "disarmed", "clear", "unconfirmed", "flake", "broken"]


@dataclass(frozen=True, kw_only=True)
class Critical:
    """One critical check of one case: what is known of it in both arms."""

    check: str
    case: str
    base_trials: int
    base_failures: int
    head_trials: int
    head_failures: int
    reruns: int = 0
    """Re-runs of the head that were judged; `RERUNS` of them settle a failure."""
    rerun_failures: int = 0
    recent_flakes: int = 0
    """Flakes in the 30 days before."""

    @property
    def state(self) -> State:
        """What follows; `unconfirmed` asks for re-runs."""
        if self.recent_flakes >= _FLAKES_TO_DISARM:
            return "disarmed"
        if self.base_trials < TRIALS_TO_ARM or self.base_failures:
            return "unarmed"
        if not self.head_failures:
            return "clear"
        if self.rerun_failures:
            return "broken"
        return "flake" if self.reruns >= RERUNS else "unconfirmed"

    def __str__(self) -> str:
        """What there is to say about it, in one sentence."""
        say = {
            "unarmed": self._unarmed,
            "disarmed": self._disarmed,
            "clear": self._clear,
            "unconfirmed": self._unconfirmed,
            "flake": self._flake,
            "broken": self._broken,
        }[self.state]
        return f"`{self.check}` of {self.case} {say()}."

    def _unarmed(self) -> str:
        return (
            f"is critical but not armed, and counts like any other check: the base failed "
            f"{self.base_failures} of {self.base_trials} trials, and it takes {TRIALS_TO_ARM} "
            "without a failure"
        )

    def _disarmed(self) -> str:
        return (
            f"came out both ways {self.recent_flakes} times in 30 days and is disarmed: somebody "
            "has to look at it"
        )

    def _clear(self) -> str:
        if not self.head_trials:
            return "was not played in the head"
        bound = 100 * zero_failures_bound(self.head_trials)
        return (
            f"did not fail in {self.head_trials} trials, which rules out no more than a failure "
            f"rate above {bound:.1f} %"
        )

    def _unconfirmed(self) -> str:
        return (
            f"{self._seen()}, after none in the base; {RERUNS} re-runs settle it, of which "
            f"{self.reruns} are there"
        )

    def _flake(self) -> str:
        ask = "; it is not the first in 30 days, so somebody has to look at it"
        return f"{self._seen()} and in none of {self.reruns} re-runs: taken for a flake" + (
            ask if self.recent_flakes + 1 >= _FLAKES_TO_DISARM else ""
        )

    def _broken(self) -> str:
        return (
            f"{self._seen()} and again in {self.rerun_failures} of {self.reruns} re-runs; in the "
            f"base it never failed in {self.base_trials} trials"
        )

    def _seen(self) -> str:
        return f"failed in {self.head_failures} of {self.head_trials} trials"
