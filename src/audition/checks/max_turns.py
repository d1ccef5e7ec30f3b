"""The trial takes at most so many turns of the thread that talks to the user.

A budget to judge by; `limits: {turns: N}` is the one that stops a trial.

    expect:
      - max_turns: 3

That is the main thread, or the agent that a case talks to directly; turns of sub-agents are not
counted.

Needs: the trace, however far the other checks take it.
pass: two calls of the model were enough.
fail: it took a fourth.
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
class MaxTurns:
    """At most so many model calls by the thread that talks to the user."""

    turns: Annotated[int, Field(ge=1)]
    """The most turns that pass."""

    kind: ClassVar[Kind] = "budget"
    needs: ClassVar[frozenset[Need]] = frozenset()

    def score(self, evidence: Evidence) -> Score:
        """Count the turns."""
        calls = [call for call in evidence.of(ModelCall) if call.parent is None]
        expected, found = f"at most {self.turns} turns", f"{len(calls)} turns"
        if not calls:
            return failed("the model was never asked", expected=expected, found=found)
        if len(calls) <= self.turns:
            last = (calls[-1].number,)
            return passed(f"took {found}", expected=expected, found=found, evidence=last)
        over = (calls[self.turns].number,)
        return failed(f"took {found}", expected=expected, found=found, evidence=over)
