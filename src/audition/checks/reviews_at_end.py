"""After its last edit the agent runs the whole suite and the linter, and both pass.

Passes when an agent ran all tests, and a linter, on the code and the tests as they are at the end,
and the harness's own runs of that tree pass: every test, and no finding that the base does not
have. Ticking off a plan or writing a changelog is no edit; a formatter that rewrites code is one.

    expect:
      - reviews_at_end
      - reviews_at_end: {why: the full suite and the linter come last}

A run is whole where nothing on its command line narrows it, or where it says that it ran as many
tests as the harness counts. A linter counts however much of the project it was pointed at. A tool
call that changes code, tests or configuration and runs them too does not count: which came first
cannot be told. Nor does a run that says it failed. The working tree is judged, committed or not.

Needs: agents at work, a `lint_command`, and the tests and findings of the base and of the end.
pass: `pytest -q` and `ruff check .` come after the last edit, and only the plan is ticked off then.
fail: one test file was run, or a formatter changed the code after the last run.
skip: the project states no `lint_command`, or the harness has not run tests and linter.
fault: two runs did not agree, or not even the base can be run.
"""

from dataclasses import dataclass
from typing import ClassVar, Literal

from audition.checks._delivered import last
from audition.checks._probes import cannot_judge, new_findings, ran, same_files, trouble, unusable
from audition.checks._runs import Run, runs_of
from audition.evidence import Evidence, Need, NotRecordedError
from audition.outcome import Probe, Probed
from audition.score import Kind, Score, failed, passed

_EXPECTED = "the whole suite and the linter, run after the last edit, both passing"
_RAN = {"test": "ran the tests", "lint": "ran a linter"}


@dataclass(frozen=True)
class ReviewsAtEnd:
    """The finished work was tested whole, and linted."""

    kind: ClassVar[Kind] = "process"
    needs: ClassVar[frozenset[Need]] = frozenset({"work", "linter"})

    def score(self, evidence: Evidence) -> Score:
        """Look for runs in the tree that the agent left."""
        final, base = evidence.final_tree, evidence.work.base_tree
        if same_files(evidence, final, base, "tests", "implementation"):
            return _failed("neither code nor tests were changed", evidence)
        tested, linted = _at_the_end(evidence, "test"), _at_the_end(evidence, "lint")
        if not tested:
            return _failed(_missing(evidence, "test"), evidence)
        if not linted:
            return _failed(_missing(evidence, "lint"), evidence)
        return _judge(evidence, tested, linted)


def _judge(evidence: Evidence, tested: list[Run], linted: list[Run]) -> Score:
    before, tests, clean, findings = _probes(evidence)
    if fault := (
        cannot_judge(before)
        or cannot_judge(clean, "linter")
        or unusable([("the tests", tests), ("the linter", findings)])
    ):
        return fault
    if why := trouble(tests):
        return _failed(f"the tests do not pass at the end: {why}", evidence)
    if findings.failure is not None:
        return _failed(f"the linter cannot be run at the end ({findings.failure})", evidence)
    if new := new_findings(clean, findings):
        what = f"{new[0].path}:{new[0].line}: {new[0].rule} {new[0].message}"
        return _failed(f"the linter finds something at the end: {what}", evidence)
    whole = next((run for run in reversed(tested) if _is_whole(run, tests)), None)
    if whole is None:
        reason = "only a part of the tests was run after the last edit"
        found = f"{tested[-1].command.text!r}, of {ran(tests)} tests"
        numbers = (tested[-1].command.number,)
        return failed(reason, expected=_EXPECTED, found=found, evidence=numbers)
    reason = "the whole suite and the linter were run after the last edit, and both pass"
    shown = (whole.command.number, linted[-1].command.number)
    return passed(reason, expected=_EXPECTED, evidence=shown)


def _probes(evidence: Evidence) -> tuple[Probed, ...]:
    """Tests of base and end, findings of base and end."""
    project, trees = evidence.project, (evidence.work.base_tree, evidence.final_tree)
    if project.lint_command is None:
        raise NotRecordedError("the project states no lint_command")
    command = project.lint_command
    return evidence.probed(
        *(Probe.tests(project.test_command, tree) for tree in trees),
        *(Probe.lint(command, tree) for tree in trees),
    )


def _at_the_end(evidence: Evidence, role: Literal["test", "lint"]) -> list[Run]:
    """The runs on code and tests as they are at the end."""
    return [run for run in runs_of(evidence, role) if _is_final(evidence, run)]


def _is_final(evidence: Evidence, run: Run) -> bool:
    is_run = not run.is_mixed and not run.says_failed
    roles = ("tests", "implementation")
    return is_run and same_files(evidence, run.tree, evidence.final_tree, *roles)


def _missing(evidence: Evidence, role: Literal["test", "lint"]) -> str:
    """Why no run of this role shows the work as it is at the end."""
    did = _RAN[role]
    runs = runs_of(evidence, role)
    if not runs:
        return f"no agent {did}"
    edits = [c for c in evidence.changes if evidence.role(c.file.path) != "other"]
    after = [run for run in runs if run.call >= edits[-1].call]
    if any(run.is_mixed for run in after):
        return (
            f"cannot be proved: one command changed files and {did} after or with the last edit,"
            " and in which order cannot be told"
        )
    if after:
        return f"after the last edit, an agent {did}, and that run says that it failed"
    return f"{edits[-1].file.path} was changed, and no agent {did} after that"


def _is_whole(run: Run, tests: Probed) -> bool:
    counted = len(tests.tests)
    said = [command.tests for command in run.commands]
    return run.is_whole or any(number in (counted, ran(tests)) for number in said)


def _failed(reason: str, evidence: Evidence) -> Score:
    return failed(reason, expected=_EXPECTED, evidence=last(evidence))
