"""View data of what the harness ran itself in stored trees of a trial, and in which trees.

An outcome keeps these runs by key alone. The trees of the evidence (the base, the working tree
after each tool call, HEAD and the working tree at the end) are tried for the one of the key.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from audition.events import Change, Command, Commit, Head
from audition.evidence import Evidence
from audition.outcome import LintFinding, Outcome, Probe, Probed, TestResult
from audition.report.figures import count, counted
from audition.score import Verdict
from audition.trees import File, Tree, changed

MOST_LISTED = 30
"""Failures or findings of one run that are listed."""
_LONGEST_LINE = 300
_LONGEST_OUTPUT = 2_000
_UNKNOWN_TREE = "a tree put together of several, such as the delivered code under the base's tests"
_NAMED_AT_MOST = 3
_EVENTS_NAMED = 20
_ROLES = {"test": "tests", "lint": "lint"}

Kind = Literal["tests", "lint"]


@dataclass(frozen=True)
class Listed:
    """A test that failed, or a finding of a linter."""

    where: str
    kind: str
    words: str


@dataclass(frozen=True)
class HarnessRun:
    """One run of the project's tests or linter by the harness."""

    kind: Literal["tests", "linter", "tests or linter"]
    tree: str
    events: tuple[int, ...]
    """The commands with which an agent ran the same in the same tree."""
    verdict: Verdict
    """`fault` where two runs of the same tree disagreed."""
    result: str
    """The counts, in words."""
    listed: tuple[Listed, ...] = ()
    left_off: int = 0
    output: str = ""
    """The end of what it printed, where nothing else tells what went wrong."""


@dataclass(frozen=True)
class HarnessView:
    """All that the harness ran itself."""

    runs: tuple[HarnessRun, ...] = ()
    """In the order of the trees it ran in."""
    probes: Mapping[int, Probed] = field(default_factory=dict)
    """What it found where an agent ran tests or the linter, by the event of the command.

    The tree is the one that the tool call left behind.
    """


@dataclass
class _Found:
    """Where the key of a run was met."""

    kind: Kind | None = None
    places: list[str] = field(default_factory=list)
    order: int | None = None
    events: list[int] = field(default_factory=list)


def harness_view(evidence: Evidence) -> HarnessView:
    """Everything that the harness ran, and where an agent ran the same."""
    outcome = evidence.outcome
    if outcome is None or not outcome.probed:
        return HarnessView()
    found = _found(evidence, outcome)
    last = len(evidence.trace) + 2
    order = {key: (last if at.order is None else at.order, key) for key, at in found.items()}
    return HarnessView(
        tuple(
            _run(found[key], outcome.probed[key]) for key in sorted(found, key=order.__getitem__)
        ),
        {number: outcome.probed[key] for key, at in found.items() for number in at.events},
    )


def result_words(probed: Probed) -> str:
    """`2 passed, 1 failed`, `3 findings`, or why nothing could be run."""
    if probed.failure is not None:
        return f"nothing could be run: {probed.failure.replace('_', ' ')}"
    counts = {
        outcome: sum(test.outcome == outcome for test in probed.tests)
        for outcome in ("passed", "failed", "skipped")
    }
    words = [f"{count(number)} {outcome}" for outcome, number in counts.items() if number]
    if probed.findings:
        words.append(counted(len(probed.findings), "finding"))
    return ", ".join(words) or f"exit code {probed.exit_code}"


def verdict_of(probed: Probed) -> Verdict:
    """What a run comes to; `fault` where it was not the same twice."""
    if not probed.is_stable:
        return "fault"
    return "pass" if probed.passed else "fail"


def _found(evidence: Evidence, outcome: Outcome) -> dict[str, _Found]:
    """For every run, by key: the trees of the evidence that it was made in."""
    found = {key: _Found() for key in outcome.probed}
    commands = _commands(evidence)
    keys: dict[Kind, str] = {}
    last: Tree | None = None
    for order, words, tree in _trees(evidence, outcome):
        is_other = last is None or tree != last
        if is_other:
            keys, last = _keys(evidence, tree), tree
        for kind, key in keys.items():
            if key not in found:
                continue
            at = found[key]
            at.kind = kind
            at.order = order if at.order is None else at.order
            # A step that changes nothing is no tree of its own.
            at.places += [words] if is_other or not words.startswith("after") else []
            at.events += (
                command.number
                for command in commands.get(order, ())
                if words.startswith("after") and _ROLES[command.role] == kind
            )
    return found


def _trees(evidence: Evidence, outcome: Outcome) -> Iterator[tuple[int, str, Tree]]:
    """The base, the tree that each tool call left, and both trees of the end."""
    yield 0, "the base", outcome.base_tree
    ends = set(_ends(evidence).values())
    tree: dict[str, File] = dict(outcome.base_tree)
    for event in evidence.trace:
        if isinstance(event, Change):
            tree = changed(tree, (event.file,))
        if event.number in ends:
            yield event.number, f"after event {event.number}", tree
    end = len(evidence.trace)
    yield end, "the working tree at the end", tree
    yield end + 1, "HEAD at the end", evidence.head_tree


def _keys(evidence: Evidence, tree: Tree) -> dict[Kind, str]:
    project = evidence.project
    keys: dict[Kind, str] = {"tests": Probe.tests(project.test_command, tree).key}
    if project.lint_command is not None:
        keys["lint"] = Probe.lint(project.lint_command, tree).key
    return keys


def _commands(evidence: Evidence) -> dict[int, list[Command]]:
    """What agents ran of tests and linters, by the last event of the call."""
    ends = _ends(evidence)
    commands: dict[int, list[Command]] = {}
    for command in evidence.of(Command):
        if command.role in _ROLES and not command.recorded_by_git:
            commands.setdefault(ends[command.call], []).append(command)
    return commands


def _ends(evidence: Evidence) -> dict[int, int]:
    kinds = (Command, Change, Commit, Head)
    return {event.call: event.number for event in evidence.trace if isinstance(event, kinds)}


def _run(at: _Found, probed: Probed) -> HarnessRun:
    listed = [*_failures(probed.tests), *_findings(probed.findings)]
    says_nothing = not listed and verdict_of(probed) != "pass"
    return HarnessRun(
        kind=_kind(at.kind, probed),
        tree=_tree_words(at.places),
        events=tuple(at.events[:_EVENTS_NAMED]),
        verdict=verdict_of(probed),
        result=result_words(probed) + ("" if probed.is_stable else "; not the same twice"),
        listed=tuple(listed[:MOST_LISTED]),
        left_off=max(0, len(listed) - MOST_LISTED),
        output=probed.output[-_LONGEST_OUTPUT:] if says_nothing else "",
    )


def _kind(kind: Kind | None, probed: Probed) -> Literal["tests", "linter", "tests or linter"]:
    if kind == "tests" or (kind is None and probed.tests):
        return "tests"
    return "linter" if kind == "lint" or probed.findings else "tests or linter"


def _tree_words(places: list[str]) -> str:
    names = list(dict.fromkeys(places))
    if not names:
        return _UNKNOWN_TREE
    more = f" and {len(names) - _NAMED_AT_MOST} more" if len(names) > _NAMED_AT_MOST else ""
    return ", ".join(names[:_NAMED_AT_MOST]) + more


def _failures(tests: Iterable[TestResult]) -> Iterator[Listed]:
    for test in tests:
        if test.outcome == "failed":
            kind = (test.failure or "failed").replace("_", " ")
            first = test.message.strip().partition("\n")[0] or test.name
            yield Listed(test.id[:_LONGEST_LINE], kind, first[:_LONGEST_LINE])


def _findings(findings: Iterable[LintFinding]) -> Iterator[Listed]:
    for found in findings:
        where = f"{found.path}:{found.line}" if found.line else found.path
        first = found.message.partition("\n")[0]
        yield Listed(where[:_LONGEST_LINE], found.rule[:_LONGEST_LINE], first[:_LONGEST_LINE])
