"""Outcome: the workspace of a trial at its end, and what the harness found when it ran trees of it.

A probe is a run by the harness itself, in a fresh sandbox, of a tree that was stored: the project's
tests or its linter. What it found decides; what the agent's own commands said is evidence only that
the agent ran them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from audition.digests import digest
from audition.events import FailureKind
from audition.trees import FileChange, Tree

TestOutcome = Literal["passed", "failed", "skipped"]


@dataclass(frozen=True)
class Probe:
    """A run of the harness: a command in a tree."""

    kind: Literal["tests", "lint"]
    command: str
    tree: Tree = field(repr=False)

    @classmethod
    def tests(cls, command: str, tree: Tree) -> "Probe":
        """The project's tests."""
        return cls("tests", command, tree)

    @classmethod
    def lint(cls, command: str, tree: Tree) -> "Probe":
        """The project's linter."""
        return cls("lint", command, tree)

    @cached_property
    def key(self) -> str:
        """The same for the same command in the same tree."""
        files = [[path, file.mode, file.blob] for path, file in sorted(self.tree.items())]
        return digest([self.kind, self.command, files])[:32]


@dataclass(frozen=True)
class TestResult:
    """One test of a probe, as the runner's own JUnit file has it."""

    __test__ = False  # pytest takes the name for a test of its own

    id: str
    """`tests/test_cart.py::test_total`; the file alone where it could not even be collected."""
    outcome: TestOutcome
    failure: FailureKind | None = None
    name: str = ""
    """For `missing_name`: the module, attribute or export that is not there, as the runner says."""
    message: str = ""
    """The first lines of what it says."""

    @property
    def path(self) -> str:
        """The file of the test; empty where the runner does not say."""
        return self.id.partition("::")[0] if "::" in self.id or "/" in self.id else ""


@dataclass(frozen=True)
class LintFinding:
    """One thing that a linter found."""

    path: str
    rule: str
    message: str
    line: int = 0


@dataclass(frozen=True, kw_only=True)
class Probed:
    """What a probe found."""

    exit_code: int | None
    """None where a limit ended it."""
    failure: FailureKind | None = None
    """Why no test could be run at all: `no_runner`, `usage`, `timeout`, `no_tests`."""
    tests: tuple[TestResult, ...] = ()
    findings: tuple[LintFinding, ...] = ()
    output: str = ""
    """The end of what it printed."""
    is_stable: bool = True
    """False where two runs of the same tree disagreed: nothing can rest on it."""
    missing: tuple[str, ...] = ()
    """Files of the tree whose content was not kept: nothing was run without them."""

    @property
    def passed(self) -> bool:
        """Tests were run, and none failed; the linter found nothing."""
        failed = any(test.outcome == "failed" for test in self.tests)
        return self.exit_code == 0 and self.failure is None and not failed and not self.findings


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """The workspace at the end of a trial."""

    base: str
    """The commit that the trial began with."""
    branch: str
    """The branch that it began on."""
    base_tree: Tree
    head: str
    """HEAD's commit at the end."""
    head_branch: str
    """The branch that HEAD is on at the end; empty where it is on none."""
    head_files: tuple[FileChange, ...]
    """What HEAD's tree differs in from the base's."""
    history: tuple[str, ...] = ()
    """The commits between base and HEAD, oldest first."""
    base_is_ancestor: bool = True
    unreadable: str = ""
    """Why git cannot tell the history, in a sentence; then none of it is known."""
    branches: Mapping[str, str] = field(default_factory=dict)
    """Every branch at the end, and its commit."""
    started_at: str = ""
    ended_at: str = ""
    """When the trial began and ended by the wall clock, UTC, ISO 8601: what `date` said inside."""
    recorded_from: str = ""
    recorded_to: str = ""
    """For a replay: when the recording was made, where that is known."""
    probed: Mapping[str, Probed] = field(default_factory=dict)
    """What the harness found, by the key of the probe."""
    notes: tuple[str, ...] = ()
    """What could not be kept or read."""
    ignored: tuple[str, ...] = ()
    """The globs of the base's own `.gitignore`, in order."""
