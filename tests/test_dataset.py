from datetime import date
from pathlib import Path

import pytest

from audition.dataset import Case, CaseSelection, Dataset, Known, Limits, load_dataset
from audition.errors import InputError

SMALL = """\
defaults: {tags: [backend], limits: {turns: 10, minutes: 2}, split: holdout, trials: 4}
cases:
  - id: register
    request: Create an endpoint for user registration
    expect:
      - routes_to: {agent: backend, accept: [Plan]}
    tags: [clear, backend]
    limits: {turns: 3}
    known: {reason: no model gets it, until: 2026-12-31}
  - id: question
    request: What does HTTP 409 mean?
    expect: [no_delegation]
    origin: session
    split: tune
    trials: 2
"""


@pytest.fixture(autouse=True)
def _in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def load(text: str) -> Dataset:
    path = Path("d.yaml")
    path.write_text(text, encoding="utf-8")
    return load_dataset(path)


def complaints(text: str) -> list[str]:
    """The first line of every problem."""
    with pytest.raises(InputError) as caught:
        load(text)
    return [f"{problem.where}: {problem.what}; {problem.do}" for problem in caught.value.problems]


def test_a_dataset_is_read_with_its_defaults() -> None:
    register, question = load(SMALL).cases

    assert (register.id, question.id) == ("register", "question")
    assert register.tags == ("backend", "clear")
    assert register.limits == Limits(turns=3, minutes=2.0)
    assert question.limits == Limits(turns=10, minutes=2.0)
    assert (register.trials, question.trials) == (4, 2)
    assert (register.split, question.split) == ("holdout", "tune")
    assert (register.origin, question.origin) == ("human", "session")
    assert register.known == Known("no model gets it", date(2026, 12, 31))
    assert (register.where, question.where) == ("d.yaml:3", "d.yaml:10")


def test_every_problem_of_a_file_is_reported_at_once_in_reading_order() -> None:
    assert complaints("""\
defaults: {limits: {turns: 0}, split: tuen, tag: [a]}
case: []
cases:
  - id: a
    request: " "
    expect: []
  - id: a
    request: do it
    expect: [{routes_to: x}, {routs_to: x}]
    trials: many
    origin: 3
  - id: a#1
    reqest: x
    known: {reason: x, until: tomorrow}
  - just text
""") == [
        "d.yaml:1:28: 'turns' must be at least 1; it is 0",
        "d.yaml:1:39: 'split' cannot be 'tuen'; did you mean 'tune'?",
        "d.yaml:1:45: unknown key 'tag'; did you mean 'tags'?",
        "d.yaml:2:1: unknown key 'case'; did you mean 'cases'?",
        "d.yaml:5:14: 'request' is blank; write something",
        "d.yaml:6:13: 'expect' is empty; it needs at least 1",
        "d.yaml:7:9: the id 'a' is used twice; it is also on line 4",
        "d.yaml:9:31: there is no check 'routs_to'; did you mean 'routes_to'?",
        "d.yaml:10:13: 'trials' must be a whole number, not text; "
        "write digits without quotes, such as 3",
        "d.yaml:11:13: 'origin' cannot be a whole number; "
        "choose from session, human, drafted, example",
        "d.yaml:12:5: the key 'expect' is missing; add it",
        "d.yaml:12:5: the key 'request' is missing; add it",
        "d.yaml:12:9: 'id' holds a character that is not allowed here; use letters, digits, '-', "
        "'_', '.' and '/', and begin with a letter or a digit",
        "d.yaml:13:5: unknown key 'reqest'; did you mean 'request'?",
        "d.yaml:14:31: 'until' is no date: 'tomorrow'; write it as year-month-day, "
        "such as 2026-12-31",
        "d.yaml:15:5: item 4 of 'cases' must be keys with values, not text; "
        "write {key: value}, or one 'key: value' a line",
    ]


def test_a_problem_shows_its_line_with_a_caret() -> None:
    with pytest.raises(InputError) as caught:
        load("cases:\n  - id: a\n    reqest: x\n    request: x\n    expect: [no_delegation]\n")

    assert str(caught.value).splitlines() == [
        "d.yaml:3:5: unknown key 'reqest'; did you mean 'request'?",
        "     3 |     reqest: x",
        "       |     ^",
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "d.yaml:1:1: the file must be keys with values, not empty"),
        ("cases: []", "d.yaml:1:8: 'cases' is empty"),
        ("cases:", "d.yaml:1:7: 'cases' must be a list, not empty"),
        ("cases: {a: b}", "d.yaml:1:8: 'cases' must be a list, not keys with values"),
        ("defaults: {}", "d.yaml:1:1: the key 'cases' is missing; add it"),
        ("cases: [1, 2]", "d.yaml:1:9: item 1 of 'cases' must be keys with values"),
        ("[]", "d.yaml:1:1: the file must be keys with values, not a list"),
    ],
)
def test_a_file_without_cases_is_an_error(text: str, message: str) -> None:
    assert complaints(text)[0].startswith(message)


def test_numbers_and_words_are_told_apart_from_text() -> None:
    first, second = complaints("""\
cases:
  - id: 7
    request: yes
    expect: [no_delegation]
    limits: {minutes: "3"}
""")

    assert first == "d.yaml:2:9: 'id' must be text, not a whole number; put it in quotes"
    assert second.startswith("d.yaml:5:23: 'minutes' must be a number, not text")


def test_what_needs_a_workspace_says_so() -> None:
    do = "write `workspace: FOLDER` in the case or at the top of the file"
    assert complaints("""\
cases:
  - {id: a, request: x, expect: [commits], agent: backend, home: .}
""") == [
        "d.yaml:2:34: 'commits' judges agents at work, which takes a workspace; " + do,
        "d.yaml:2:44: 'agent' needs a workspace; " + do,
        "d.yaml:2:60: 'home' needs a workspace; " + do,
    ]


def test_places_that_are_not_there_are_named(tmp_path: Path) -> None:
    assert complaints("""\
workspace: nowhere
project: {toolchains: [no-tools]}
cases:
  - {id: a, request: x, expect: [no_delegation], home: no-home}
""") == [
        f"d.yaml:1:12: {tmp_path}/nowhere does not exist; mend it",
        "d.yaml:2:10: there is no folder no-tools; mend it",
        "d.yaml:4:56: there is no folder no-home; mend it",
    ]


def test_cases_with_the_same_workspace_share_one_look_at_it(tmp_path: Path) -> None:
    for name in ("shop", "kettle"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.py").write_text("x = 1\n")

    dataset = load("""\
workspace: shop
cases:
  - {id: a, request: x, expect: [no_delegation]}
  - {id: b, request: x, expect: [no_delegation], workspace: {folder: ./shop}}
  - {id: c, request: x, expect: [no_delegation], workspace: kettle}
""")

    sources = [case.work and case.work.source for case in dataset.cases]
    assert sources[0] is sources[1]
    assert sources[2] != sources[0]


def test_an_agent_that_is_talked_to_directly_is_not_judged_by_its_routing() -> None:
    assert complaints("""\
workspace: .
cases:
  - {id: a, request: x, expect: [no_delegation], agent: backend}
""") == [
        "d.yaml:3:34: 'no_delegation' judges the main thread, and there is none; "
        "remove it, or remove `agent`, so that the main thread decides",
    ]


def test_limits_that_are_not_stated_come_from_the_other() -> None:
    mine, other = Limits(turns=3), Limits(turns=9, cost_usd=0.5)

    assert mine.over(other) == Limits(turns=3, cost_usd=0.5)
    assert Limits().over(other) == other


def test_a_known_failure_is_excused_up_to_its_last_day() -> None:
    known = Known("flaky provider", date(2026, 12, 31))

    assert known.excuses(date(2026, 12, 31))
    assert not known.excuses(date(2027, 1, 1))


def make_case(name: str, *tags: str) -> Case:
    return Case(id=name, request="x", expectations=(), tags=tags)


@pytest.mark.parametrize(
    ("selection", "ids"),
    [
        (CaseSelection(), ["api/one", "api/two", "ui"]),
        (CaseSelection(globs=("api/*",)), ["api/one", "api/two"]),
        (CaseSelection(globs=("*/two", "ui")), ["api/two", "ui"]),
        (CaseSelection(tags=("slow",)), ["api/two", "ui"]),
        (CaseSelection(tags=("slow", "fast")), ["api/one", "api/two", "ui"]),
        (CaseSelection(globs=("api/*",), tags=("slow",)), ["api/two"]),
        (CaseSelection(globs=("API/*",)), []),
    ],
)
def test_cases_are_selected_by_id_and_by_tag(selection: CaseSelection, ids: list[str]) -> None:
    cases = [make_case("api/one", "fast"), make_case("api/two", "slow"), make_case("ui", "slow")]

    assert [case.id for case in selection.select(cases)] == ids


def test_a_check_of_the_linter_needs_one_to_be_named(tmp_path: Path) -> None:
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "app.py").touch()
    assert complaints("""\
workspace: shop
cases:
  - {id: a, request: x, expect: [lint_clean], agent: backend}
""") == [
        "d.yaml:3:34: 'lint_clean' runs the linter, and the project names none; "
        "write `lint_command` under `project`",
    ]
