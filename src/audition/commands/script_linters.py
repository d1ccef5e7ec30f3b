"""Linters and type checkers of JavaScript and TypeScript.

    npx eslint .              a whole lint run
    npx tsc --noEmit          so is this; without `--noEmit` it builds
    npx prettier --check src  not whole

ESLint and `tsc` are silent where they find nothing: without its exit code it is not known.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from audition.commands._linting import Linter, failure_of_linter, said_by_linter, use_of_linter
from audition.commands._saying import Said, Use
from audition.events import FailureKind

LINTERS: Mapping[str, Linter] = {
    "eslint": Linter(
        failed=r"✖ \d+ problems? \([1-9]\d* errors?",
        passed=r"✖ \d+ problems? \(0 errors",
        narrowing=frozenset({"--rule", "--quiet", "--ignore-pattern", "--no-config-lookup"}),
        valued=frozenset({"-c", "--config", "--ext", "-f", "--format", "--max-warnings",
                          "--cache-location", "-o", "--output-file", "--parser"}),
    ),
    "biome": Linter(
        failed=r"Found [1-9]\d* errors?\.",
        passed=r"Checked \d+ files? in .*\. No fixes applied\.$(?!\nFound \d+ error)",
        commands=frozenset({"check", "lint", "ci"}),
        narrowing=frozenset({"--only", "--skip", "--changed", "--staged"}),
        valued=frozenset({"--config-path", "--max-diagnostics", "--reporter"}),
        usage=frozenset(),
    ),
    "oxlint": Linter(
        failed=r"Found \d+ warnings? and [1-9]\d* errors?\.",
        passed=r"Found \d+ warnings? and 0 errors\.",
        narrowing=frozenset({"-A", "--allow", "-D", "--deny", "--quiet", "--ignore-pattern"}),
        valued=frozenset({"-c", "--config", "-f", "--format", "--tsconfig", "--max-warnings"}),
        usage=frozenset(),
    ),
    "prettier": Linter(
        failed=r"\[warn\] Code style issues",
        passed=r"All matched files use Prettier code style!",
        demands=frozenset({"--check", "-c", "--list-different", "-l"}),
        forbids=frozenset({"--write", "-w"}),
        valued=frozenset({"--config", "--ignore-path", "--parser", "--log-level"}),
    ),
    "tsc": Linter(
        failed=r"Found [1-9]\d* errors?|\S+\(\d+,\d+\): error TS\d+: .*"
        r"(?:\n(?:\S+\(\d+,\d+\): error TS\d+| ).*)*",
        demands=frozenset({"--noEmit", "--no-emit", "--noemit"}),
        valued=frozenset({"-p", "--project", "--target", "-t", "--module", "-m"}),
        usage=frozenset(),
        role_otherwise="build",
    ),
}  # fmt: skip
_ALSO = {"vue-tsc": "tsc", "tsgo": "tsc", "eslint_d": "eslint", "standard": "eslint"}


@dataclass(frozen=True)
class ScriptLinters:
    """ESLint, Biome, oxlint, Prettier, `tsc`."""

    def use(self, argv: Sequence[str]) -> Use | None:
        """A lint run, unless it changes files, builds or explains."""
        name = _ALSO.get(argv[0], argv[0])
        if name not in LINTERS:
            return None
        return use_of_linter(name, LINTERS[name], argv[1:])

    def said(self, form: str, output: str) -> tuple[Said, ...]:
        """One for each line that sums up."""
        return said_by_linter(LINTERS[form], output)

    def failure(self, tool: str, exit_code: int) -> FailureKind | None:
        """Source: the documentation of each."""
        return failure_of_linter(LINTERS[tool], exit_code)
