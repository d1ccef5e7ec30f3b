"""The answer to the user says this.

Passes when something that the main thread says to the user matches a regular expression, searched
without regard to case.

    expect:
      - says: conflict

Needs: the whole trial.
pass: "409 means Conflict: …"
fail: no message matches, or there is no message.
skip: never.
fault: the provider failed before the main thread was done.
"""

from dataclasses import dataclass
from typing import ClassVar

from audition.checks._texts import TextPattern, occurs, shortened
from audition.events import MAIN, Message
from audition.evidence import Evidence, Need
from audition.score import Kind, Score, failed, passed


@dataclass(frozen=True)
class Says:
    """A message of the main thread matches a pattern."""

    pattern: TextPattern
    """A regular expression, searched without regard to case."""

    kind: ClassVar[Kind] = "outcome"
    needs: ClassVar[frozenset[Need]] = frozenset({"whole trial"})

    def score(self, evidence: Evidence) -> Score:
        """Judge the messages."""
        expected = f"an answer that matches /{self.pattern}/"
        messages = [message for message in evidence.of(Message) if message.agent == MAIN]
        for message in messages:
            if occurs(self.pattern, message.text):
                return passed(
                    "the answer says it",
                    expected=expected,
                    found=shortened(message.text),
                    evidence=(message.number,),
                )
        if not messages:
            last = (evidence.trace[-1].number,)
            return failed("nothing was said", expected=expected, found="nothing", evidence=last)
        reason = f"no message matches /{self.pattern}/"
        numbers = tuple(message.number for message in messages)
        found = shortened(messages[-1].text)
        return failed(reason, expected=expected, found=found, evidence=numbers)
