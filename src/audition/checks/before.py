"""One thing happens before another does.

Passes when `then` happens, and every time it does, `first` has happened earlier: in other words,
the first `first` comes before the first `then`. Both are event patterns (what a pattern is:
`audition explain order`). Where `then` never happens the check fails, since nothing was before it.

    expect:
      - before: {first: {wrote: "docs/plan*.md"}, then: {wrote: implementation}}
      - before: {first: {read: MEMORY.md}, then: {wrote: "**"}, required: false}

Two things of one tool call have no order that could be told: a plan and code that one command
writes fail, with that reason.

Needs: agents at work; the whole trial where it only asks what `main` said or whom it started.
pass: the plan is written, then the code, then the plan is changed again.
fail: the code comes first; there is no plan; there is no code; one command writes both.
skip: no agent worked in that trial.
fault: the provider failed before the trial was done.
"""

from dataclasses import dataclass
from typing import ClassVar

from audition.checks._events import CANNOT_TELL, last, numbers, see_work, told, unsure
from audition.events import AnyEvent
from audition.evidence import Evidence, Need
from audition.matching import Match, Places, matches, possible, precedes, sure
from audition.patterns import Pattern, agents_of, needs_of
from audition.score import Kind, Score, failed, passed


@dataclass(frozen=True)
class Before:
    """Two event patterns, of which the first has to come before the other."""

    first: Pattern
    """What has to happen earlier."""
    then: Pattern
    """What has to happen, and only later."""

    kind: ClassVar[Kind] = "process"

    @property
    def needs(self) -> frozenset[Need]:
        """What the patterns have to be shown."""
        return needs_of(self.first, self.then)

    @property
    def agents(self) -> tuple[str, ...]:
        """The agents that the patterns name."""
        return agents_of(self.first, self.then)

    @property
    def reference(self) -> None:
        """It demands no delegation in particular."""
        return

    def score(self, evidence: Evidence) -> Score:
        """Look what came first.

        Raises:
            NotRecordedError: no agent worked in this trial.
        """
        see_work(self.needs, evidence)
        expected = f"{self.first} before {self.then}"
        first, then = matches(self.first, evidence), matches(self.then, evidence)
        if not then:
            reason = f"nothing in the trace matches {self.then}, so nothing came before it"
            return failed(reason, expected=expected, found="nothing", evidence=last(evidence))
        proved, perhaps = Places(sure(first)), Places(possible(first))
        for event in sure(then):
            if perhaps.all_others_after(event):
                return self._too_late(event, first, expected)
        for match in then:
            if not proved.some_before(match.event):
                return self._not_proved(match, first, expected)
        if not sure(then):
            return unsure(then, self.then, expected)
        begun, ended = sure(first)[0], sure(then)[0]
        return passed(
            f"{told(begun)}, then {told(ended)}",
            expected=expected,
            evidence=numbers((begun, ended)),
        )

    def _too_late(self, event: AnyEvent, first: tuple[Match, ...], expected: str) -> Score:
        others = [other for other in possible(first) if other != event]
        late = f"only later {told(others[0])}" if others else f"nothing else matches {self.first}"
        return failed(
            f"{told(event)} came too early: {late}",
            expected=expected,
            found=told(event),
            evidence=numbers((event, *others[:1])),
        )

    def _not_proved(self, late: Match, first: tuple[Match, ...], expected: str) -> Score:
        event = late.event
        if not late.is_sure:
            return unsure([late], self.then, expected)
        near = [m for m in first if m.event != event and not precedes(event, m.event)]
        if not sure(near):
            return unsure(near, self.first, expected)
        other = sure(near)[0]
        return failed(
            f"{CANNOT_TELL} {told(other)} came before {told(event)}: nothing tells the order",
            expected=expected,
            found=told(event),
            evidence=numbers((other, event)),
        )
