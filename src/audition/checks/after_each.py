"""One thing is always followed by another.

Passes when `every` happens, and each time it does, `then` happens at some later time; one `then`
may answer several. In other words, a `then` comes after the last `every`. Both are event patterns
(what a pattern is: `audition explain order`). Where `every` never happens the check fails.

    expect:
      - after_each: {every: {wrote: implementation}, then: {ran: tests}}
      - after_each: {every: {deleted: "**"}, then: {said: deleted}, why: names what it removes}

What one tool call does has no order that could be told: where one command changes code and runs the
tests, a later run has to follow.

Needs: agents at work; the whole trial where it only asks what `main` said or whom it started.
pass: two files of code are written, and then the tests are run.
fail: code is changed after the last run; no code is written; one command writes the last of it and
runs the tests.
skip: no agent worked in that trial.
fault: the provider failed before the trial was done.
"""

from dataclasses import dataclass
from typing import ClassVar

from audition.checks._events import CANNOT_TELL, last, numbers, see_work, told, unsure
from audition.evidence import Evidence, Need
from audition.matching import Match, Places, matches, possible, precedes, sure
from audition.patterns import Pattern, agents_of, needs_of
from audition.score import Kind, Score, failed, passed


@dataclass(frozen=True)
class AfterEach:
    """Two event patterns, of which the second has to follow every time."""

    every: Pattern
    """What has to be followed."""
    then: Pattern
    """What has to follow, at any later time."""

    kind: ClassVar[Kind] = "process"

    @property
    def needs(self) -> frozenset[Need]:
        """What the patterns have to be shown."""
        return needs_of(self.every, self.then)

    @property
    def agents(self) -> tuple[str, ...]:
        """The agents that the patterns name."""
        return agents_of(self.every, self.then)

    @property
    def reference(self) -> None:
        """It demands no delegation in particular."""
        return

    def score(self, evidence: Evidence) -> Score:
        """Look what followed.

        Raises:
            NotRecordedError: no agent worked in this trial.
        """
        see_work(self.needs, evidence)
        expected = f"{self.then} after each {self.every}"
        every, then = matches(self.every, evidence), matches(self.then, evidence)
        if not every:
            reason = f"nothing in the trace matches {self.every}, so nothing could follow it"
            return failed(reason, expected=expected, found="nothing", evidence=last(evidence))
        proved, perhaps = Places(sure(then)), Places(possible(then))
        for event in sure(every):
            if perhaps.all_others_before(event):
                return failed(
                    f"nothing that matches {self.then} follows {told(event)}",
                    expected=expected,
                    found=told(event),
                    evidence=numbers((event,)),
                )
        for match in every:
            if not proved.some_after(match.event):
                return self._not_proved(match, then, expected)
        if not sure(every):
            return unsure(every, self.every, expected)
        ended, answered = sure(every)[-1], sure(then)[-1]
        return passed(
            f"after {told(ended)}, the last of {len(sure(every))}: {told(answered)}",
            expected=expected,
            evidence=numbers((ended, answered)),
        )

    def _not_proved(self, early: Match, then: tuple[Match, ...], expected: str) -> Score:
        event = early.event
        if not early.is_sure:
            return unsure([early], self.every, expected)
        near = [m for m in then if m.event != event and not precedes(m.event, event)]
        if not sure(near):
            return unsure(near, self.then, expected)
        other = sure(near)[-1]
        return failed(
            f"{CANNOT_TELL} {told(other)} came after {told(event)}: nothing tells the order",
            expected=expected,
            found=told(event),
            evidence=numbers((event, other)),
        )
