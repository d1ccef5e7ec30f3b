"""The answer to the user never says this.

Passes when nothing that the main thread says to the user matches a regular expression, searched
without regard to case, and the trial was not empty.

    expect:
      - never_says: "as an AI"

Needs: the whole trial.
pass: the answer keeps to the point.
fail: a message matches; or the model does nothing at all.
skip: never.
fault: the provider failed before the main thread was done.
"""

from dataclasses import dataclass
from typing import ClassVar

from audition.checks._delegations import did_nothing
from audition.checks._texts import TextPattern, occurs, shortened
from audition.events import MAIN, Message
from audition.evidence import Evidence, Need
from audition.score import Kind, Score, failed, passed


@dataclass(frozen=True)
class NeverSays:
    """No message of the main thread matches a pattern."""

    pattern: TextPattern
    """A regular expression, searched without regard to case."""

    kind: ClassVar[Kind] = "outcome"
    needs: ClassVar[frozenset[Need]] = frozenset({"whole trial"})

    def score(self, evidence: Evidence) -> Score:
        """Judge the messages."""
        expected = f"no message that matches /{self.pattern}/"
        for message in evidence.of(Message):
            if message.agent == MAIN and occurs(self.pattern, message.text):
                return failed(
                    f"a message matches /{self.pattern}/",
                    expected=expected,
                    found=shortened(message.text),
                    evidence=(message.number,),
                )
        last = (evidence.trace[-1].number,)
        if did_nothing(evidence):
            return failed(
                "the model did nothing at all", expected=expected, found="nothing", evidence=last
            )
        return passed("nothing of the kind was said", expected=expected, evidence=last)
