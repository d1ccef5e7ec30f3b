"""Something never happens.

Passes when no event of the trace matches an event pattern (what a pattern is: `audition explain
order`), none may match it, and the trial was not empty: somebody said or called something, and
where the pattern looks into a window, the window was opened.

    expect:
      - never: {ran: "git push*"}
      - never: {called: Bash, input: {command: "*rm -rf*"}, why: deletes nothing wholesale}
      - never: {wrote: tests, within: {since: {ran: tests, outcome: passed}}}

A glob fits a whole text: `rm -rf*` does not find `cd build && rm -rf .`, where `*rm -rf*` does. A
command is looked at by itself, so `ran: "git push*"` does find `cd shop && git push`.

Needs: agents at work; the whole trial where it only asks what `main` said or whom it started.
pass: the agent commits, and pushes nothing.
fail: it pushes; nobody does anything at all; tests never pass, so nothing is known of the time
after.
skip: no agent worked in that trial.
fault: the provider failed before the trial was done.
"""

from dataclasses import dataclass
from typing import ClassVar

from audition.checks._events import emptiness, last, numbers, see_work, told, told_all, unsure
from audition.evidence import Evidence, Need
from audition.matching import matches, sure
from audition.patterns import Pattern, agents_of, needs_of, spelled_out
from audition.score import Kind, Score, failed, passed


@spelled_out
@dataclass(frozen=True)
class Never:
    """An event pattern that nothing in the trace may match."""

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
        """Look for one event too many.

        Raises:
            NotRecordedError: no agent worked in this trial.
        """
        see_work(self.needs, evidence)
        expected = f"never {self.pattern}"
        found = matches(self.pattern, evidence)
        events = sure(found)
        if events:
            reason = f"{told(events[0])} matches {self.pattern}"
            return failed(
                reason, expected=expected, found=told_all(events), evidence=numbers(events)
            )
        if empty := emptiness(self.pattern, evidence, expected):
            return empty
        if found:
            return unsure(found, self.pattern, expected)
        reason = f"nothing in the trace matches {self.pattern}"
        return passed(reason, expected=expected, found="nothing", evidence=last(evidence))
