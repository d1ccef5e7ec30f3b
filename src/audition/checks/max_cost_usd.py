"""The trial costs at most so many dollars.

A budget to judge by; `limits: {cost_usd: X}` is the one that stops a trial.

    expect:
      - max_cost_usd: 0.05

Needs: the trace, however far the other checks take it, and a known price for every call.
pass: the calls cost $0.021 together.
fail: they cost $0.074.
skip: no price is known for a model that served a call; state one under `prices:` in the suite.
fault: the provider failed before the trial ended.
"""

from dataclasses import dataclass
from typing import Annotated, ClassVar

from pydantic import Field

from audition.events import ModelCall
from audition.evidence import Evidence, Need
from audition.score import Kind, Score, failed, passed, skipped


@dataclass(frozen=True)
class MaxCostUsd:
    """At most so many dollars for all model calls."""

    dollars: Annotated[float, Field(gt=0)]
    """The highest cost that passes, in US dollars."""

    kind: ClassVar[Kind] = "budget"
    needs: ClassVar[frozenset[Need]] = frozenset()

    def score(self, evidence: Evidence) -> Score:
        """Add up the costs."""
        expected = f"at most ${self.dollars:.4f}"
        calls = evidence.of(ModelCall)
        if not calls:
            return failed("the model was never asked", expected=expected)
        cost = evidence.cost_usd
        if cost is None:
            unpriced = next(call.served for call in calls if call.cost_usd is None)
            reason = f"no price is known for {unpriced}; state one under `prices:` in the suite"
            return skipped(reason, expected=expected, found="unknown")
        found, numbers = f"${cost:.4f}", tuple(call.number for call in calls)
        verdict = passed if cost <= self.dollars else failed
        return verdict(f"cost {found}", expected=expected, found=found, evidence=numbers)
