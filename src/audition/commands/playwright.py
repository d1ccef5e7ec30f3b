"""Playwright Test.

    npx playwright test                    a whole test run
    npx playwright test cart.spec.ts       not whole
    npx playwright install                 not a test run

A run that skips everything has not passed.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from audition.commands._saying import Said, Use
from audition.commands._script_runs import use_of_runner
from audition.events import FailureKind

_VALUED = frozenset({"-c", "--config", "-j", "--workers", "--reporter", "--retries", "--timeout"})
_NARROWING = frozenset(
    {"-g", "--grep", "--grep-invert", "--project", "--shard", "--last-failed", "--only-changed"}
)
_TOTALS = re.compile(
    r"(?:^  \d+ (?:failed|interrupted|flaky|skipped|did not run|passed)\b.*$\n?"
    r"(?:^    .*$\n?)*)+",
    re.MULTILINE,
)
_COUNT = re.compile(r"^  (\d+) (failed|interrupted|flaky|passed|did not run)\b", re.MULTILINE)


@dataclass(frozen=True)
class Playwright:
    """`playwright test`."""

    def use(self, argv: Sequence[str]) -> Use | None:
        """A test run with `test`; anything else prepares one."""
        if argv[0] != "playwright":
            return None
        if argv[1:2] != ("test",):
            return Use(tool="playwright", role="other")
        return use_of_runner("playwright", argv[2:], valued=_VALUED, narrowing=_NARROWING)

    def said(self, form: str, output: str) -> tuple[Said, ...]:
        """One for each block of totals."""
        return tuple(_said(found[0]) for found in _TOTALS.finditer(output))

    def failure(self, tool: str, exit_code: int) -> FailureKind | None:
        """It fails with 1 whatever happened."""
        return None


def _said(totals: str) -> Said:
    counts = Counter({word: int(number) for number, word in _COUNT.findall(totals)})
    failed = counts["failed"] + counts["interrupted"] + counts["did not run"]
    ran = counts["failed"] + counts["flaky"] + counts["passed"]
    if failed:
        return Said(outcome="failed", tests=ran)
    if not ran:
        return Said(outcome="failed", failure="no_tests", tests=0)
    return Said(outcome="passed", tests=ran)
