"""Pytest: `pytest`, `py.test`, `python -m pytest`; also behind `coverage run -m`.

    python -m pytest -q tests/test_cart.py -k total

`--version`, `--help`, `--collect-only` and their like run no test.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from audition.commands import Purpose, Said
from audition.events import FailureKind

_IDLE = frozenset({
    "--version", "-V", "--help", "-h", "--collect-only", "--co", "--fixtures", "--markers",
    "--setup-plan", "--cache-show",
})  # fmt: skip
_NARROWING = ("-k", "-m", "--lf", "--last-failed", "--ff", "--deselect", "--ignore", "--sw",
              "--stepwise", "--pyargs", "--ignore-glob")  # fmt: skip
_VALUED = frozenset({
    "-p", "-o", "-c", "-n", "-W", "-r", "--tb", "--color", "--maxfail", "--cov", "--cov-report",
    "--durations", "--rootdir", "--junitxml", "--junit-xml", "--timeout", "--log-level", "--dist",
    "--override-ini", "--config-file", "--confcutdir", "--basetemp", "--import-mode",
})  # fmt: skip
_ROOTS = frozenset({".", "tests", "tests/", "test", "test/", "./tests", "./test", "./"})
_COUNTED = re.compile(
    r"(\d+) (passed|failed|errors?|skipped|xfailed|xpassed|deselected|warnings?|subtests passed)\b"
)
_SUMMARY = re.compile(
    r"^=*\s*((?:\d+ [a-z ]+(?:, )?)+|no tests ran)(?: in [\d.]+ ?s[^=\n]*)?\s*=*\s*$", re.MULTILINE
)
_MISSING = re.compile(
    r"^E\s+(?:ImportError|ModuleNotFoundError|NameError|AttributeError: module)\b", re.MULTILINE
)
_RAISED = re.compile(r"^E\s{3}(\s*assert\b|AssertionError\b|Failed: DID NOT RAISE|\w+(?:\.\w+)*:)",
                     re.MULTILINE)  # fmt: skip


@dataclass(frozen=True)
class Pytest:
    """Test runs by pytest."""

    programs: ClassVar[frozenset[str]] = frozenset({"pytest", "py.test"})

    def purpose(self, argv: Sequence[str]) -> Purpose:
        """A test run, unless its options say that it only looks."""
        if _IDLE & set(argv[1:]):
            return Purpose("pytest", "other")
        return Purpose("pytest", "test", whole=not narrowed(argv[1:], _NARROWING, _VALUED, _ROOTS))

    def said(self, output: str, exit_code: int | None) -> Said:
        """What the last line counts, and why it failed where all failures are of one kind."""
        summaries = _SUMMARY.findall(output)
        counts: dict[str, int] = {}
        for number, word in _COUNTED.findall(summaries[-1]) if summaries else ():
            counts[word.rstrip("s")] = int(number)
        ran = [
            counts[w] for w in ("passed", "failed", "error", "xfailed", "xpassed") if w in counts
        ]
        if counts.get("failed") or counts.get("error"):
            return Said("failed", _why(output, exit_code), sum(ran))
        if ran:
            return Said("passed", tests=sum(ran))
        return Said("failed" if exit_code else "unknown", _why(output, exit_code))


def narrowed(
    words: Sequence[str],
    narrowing: Sequence[str],
    valued: frozenset[str],
    roots: frozenset[str],
) -> bool:
    """Whether options or paths leave tests out."""
    is_value = False
    for word in words:
        if is_value:
            is_value = False
        elif any(word == option or word.startswith(f"{option}=") for option in narrowing):
            return True
        elif word.startswith("-"):
            is_value = word in valued
        elif word not in roots and not word.startswith(("2>", ">", "<")):
            return True
    return False


def _why(output: str, exit_code: int | None) -> FailureKind | None:
    if re.search(r"No module named '?pytest'?|pytest: (?:command )?not found", output):
        return "no_runner"
    if exit_code == 4 or "ERROR: usage:" in output:  # pytest's own code for it
        return "usage"
    if exit_code == 5 or "no tests ran" in output:  # likewise
        return "no_tests"
    if "during collection" in output or exit_code == 2:  # likewise
        return "missing_name" if _MISSING.search(output) else "collection_error"
    raised = {found.strip() for found in _RAISED.findall(output)}
    if raised and all(r.startswith(("assert", "AssertionError", "Failed")) for r in raised):
        return "assertion"
    return None
