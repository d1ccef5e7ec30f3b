"""Bun's own test runner.

    bun test                  a whole test run
    bun run test              a script of package.json, whatever that runs

Only its exit code is read.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from audition.commands._saying import Said, Use
from audition.commands._script_runs import use_of_runner
from audition.events import FailureKind

_VALUED = frozenset({"--timeout", "--preload", "--reporter", "--bail", "--rerun-each"})
_NARROWING = frozenset({"-t", "--test-name-pattern", "--only", "--todo"})


@dataclass(frozen=True)
class Bun:
    """`bun test`."""

    def use(self, argv: Sequence[str]) -> Use | None:
        """A test run; every other command of Bun is a stranger."""
        if tuple(argv[:2]) != ("bun", "test"):
            return None
        return use_of_runner("bun", argv[2:], valued=_VALUED, narrowing=_NARROWING)

    def said(self, form: str, output: str) -> tuple[Said, ...]:
        """Nothing."""
        return ()

    def failure(self, tool: str, exit_code: int) -> FailureKind | None:
        """It fails with 1 whatever happened."""
        return None
