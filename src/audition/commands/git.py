"""git.

    git -C shop commit -m "feat: add"

What git did is known better from its own record; a text only tells what was asked for.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from audition.commands._saying import Said, Use
from audition.events import FailureKind


@dataclass(frozen=True)
class Git:
    """`git`."""

    def use(self, argv: Sequence[str]) -> Use | None:
        """Every command of git."""
        return Use(tool="git", role="git") if argv[0] == "git" else None

    def said(self, form: str, output: str) -> tuple[Said, ...]:
        """Nothing that could be told from other output."""
        return ()

    def failure(self, tool: str, exit_code: int) -> FailureKind | None:
        """None: the kinds are those of tests."""
        return None
