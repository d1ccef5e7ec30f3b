"""The brief handed over carries what the agent needs.

Passes when the prompt of the first delegation matches a regular expression, searched without regard
to case. The agent sees only this text, not the conversation before it.

    expect:
      - brief_says: cursor
      - brief_says: {pattern: "order(s)? list", why: the agent cannot see the request}

Needs: the trace up to the first delegation.
pass: the brief names the cursor pagination that the request asked for.
fail: it leaves it out; or nothing was delegated.
skip: never.
fault: the provider failed before a delegation was seen.
"""

from dataclasses import dataclass
from typing import ClassVar

from audition.checks._delegations import found
from audition.checks._texts import TextPattern, occurs, shortened
from audition.evidence import Evidence, Need
from audition.score import Kind, Score, failed, passed


@dataclass(frozen=True)
class BriefSays:
    """The first delegation's prompt matches a pattern."""

    pattern: TextPattern
    """A regular expression, searched without regard to case."""

    kind: ClassVar[Kind] = "process"
    needs: ClassVar[frozenset[Need]] = frozenset({"delegation"})

    def score(self, evidence: Evidence) -> Score:
        """Judge the first brief."""
        expected = f"a brief that matches /{self.pattern}/"
        if not evidence.delegations:
            last = (evidence.trace[-1].number,)
            reason = "nothing was delegated, so there is no brief"
            return failed(reason, expected=expected, found=found(evidence), evidence=last)
        first = evidence.delegations[0]
        brief, numbers = shortened(first.brief), (first.number,)
        if occurs(self.pattern, first.brief):
            return passed(
                f"the brief for {first.to} says it",
                expected=expected,
                found=brief,
                evidence=numbers,
            )
        reason = f"the brief for {first.to} does not match /{self.pattern}/"
        return failed(reason, expected=expected, found=brief, evidence=numbers)
