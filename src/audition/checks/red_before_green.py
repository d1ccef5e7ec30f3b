"""A new test was run and failed for the right reason, and was run again and passes.

Passes when an agent ran the tests at a step where a test that is new since the base, and still
there at the end, failed for a reason that is accepted; ran them again at a later step where that
test passes; and all new tests pass in what is delivered. Whether they fail and pass is what the
harness found when it ran the trees of those steps; the agent's commands only show that it looked.

    expect:
      - red_before_green
      - red_before_green: {accept: [assertion], why: a missing module is no failing test}

Accepted are `assertion`, `missing_name` (a module, attribute or export that is there at the end and
was not yet) and `code_error` (raised in the code under test), unless `accept` says otherwise. A
syntax error, a broken fixture or a missing runner is no red. A test is new where its name or its
content is; one that was only moved, or bent and bent back, is not. It may get another name after
red, or become one with parameters; whether it was weakened is what `tests_not_weakened` judges.

A tool call that changes code, tests or configuration and runs tests as well holds several steps
whose order cannot be told: it proves neither red nor green. A run of other files only does not
count, nor one that says the opposite of what the harness found. Where HEAD's tree is not the
base's, HEAD is what is delivered, else the working tree.

Needs: agents at work, and the tests of the base, of the end and of every step at which they ran.
pass: `pytest` after the tests were written (an assertion fails), and again after the code.
fail: the tests came after the code and never failed; or red was a syntax error; or the end is red.
skip: the harness has not run the tests of these steps.
fault: two runs of the same step did not agree.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar

from pydantic import Field

from audition.checks._cycle import ACCEPTED, Cycle, Red, Step
from audition.checks._delivered import last
from audition.checks._probes import cannot_judge, unusable
from audition.checks._runs import unseen
from audition.checks._written import Name, name_of
from audition.events import FailureKind
from audition.evidence import Evidence, Need
from audition.outcome import TestResult
from audition.score import Kind, Score, failed, passed

_EXPECTED = "a new test that fails for an accepted reason when it is run, and passes when run later"


@dataclass(frozen=True)
class RedBeforeGreen:
    """New tests are seen failing before they are seen passing."""

    accept: Annotated[tuple[FailureKind, ...], Field(min_length=1)] = ACCEPTED
    """The failures that count as red."""

    kind: ClassVar[Kind] = "process"
    needs: ClassVar[frozenset[Need]] = frozenset({"work"})

    def score(self, evidence: Evidence) -> Score:
        """Look for a red run and a green one behind it."""
        cycle = Cycle.of(evidence)
        if fault := cannot_judge(cycle.base) or unusable([("the end", cycle.end)]):
            return fault
        if reason := _wrong_end(cycle):
            return _failed(reason, evidence)
        reds = cycle.reds(self.accept)
        pairs = [(red, green) for red in reds for green in _greens(cycle, red)]
        if pairs:
            return _passed(evidence, pairs)
        if fault := unusable(cycle.named_steps()):
            return fault
        if reds:
            reason = "the new tests were run and failed, and were not seen passing after that"
            if not any(_pass_at_the_end(cycle, red) for red in reds):
                reason = "the new tests were run and failed, and do not pass in what is delivered"
            return _failed(reason, evidence, reds[-1].step)
        return self._without_red(cycle)

    def _without_red(self, cycle: Cycle) -> Score:
        evidence = cycle.evidence
        if not cycle.runs:
            return _failed("the agent never ran the tests", evidence)
        for step in cycle.steps:
            new = cycle.survivors(step)
            asked = {*new, *((path, "") for path, _ in new)}
            for test in step.probed.tests:
                if test.outcome == "failed" and name_of(test) in asked:
                    return _failed(self._no_red(test, step), evidence, step)
        mixed = next((run for run in cycle.runs if run.is_mixed), None)
        if mixed:
            reason = (
                "cannot be proved: the tests were run by a command that changed files as well, and"
                " what was run before what cannot be told"
            )
            return failed(reason, expected=_EXPECTED, evidence=(mixed.call,))
        return _failed("no new test failed in any run of the agent", evidence)

    def _no_red(self, test: TestResult, step: Step) -> str:
        if test.failure not in self.accept:
            return f"the new tests failed by {test.failure or 'an unknown cause'}, which is no red"
        if step.run.says_passed:
            return "the run left out the new test that fails: it says that all passed"
        if not step.run.covers(*name_of(test)):
            return "the run named other tests than the new one that fails"
        return "what the new test misses is no name that is to come, but a mistake in the test"


def _wrong_end(cycle: Cycle) -> str:
    if not cycle.new:
        return "no test is there at the end that the base does not have"
    if failing := cycle.failing_at_the_end:
        return f"ends red: {_shown(failing[0])} fails in what is delivered"
    if cycle.end.failure is not None:
        return f"no test can be run in what is delivered ({cycle.end.failure})"
    return ""


def _greens(cycle: Cycle, red: Red) -> Sequence[Step]:
    after = (step for step in cycle.steps if step.run.call > red.step.run.call)
    if not _pass_at_the_end(cycle, red):
        return ()
    return [step for step in after if cycle.is_green(step, red.tests)]


def _pass_at_the_end(cycle: Cycle, red: Red) -> bool:
    wanted = set(red.tests.values())
    found = {name_of(test) for test in cycle.end.tests if test.outcome == "passed"}
    return wanted <= found


def _passed(evidence: Evidence, pairs: Sequence[tuple[Red, Step]]) -> Score:
    """The first pair that the model could see come one after the other, else the first."""
    seen = (pair for pair in pairs if not unseen(evidence, pair[0].step.run, pair[1].run))
    red, green = next(seen, pairs[0])
    then = min(red.tests)
    reason = f"{_shown(then)} failed when it was run, and passed when it was run later"
    if unseen(evidence, red.step.run, green.run):
        reason += "; both runs were asked for in one turn, so the model saw neither in between"
    numbers = (red.step.run.command.number, green.run.command.number)
    return passed(reason, expected=_EXPECTED, evidence=numbers)


def _failed(reason: str, evidence: Evidence, step: Step | None = None) -> Score:
    numbers = (step.run.command.number,) if step else last(evidence)
    return failed(reason, expected=_EXPECTED, evidence=numbers)


def _shown(name: Name) -> str:
    return "::".join(part for part in name if part)
