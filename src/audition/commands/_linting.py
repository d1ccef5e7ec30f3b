"""What linters have in common: a line that says that all is well, or one that says it is not."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from audition.commands._options import are_whole, read_arguments
from audition.commands._saying import Said, Use
from audition.events import CommandRole, FailureKind


@dataclass(frozen=True, kw_only=True)
class Linter:
    """One linter, or one formatter that only looks."""

    failed: str
    """What the line begins with that counts findings."""
    passed: str = ""
    """What the line begins with that says there are none; empty where there is no such line."""
    commands: frozenset[str] | None = None
    """The sub-commands that lint, none of them needed; None where there are none at all."""
    demands: frozenset[str] = frozenset()
    """Without one of these options it changes files instead of looking at them."""
    forbids: frozenset[str] = frozenset()
    """With one of these options it changes files."""
    narrowing: frozenset[str] = frozenset()
    valued: frozenset[str] = frozenset()
    usage: frozenset[int] = frozenset({2})
    """Exit codes that say that it could not begin."""
    role_otherwise: CommandRole = "other"
    """What it is for without what it demands."""


NO_LINT = frozenset({"--version", "-V", "-v", "--help", "-h", "--show-config", "--print-config"})


def use_of_linter(tool: str, linter: Linter, words: Sequence[str]) -> Use:
    """What this command line is for."""
    arguments = read_arguments(words, {*linter.valued, *linter.narrowing})
    paths = arguments.alone
    if linter.commands is not None and paths:
        if paths[0] in linter.commands:
            paths = paths[1:]
        elif paths[0].isalpha() and "" not in linter.commands:
            return Use(tool=tool, role="other")
    if arguments.has(NO_LINT) or arguments.has(linter.forbids):
        return Use(tool=tool, role="other")
    if linter.demands and not arguments.has(linter.demands):
        return Use(tool=tool, role=linter.role_otherwise)
    whole = are_whole(paths, {"."}) and not arguments.has(linter.narrowing)
    return Use(tool=tool, role="lint", whole=whole)


def said_by_linter(linter: Linter, output: str) -> tuple[Said, ...]:
    """One for each line that sums up."""
    passed = f"|^(?P<passed>{linter.passed})" if linter.passed else ""
    pattern = re.compile(f"^(?P<failed>{linter.failed}){passed}", re.MULTILINE)
    return tuple(
        Said(outcome="failed" if found["failed"] is not None else "passed")
        for found in pattern.finditer(output)
    )


def failure_of_linter(linter: Linter, exit_code: int) -> FailureKind | None:
    """A linter that could not begin found nothing."""
    return "usage" if exit_code in linter.usage else None
