"""Git, as far as the text tells; what it really was asked is in git's own record.

git commit -am "feat: add paging"
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from audition.commands import Purpose, Said


@dataclass(frozen=True)
class Git:
    """Commands of git."""

    programs: ClassVar[frozenset[str]] = frozenset({"git"})

    def purpose(self, argv: Sequence[str]) -> Purpose:
        """Git."""
        return Purpose("git", "git")

    def said(self, output: str, exit_code: int | None) -> Said:
        """Nothing that its exit code does not."""
        return Said()
