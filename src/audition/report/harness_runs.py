"""View data of what the harness ran itself in stored trees of a trial, and in which trees.

An outcome keeps these runs by key alone. The trees of the evidence (the base, the working tree
after each tool call, HEAD and the working tree at the end) are tried for the one of the key.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
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
class _Place:
    words: str
    order: int


def harness_runs(evidence: Evidence) -> tuple[HarnessRun, ...]:
    """Everything that the harness ran, in the order of the trees it ran in."""
    outcome = evidence.outcome
    if outcome is None or not outcome.probed:
        return ()
    places = _places(evidence, outcome)
    agents: dict[str, list[int]] = {}
    for number, key in _command_keys(evidence, outcome).items():
        agents.setdefault(key, []).append(number)
    found = []
    for key, probed in outcome.probed.items():
        kind, known = places.get(key, (None, []))
        order = known[0].order if known else len(evidence.trace) + 2
        found.append((order, key, _run(kind, known, agents.get(key, ()), probed)))
    return tuple(run for _, _, run in sorted(found, key=lambda entry: entry[:2]))


def step_probes(evidence: Evidence) -> dict[int, Probed]:
    """What the harness found where an agent ran tests or the linter, by the event of the command.

    The tree is the one that the tool call left behind.
    """
    outcome = evidence.outcome
    if outcome is None or not outcome.probed:
        return {}
    keys = _command_keys(evidence, outcome)
    return {number: outcome.probed[key] for number, key in keys.items()}


def _command_keys(evidence: Evidence, outcome: Outcome) -> dict[int, str]:
    """The key of the harness's run that has the tree of an agent's, by the agent's command."""
    ends = _ends(evidence)
    commands: dict[int, list[Command]] = {}
    for command in evidence.of(Command):
        if command.role in ("test", "lint") and not command.recorded_by_git:
            commands.setdefault(ends[command.call], []).append(command)
    found: dict[int, str] = {}
    for number, tree in _steps(evidence, outcome):
        for command in commands.get(number, ()):
            kind: Literal["tests", "lint"] = "tests" if command.role == "test" else "lint"
            probe = _probe(evidence, kind, tree)
            if probe is not None and probe.key in outcome.probed:
                found[command.number] = probe.key
    return found


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


def _places(
    evidence: Evidence, outcome: Outcome
) -> dict[str, tuple[Literal["tests", "lint"], list[_Place]]]:
    places: dict[str, tuple[Literal["tests", "lint"], list[_Place]]] = {}
    last: Tree | None = None
    for place, tree in _named_trees(evidence, outcome):
        if last is not None and tree == last and place.words.startswith("after"):
            continue
        last = tree
        kinds: tuple[Literal["tests", "lint"], ...] = ("tests", "lint")
        for kind in kinds:
            probe = _probe(evidence, kind, tree)
            if probe is not None and probe.key in outcome.probed:
                places.setdefault(probe.key, (kind, []))[1].append(place)
    return places


def _named_trees(evidence: Evidence, outcome: Outcome) -> Iterator[tuple[_Place, Tree]]:
    yield _Place("the base", 0), outcome.base_tree
    for number, tree in _steps(evidence, outcome):
        yield _Place(f"after event {number}", number), tree
    end = len(evidence.trace)
    yield _Place("the working tree at the end", end), evidence.final_tree
    yield _Place("HEAD at the end", end + 1), evidence.head_tree


def _steps(evidence: Evidence, outcome: Outcome) -> Iterator[tuple[int, Tree]]:
    """The working tree after each tool call that left a trace in it, by the call's last event."""
    ends = set(_ends(evidence).values())
    tree: dict[str, File] = dict(outcome.base_tree)
    for event in evidence.trace:
        if isinstance(event, Change):
            tree = changed(tree, (event.file,))
        if event.number in ends:
            yield event.number, tree


def _ends(evidence: Evidence) -> dict[int, int]:
    kinds = (Command, Change, Commit, Head)
    return {event.call: event.number for event in evidence.trace if isinstance(event, kinds)}


def _probe(evidence: Evidence, kind: Literal["tests", "lint"], tree: Tree) -> Probe | None:
    project = evidence.project
    command = project.test_command if kind == "tests" else project.lint_command
    return None if command is None else Probe(kind, command, tree)


def _run(
    kind: Literal["tests", "lint"] | None,
    places: list[_Place],
    events: Sequence[int],
    probed: Probed,
) -> HarnessRun:
    listed = [*_failures(probed.tests), *_findings(probed.findings)]
    says_nothing = not listed and verdict_of(probed) != "pass"
    return HarnessRun(
        kind=_kind(kind, probed),
        tree=_tree_words(places),
        events=tuple(events[:_EVENTS_NAMED]),
        verdict=verdict_of(probed),
        result=result_words(probed) + ("" if probed.is_stable else "; not the same twice"),
        listed=tuple(listed[:MOST_LISTED]),
        left_off=max(0, len(listed) - MOST_LISTED),
        output=probed.output[-_LONGEST_OUTPUT:] if says_nothing else "",
    )


def _kind(
    kind: Literal["tests", "lint"] | None, probed: Probed
) -> Literal["tests", "linter", "tests or linter"]:
    if kind == "tests" or (kind is None and probed.tests):
        return "tests"
    return "linter" if kind == "lint" or probed.findings else "tests or linter"


def _tree_words(places: list[_Place]) -> str:
    names = list(dict.fromkeys(place.words for place in places))
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
