"""Jest.

    npx jest                      a whole test run
    npx jest cart.test.js         not whole

It prints to the error stream.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from audition.commands._saying import Said, Use
from audition.commands._script_runs import kind_of_failure, use_of_runner
from audition.events import FailureKind

_VALUED = frozenset(
    {"-c", "--config", "--rootDir", "-w", "--maxWorkers", "--reporters", "--env", "--outputFile",
     "--testTimeout", "--coverageDirectory", "--collectCoverageFrom"}
)  # fmt: skip
_NARROWING = frozenset(
    {"-t", "--testNamePattern", "--testPathPattern", "--testPathPatterns", "-o", "--onlyChanged",
     "--onlyFailures", "-f", "--findRelatedTests", "--shard", "--selectProjects",
     "--changedSince", "--testPathIgnorePatterns", "--lastCommit"}
)  # fmt: skip
_TOTALS = re.compile(r"^Test Suites: (.+) total\n^Tests: +(.+) total$", re.MULTILINE)
_NO_FILES = re.compile(r"^No tests found", re.MULTILINE)
_FAILED_EXPECTATION = re.compile(r"^ +expect\(", re.MULTILINE)
_BULLET = re.compile(r"^  ● ", re.MULTILINE)


@dataclass(frozen=True)
class Jest:
    """`jest`."""

    def use(self, argv: Sequence[str]) -> Use | None:
        """A test run, unless it lists or explains."""
        if argv[0] != "jest":
            return None
        return use_of_runner(
            "jest", argv[1:], valued=_VALUED, narrowing=_NARROWING, stream_is_errors=True
        )

    def said(self, form: str, output: str) -> tuple[Said, ...]:
        """One for each pair of totals, suites and tests."""
        found = [*_TOTALS.finditer(output), *_NO_FILES.finditer(output)]
        found.sort(key=lambda match: match.start())
        starts = [0, *(match.end() for match in found)]
        return tuple(
            _said(match, output[start : match.start()])
            for start, match in zip(starts, found, strict=False)
        )

    def failure(self, tool: str, exit_code: int) -> FailureKind | None:
        """It fails with 1 whatever happened."""
        return None


def _said(found: re.Match[str], text: str) -> Said:
    if found.re is _NO_FILES:
        return Said(outcome="failed", failure="no_tests", tests=0)
    suites, tests = found[1], found[2]
    counts = {word: int(number) for number, word in re.findall(r"(\d+) (passed|failed)", tests)}
    ran = counts.get("passed", 0) + counts.get("failed", 0)
    if "failed" in suites or "failed" in tests:
        return Said(outcome="failed", failure=_kind(text), tests=ran)
    if not ran:
        return Said(outcome="failed", failure="no_tests", tests=0)
    return Said(outcome="passed", tests=ran)


def _kind(text: str) -> FailureKind | None:
    kind = kind_of_failure(text)
    if kind is None and len(_FAILED_EXPECTATION.findall(text)) >= len(_BULLET.findall(text)) > 0:
        return "assertion"  # Jest names no error where `expect` itself failed
    return kind
