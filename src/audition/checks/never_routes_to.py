"""The request never goes to these agents.

Passes when none of them is started or asked for in the whole trial. Useful beside another check: an
agent that may only read must not be handed work that changes files.

    expect:
      - never_routes_to: codebase-investigator
      - never_routes_to: [Plan, Explore]

Needs: the whole trial.
pass: another agent takes the request, or the main thread answers.
fail: one of them is started; or the model does nothing at all.
skip: none of them was on offer in that trial.
fault: the provider failed before the main thread was done.
"""

from dataclasses import dataclass
from typing import ClassVar

from audition.checks._delegations import did_nothing, found, marks, not_offered, went
from audition.evidence import Evidence, Need
from audition.score import Kind, Score, failed, passed


@dataclass(frozen=True)
class NeverRoutesTo:
    """None of the agents is started."""

    agent: str | tuple[str, ...]
    """One agent, or several."""

    kind: ClassVar[Kind] = "routing"
    needs: ClassVar[frozenset[Need]] = frozenset({"whole trial"})

    @property
    def agents(self) -> tuple[str, ...]:
        """The agents that must not be started."""
        return (self.agent,) if isinstance(self.agent, str) else self.agent

    @property
    def reference(self) -> None:
        """It demands no delegation in particular."""
        return

    def score(self, evidence: Evidence) -> Score:
        """Judge every delegation."""
        if skip := not_offered(self.agents, evidence):
            return skip
        expected, where = f"never {' or '.join(self.agents)}", found(evidence)
        wrong = [d for d in evidence.delegations if d.to in self.agents]
        if wrong:
            return failed(
                f"went to {wrong[0].to}", expected=expected, found=where, evidence=marks(wrong)
            )
        last = (evidence.trace[-1].number,)
        if did_nothing(evidence):
            return failed(
                "the model did nothing at all", expected=expected, found="nothing", evidence=last
            )
        return passed(went(evidence), expected=expected, found=where, evidence=last)
