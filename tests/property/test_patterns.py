"""Event patterns agree with a second evaluator, and with every world that could have been.

Ten thousand traces are drawn; with `AUDITION_TRACES=1000000`, as many.
"""

import os
from functools import cache
from random import Random
from typing import Any

from hypothesis import event, given, settings
from hypothesis import strategies as st

from audition.checks.after_each import AfterEach
from audition.checks.before import Before
from audition.checks.count import Count
from audition.checks.happens import Happens
from audition.checks.never import Never
from audition.checks.order import Order
from audition.events import (
    AnyEvent,
    Change,
    Command,
    Commit,
    Delegation,
    Head,
    Message,
    Request,
    ToolCall,
)
from audition.evidence import Evidence
from audition.matching import matches
from audition.patterns import Pattern, Window
from audition.score import Score
from audition.trees import REGULAR, File, FileChange
from tests.checks.work import OUTCOME
from tests.property.naive_patterns import (
    Answer,
    Definition,
    PatternCheck,
    World,
    holds_in,
    judge,
)

TRACES = int(os.environ.get("AUDITION_TRACES", "10000"))

OLD, NEW = File(REGULAR, "old"), File(REGULAR, "new")
Move = tuple[type[Any], dict[str, Any]]


def command(text: str, **fields: Any) -> Move:
    return Command, {"text": text, "tool": text.split()[0], "role": "other", **fields}


MOVES: tuple[Move, ...] = (
    (Message, {"text": "Tests pass now"}),
    (Message, {"text": "done"}),
    (ToolCall, {"tool": "Bash", "input": {"command": "rm -rf x"}}),
    (ToolCall, {"tool": "Bash", "input": {"command": "ls"}}),
    (ToolCall, {"tool": "Write", "input": {"file_path": "a"}, "cut": True}),
    (ToolCall, {"tool": "Read", "input": {"file_path": "/workspace/tests/test_a.py"}}),
    (ToolCall, {"tool": "Read", "input": {"file_path": "/user/MEMORY.md"}}),
    (ToolCall, {"tool": "Read", "input": {"file_path": "shop/a.py"}, "cut": True}),
    (Delegation, {"to": "a", "asked": "a", "brief": ""}),
    (Delegation, {"to": "b", "asked": "b", "brief": ""}),
    *(
        (Change, {"file": FileChange(path, before, after)})
        for path in ("tests/test_a.py", "shop/a.py", "README.md")
        for before, after in ((None, NEW), (OLD, NEW), (OLD, None))
    ),
    *(
        command("pytest -q", role="test", outcome=outcome, failure=failure, whole=whole)
        for outcome, failure, whole in (
            ("passed", None, True),
            ("failed", "assertion", True),
            ("failed", "usage", False),
            ("failed", None, True),
            ("unknown", None, True),
            ("unknown", "assertion", False),
        )
    ),
    command("ruff check", role="lint", outcome="unknown"),
    command("git push", role="git", outcome="unknown"),
    command("git push", role="git", outcome="failed"),
    command("git push", role="git", outcome="passed", argv=("git", "push"), recorded_by_git=True),
    *(
        (Commit, {"id": "c", "parents": (), "branch": "main", "message": message, "files": ()})
        for message in ("feat: a", "fix: b")
    ),
    (Head, {"branch": "main", "commit": "c"}),
)
VERBS: tuple[dict[str, Any], ...] = (
    {"wrote": "tests"},
    {"wrote": ("implementation", "*.md")},
    {"wrote": "*.py"},
    {"wrote": ("**", "!tests/")},
    {"created": "**"},
    {"deleted": ("other", "tests")},
    {"read": "tests"},
    {"read": ("*.md", "shop/")},
    {"ran": "tests"},
    {"ran": "tests", "outcome": "passed"},
    {"ran": "tests", "outcome": "failed"},
    {"ran": "tests", "outcome": "failed", "failure": "assertion"},
    {"ran": "tests", "failure": ("assertion", "usage")},
    {"ran": ("tests", "linter"), "whole": True},
    {"ran": ("git", "ruff"), "outcome": "passed"},
    {"ran": "git push*"},
    {"called": "*"},
    {"called": ("Bash", "W*"), "input": {"command": "rm*"}},
    {"delegated": "a"},
    {"delegated": ("a", "b")},
    {"committed": True},
    {"committed": "^fix"},
    {"said": "DONE"},
    {"said": "."},
)
verbs = st.sampled_from(VERBS)
actors = st.sampled_from((None, None, None, "main", ("a", "b")))
plain = st.builds(lambda verb, by: Pattern(**verb, by=by), verbs, actors)
windows = st.builds(
    lambda since, until, ends: Window(
        since=since if ends != "until" else None, until=until if ends != "since" else None
    ),
    plain,
    plain,
    st.sampled_from(("since", "until", "both")),
)
no_windows: st.SearchStrategy[Window | None] = st.none()
patterns = st.builds(
    lambda verb, by, within: Pattern(**verb, by=by, within=within),
    verbs,
    actors,
    no_windows | no_windows | windows,
)
bounds = st.sampled_from(
    ({"exactly": 0}, {"exactly": 1}, {"exactly": 2}, {"min": 1}, {"max": 0}, {"max": 2})
)
checks: st.SearchStrategy[PatternCheck] = st.one_of(
    st.builds(Happens, patterns),
    st.builds(Never, patterns),
    st.builds(lambda of, ends: Count(of=of, **ends), patterns, bounds),
    st.builds(Order, st.lists(patterns, min_size=1, max_size=3).map(tuple)),
    st.builds(Before, patterns, patterns),
    st.builds(AfterEach, patterns, patterns),
)


def made(drawn: list[tuple[Move, str, int]]) -> Evidence:
    """A trace; the last number of a move says to which of the latest calls its effect belongs."""
    events: list[AnyEvent] = [Request(number=1, at_s=0.0, text="", offered=())]
    calls: list[int] = []
    for (kind, fields), agent, back in drawn:
        number = len(events) + 1
        at: dict[str, Any] = {"number": number, "at_s": 0.0, "agent": agent}
        if kind is ToolCall:
            calls.append(number)
        elif kind is not Message:
            at["call"] = calls[-1 - back % 3] if back < 4 and len(calls) > back % 3 else 0
        events.append(kind(**at, **fields))
    return Evidence(tuple(events), OUTCOME)


def patterns_of(check: PatternCheck) -> list[Pattern]:
    """The patterns of a check, and those of their windows."""
    match check:
        case Happens(pattern) | Never(pattern):
            found = [pattern]
        case Count():
            found = [check.of]
        case Order(steps):
            found = list(steps)
        case Before(one, other) | AfterEach(one, other):
            found = [one, other]
    windows = [pattern.within for pattern in found if pattern.within]
    ends = [end for window in windows for end in (window.since, window.until) if end]
    return found + ends


@cache
def telling(verb: str, argument: Any) -> tuple[Move, ...]:
    """The moves that a pattern with this verb is about; random ones would seldom be any."""
    pattern = Pattern(**{verb: argument})
    return tuple(m for m in MOVES if matches(pattern, made([(m, "main", 4)])))


@st.composite
def trials(draw: st.DrawFn) -> tuple[PatternCheck, Evidence]:
    """A check, and a trace in which some of it happens."""
    check = draw(checks)
    about = [m for p in patterns_of(check) for m in telling(p.verb, getattr(p, p.verb))]
    pool = [*about, *about, *MOVES[:4], *MOVES[-1:]]
    actor = st.sampled_from(("main", "main", "main", "a"))
    move = st.tuples(st.sampled_from(pool), actor, st.integers(0, 4))
    return check, made(draw(st.lists(move, min_size=draw(st.integers(0, 6)), max_size=10)))


@settings(max_examples=TRACES, deadline=None)
@given(trials(), st.integers(0, 2**32))
def test_patterns_mean_what_their_definition_says(
    trial: tuple[PatternCheck, Evidence], seed: int
) -> None:
    check, evidence = trial
    score = check.score(evidence)
    found = answer(score)
    event(f"{type(check).__name__} {found}")

    assert found == judge(check, evidence)
    for pattern in patterns_of(check):
        assert named(pattern, evidence) == named_slowly(pattern, evidence)
    assert score.evidence
    assert set(score.evidence) <= {e.number for e in evidence.trace}
    if found != "open":
        random = Random(seed)
        world = World.drawn(evidence, random)
        assert holds_in(world, check, random) is (found == "proved")


def answer(score: Score) -> Answer:
    """What the verdict and the words of a score come to."""
    if score.verdict == "pass":
        return "proved"
    return "open" if score.reason.startswith("it cannot be told whether ") else "refuted"


def named(pattern: Pattern, evidence: Evidence) -> dict[int, bool]:
    return {match.event.number: match.is_sure for match in matches(pattern, evidence)}


def named_slowly(pattern: Pattern, evidence: Evidence) -> dict[int, bool]:
    words = Definition(evidence)
    verdicts = {e.number: words.matches(pattern, e) for e in evidence.trace}
    return {number: sure == "yes" for number, sure in verdicts.items() if sure != "no"}
