"""The trial takes at most so many minutes of its own time.

Time spent waiting for a provider (rate limits, retries) is not the trial's own. A budget to judge
by; `limits: {minutes: N}` is the one that stops a trial.

    expect:
      - max_minutes: 0.5

Needs: the trace, however far the other checks take it.
pass: done after 12 seconds.
fail: it took a whole minute.
skip: never.
fault: the provider failed before the trial ended.
"""

from dataclasses import dataclass
from typing import Annotated, ClassVar

from pydantic import Field

from audition.events import ModelCall
from audition.evidence import Evidence, Need
from audition.score import Kind, Score, failed, passed


@dataclass(frozen=True)
class MaxMinutes:
    """At most so many minutes, waiting left out."""

    minutes: Annotated[float, Field(gt=0)]
    """The longest time that passes, in minutes."""

    kind: ClassVar[Kind] = "budget"
    needs: ClassVar[frozenset[Need]] = frozenset()

    def score(self, evidence: Evidence) -> Score:
        """Read the clock of the last event."""
        expected = f"at most {self.minutes:g} minutes"
        if not evidence.of(ModelCall):
            return failed("the model was never asked", expected=expected)
        taken = evidence.duration_s / 60
        found, last = f"{taken:.2f} minutes", (evidence.trace[-1].number,)
        verdict = passed if taken <= self.minutes else failed
        return verdict(f"took {found}", expected=expected, found=found, evidence=last)
