"""Linters and type checkers of Python.

    ruff check .              a whole lint run
    ruff format --check .     so is this; without `--check` it changes files
    mypy shop                 not whole

Flake8 is silent where it finds nothing: without its exit code a silent run cannot be told.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from audition.commands._linting import Linter, failure_of_linter, said_by_linter, use_of_linter
from audition.commands._saying import Said, Use
from audition.events import FailureKind

_SELECTING = frozenset({"--select", "--ignore", "--exclude", "--extend-exclude", "--disable"})
_CHECKING = frozenset({"--check", "--check-only", "--diff", "-c"})

LINTERS: Mapping[str, Linter] = {
    "ruff": Linter(
        passed=r"All checks passed!|No errors found",
        failed=r"Found [1-9]\d* errors?(?:\.| \(\d+ fixed, [1-9]\d* remaining\))",
        commands=frozenset({"check"}),
        narrowing=_SELECTING,
        valued=frozenset({"--config", "--output-format", "--target-version", "--line-length"}),
    ),
    "ruff format": Linter(
        passed=r"\d+ files? (?:already formatted|left unchanged)$",
        failed=r"\d+ files? would be reformatted",
        demands=_CHECKING - {"-c"},
        narrowing=frozenset({"--exclude", "--range"}),
        valued=frozenset({"--config", "--line-length", "--target-version"}),
    ),
    "flake8": Linter(
        failed=r"\S+\.pyi?:\d+:\d+: [A-Z]+\d+ .*(?:\n\S+\.pyi?:\d+:\d+: [A-Z]+\d+ .*)*",
        narrowing=_SELECTING,
        valued=frozenset({"--config", "--max-line-length", "--format"}),
    ),
    "pylint": Linter(
        passed=r"Your code has been rated at 10\.00/10",
        failed=r"Your code has been rated at -?\d\.",
        narrowing=_SELECTING | {"--enable", "-d", "-e", "-E", "--errors-only"},
        valued=frozenset({"--rcfile", "-j", "--jobs", "-f", "--output-format", "--fail-under"}),
        usage=frozenset({32}),
    ),
    "mypy": Linter(
        passed=r"Success: no issues found",
        failed=r"Found [1-9]\d* errors? in ",
        narrowing=frozenset({"-m", "--module", "-p", "--package", "-c", "--exclude"}),
        valued=frozenset({"--config-file", "--python-version", "--cache-dir"}),
    ),
    "pyright": Linter(
        passed=r"0 errors, ",
        failed=r"[1-9]\d* errors?, ",
        valued=frozenset({"-p", "--project", "--level", "--pythonversion", "--pythonpath"}),
        usage=frozenset({2, 3, 4}),
    ),
    "black": Linter(
        passed=r"(?:\d+ files? would be left unchanged|All done!)",
        failed=r"Oh no!|\d+ files? would be reformatted",
        demands=_CHECKING - {"-c"},
        narrowing=frozenset({"--exclude", "--extend-exclude", "--include"}),
        valued=frozenset({"--config", "-l", "--line-length", "-t", "--target-version"}),
        usage=frozenset({2, 123}),
    ),
    "isort": Linter(
        failed=r"ERROR: \S+ Imports are incorrectly sorted.*"
        r"(?:\nERROR: \S+ Imports are incorrectly sorted.*)*",
        demands=_CHECKING,
        narrowing=frozenset({"--skip", "--skip-glob"}),
        usage=frozenset(),
    ),
}  # fmt: skip
_ALSO = {"basedpyright": "pyright", "dmypy": "mypy", "pyflakes": "flake8"}


@dataclass(frozen=True)
class PythonLinters:
    """ruff, Flake8, pylint, mypy, Pyright, Black, isort."""

    def use(self, argv: Sequence[str]) -> Use | None:
        """A lint run, unless it changes files or explains."""
        name = _ALSO.get(argv[0], argv[0])
        if name not in LINTERS:
            return None
        if name == "ruff" and "format" in argv[1:3]:
            words = [word for word in argv[1:] if word != "format"]
            use = use_of_linter("ruff", LINTERS["ruff format"], words)
            return replace(use, form="ruff format")
        use = use_of_linter(name, LINTERS[name], argv[1:])
        return replace(use, stream="errors") if name == "black" else use

    def said(self, form: str, output: str) -> tuple[Said, ...]:
        """One for each line that sums up."""
        return said_by_linter(LINTERS[form], output)

    def failure(self, tool: str, exit_code: int) -> FailureKind | None:
        """Source: the documentation of each."""
        return failure_of_linter(LINTERS[tool], exit_code)
