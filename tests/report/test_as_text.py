from pathlib import Path

import pytest

from audition.errors import InputError
from audition.report.as_text import CASES_LISTED, render_text, render_trial_text
from audition.report.sheet import WIDTH
from tests.report.report_runs import Played, make_case, make_run

HOSTILE = "\x1b[31mred\x1b[0m \u202eright to left [/bold][red]x[/red] \x9b2J"


def _is_command(line: str) -> bool:
    return line.strip().startswith("audition ")


def test_the_summary_says_verdict_stamp_figures_reason_and_command(tmp_path: Path) -> None:
    plays = [
        (make_case("good"), [Played("backend"), Played("backend")]),
        (make_case("bad"), [Played("frontend", "fail"), Played("backend")]),
    ]
    run = make_run(tmp_path / "a.run.db", plays)

    text = render_text(run, colour=False)

    assert text.startswith("✗ Failed: 1 of 2 cases failed (bad).\n")
    assert "SCRIPTED · trials: 3 passed, 1 failed" in text
    assert "! The model was scripted" in text
    assert "75%" in text
    assert "3 of 4" in text
    assert "✗ bad · 1/2 passed · flaky" in text
    assert "routes_to: went to frontend, not to backend" in text
    assert "  audition run evals/routing.yaml --model recorded --cases bad --fresh\n" in text
    assert f"audition show {run.path} --trial 'bad#1'\n" in text
    assert "✗ good" not in text


def test_lines_fit_a_terminal_and_commands_are_never_broken(tmp_path: Path) -> None:
    name = "a-very-long-name-of-a-case-" * 5
    run = make_run(
        tmp_path / "a.run.db",
        [(make_case(name, request="word " * 60), [Played("frontend", "fail", says="w " * 200)])],
    )

    text = render_text(run, colour=False) + render_trial_text(run, name, 1)

    assert max(len(line) for line in text.splitlines() if not _is_command(line)) <= WIDTH
    assert f"--cases {name} --fresh\n" in text


def test_colour_is_there_only_when_asked_for(tmp_path: Path) -> None:
    run = make_run(tmp_path / "a.run.db", [(make_case("one"), [Played("backend")])])

    assert "\x1b[" in render_text(run, colour=True)
    assert "\x1b" not in render_text(run, colour=False)


@pytest.mark.parametrize("colour", [True, False])
def test_hostile_text_arrives_inert(tmp_path: Path, colour: bool) -> None:
    case = make_case("one", request=HOSTILE, tags=(HOSTILE,))
    played = Played("frontend", "fail", says=HOSTILE, brief=HOSTILE, labels=(HOSTILE,))
    run = make_run(tmp_path / "a.run.db", [(case, [played])])

    text = render_text(run, colour=colour) + render_trial_text(run, "one", 1, colour=colour)

    assert "\\x1b[31mred\\x1b[0m" in text
    assert "[/bold][red]x[/red]" in text
    assert "\\u202e" in text
    assert not set("\u202e\x9b") & set(text)
    assert "\x1b[31mred" not in text


def test_a_trial_is_shown_whole_with_its_evidence_marked(tmp_path: Path) -> None:
    says = "long " * 3000
    run = make_run(
        tmp_path / "a.run.db", [(make_case("one"), [Played("frontend", "fail", says=says)])]
    )

    text = render_trial_text(run, "one", 1)

    assert text.count("long") == 3000
    assert "5  main delegates to frontend  [✗ routes_to]" in text
    assert "expected backend" in text
    assert "found    frontend" in text
    assert "evidence event 5" in text


def test_a_trial_that_is_not_there_is_a_mistake_with_advice(tmp_path: Path) -> None:
    run = make_run(tmp_path / "a.run.db", [(make_case("register"), [Played("backend"), None])])

    with pytest.raises(InputError, match="did you mean 'register'"):
        render_trial_text(run, "registre", 1)
    with pytest.raises(InputError, match="register#2 was not played; choose register#1"):
        render_trial_text(run, "register", 2)


def test_a_long_list_of_failures_is_cut_and_says_where_the_rest_is(tmp_path: Path) -> None:
    plays = [(make_case(f"c{i}"), [Played("frontend", "fail")]) for i in range(CASES_LISTED + 3)]

    text = render_text(make_run(tmp_path / "a.run.db", plays), colour=False)

    assert "and 3 more cases; all of them:" in text
    assert "--format csv" in text
