"""The test runner of Node itself, also through tsx.

    node --test                              a whole test run
    node --import tsx --test test/a.test.ts  not whole
    tsx --test                               a whole test run

Totals are read in both forms, TAP (`# pass 3`) and spec (`ℹ pass 3`). Node gives every failure the
code `ERR_TEST_FAILURE`, which says nothing; the errors themselves are looked at.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from audition.commands._options import are_whole, read_arguments
from audition.commands._saying import Said, Use
from audition.commands._script_runs import kind_of_failure
from audition.events import FailureKind

_VALUED = frozenset(
    {"--import", "-r", "--require", "--loader", "--experimental-loader", "--test-reporter",
     "--test-reporter-destination", "--test-concurrency", "--test-timeout", "--env-file",
     "--test-coverage-include", "--test-coverage-exclude", "--conditions", "-C", "--tsconfig"}
)  # fmt: skip
_NARROWING = frozenset(
    {"--test-name-pattern", "--test-skip-pattern", "--test-only", "--test-shard"}
)
_ROOTS = frozenset({"test", "tests", "."})
_TOTALS = re.compile(
    r"^(?:#|ℹ) pass (\d+)\n(?:#|ℹ) fail (\d+)\n(?:#|ℹ) cancelled (\d+)\n"
    r"(?:#|ℹ) skipped \d+\n(?:#|ℹ) todo (\d+)\n(?:#|ℹ) duration_ms ",
    re.MULTILINE,
)
_NO_FILES = re.compile(r"^Could not find '", re.MULTILINE)


@dataclass(frozen=True)
class Node:
    """`node --test`."""

    def use(self, argv: Sequence[str]) -> Use | None:
        """A test run with `--test`; a script of its own otherwise."""
        if argv[0] not in ("node", "nodejs", "tsx"):
            return None
        words = argv[2:] if argv[0] == "tsx" and argv[1:2] == ("watch",) else argv[1:]
        arguments = read_arguments(words, {*_VALUED, *_NARROWING}, clusters=False)
        if not arguments.has({"--test"}):
            return Use(tool="node", role="other")
        whole = are_whole(arguments.alone, _ROOTS) and not arguments.has(_NARROWING)
        return Use(tool="node", role="test", whole=whole)

    def said(self, form: str, output: str) -> tuple[Said, ...]:
        """One for each block of totals."""
        if _NO_FILES.search(output):
            return (Said(outcome="failed", failure="no_tests", tests=0),)
        return tuple(_sections(output))

    def failure(self, tool: str, exit_code: int) -> FailureKind | None:
        """Source: `node --help`; 9 for an option that it does not know."""
        return "usage" if exit_code == 9 else None


def _sections(output: str) -> Iterator[Said]:
    ends = list(_TOTALS.finditer(output))
    start = 0
    for number, end in enumerate(ends):
        stop = len(output) if number + 1 == len(ends) else end.end()
        passed, failed, cancelled, todo = map(int, end.groups())
        if failed + cancelled:
            kind = kind_of_failure(output[start:stop])
            yield Said(outcome="failed", failure=kind, tests=passed + failed + cancelled + todo)
        elif passed:
            yield Said(outcome="passed", tests=passed + todo)
        else:
            yield Said(outcome="failed", failure="no_tests", tests=0)
        start = end.end()
