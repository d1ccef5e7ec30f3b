"""Event patterns, one verb after another, and what is refused before anything is spent."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from audition.dataset import load_dataset
from audition.errors import InputError
from audition.events import ToolCall
from audition.matching import matches
from audition.patterns import Pattern, Window, agents_of, needs_of
from audition.schemas import dataset_schema
from tests.checks.work import (
    CODE,
    PLAN,
    TEST,
    Effect,
    Work,
    changed,
    checked,
    committed,
    created,
    deleted,
    git,
    ran,
)


def holds(pattern: Pattern, work: Work) -> list[bool]:
    """For each event that matches or may match, whether it is sure."""
    return [match.is_sure for match in matches(pattern, work.end())]


FILES = {
    "created": created("tests/test_new.py"),
    "changed": changed(CODE),
    "deleted": deleted(PLAN),
    "nested": created("docs/api/cart.md"),
}


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        (Pattern(wrote="tests"), ["created"]),
        (Pattern(wrote="implementation"), ["changed"]),
        (Pattern(wrote="other"), ["nested"]),
        (Pattern(wrote=("tests", "implementation")), ["created", "changed"]),
        (Pattern(wrote="*.py"), ["created", "changed"]),
        (Pattern(wrote=("*.py", "!tests/**")), ["changed"]),
        (Pattern(wrote="docs/"), ["nested"]),
        (Pattern(wrote="/cart.md"), []),
        (Pattern(created="**"), ["created", "nested"]),
        (Pattern(deleted="**"), ["deleted"]),
        (Pattern(deleted="tests"), []),
    ],
)
def test_a_file_is_named_by_role_or_glob(pattern: Pattern, found: list[str]) -> None:
    seen = [name for name, effect in FILES.items() if holds(pattern, Work().call(effect))]

    assert seen == found


@pytest.mark.parametrize(
    ("path", "pattern", "found"),
    [
        (f"/workspace/{TEST}", Pattern(read="tests"), True),
        (TEST, Pattern(read=TEST), True),
        (f"/workspace/docs/../{TEST}", Pattern(read="/tests/**"), True),
        ("/user/.claude/agent-memory/x/MEMORY.md", Pattern(read="MEMORY.md"), True),
        ("/user/tests/test_x.py", Pattern(read="tests"), False),
        ("/workspace/../etc/passwd", Pattern(read="/etc/**"), True),
        ("", Pattern(read="**"), False),
        (7, Pattern(read="**"), False),
        ("a\x00\ud800b", Pattern(read="**"), True),
    ],
)
def test_a_read_is_named_by_its_path_in_the_workspace(
    path: Any, pattern: Pattern, found: bool
) -> None:
    assert bool(holds(pattern, Work().call(tool="Read", file_path=path))) is found


def test_looking_for_text_is_no_read() -> None:
    assert not holds(Pattern(read="**"), Work().call(tool="Grep", pattern="x", path=CODE))


RED, UNKNOWN = checked("failed", "assertion"), checked("unknown")


@pytest.mark.parametrize(
    ("pattern", "effect", "found"),
    [
        (Pattern(ran="tests"), RED, [True]),
        (Pattern(ran="linter"), ran("ruff check .", role="lint"), [True]),
        (Pattern(ran="linter"), RED, []),
        (Pattern(ran="build"), ran("npm install", role="build"), [True]),
        (Pattern(ran="git"), git("git log"), [True]),
        (Pattern(ran="git push*"), git("git push -f"), [True]),
        (Pattern(ran="git push*"), git("git stash"), []),
        (Pattern(ran=("git push*", "git stash*")), git("git stash"), [True]),
        (Pattern(ran="pytest"), RED, [True]),
        (Pattern(ran="tests", outcome="failed"), RED, [True]),
        (Pattern(ran="tests", outcome="passed"), RED, []),
        (Pattern(ran="tests", outcome="passed"), UNKNOWN, [False]),
        (Pattern(ran="tests", failure="assertion"), RED, [True]),
        (Pattern(ran="tests", failure=("usage", "assertion")), RED, [True]),
        (Pattern(ran="tests", failure="usage"), RED, []),
        (Pattern(ran="tests", failure="usage"), checked("failed"), [False]),
        (Pattern(ran="tests", failure="usage"), UNKNOWN, [False]),
        (Pattern(ran="tests", failure="usage"), checked("passed"), []),
        (Pattern(ran="tests", whole=True), checked("passed", whole=False), []),
        (Pattern(ran="tests", whole=False), checked("passed", whole=False), [True]),
    ],
)
def test_a_command_is_named_by_role_or_glob_and_narrowed_by_its_end(
    pattern: Pattern, effect: Effect, found: list[bool]
) -> None:
    assert holds(pattern, Work().call(effect)) == found


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        (Pattern(called="Bash"), True),
        (Pattern(called=("Write", "B*")), True),
        (Pattern(called="bash"), False),
        (Pattern(called="Bash", input={"command": "*rm -rf*"}), True),
        (Pattern(called="Bash", input={"command": "rm -rf*"}), False),
        (Pattern(called="Bash", input={"command": "*", "timeout": "5000"}), True),
        (Pattern(called="Bash", input={"run_in_background": "true"}), True),
        (Pattern(called="Bash", input={"cwd": "*"}), False),
    ],
)
def test_a_tool_call_is_named_by_its_tool_and_input(pattern: Pattern, found: bool) -> None:
    given: dict[str, Any] = {
        "command": "cd build\nrm -rf .",
        "timeout": 5000,
        "run_in_background": True,
    }

    assert bool(holds(pattern, Work().call(tool="Bash", **given))) is found


def test_a_call_that_was_cut_off_was_never_made() -> None:
    work = Work()
    work.add(ToolCall, tool="Read", input={"file_path": CODE}, cut=True)

    assert not holds(Pattern(called="*"), work)
    assert not holds(Pattern(read="**"), work)


def test_delegations_commits_and_messages_have_a_verb_each() -> None:
    work = Work().delegates("backend").call(committed("feat: Cart\n\nfix later"))
    work.says("All DONE.")

    assert holds(Pattern(delegated=("Plan", "backend")), work) == [True]
    assert holds(Pattern(delegated="Plan"), work) == []
    assert holds(Pattern(committed=True), work) == [True]
    assert holds(Pattern(committed="^feat"), work) == [True]
    assert holds(Pattern(committed="^fix"), work) == []
    assert holds(Pattern(said="all done"), work) == [True]


def test_by_narrows_to_who_acted() -> None:
    work = Work().says("Done.", agent="backend").call(changed(CODE), agent="frontend")

    assert holds(Pattern(said="done", by="backend"), work) == [True]
    assert holds(Pattern(said="done", by="main"), work) == []
    assert holds(Pattern(wrote="**", by=("main", "frontend")), work) == [True]


def in_window(work: Work) -> list[bool]:
    window = Window(since=Pattern(said="begin"), until=Pattern(said="end"))
    return holds(Pattern(wrote="**", within=window), work)


def test_a_window_opens_at_the_first_and_closes_at_the_next() -> None:
    work = Work().says("end").call(changed("a")).says("begin").call(changed("b")).says("begin")
    work.call(changed("c")).says("end").call(changed("d")).says("begin").call(changed("e"))

    assert in_window(work) == [True, True]


def test_a_window_that_is_not_closed_lasts_to_the_end() -> None:
    assert in_window(Work().says("begin").call(changed("a"))) == [True]
    assert in_window(Work().call(changed("a")).says("end")) == []


def test_what_opens_and_what_closes_a_window_is_not_inside() -> None:
    work = Work().call(changed(TEST)).call(changed(PLAN)).call(changed(CODE))
    window = Window(since=Pattern(wrote="tests"), until=Pattern(wrote="implementation"))

    assert holds(Pattern(wrote="**", within=window), work) == [True]
    assert holds(Pattern(wrote="tests", within=window), work) == []
    assert holds(Pattern(wrote="implementation", within=window), work) == []


def test_what_the_opening_command_also_did_is_perhaps_inside() -> None:
    window = Window(since=Pattern(committed=True))
    work = Work().call(changed(CODE), committed("x"))

    assert holds(Pattern(wrote="**", within=window), work) == [False]


def test_fifty_thousand_files_are_judged_in_one_pass() -> None:
    work = Work().call(*(created(f"shop/f{i}") for i in range(25_000)))
    work.call(*(created(f"shop/g{i}") for i in range(25_000)))
    window = Window(since=Pattern(wrote="shop/f*"), until=Pattern(wrote="shop/g*"))

    found = holds(Pattern(wrote="shop/**", within=window), work)

    assert (len(found), any(found)) == (25_000, False)


def test_the_needs_of_patterns_are_the_whole_trial_or_work() -> None:
    said, sent = Pattern(said="x", by="main"), Pattern(delegated="a", by="main")
    outside = Pattern(said="x", by="main", within=Window(since=Pattern(committed=True)))

    assert needs_of(said, sent) == {"whole trial"}
    for pattern in (Pattern(said="x"), Pattern(called="*", by="main"), outside):
        assert needs_of(said, pattern) == {"work"}


def test_every_agent_is_found_also_in_windows() -> None:
    window = Window(since=Pattern(delegated="b"), until=Pattern(said="x", by=("main", "c")))

    assert agents_of(Pattern(said="x", by="a", within=window)) == ("a", "b", "c")


# ── What people write ────────────────────────────────────────────────────────────────────────────

GOOD = (
    'never: {ran: "git push*"}',
    "never: {ran: git push*, required: false, why: never pushes}",
    "happens: {wrote: [tests, docs/**], by: backend}",
    "happens: {committed: true}",
    "order: [{wrote: tests}, {ran: tests, outcome: failed, failure: [assertion, missing_name]}]",
    "order: {steps: [{wrote: tests}], critical: true}",
    "before: {first: {read: MEMORY.md}, then: {wrote: implementation}}",
    "after_each: {every: {wrote: implementation}, then: {ran: tests, whole: true}}",
    "count: {of: {said: sorry, within: {since: {committed: x}}}, max: 1}",
    'never: {called: Bash, input: {command: "*rm -rf*"}}',
)
BAD = {
    "never": "names no event; begin with one of wrote, created",
    "never: git push": "'never' must be keys with values",
    "never: {}": "'never' names no event",
    "never: {wrot: tests}": "unknown key 'wrot'; did you mean 'wrote'?",
    "never: {wrote: tests, ran: tests}": "names two events, 'wrote' and 'ran'; keep one",
    "never: {wrote: test}": "holds no role 'test'; did you mean 'tests'?",
    "never: {ran: lint}": "holds no role 'lint'; did you mean 'linter'?",
    "never: {wrote: []}": "'wrote' is empty",
    "never: {wrote: 3}": "'wrote' must be text or a list, not a whole number",
    "never: {wrote: '!'}": "'wrote' is no glob",
    "never: {wrote: ['!a']}": "'wrote' can match no path",
    "never: {said: (}": "'said' is not a regular expression",
    "never: {committed: false}": "'committed' cannot be false",
    "never: {ran: x, outcome: pased}": "'outcome' cannot be 'pased'; did you mean 'passed'?",
    "never: {ran: x, failure: assert}": "holds no failure 'assert'; did you mean 'assertion'?",
    "never: {ran: x, outcome: passed, failure: usage}": "asks for a failure of what passed",
    "never: {wrote: x, outcome: passed}": "has 'outcome', which narrows only 'ran'",
    "never: {ran: x, input: {a: b}}": "has 'input', which narrows only 'called'",
    "never: {wrote: x, within: {}}": "'within' has neither 'since' nor 'until'",
    "never: {wrote: x, within: {sinc: {said: x}}}": "unknown key 'sinc'; did you mean 'since'?",
    "never: {said: x, within: {until: {said: x, within: {until: {said: x}}}}}": (
        "'until' has a window of its own"
    ),
    "order: []": "'order' is empty",
    "order: [{wrot: tests}]": "unknown key 'wrot'; did you mean 'wrote'?",
    "before: {first: {wrote: tests}}": "the key 'then' is missing",
    "after_each: {every: {said: x}, then: {run: x}}": "unknown key 'run'; did you mean 'ran'?",
    "count: {of: {said: x}}": "does not say how many",
    "count: {said: x}": "unknown key 'said'",
    "count: {of: {said: x}, exactly: 1, max: 2}": "has 'exactly' beside 'min' or 'max'",
    "count: {of: {said: x}, min: 3, max: 2}": "asks for more than it allows",
}
ONLY_THE_LOADER_KNOWS = ("role", "glob", "no path", "expression", "narrows", "of what", "more than")


def dataset(tmp_path: Path, item: str) -> Path:
    path = tmp_path / "d.yaml"
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "app.py").touch()
    head = "workspace: shop\ncases:\n  - id: a\n    request: x\n    expect:\n"
    path.write_text(f"{head}      - {item}\n")
    return path


@pytest.mark.parametrize("item", GOOD)
def test_a_pattern_is_read_and_an_editor_accepts_it(tmp_path: Path, item: str) -> None:
    path = dataset(tmp_path, item)
    [case] = load_dataset(path).cases

    assert len(case.expectations) == 1
    written = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert Draft202012Validator(dataset_schema()).is_valid(written)


@pytest.mark.parametrize(("item", "words"), BAD.items())
def test_what_is_wrong_is_said_with_its_place(tmp_path: Path, item: str, words: str) -> None:
    path = dataset(tmp_path, item)

    with pytest.raises(InputError) as caught:
        load_dataset(path)

    assert words in str(caught.value)
    assert all(problem.where.startswith(f"{path}:6:") for problem in caught.value.problems)
    if not any(known in words for known in ONLY_THE_LOADER_KNOWS):
        written = yaml.safe_load(path.read_text(encoding="utf-8"))
        assert not Draft202012Validator(dataset_schema()).is_valid(written)


def test_a_pattern_prints_as_it_is_written() -> None:
    window = Window(since=Pattern(committed=True))
    pattern = Pattern(called=("A", "B"), input={"x": "y"}, by="main", within=window)

    assert str(pattern) == (
        "{called: [A, B], input: {x: y}, by: main, within: {since: {committed: true}}}"
    )
