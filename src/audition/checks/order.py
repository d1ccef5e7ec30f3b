"""Things happen in this order.

Passes when events that match the patterns are found in the trace one after another; other events
may lie between them.

    expect:
      - order:
          - {wrote: tests}
          - {ran: tests, outcome: failed, failure: assertion}
          - {wrote: implementation}
          - {ran: tests, outcome: passed}
          - {committed: "^(feat|fix)"}

An event pattern has one verb: `wrote`, `created`, `deleted`, `read` (each with `tests`,
`implementation`, `other` or path globs), `ran` (`tests`, `linter`, `git`, `build` or a glob for
the command or its program), `called` (a glob for the tool), `delegated` (an agent), `committed` (a
regular expression, or true) or `said` (a regular expression). It may be narrowed: `ran` by
`outcome: passed | failed`, `failure: KIND` and `whole: true`; `called` by `input: {FIELD: GLOB}`;
all by `by: main | AGENT` and `within: {since: PATTERN, until: PATTERN}`, the part of the trial
after the first event that matches `since` and before the first later one that matches `until`.
Where one of several will do, write a list.

What one tool call does has no order that could be told, nor can the outcome of every command be
told; what cannot be told does not pass.

Needs: agents at work; the whole trial where it only asks what `main` said or whom it started.
pass: tests are written, fail, code is written, tests pass, and it is committed.
fail: no run of the tests fails; or code is written first; or one command writes tests and code.
skip: no agent worked in that trial.
fault: the provider failed before the trial was done.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar

from pydantic import Field

from audition.checks._events import (
    CANNOT_TELL,
    last,
    numbers,
    see_work,
    told,
    told_all,
    unsure,
)
from audition.events import AnyEvent
from audition.evidence import Evidence, Need
from audition.matching import Match, Places, matches, possible, precedes, sure
from audition.patterns import Pattern, agents_of, needs_of
from audition.score import Kind, Score, failed, passed

Follows = Callable[[Places, AnyEvent], bool]
"""Whether an event can come next after one of those that a pattern was met by."""


@dataclass(frozen=True)
class Order:
    """Event patterns, first to last."""

    steps: Annotated[tuple[Pattern, ...], Field(min_length=1)]
    """What has to happen, first to last."""

    kind: ClassVar[Kind] = "process"

    @property
    def needs(self) -> frozenset[Need]:
        """What the patterns have to be shown."""
        return needs_of(*self.steps)

    @property
    def agents(self) -> tuple[str, ...]:
        """The agents that the patterns name."""
        return agents_of(*self.steps)

    @property
    def reference(self) -> None:
        """It demands no delegation in particular."""
        return

    def score(self, evidence: Evidence) -> Score:
        """Look for the patterns one after another.

        Raises:
            NotRecordedError: no agent worked in this trial.
        """
        see_work(self.needs, evidence)
        expected = ", then ".join(map(str, self.steps))
        found = [matches(pattern, evidence) for pattern in self.steps]
        proved = _reached([sure(matched) for matched in found], Places.some_before)
        if proved[-1]:
            chain = _chain(proved, precedes)
            shown = ", then ".join(map(told, chain))
            return passed("in this order", expected=expected, found=shown, evidence=numbers(chain))
        perhaps = _reached([possible(matched) for matched in found], _is_not_before_all)
        if perhaps[-1]:
            return self._not_proved(_chain(perhaps, _may_precede), found, expected)
        return self._missing(perhaps, found, evidence, expected)

    def _missing(
        self,
        perhaps: Sequence[tuple[AnyEvent, ...]],
        found: Sequence[Sequence[Match]],
        evidence: Evidence,
        expected: str,
    ) -> Score:
        index = next(i for i, reached in enumerate(perhaps) if not reached)
        which = f"{self.steps[index]}, number {index + 1} of {len(self.steps)}"
        events = possible(found[index])
        if not events:
            reason, seen = f"nothing in the trace matches {which}", last(evidence)
        else:
            reason = f"nothing after {self.steps[index - 1]} matches {which}"
            seen = numbers(events)
        return failed(reason, expected=expected, found=told_all(events), evidence=seen)

    def _not_proved(
        self,
        chain: tuple[AnyEvent, ...],
        found: Sequence[Sequence[Match]],
        expected: str,
    ) -> Score:
        """The first thing about the events of a possible order that cannot be told."""
        before: AnyEvent | None = None
        for pattern, matched, event in zip(self.steps, found, chain, strict=True):
            match = next(match for match in matched if match.event == event)
            if not match.is_sure:
                return unsure([match], pattern, expected)
            if before is not None and not precedes(before, event):
                break
            before = event
        assert before is not None  # noqa: S101 — one sure event alone would have been proved
        return failed(
            f"{CANNOT_TELL} {told(event)} came after {told(before)}: nothing tells the order",
            expected=expected,
            found=", ".join(map(told, chain)),
            evidence=numbers((before, event)),
        )


def _reached(found: Sequence[tuple[AnyEvent, ...]], follows: Follows) -> list[tuple[AnyEvent, ...]]:
    """For each pattern the events that it can be met by, when all before it were met."""
    reached = [found[0]]
    for events in found[1:]:
        before = Places(reached[-1])
        reached.append(tuple(event for event in events if follows(before, event)))
    return reached


def _is_not_before_all(before: Places, event: AnyEvent) -> bool:
    """Whether one of them is another event and does not certainly come later."""
    return not before.all_others_after(event)


def _may_precede(event: AnyEvent, other: AnyEvent) -> bool:
    return event.number != other.number and not precedes(other, event)


def _chain(
    reached: Sequence[tuple[AnyEvent, ...]], comes_before: Callable[[AnyEvent, AnyEvent], bool]
) -> tuple[AnyEvent, ...]:
    """One event for each pattern, each of which comes before the next."""
    chain = [reached[-1][0]]
    for events in reached[-2::-1]:
        chain.append(next(event for event in events if comes_before(event, chain[-1])))
    return tuple(reversed(chain))
