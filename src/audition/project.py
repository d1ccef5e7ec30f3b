"""The project in a workspace: which of its files are tests, and how tests and linter are run.

    project:
      tests: ["tests/**"]
      implementation: ["shop/**"]
      test_command: python -m pytest -q
      lint_command: ruff check .

Globs are read as in a `.gitignore`. What is said nowhere has a default that fits Python and
JavaScript; documents, plans, lock files and configuration are neither tests nor implementation.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import Literal

from pathspec import GitIgnoreSpec

Role = Literal["tests", "implementation", "other"]

_CODE = ("py", "js", "mjs", "cjs", "jsx", "ts", "mts", "cts", "tsx")
TESTS = (
    "tests/**",
    "test/**",
    "__tests__/**",
    "test_*.py",
    "*_test.py",
    "conftest.py",
    *(f"*.{word}.{ending}" for word in ("test", "spec") for ending in _CODE[1:]),
)
IMPLEMENTATION = (*(f"*.{ending}" for ending in _CODE), "!*.config.*", "!setup.py")


@dataclass(frozen=True)
class Project:
    """How to read what happens in a workspace."""

    tests: tuple[str, ...] = TESTS
    implementation: tuple[str, ...] = IMPLEMENTATION
    test_command: str = "python -m pytest -q"
    lint_command: str | None = None
    toolchains: tuple[str, ...] = ()
    """Folders of this machine with programs that the commands need, shown read-only."""
    environment: Mapping[str, str] = field(default_factory=dict, hash=False)
    """Variables that all commands in the workspace start with, beside those of the sandbox."""

    def role(self, path: str) -> Role:
        """Tests before implementation, so that `tests/**` may lie below `**/*.py`."""
        return _role(self.tests, self.implementation, path)


DEFAULT_PROJECT = Project()


@lru_cache(maxsize=4096)  # every check asks for the files of a trial again
def _role(tests: tuple[str, ...], implementation: tuple[str, ...], path: str) -> Role:
    if _spec(tests).match_file(path):
        return "tests"
    return "implementation" if _spec(implementation).match_file(path) else "other"


MEMORIES = (".claude/agent-memory/**", ".claude/agent-memory-local/**")
"""Where agents keep what they remember: never part of what a trial hands over."""


def is_memory(path: str) -> bool:
    """Whether an agent keeps it for itself, for other conversations."""
    return path.startswith(".claude/agent-memory") and fits(path, MEMORIES)


def fits(path: str, globs: tuple[str, ...]) -> bool:
    """Whether one of the globs names the path, read as in a `.gitignore`."""
    return _spec(globs).match_file(path)


@cache
def _spec(globs: tuple[str, ...]) -> GitIgnoreSpec:
    return GitIgnoreSpec.from_lines(globs)
