"""AVA.

    npx ava                       a whole test run
    npx ava --match "adds*"       not whole

Beside failed tests it counts no others: a failed run has no number of tests.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from audition.commands._saying import Said, Use
from audition.commands._script_runs import use_of_runner
from audition.events import FailureKind

_VALUED = frozenset({"-c", "--concurrency", "--config", "-T", "--timeout", "--node-arguments"})
_NARROWING = frozenset({"-m", "--match"})
_FAILED = re.compile(r"^  (?:(\d+) tests? failed|(\d+) uncaught exceptions?)$", re.MULTILINE)
_PASSED = re.compile(r"^  (\d+) tests? passed$", re.MULTILINE)
_NONE = re.compile(r"Couldn.t find any files to test|No tests found in", re.MULTILINE)


@dataclass(frozen=True)
class Ava:
    """`ava`."""

    def use(self, argv: Sequence[str]) -> Use | None:
        """A test run, unless it explains."""
        if argv[0] != "ava":
            return None
        return use_of_runner("ava", argv[1:], valued=_VALUED, narrowing=_NARROWING)

    def said(self, form: str, output: str) -> tuple[Said, ...]:
        """What the totals say; it names no total of passed tests beside failed ones."""
        if _FAILED.search(output):
            return (Said(outcome="failed"),)
        if _NONE.search(output):
            return (Said(outcome="failed", failure="no_tests", tests=0),)
        return tuple(
            Said(outcome="passed", tests=int(found[1])) for found in _PASSED.finditer(output)
        )

    def failure(self, tool: str, exit_code: int) -> FailureKind | None:
        """It fails with 1 whatever happened."""
        return None
