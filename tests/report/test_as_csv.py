import csv
from dataclasses import replace
from io import StringIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audition.report.as_csv import COLUMNS, guarded, render_csv
from tests.report.report_runs import Played, make_case, make_run


@given(st.text())
def test_no_text_starts_a_formula_or_moves_a_cursor(text: str) -> None:
    cell = guarded(text)

    assert isinstance(cell, str)
    assert not cell.startswith(("=", "+", "-", "@", "\t", "\r"))
    assert "\x1b" not in cell


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_a_formula_gets_an_apostrophe(start: str) -> None:
    cell = guarded(f"{start}1+1")

    assert isinstance(cell, str)
    assert cell.startswith("'")


def test_numbers_and_plain_texts_are_left_alone() -> None:
    assert [guarded(cell) for cell in (-1.5, 3, None, "a = b")] == [-1.5, 3, None, "a = b"]


def test_every_score_is_a_row_and_a_trial_without_scores_is_not_lost(tmp_path: Path) -> None:
    run = make_run(
        tmp_path / "a.run.db",
        [(make_case('=cmd|"x"'), [Played("backend"), Played("frontend", "fail")])],
    )
    bare = replace(run, trials=(run.trials[0], replace(run.trials[1], scores=())))

    rows = list(csv.DictReader(StringIO(render_csv(run))))
    bare_rows = list(csv.DictReader(StringIO(render_csv(bare))))

    assert tuple(rows[0]) == COLUMNS
    assert [(row["case"], row["trial"], row["verdict"]) for row in rows] == [
        ('\'=cmd|"x"', "1", "pass"),
        ('\'=cmd|"x"', "2", "fail"),
    ]
    assert rows[1]["reason"] == "went to frontend, not to backend"
    assert (bare_rows[1]["trial"], bare_rows[1]["check"]) == ("2", "")
