"""The main thread answers by itself.

Passes when the main thread starts no agent and tries to start none. Asking for an agent that does
not exist is an attempt to delegate, and fails.

    expect: [no_delegation]

Needs: the trace up to the first delegation, or the end of the turn.
pass: "What does HTTP 409 mean?" is answered at once.
fail: the question is handed to an agent; or the model refuses, or does nothing at all.
skip: never.
fault: the provider failed before the turn ended.
"""

from dataclasses import dataclass
from typing import ClassVar

from audition.checks._delegations import did_nothing, found
from audition.evidence import Evidence, Need
from audition.score import Kind, Score, failed, passed


@dataclass(frozen=True)
class NoDelegation:
    """No agent is started, and none is asked for."""

    kind: ClassVar[Kind] = "routing"
    needs: ClassVar[frozenset[Need]] = frozenset({"delegation"})

    @property
    def agents(self) -> tuple[str, ...]:
        """No agent is mentioned."""
        return ()

    @property
    def reference(self) -> tuple[str, ...]:
        """No delegation."""
        return ()

    def score(self, evidence: Evidence) -> Score:
        """Judge that nothing was delegated."""
        expected = "no delegation"
        tried = evidence.delegating_calls
        if tried:
            numbers = tuple(call.number for call in tried)
            where = found(evidence)
            return failed(f"went to {where}", expected=expected, found=where, evidence=numbers)
        last = (evidence.trace[-1].number,)
        if evidence.refused:
            reason = "the model refused the request"
            return failed(reason, expected=expected, found="a refusal", evidence=last)
        if did_nothing(evidence):
            return failed(
                "the model did nothing at all", expected=expected, found="nothing", evidence=last
            )
        return passed("answered without an agent", expected=expected, found=expected, evidence=last)
