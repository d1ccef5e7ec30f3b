"""Something happens at least once.

Passes when an event of the trace matches an event pattern (what a pattern is: `audition explain
order`).

    expect:
      - happens: {ran: linter, whole: true}
      - happens: {committed: "^(feat|fix)", by: backend-implementer, why: commits itself}

Needs: agents at work; the whole trial where it only asks what `main` said or whom it started.
pass: the agent runs the whole linter.
fail: it lints one file only; or its command hides how the linter ended, and the pattern asks for
that.
skip: no agent worked in that trial.
fault: the provider failed before the trial was done.
"""

from dataclasses import dataclass
from typing import ClassVar

from audition.checks._events import last, numbers, see_work, told_all, unsure
from audition.evidence import Evidence, Need
from audition.matching import matches, sure
from audition.patterns import Pattern, agents_of, needs_of, spelled_out
from audition.score import Kind, Score, failed, passed


@spelled_out
@dataclass(frozen=True)
class Happens:
    """An event pattern that something in the trace has to match."""

    pattern: Pattern

    kind: ClassVar[Kind] = "process"

    @property
    def needs(self) -> frozenset[Need]:
        """What the pattern has to be shown."""
        return needs_of(self.pattern)

    @property
    def agents(self) -> tuple[str, ...]:
        """The agents that the pattern names."""
        return agents_of(self.pattern)

    @property
    def reference(self) -> None:
        """It demands no delegation in particular."""
        return

    def score(self, evidence: Evidence) -> Score:
        """Look for one event.

        Raises:
            NotRecordedError: no agent worked in this trial.
        """
        see_work(self.needs, evidence)
        expected = f"at least one {self.pattern}"
        found = matches(self.pattern, evidence)
        events = sure(found)
        if events:
            told = told_all(events)
            return passed(told, expected=expected, found=told, evidence=numbers(events))
        if found:
            return unsure(found, self.pattern, expected)
        reason = f"nothing in the trace matches {self.pattern}"
        return failed(reason, expected=expected, found="nothing", evidence=last(evidence))
