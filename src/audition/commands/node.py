"""Node's own test runner: `node --test`, also with a loader; `tsx --test`.

node --test test/cart.test.js
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from audition.commands import Purpose, Said
from audition.events import FailureKind

_ROOTS = frozenset({"test", "test/", "tests", "tests/", "./test", "."})
_COUNT = re.compile(r"^(?:#|\S)\s*(tests|pass|fail|cancelled) (\d+)\s*$", re.MULTILINE)
_VALUED = frozenset({"--import", "--require", "-r", "--loader", "--test-reporter",
                     "--test-reporter-destination", "--test-timeout",
                     "--test-concurrency"})  # fmt: skip
_MISSING = ("does not provide an export named", "ERR_MODULE_NOT_FOUND", "Cannot find module")


@dataclass(frozen=True)
class Node:
    """Test runs by node."""

    programs: ClassVar[frozenset[str]] = frozenset({"node", "tsx"})

    def purpose(self, argv: Sequence[str]) -> Purpose | None:
        """A test run where `--test` says so; a program of node's otherwise."""
        if "--test" not in argv:
            return None
        return Purpose("node", "test", whole=not _is_narrowed(argv[1:]))

    def said(self, output: str, exit_code: int | None) -> Said:
        """What its summary counts."""
        counts = {name: int(number) for name, number in _COUNT.findall(output)}
        if "tests" not in counts:
            return Said()
        if counts.get("fail") or counts.get("cancelled"):
            return Said("failed", _why(output), counts["tests"])
        if counts["tests"] == 0:
            return Said("failed", "no_tests", 0)
        return Said("passed", tests=counts["tests"])


def _is_narrowed(words: Sequence[str]) -> bool:
    is_value = False
    for word in words:
        if is_value:
            is_value = False
        elif word.startswith(("--test-name-pattern", "--test-only", "--test-skip-pattern")):
            return True
        elif word.startswith("-"):
            is_value = word in _VALUED
        elif word not in _ROOTS:
            return True
    return False


def _why(output: str) -> FailureKind | None:
    # Node tags every failure ERR_TEST_FAILURE; what is behind it stands further down.
    if any(words in output for words in _MISSING):
        return "missing_name"
    causes = set(re.findall(r"\b(\w*Error)(?: \[ERR_\w+\])?:", output))
    return "assertion" if causes and causes <= {"AssertionError"} else None
