"""What every command of a call came to: the rules of the shell first, then what the output says."""

import re

from audition.commands._leaves import Branch, Leaf, Twig, leaves_of, listen, weigh
from audition.commands._saying import Said
from audition.commands._settling import UNKNOWN, Known, exits_early, settle
from audition.events import FailureKind

_NO_SCRIPT = re.compile(
    r"[Mm]issing script:|No rule to make target|Command \"[\w:.-]+\" not found|ERR_PNPM_NO_SCRIPT"
)
_SELF_CHECKING = frozenset({"pytest", "unittest"})
"""These count their failures, and know when a filter has taken some of them away."""


def judged(
    tree: Branch, exit_code: int | None, output: str, *, timed_out: bool
) -> list[tuple[Leaf, Said]]:
    """The commands that were run or may have been, and what each came to."""
    leaves = leaves_of(tree)
    weigh(leaves, output)
    known = Known.by(exit_code)
    early = exits_early(tree)
    if early and (exit_code != 0 or any(leaf.can_pass for leaf in early)):
        known = UNKNOWN
    settle(tree, known, output)
    listen(leaves, output, stops=_is_chain(tree))
    for leaf in leaves:
        leaf.ended, leaf.exit_code = "unknown", None
    settle(tree, known, output)
    run = [leaf for leaf in leaves if leaf.is_run]
    hanging = _hanging(run) if timed_out else None
    return [
        (leaf, _judgement(leaf, output, run, is_hanging=leaf is hanging))
        for leaf in run
        if leaf.is_listed
    ]


def _is_chain(tree: Branch) -> bool:
    """Whether the whole is commands joined by `&&` alone."""
    while isinstance(tree, Twig) and tree.how == "sequence" and len(tree.parts) == 1:
        tree = tree.parts[0]
    return isinstance(tree, Twig) and tree.how == "and" and all(map(_is_plain, tree.parts))


def _is_plain(branch: Branch) -> bool:
    return isinstance(branch, Leaf) or (
        branch.how in ("pipe", "pipefail") and all(isinstance(part, Leaf) for part in branch.parts)
    )


def _hanging(leaves: list[Leaf]) -> Leaf | None:
    """The one command that can have been running when the time was over."""
    unfinished = [leaf for leaf in leaves if leaf.is_listed and not leaf.said and leaf.can_fail]
    return unfinished[0] if len(unfinished) == 1 else None


def _judgement(leaf: Leaf, output: str, run: list[Leaf], *, is_hanging: bool) -> Said:
    said = leaf.said or Said()
    judges = leaf.use is not None and leaf.use.role in ("test", "lint")
    if is_hanging:
        return Said(outcome="failed", failure="timeout" if judges else None)
    if not judges:
        return Said(outcome=leaf.ended)
    if leaf.ended == "failed":
        return Said(outcome="failed", failure=_failure(leaf, said, output), tests=said.tests)
    if leaf.ended == "passed" and said.outcome == "failed":
        empty = said.failure == "no_tests"
        return Said(failure="no_tests" if empty else None, tests=said.tests)
    if leaf.ended == "passed":
        return Said(outcome="passed", tests=said.tests)
    if leaf.said is None and _lacks_runner(leaf, output) and _is_alone(leaf, run):
        return Said(outcome="failed", failure="no_runner")
    failure = _failure(leaf, said, output) if said.outcome == "failed" else None
    return Said(outcome=said.outcome, failure=failure, tests=said.tests)


def _failure(leaf: Leaf, said: Said, output: str) -> FailureKind | None:
    if leaf.exit_code in (126, 127) or (leaf.said is None and _lacks_runner(leaf, output)):
        return "no_runner"
    if leaf.exit_code == 124 and leaf.has_clock:
        return "timeout"
    tool = leaf.use.tool if leaf.use else ""
    if leaf.exit_code is not None and leaf.family is not None:
        by_code = leaf.family.failure(tool, leaf.exit_code)
        if by_code is not None:
            return by_code
    if leaf.is_filtered and tool not in _SELF_CHECKING and said.failure != "no_tests":
        return None
    return said.failure


def _lacks_runner(leaf: Leaf, output: str) -> bool:
    """Whether somebody says that there is no such program."""
    if leaf.family is None and _NO_SCRIPT.search(output):
        return True
    names = {leaf.argv[0], leaf.use.tool if leaf.use else leaf.argv[0]}
    return any(_lacks(name, output) for name in names if name)


def _lacks(name: str, output: str) -> bool:
    escaped = re.escape(name)
    pattern = (
        rf"No module named {escaped}\s*$"
        rf"|(?:^|[\s/:]){escaped}: (?:command )?not found"
        rf"|[Cc]ommand not found: {escaped}\b"
        rf"|Failed to spawn: [`']{escaped}[`']"
        rf"|Command \"{escaped}\" not found"
    )
    return re.search(pattern, output, re.MULTILINE) is not None


def _is_alone(leaf: Leaf, run: list[Leaf]) -> bool:
    """Whether no other command of the call is the same tool."""
    tool = leaf.use.tool if leaf.use else leaf.argv[0]
    return sum(1 for other in run if other.use is not None and other.use.tool == tool) == 1
