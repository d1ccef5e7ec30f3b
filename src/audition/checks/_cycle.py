"""Red and green: the runs of the agent at which new tests failed, and those at which they pass.

What a run came to is what the harness found when it ran the tree of that step; the agent's command
only shows that the step was made.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from audition.checks._delivered import delivered_tree
from audition.checks._names import is_found, is_module
from audition.checks._probes import same_files
from audition.checks._runs import Run, runs_of
from audition.checks._written import Name, Written, name_of
from audition.events import FailureKind
from audition.evidence import Evidence
from audition.outcome import Probed, TestResult
from audition.trees import File, Tree

ACCEPTED: tuple[FailureKind, ...] = ("assertion", "missing_name", "code_error")
"""The failures that show a test doing its work."""

MOST_RUNS = 60
"""Runs of one trial that are probed: the first and the last, where there are more."""


_MODULE = re.compile(r"No module named|Cannot find (?:module|package)|Failed to (?:load|resolve)")


@dataclass(frozen=True)
class Step:
    """A run of the agent, and what the harness found in its tree."""

    run: Run
    probed: Probed = field(repr=False)

    def results(self, *names: Name) -> tuple[TestResult, ...]:
        """The results of these tests, with all their parameters."""
        return tuple(test for test in self.probed.tests if name_of(test) in names)


@dataclass(frozen=True)
class Red:
    """A step at which new tests failed as they should."""

    step: Step
    tests: Mapping[Name, Name]
    """Each by its name then, with its name at the end."""


@dataclass(frozen=True, kw_only=True)
class Cycle:
    """The runs of a trial that could be red or green, probed, with the base and the end."""

    evidence: Evidence
    written: Written
    runs: tuple[Run, ...]
    """Every run of tests, those too that prove nothing."""
    steps: tuple[Step, ...]
    """The runs in a tree whose tests are not the base's."""
    base: Probed
    delivered: dict[str, File] = field(repr=False)
    end: Probed

    @classmethod
    def of(cls, evidence: Evidence) -> "Cycle":
        """Everything that the trial shows of it.

        Raises:
            NotRecordedError: the harness has not run all the trees yet.
        """
        base, end = evidence.work.base_tree, delivered_tree(evidence)
        runs = runs_of(evidence, "test")
        useful = [
            run
            for run in runs
            if not run.is_mixed and not same_files(evidence, run.tree, base, "tests")
        ]
        if len(useful) > MOST_RUNS:
            useful = useful[: MOST_RUNS // 2] + useful[-MOST_RUNS // 2 :]
        found = evidence.tests_in(base, end, *(run.tree for run in useful))
        return cls(
            evidence=evidence,
            written=Written(evidence),
            runs=runs,
            steps=tuple(Step(*pair) for pair in zip(useful, found[2:], strict=True)),
            base=found[0],
            delivered=end,
            end=found[1],
        )

    @cached_property
    def new(self) -> frozenset[Name]:
        """The new tests that are there at the end."""
        return self.written.new(self.delivered, self.end, self.base)

    @cached_property
    def failing_at_the_end(self) -> tuple[Name, ...]:
        """The new tests that fail at the end; a file of new ones that cannot be collected too."""
        failed = (name_of(test) for test in self.end.tests if test.outcome == "failed")
        files = {path for path, _ in self.new}
        return tuple(n for n in failed if n in self.new or (not n[1] and n[0] in files))

    def reds(self, accept: Sequence[FailureKind] = ACCEPTED) -> tuple[Red, ...]:
        """The steps at which a new test failed for an accepted reason, in order."""
        found = (Red(s, self._red_tests(s, accept, self.survivors(s))) for s in self.steps)
        return tuple(red for red in found if red.tests)

    def reds_with_the_lost(self) -> tuple[Red, ...]:
        """The same, and the steps whose red tests are gone at the end though they were wanted.

        A test was wanted once it was seen red and then green, and where no new one is left at all.
        """
        found = (
            Red(s, self._red_tests(s, ACCEPTED, {**self._lost_later(s), **self.survivors(s)}))
            for s in self.steps
        )
        return tuple(red for red in found if red.tests)

    def is_green(self, step: Step, tests: Mapping[Name, Name]) -> bool:
        """Whether these tests were run there, as far as the agent's command goes, and pass."""
        if not step.probed.is_stable or self._contradicts_green(step):
            return False
        return all(
            (results := step.results(*pair)) and all(test.outcome == "passed" for test in results)
            for pair in tests.items()
        ) and any(step.run.covers(*name) for pair in tests.items() for name in pair)

    def named_steps(self) -> Iterator[tuple[str, Probed]]:
        """What the harness found at every step, with words for it."""
        for step in self.steps:
            yield f"the tests at event {step.run.number}", step.probed

    def new_at(self, step: Step) -> frozenset[Name]:
        """The tests of a step's tree that are new since the base."""
        return self.written.new(step.run.tree, step.probed, self.base)

    def survivors(self, step: Step) -> dict[Name, Name]:
        """The new tests of a step that are still there at the end, and what they are called then.

        A test is the same where its name or its content is, or where its content is but for the
        name. Where tests were gathered into one with parameters, that one stands for them.
        """
        then = self.new_at(step)
        same = {name: name for name in then if name in self.new}
        gone, left = [n for n in then if n not in same], [n for n in self.new if n not in same]
        twins = self.written.twins(step.run.tree, sorted(gone), self.delivered, sorted(left))
        gathered = sorted({name_of(t) for t in self.end.tests if "[" in t.id} & set(left))
        rest = {n: gathered[0] for n in gone if n not in twins and gathered}
        return {**same, **twins, **rest}

    def _lost_later(self, step: Step) -> dict[Name, Name]:
        """The new tests of a step that were wanted and are gone; not those that are old again."""
        before = self.written.tests(self.evidence.work.base_tree)
        after = self.written.tests(self.delivered)
        later = [other for other in self.steps if other.run.call > step.run.call]
        return {
            name: name
            for name in self.new_at(step)
            if (name not in before or before[name] != after.get(name))
            and (not self.new or any(self.is_green(other, {name: name}) for other in later))
        }

    def _red_tests(
        self, step: Step, accept: Sequence[FailureKind], wanted: Mapping[Name, Name]
    ) -> dict[Name, Name]:
        if not step.probed.is_stable or step.run.says_passed:
            return {}
        red: dict[Name, Name] = {}
        for test in step.probed.tests:
            if test.outcome == "failed" and test.failure in accept and self._is_to_come(test, step):
                red.update(self._stands_for(test, step.run.tree, wanted))
        return {n: end for n, end in red.items() if step.run.covers(*n)}

    def _stands_for(
        self, test: TestResult, tree: Tree, survivors: Mapping[Name, Name]
    ) -> dict[Name, Name]:
        """The surviving tests of a result: one, or all of a file that could not be collected."""
        path, name = name_of(test)
        found = {n: end for n, end in survivors.items() if n[0] == path and name in ("", n[1])}
        if found or name or self.written.is_read(path, tree):
            return found
        return {n: n for n in self.new if n[0] == path}

    def _is_to_come(self, test: TestResult, step: Step) -> bool:
        """What a test misses is there at the end and was not there then, and so is no mistake.

        A test file that did not change in between proves it: it finds at the end what it missed.
        """
        if test.failure != "missing_name":
            return True
        then, path = step.run.tree, name_of(test)[0]
        if _says_module(test) and is_module(test.name, then):
            return False
        if path in then and then[path] == self.delivered.get(path):
            return True
        if _says_module(test) and test.message:
            return is_module(test.name, self.delivered)
        return is_found(test.name, self.delivered, self.evidence)

    def _contradicts_green(self, step: Step) -> bool:
        """The agent's run says that it failed where all tests pass: it ran something else."""
        return step.run.says_failed and step.probed.passed


def _says_module(test: TestResult) -> bool:
    """Whether what is missing is a module; where the runner's words are not known, it can be."""
    return not test.message or _MODULE.search(test.message.partition("\n")[0]) is not None
