import csv
import json
from io import StringIO
from pathlib import Path

from audition.report.comparison_data import COLUMNS, comparison_csv, comparison_json
from audition.report.comparison_words import TITLES
from tests.compare.two_runs import LABELS, make_hostile, make_mixed

HOSTILE = "=cmd|\x1b[31m\u202e\x7f\x9b</script>"


def test_the_document_holds_every_number_under_keys_that_stay() -> None:
    data = json.loads(comparison_json(make_mixed(), labels=LABELS))

    assert list(data) == [
        "unsafe", "headline", "not_like_for_like", "base", "head", "overall", "by_kind",
        "by_check", "by_tag", "cases", "untouched", "taken", "definitions",
    ]  # fmt: skip
    assert list(data["overall"]) == [
        "name", "cases", "pairs", "base", "head", "difference", "low", "high", "p", "q",
    ]  # fmt: skip
    assert list(data["cases"][0]) == [
        "id", "change", "base", "head", "base_verdict", "head_verdict", "checks", "steady_checks",
        "base_routes", "head_routes", "tags",
    ]  # fmt: skip
    assert list(data["head"]["amounts"]) == [
        "trials", "cost_usd", "tokens", "turns", "duration_s", "tried", "limited", "faults",
    ]  # fmt: skip
    assert (data["head"]["label"], data["head"]["unpaired"]) == (LABELS[1], ["new-one"])
    assert data["cases"][0]["base"] == {"passed": 3, "judged": 3, "faults": 0, "skips": 0}


def test_texts_are_whole_for_programs_and_inert_on_a_terminal() -> None:
    text = comparison_json(make_hostile(HOSTILE), labels=(HOSTILE, HOSTILE))

    assert json.loads(text)["cases"][0]["id"] == HOSTILE
    assert json.loads(text)["unsafe"] == [f"head: WITHOUT A SANDBOX {HOSTILE}"]
    assert all(" " <= character <= "~" or character == "\n" for character in text)


def test_the_table_has_a_row_for_each_case_and_each_check_of_it() -> None:
    rows = list(csv.DictReader(StringIO(comparison_csv(make_mixed()))))
    of = {(row["case"], row["check"]): row for row in rows}

    assert tuple(rows[0]) == COLUMNS
    assert len(rows) == 8 * 3
    assert of["paging", ""]["change"] == "broke"
    assert [of["paging", "routes_to"][name] for name in COLUMNS[3:7]] == ["3", "3", "1", "3"]
    assert of["paging", "routes_to"]["reason"] == "went to frontend"
    assert of["audit-log", "tests_first"]["head_passed"] == "3"


def test_no_cell_is_a_formula_or_moves_a_cursor() -> None:
    text = comparison_csv(make_hostile(HOSTILE))
    rows = list(csv.reader(StringIO(text)))

    assert rows[1][0].startswith("'=cmd")
    assert not any(cell.startswith("=") for row in rows for cell in row)
    assert not set("\x1b\u202e\x7f\x9b") & set(text)


def test_every_key_of_the_document_and_every_change_is_documented() -> None:
    manual = (Path(__file__).parents[2] / "docs" / "compare.md").read_text(encoding="utf-8")
    data = json.loads(comparison_json(make_mixed(), labels=LABELS))
    keys = [*data, *data["overall"], *data["cases"][0], *data["definitions"][0], *data["head"]]

    assert [key for key in keys if f"`{key}`" not in manual] == []
    told = [title.rpartition("so ")[2].lower() for title in TITLES.values()]
    assert [title for title in told if f"| {title} |" not in manual] == []
