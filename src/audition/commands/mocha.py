"""Mocha.

    npx mocha                     a whole test run
    npx mocha -g "adds"           not whole

The failures follow the totals.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from audition.commands._saying import Said, Use
from audition.commands._script_runs import kind_of_failure, use_of_runner
from audition.events import FailureKind

_VALUED = frozenset(
    {"-r", "--require", "-R", "--reporter", "-t", "--timeout", "--config", "--extension",
     "--retries", "-u", "--ui", "--import", "--package", "-n", "--node-option"}
)  # fmt: skip
_NARROWING = frozenset({"-g", "--grep", "-f", "--fgrep", "-i", "--invert", "--ignore", "--spec"})
_TOTALS = re.compile(
    r"^  (\d+) passing\b.*$(?:\n  \d+ pending$)?(?:\n  (\d+) failing$)?", re.MULTILINE
)
_NO_FILES = re.compile(r"^Error: No test files found", re.MULTILINE)


@dataclass(frozen=True)
class Mocha:
    """`mocha`."""

    def use(self, argv: Sequence[str]) -> Use | None:
        """A test run, unless it lists or explains."""
        if argv[0] not in ("mocha", "_mocha"):
            return None
        return use_of_runner("mocha", argv[1:], valued=_VALUED, narrowing=_NARROWING)

    def said(self, form: str, output: str) -> tuple[Said, ...]:
        """One for each `… passing`; the failures follow it."""
        if _NO_FILES.search(output):
            return (Said(outcome="failed", failure="no_tests", tests=0),)
        return tuple(_sections(output))

    def failure(self, tool: str, exit_code: int) -> FailureKind | None:
        """It exits with the number of failures."""
        return None


def _sections(output: str) -> Iterator[Said]:
    ends = list(_TOTALS.finditer(output))
    for number, end in enumerate(ends):
        following = ends[number + 1].start() if number + 1 < len(ends) else len(output)
        passed, failed = int(end[1]), int(end[2] or 0)
        if failed:
            kind = kind_of_failure(output[end.end() : following])
            yield Said(outcome="failed", failure=kind, tests=passed + failed)
        elif passed:
            yield Said(outcome="passed", tests=passed)
        else:
            yield Said(outcome="failed", failure="no_tests", tests=0)
