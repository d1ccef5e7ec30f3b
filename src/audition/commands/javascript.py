"""Test runners of JavaScript and TypeScript: Vitest, Jest, Mocha, AVA, Playwright's.

npx vitest run src/cart.test.ts -t total
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from audition.commands import Purpose, Said

_IDLE = frozenset({"--version", "-v", "--help", "-h", "--list", "list", "--listTests", "init"})
_NARROWING = ("-t", "--testNamePattern", "--testPathPattern", "-g", "--grep", "-f", "--match", "-m",
              "--onlyChanged", "-o", "--changed", "--shard", "--onlyFailures", "--last-failed",
              "related", "--findRelatedTests")  # fmt: skip
_ROOTS = frozenset({"run", "test", "tests", "test/", "tests/", ".", "src", "watch"})
_SUMMARY = {
    "vitest": re.compile(r"^\s*Tests\s+(.*)$", re.MULTILINE),
    "jest": re.compile(r"^Tests:\s+(.*)$", re.MULTILINE),
    "mocha": re.compile(r"^\s*(\d+ (?:passing|failing))\b", re.MULTILINE),
    "ava": re.compile(r"^\s*(\d+ tests? (?:passed|failed))\b", re.MULTILINE),
    "playwright": re.compile(r"^\s*(\d+ (?:passed|failed))\b", re.MULTILINE),
}
"""The lines that count, by runner."""


@dataclass(frozen=True)
class Javascript:
    """Test runs by runners that are installed with npm."""

    programs: ClassVar[frozenset[str]] = frozenset(_SUMMARY)

    def purpose(self, argv: Sequence[str]) -> Purpose | None:
        """A test run; the whole one where nothing narrows it."""
        program, *words = argv
        if program == "playwright" and words[:1] != ["test"]:
            return None
        if _IDLE & set(words):
            return Purpose(program, "other")
        narrow = any(
            word.startswith(tuple(f"{option}=" for option in _NARROWING)) or word in _NARROWING
            for word in words
        )
        paths = [word for word in words if not word.startswith("-") and word not in _ROOTS]
        return Purpose(program, "test", whole=not narrow and not paths)

    def said(self, output: str, exit_code: int | None) -> Said:
        """What the lines of the runner's summary count."""
        plain = re.sub(r"\x1b\[[\d;]*m", "", output)
        lines = [line for pattern in _SUMMARY.values() for line in pattern.findall(plain)]
        counts: dict[str, int] = {}
        for number, word in re.findall(r"(\d+) (?:tests? )?(pass|fail)", " ".join(lines)):
            counts[word] = counts.get(word, 0) + int(number)
        if counts.get("fail"):
            return Said("failed", tests=sum(counts.values()))
        if counts.get("pass"):
            return Said("passed", tests=counts["pass"])
        is_empty = re.search(r"No test(?:s| files) found", plain) is not None
        return Said("failed", "no_tests", 0) if is_empty else Said()
