from pathlib import Path

from audition.report.check_matrix import CheckCell, CheckMatrix
from audition.report.view import page_view
from audition.score import Score
from tests.report.report_runs import Played, make_case, make_run
from tests.report.work_runs import make_score, make_work_run
from tests.working import Work

ROUTED = make_score("routes_to", "pass", "routing", "went to backend")
TESTED = make_score("tests_first", "pass", "process", "tests came first")
LATE = make_score("tests_first", "fail", "process", "code came first")
UNASKED = make_score("commits", "skip", "outcome", "not recorded")


def matrix_of(path: Path, **cases: tuple[Score, ...]) -> CheckMatrix:
    evidence = Work().delegates().returns().end()
    trials = [(name, evidence, scores) for name, scores in cases.items()]
    matrix = page_view(make_work_run(path / "a.run.db", trials)).checks
    assert matrix is not None
    return matrix


def test_checks_stand_by_kind_and_cases_worst_first(tmp_path: Path) -> None:
    matrix = matrix_of(tmp_path, good=(TESTED, ROUTED), bad=(UNASKED, LATE, ROUTED))

    assert [column.name for column in matrix.columns] == ["routes_to", "tests_first", "commits"]
    assert matrix.kinds == (("routing", 1), ("process", 1), ("outcome", 1))
    assert [row.case for row in matrix.rows] == ["bad", "good"]
    assert [cell and cell.verdict for cell in matrix.rows[0].cells] == ["pass", "fail", "skip"]
    assert [cell and cell.verdict for cell in matrix.rows[1].cells] == ["pass", "pass", None]


def test_each_check_has_its_rate_over_the_run(tmp_path: Path) -> None:
    matrix = matrix_of(tmp_path, good=(TESTED, ROUTED), bad=(UNASKED, LATE, ROUTED))

    assert [column.rate for column in matrix.columns] == ["100%", "50%", "–"]
    assert [column.counted for column in matrix.columns] == ["2 of 2", "1 of 2", "0 of 0"]


def test_a_check_that_a_case_makes_twice_passes_where_both_pass(tmp_path: Path) -> None:
    matrix = matrix_of(tmp_path, twice=(TESTED, LATE))

    assert matrix.rows[0].cells == (CheckCell("fail", 0, 1),)


def test_a_run_without_work_has_no_matrix(tmp_path: Path) -> None:
    run = make_run(tmp_path / "a.run.db", [(make_case("one"), [Played("backend")])])

    assert page_view(run).checks is None
