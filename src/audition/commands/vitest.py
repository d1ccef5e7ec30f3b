"""Vitest.

    npx vitest run                a whole test run
    npx vitest run -t "adds"      not whole

A run of which a file could not be imported names it as failed, though no test did.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from audition.commands._saying import Said, Use
from audition.commands._script_runs import kind_of_failure, use_of_runner
from audition.events import FailureKind

_VALUED = frozenset(
    {"-c", "--config", "-r", "--root", "--reporter", "--outputFile", "--mode", "--environment",
     "--pool", "--maxWorkers", "--testTimeout", "--bail", "--retry"}
)  # fmt: skip
_NARROWING = frozenset(
    {"-t", "--testNamePattern", "--changed", "--shard", "--project", "--exclude", "--dir"}
)
_MODES = frozenset({"run", "watch", "dev"})
_TOTALS = re.compile(
    r"^ *Test Files  (.+)\n *Tests  (.+)$(?:\n *(?:Errors|Type Errors)  (.+)$)?", re.MULTILINE
)
_NO_FILES = re.compile(r"^No test files found", re.MULTILINE)


@dataclass(frozen=True)
class Vitest:
    """`vitest`, `vitest run`."""

    def use(self, argv: Sequence[str]) -> Use | None:
        """A test run, unless it lists, measures or explains."""
        if argv[0] != "vitest":
            return None
        mode = argv[1] if len(argv) > 1 else ""
        if mode in ("bench", "list", "init", "typecheck"):
            return Use(tool="vitest", role="other")
        narrowing = {*_NARROWING, "related"} if mode == "related" else _NARROWING
        words = argv[2:] if mode in _MODES else argv[1:]
        return use_of_runner("vitest", words, valued=_VALUED, narrowing=narrowing)

    def said(self, form: str, output: str) -> tuple[Said, ...]:
        """One for each pair of totals, files and tests."""
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
    files, tests, errors = found[1], found[2], found[3]
    counts = {word: int(number) for number, word in re.findall(r"(\d+) (passed|failed)", tests)}
    ran = counts.get("passed", 0) + counts.get("failed", 0)
    if "failed" in files or "failed" in tests or errors:
        return Said(outcome="failed", failure=kind_of_failure(text), tests=ran)
    if not ran:
        return Said(outcome="failed", failure="no_tests", tests=0)
    return Said(outcome="passed", tests=ran)
