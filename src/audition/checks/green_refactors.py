"""Once the tests are green, every change of the code is followed by a run that is green again.

Green is the first run of the agent in a tree that holds new tests and whose tests all pass. From
there on the code may change in any number of steps, as long as a run of the agent comes after the
last of them and all tests of its tree pass, new and old. Code that ends as it was when it was last
run green was not changed. Whether tests pass is what the harness found in the trees of those runs.

    expect:
      - green_refactors
      - green_refactors: {why: refactor while green}

A command that changes files and runs tests as well is no such run: what it ran cannot be told. A
formatter that rewrites code changes it. The working tree is judged, committed or not.

Needs: agents at work, and the tests of the base, of the end and of every step at which they ran.
pass: the code is tidied after green and the tests are run again; or nothing is touched after green.
fail: the code is tidied and not run again, or only run red; or the tests were never green.
skip: the harness has not run the tests of these steps.
fault: two runs of the same step did not agree.
"""

from dataclasses import dataclass
from typing import ClassVar

from audition.checks._cycle import Cycle, Step
from audition.checks._delivered import last
from audition.checks._probes import cannot_judge, same_files, trouble, unusable
from audition.events import Change
from audition.evidence import Evidence, Need
from audition.score import Kind, Score, failed, passed

_EXPECTED = "a run that is green after the last change of the code"


@dataclass(frozen=True)
class GreenRefactors:
    """The code as it ends was run green."""

    kind: ClassVar[Kind] = "process"
    needs: ClassVar[frozenset[Need]] = frozenset({"work"})

    def score(self, evidence: Evidence) -> Score:
        """Compare the code at the end with the code of the green runs."""
        cycle = Cycle.of(evidence)
        if fault := cannot_judge(cycle.base):
            return fault
        greens = [step for step in cycle.steps if _is_green(cycle, step)]
        settled = [
            g
            for g in greens
            if same_files(evidence, g.run.tree, evidence.final_tree, "implementation")
        ]
        if settled:
            return _passed(evidence, greens[0], settled[-1])
        if fault := unusable(cycle.named_steps()):
            return fault
        return _failed(cycle, greens)


def _is_green(cycle: Cycle, step: Step) -> bool:
    new = cycle.new_at(step)
    is_run = not step.run.says_failed and step.probed.is_stable
    return is_run and any(step.results(name) for name in new) and not trouble(step.probed)


def _changes_after(evidence: Evidence, step: Step) -> list[Change]:
    return [
        change
        for change in evidence.changes
        if change.number > step.run.number and evidence.role(change.file.path) == "implementation"
    ]


def _passed(evidence: Evidence, first: Step, final: Step) -> Score:
    numbers = (first.run.command.number,)
    if not _changes_after(evidence, first):
        return passed(
            "nothing was refactored: the code stayed as it was at the first green run",
            expected=_EXPECTED,
            evidence=numbers,
        )
    reason = "after green, the code was changed and run green again"
    if final is first:
        reason = "after green, the code was changed and brought back to what was run green"
    return passed(reason, expected=_EXPECTED, evidence=(*numbers, final.run.command.number))


def _failed(cycle: Cycle, greens: list[Step]) -> Score:
    if not greens:
        reason = "never green: no run of the agent was in a tree whose new and old tests all pass"
        if any(run.is_mixed for run in cycle.runs):
            reason += "; what a command ran that changed files as well cannot be told"
        return failed(reason, expected=_EXPECTED, evidence=last(cycle.evidence))
    change = _changes_after(cycle.evidence, greens[-1])[-1]
    later = [run for run in cycle.runs if run.call > change.call]
    reason = f"{change.file.path} was changed after green and the tests were not run after that"
    if later:
        reason = f"{change.file.path} was changed after green, and the run after that is not green"
    elif any(run.call == change.call for run in cycle.runs):
        reason = (
            f"cannot be proved: one command changed {change.file.path} after green and ran the"
            " tests, and in which order cannot be told"
        )
    return failed(reason, expected=_EXPECTED, evidence=(change.number,))
