"""The request goes to this agent.

Passes when the first agent that the main thread starts is `agent`, or one of `accept`. Built-in
agents (`Explore`, `Plan`, `general-purpose`, …) are values like any other. A name that no agent has
is answered with an error, as Claude Code does, and the model may correct itself: what counts is the
first agent that was started.

    expect:
      - routes_to: backend-implementer
      - routes_to: {agent: backend-implementer, accept: [general-purpose]}

Needs: the trace up to the first delegation.
pass: the main thread starts backend-implementer.
fail: it starts another agent, or none.
skip: the agent was not on offer in that trial.
fault: the provider failed before a delegation was seen.
"""

from dataclasses import dataclass
from typing import ClassVar

from audition.checks._delegations import found, marks, not_offered, why_nobody
from audition.evidence import Evidence, Need
from audition.score import Kind, Score, failed, passed


@dataclass(frozen=True)
class RoutesTo:
    """The first agent started is the expected one, or an accepted one."""

    agent: str
    """The agent that should take the request."""
    accept: tuple[str, ...] = ()
    """Other agents that are as good."""

    kind: ClassVar[Kind] = "routing"
    needs: ClassVar[frozenset[Need]] = frozenset({"delegation"})

    @property
    def agents(self) -> tuple[str, ...]:
        """Every agent that the check mentions."""
        return (self.agent, *self.accept)

    @property
    def reference(self) -> tuple[str, ...]:
        """One delegation, to the expected agent."""
        return (self.agent,)

    def score(self, evidence: Evidence) -> Score:
        """Judge the first delegation."""
        if skip := not_offered(self.agents, evidence):
            return skip
        expected = " or ".join(self.agents)
        delegations = evidence.delegations
        if not delegations:
            tried, reason = evidence.delegating_calls, why_nobody(evidence)
            numbers = tuple(call.number for call in tried) or (evidence.trace[-1].number,)
            return failed(reason, expected=expected, found=found(evidence), evidence=numbers)
        first = delegations[0]
        evidence_numbers = marks([first])
        if first.to in self.agents:
            return passed(
                f"went to {first.to}", expected=expected, found=first.to, evidence=evidence_numbers
            )
        return failed(
            f"went to {first.to}, not to {expected}",
            expected=expected,
            found=first.to,
            evidence=evidence_numbers,
        )
