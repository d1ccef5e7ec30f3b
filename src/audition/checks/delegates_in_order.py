"""The work goes to several agents, in this order.

Passes when the agents are started in the listed order; others may be started in between. Calls
of one turn count in the order in which the model emitted them. In a routing trial no agent works:
each delegation is answered with a fixed text that says the part is finished, and the main thread
goes on.

    expect:
      - delegates_in_order: [codebase-investigator, backend-implementer]

Needs: the whole trial.
pass: the investigator is started, then the implementer.
fail: one of them is missing, or they come the other way round.
skip: one of them was not on offer in that trial.
fault: the provider failed before the main thread was done.
"""

from dataclasses import dataclass
from typing import Annotated, ClassVar

from pydantic import Field

from audition.checks._delegations import found, marks, not_offered, went
from audition.events import Delegation
from audition.evidence import Evidence, Need
from audition.score import Kind, Score, failed, passed


@dataclass(frozen=True)
class DelegatesInOrder:
    """The listed agents are an in-order subsequence of the agents that were started."""

    agents: Annotated[tuple[str, ...], Field(min_length=1)]
    """The agents, first to last."""

    kind: ClassVar[Kind] = "routing"
    needs: ClassVar[frozenset[Need]] = frozenset({"whole trial"})

    @property
    def reference(self) -> tuple[str, ...]:
        """The agents in order."""
        return self.agents

    def score(self, evidence: Evidence) -> Score:
        """Judge the sequence of delegations."""
        for agent in self.agents:
            if skip := not_offered([agent], evidence):
                return skip
        matched = self._match(evidence.delegations)
        expected, where = ", then ".join(self.agents), found(evidence)
        numbers = marks(matched)
        if len(matched) == len(self.agents):
            return passed(went(evidence), expected=expected, found=where, evidence=numbers)
        missing = self.agents[len(matched)]
        elsewhere = any(delegation.to == missing for delegation in evidence.delegations)
        reason = (
            f"{missing} was started out of order" if elsewhere else f"{missing} was not started"
        )
        numbers = numbers or (evidence.trace[-1].number,)
        return failed(reason, expected=expected, found=where, evidence=numbers)

    def _match(self, delegations: tuple[Delegation, ...]) -> list[Delegation]:
        matched: list[Delegation] = []
        for delegation in delegations:
            if len(matched) < len(self.agents) and delegation.to == self.agents[len(matched)]:
                matched.append(delegation)
        return matched
