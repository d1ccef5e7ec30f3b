import shlex
from dataclasses import replace
from fnmatch import fnmatchcase
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from audition.report.case_view import case_command
from audition.report.view import page_view
from tests.report.report_runs import Played, make_case, make_record, make_run

NAMES = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1)


@given(NAMES)
def test_the_command_selects_exactly_its_case(name: str) -> None:
    *start, option, pattern, fresh = shlex.split(case_command(make_record(), name))

    assert start == ["audition", "run", "evals/routing.yaml", "--model", "recorded"]
    assert (option, fresh) == ("--cases", "--fresh")
    assert fnmatchcase(name, pattern)
    assert not fnmatchcase(f"{name}-other", pattern)


def test_the_command_drops_what_selected_cases_and_named_the_file() -> None:
    command = "audition run a.yaml --cases 'x*' --tag=t --out r.db --trials 3"

    again = case_command(replace(make_record(), command=command), "x-1")

    assert again == "audition run a.yaml --trials 3 --cases x-1 --fresh"


def test_a_run_made_from_python_is_repeated_by_its_suite() -> None:
    again = case_command(replace(make_record(), command="audition.run(…)"), "x-1")

    assert again == "audition run evals/routing.yaml --cases x-1 --fresh"


def test_failures_come_first_and_each_says_why(tmp_path: Path) -> None:
    good, flaky, broken = make_case("good"), make_case("flaky"), make_case("broken")
    run = make_run(
        tmp_path / "a.run.db",
        [
            (good, [Played("backend")]),
            (broken, [Played(None, "fault")]),
            (flaky, [Played("backend"), Played("frontend", "fail"), None]),
        ],
    )

    cases = page_view(run).cases

    assert [view.case.id for view in cases] == ["flaky", "broken", "good"]
    assert cases[0].reason == "routes_to: went to frontend, not to backend"
    assert cases[0].found == (("backend", 1), ("frontend", 1))
    assert cases[0].marks == ("flaky", "1 not played")
    assert cases[1].reason == "routes_to: provider: 503: overloaded"
    assert cases[2].reason == ""
