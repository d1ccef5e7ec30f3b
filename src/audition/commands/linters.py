"""Linters, type checkers and formatters that only look.

    ruff check .        npx eslint src        mypy        prettier --check .

A formatter that writes is no linter: `ruff format`, `prettier --write`.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from audition.commands import Purpose, Said

_LOOKING = {
    "ruff": (("check",), ()),
    "biome": (("check", "lint", "ci"), ()),
    "black": ((), ("--check", "--diff")),
    "isort": ((), ("--check", "--check-only", "-c")),
    "prettier": ((), ("--check", "-c", "--list-different", "-l")),
    "tsc": ((), ()),
    "flake8": ((), ()),
    "pylint": ((), ()),
    "mypy": ((), ()),
    "pyright": ((), ()),
    "eslint": ((), ()),
    "oxlint": ((), ()),
    "standard": ((), ()),
    "xo": ((), ()),
}  # fmt: skip
"""The first words with which a program looks, and the options of which one has to be there."""
_IDLE = frozenset({"--version", "-V", "-v", "--help", "-h", "--init", "--print-config"})
_ROOTS = frozenset({".", "./", "src", "src/"})


@dataclass(frozen=True)
class Linters:
    """Runs that look for mistakes without running the code."""

    programs: ClassVar[frozenset[str]] = frozenset(_LOOKING)

    def purpose(self, argv: Sequence[str]) -> Purpose | None:
        """A lint run, where the command line only looks; None where it writes."""
        program, *words = argv
        verbs, options = _LOOKING[program]
        if _IDLE & set(words):
            return None
        if program == "ruff" and words[:1] == ["format"]:
            return Purpose("ruff", "lint") if "--check" in words or "--diff" in words else None
        if verbs and words[:1] and words[0] not in verbs:
            return None
        if options and not set(options) & set(words):
            return None
        rest = words[1:] if verbs and words[:1] else words
        paths = [word for word in rest if not word.startswith("-")]
        return Purpose(program, "lint", whole=all(path in _ROOTS for path in paths))

    def said(self, output: str, exit_code: int | None) -> Said:
        """What can be told without an exit code: ruff says when there is nothing to say."""
        if re.search(r"^All checks passed!$", output, re.MULTILINE):
            return Said("passed")
        if re.search(r"^Found \d+ errors?|✖ \d+ problems?", output, re.MULTILINE):
            return Said("failed")
        if "No module named" in output or "command not found" in output:
            return Said("failed", "no_runner")
        return Said()
