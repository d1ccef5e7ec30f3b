"""Something happens a number of times.

Passes when as many events of the trace match an event pattern (what a pattern is: `audition
explain order`) as are asked for: at least `min`, at most `max`, or `exactly` so many. Every
changed file is an event, and so is every command, also of one and the same tool call. Where it
cannot be told whether an event matches, the number has to be right with it and without it.

    expect:
      - count: {of: {committed: true}, exactly: 1}
      - count: {of: {delegated: [Explore, Plan]}, max: 2, why: looks around a little}

A trial in which nobody did anything has no number of anything, not even zero.

Needs: agents at work; the whole trial where it only asks what `main` said or whom it started.
pass: the agent commits once.
fail: it commits twice; or not at all; or nobody does anything at all.
skip: no agent worked in that trial.
fault: the provider failed before the trial was done.
"""

from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

from pydantic import ConfigDict, Field

from audition.checks._events import (
    emptiness,
    last,
    numbers,
    see_work,
    told_all,
    unsure,
)
from audition.evidence import Evidence, Need
from audition.matching import matches, possible, sure
from audition.patterns import Pattern, agents_of, needs_of
from audition.score import Kind, Score, failed, passed

Times = Annotated[int, Field(ge=0, le=1_000_000)]
_EITHER_END = {"anyOf": [{"required": ["min"]}, {"required": ["max"]}]}
_BOUNDS: dict[str, Any] = {"oneOf": [{"required": ["exactly"]}, _EITHER_END]}


@dataclass(frozen=True)
class Count:
    """An event pattern, and how many events have to match it."""

    of: Pattern
    """What is counted."""
    min: Times | None = None
    """The fewest."""
    max: Times | None = None
    """The most."""
    exactly: Times | None = None
    """Neither fewer nor more; instead of the other two."""

    kind: ClassVar[Kind] = "process"
    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(
        extra="forbid", json_schema_extra=_BOUNDS
    )

    def __post_init__(self) -> None:
        """Refuse bounds that no number is within.

        Raises:
            ValueError: no bound is stated, or they exclude each other.
        """
        ends = (self.min, self.max)
        if self.exactly is None and ends == (None, None):
            raise ValueError("does not say how many; add 'min', 'max' or 'exactly'")
        if self.exactly is not None and ends != (None, None):
            raise ValueError("has 'exactly' beside 'min' or 'max'; keep one of them")
        if self.min is not None and self.max is not None and self.min > self.max:
            raise ValueError("asks for more than it allows; 'min' must not be above 'max'")

    @property
    def needs(self) -> frozenset[Need]:
        """What the pattern has to be shown."""
        return needs_of(self.of)

    @property
    def agents(self) -> tuple[str, ...]:
        """The agents that the pattern names."""
        return agents_of(self.of)

    @property
    def reference(self) -> None:
        """It demands no delegation in particular."""
        return

    def score(self, evidence: Evidence) -> Score:
        """Count the events.

        Raises:
            NotRecordedError: no agent worked in this trial.
        """
        see_work(self.needs, evidence)
        found = matches(self.of, evidence)
        fewest, most = len(sure(found)), len(found)
        expected = f"{self._amount} of {self.of}"
        shown = told_all(possible(found))
        seen = numbers(possible(found)) or last(evidence)
        least, greatest = self._bounds
        number = str(fewest) if fewest == most else f"{fewest} to {most}"
        if most < least or (greatest is not None and fewest > greatest):
            reason = f"{number} of {self.of}, where {self._amount} is asked for"
            return failed(reason, expected=expected, found=shown, evidence=seen)
        if empty := emptiness(self.of, evidence, expected):
            return empty
        if fewest < least or (greatest is not None and most > greatest):
            return unsure(found, self.of, expected)
        return passed(f"{number} of {self.of}", expected=expected, found=shown, evidence=seen)

    @property
    def _bounds(self) -> tuple[int, int | None]:
        if self.exactly is not None:
            return self.exactly, self.exactly
        return self.min or 0, self.max

    @property
    def _amount(self) -> str:
        if self.exactly is not None:
            return f"exactly {self.exactly}"
        ends = (("at least", self.min), ("at most", self.max))
        return " and ".join(f"{words} {end}" for words, end in ends if end is not None)
