"""Tests are written before the code that they test.

Passes when, for every file of the implementation in the delivered change, no earlier version held
more than half of the lines that the change adds, before the first change that adds or changes a
test function or an assertion. So stubs (signatures, `pass`, `NotImplementedError`) may come first,
and so may a try that is thrown away; a comment in an old test is no test.

    expect:
      - tests_first
      - tests_first: {delivered: worktree}

Lines are compared as code: without comments, documentation, blank lines and stubs (in languages
other than Python, JavaScript and TypeScript: without blank lines). What the change takes from one
file and puts into another is moved, not added. Where a file only loses lines, those are the
change. A version is what lay in the file after a tool call: code that is put aside, by `git stash`
or under another name, and brought back later was there before. What lived only in a commit was
never in a file and does not count.

In which order one tool call writes several files cannot be told, so code and the first test in one
call are not proved to be in the right order.

`delivered` says what is handed over: `commit` is HEAD's tree, `worktree` the working tree. Without
it, HEAD's tree counts where it is another than the one the trial began with, else the working
tree.

Needs: agents at work in a workspace, to the end, and the contents of what they wrote.
pass: tests/test_cart.py gets a test, then shop/cart.py the code.
fail: the code was there first, or came with the tests in one call; no test; no code at all.
skip: the request went to the wrong agent, or the content of a file was not kept.
fault: the provider or the sandbox failed.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import product
from typing import ClassVar, TypeVar

from audition.checks._goals import Goal, contents, goals, version
from audition.checks._work import (
    Handover,
    Step,
    delivered,
    is_committed,
    is_plain,
    last_number,
    listed,
    steps,
)
from audition.evidence import Evidence, Need
from audition.score import Kind, Score, failed, passed
from audition.sources import assertions_of, tests_of
from audition.trees import Tree

Counted = TypeVar("Counted")

_MOST_COMPARISONS = 200_000
"""Versions times files: beyond it, a trial has rewritten the world before its first test."""


@dataclass(frozen=True)
class TestsFirst:
    """No implementation file was half done before the first test."""

    delivered: Handover | None = None
    """What is handed over; without it HEAD where its tree changed, else the working tree."""

    kind: ClassVar[Kind] = "process"
    needs: ClassVar[frozenset[Need]] = frozenset({"work"})
    __test__: ClassVar[bool] = False  # pytest takes the name for a test of its own

    def score(self, evidence: Evidence) -> Score:
        """Judge every version of the code before the first test."""
        expected, last = "a test before the code", last_number(evidence)
        wanted = goals(evidence, delivered(evidence, self.delivered))
        if not wanted:
            reason = "the delivered change holds no code of the implementation"
            return failed(reason, expected=expected, found="no code", evidence=last)
        found = f"code in {listed(goal.path for goal in wanted)}"
        every = steps(evidence)
        first = next((at for at, step in enumerate(every) if _adds_test(evidence, step)), None)
        if first is None:
            reason = "no test function and no assertion was added or changed"
            return failed(reason, expected=expected, found=found, evidence=last)
        test = every[first]
        if sum(len(s.changes) for s in every[: first + 1]) * len(wanted) > _MOST_COMPARISONS:
            reason = "so many files were changed before the first test that no order is proved"
            return failed(reason, expected=expected, found=found, evidence=test.numbers)
        final = evidence.delivered_tree(committed=is_committed(evidence, self.delivered))
        early = _early(evidence, wanted, every[: first + 1], final)
        if early is None:
            reason = f"the first test came before the code of {listed(g.path for g in wanted)}"
            return passed(reason, expected=expected, found=found, evidence=test.numbers)
        goal, step, share = early
        numbers = (*step.numbers, *(() if step is test else test.numbers))
        held = f"{share} of {goal.lines.total()} changed lines of {goal.path}"
        reason = f"{held} were there before the first test"
        if step is test:
            reason = f"{held} and the first test came in one tool call: no order is proved"
        return failed(reason, expected=expected, found=found, evidence=numbers)


def _adds_test(evidence: Evidence, step: Step) -> bool:
    """Whether it adds or changes a test function or an assertion; moving one does neither."""
    tests: Counter[tuple[str, str]] = Counter()
    assertions: Counter[str] = Counter()
    for change in step.changes:
        path = change.file.path
        if evidence.role(path) != "tests":
            continue
        for file, sign in ((change.file.after, 1), (change.file.before, -1)):
            if file is not None and is_plain(file):
                content = evidence.content(file)
                _count(tests, tests_of(path, content).items(), sign)
                _count(assertions, assertions_of(path, content), sign)
    return any(n > 0 for n in tests.values()) or any(n > 0 for n in assertions.values())


def _count(counter: Counter[Counted], items: Iterable[Counted], sign: int) -> None:
    for item in items:
        counter[item] += sign


def _early(
    evidence: Evidence, wanted: list[Goal], until: tuple[Step, ...], final: Tree
) -> tuple[Goal, Step, int] | None:
    """The first file that was half done too early: in which step, and with how many lines."""
    held = contents(evidence, wanted)
    for step in until:
        for change, goal in product(step.changes, wanted):
            mine = held[goal.path]
            made = version(evidence, change.file, goal, final=final, held=mine)
            if made is not None and goal.is_mostly(made):
                return goal, step, goal.reached(made)
    return None
