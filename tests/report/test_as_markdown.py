import re
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from audition.report.as_markdown import CASES_LISTED, plain, render_markdown
from tests.report.report_runs import Played, make_case, make_run

ACTIVE = re.compile(r"(?<!\\)(?:\\\\)*[`*_\[\]<>|~$&]")


@given(st.text(max_size=200))
def test_a_text_of_somebody_else_has_no_markup_left(text: str) -> None:
    words = plain(text).replace("<!-- -->", "")

    assert not ACTIVE.search(words)
    assert "\n" not in words


def test_mentions_issues_and_links_stay_text() -> None:
    words = plain("@team see #12 at https://example.org or WWW.example.org")

    assert not re.search(r"@team|#12|https://|www\.", words, re.IGNORECASE)


def test_every_row_of_a_table_has_the_columns_of_its_head(tmp_path: Path) -> None:
    case = make_case("a|b", request="x", tags=("t|u\n|",))
    run = make_run(tmp_path / "a.run.db", [(case, [Played("front|end", "fail")])])

    tables = re.findall(r"(?:^\|.*\n)+", render_markdown(run), re.MULTILINE)

    assert len(tables) > 4
    for table in tables:
        counts = {len(re.findall(r"(?<!\\)\|", line)) for line in table.splitlines()}
        assert len(counts) == 1, table


def test_the_page_says_verdict_stamp_reason_and_command(tmp_path: Path) -> None:
    case = make_case("one")
    run = make_run(tmp_path / "a.run.db", [(case, [Played("frontend", "fail")])])

    page = render_markdown(run)

    assert page.startswith("# ✗ Failed: 1 of 1 case failed")
    assert "**SCRIPTED**" in page
    assert "went to frontend, not to backend" in page
    assert "\naudition run evals/routing.yaml --model recorded --cases one --fresh\n" in page


def test_a_long_list_of_failures_is_cut_and_the_cut_is_counted(tmp_path: Path) -> None:
    plays = [(make_case(f"c{i}"), [Played("frontend", "fail")]) for i in range(CASES_LISTED + 7)]

    page = render_markdown(make_run(tmp_path / "a.run.db", plays))

    assert "And 7 more cases." in page
    assert f"✗ c{CASES_LISTED - 1} |" in page
    assert f"✗ c{CASES_LISTED} |" not in page
