import csv
import json
from io import StringIO
from pathlib import Path

import pytest

from tests.conftest import Cli
from tests.contest.gates import HOPELESS, PERFECT, Shop, make_shop


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shop:
    """A repository with a routing suite of a dozen cases; the current folder is its top."""
    made = make_shop(tmp_path / "shop")
    monkeypatch.chdir(made.root)
    return made


BROKEN = f"{PERFECT},broken=case-01 case-05"


def test_what_flipped_is_told_first_with_its_numbers_and_a_page(shop: Shop, cli: Cli) -> None:
    shop.reword()
    models = ("--base-model", PERFECT, "--head-model", BROKEN)
    said = cli("compare", "evals/suite.yaml", "--base", "main", *models)

    assert said.code == 0
    assert "✗ Of 12 cases compared: 2 broke." in said.out
    assert "✗ case-01: 5/5 → 0/5" in said.out
    assert "routes_to 5/5 → 0/5: went to" in said.out
    assert "--trial 'case-01#1'" in said.out
    assert "writer: description" in said.out
    [page] = Path("reports").glob("*-compared.html")
    assert "+description: Writes manuals of the writer kind." in page.read_text(encoding="utf-8")


def test_two_runs_are_compared_as_they_are_and_need_no_suite(shop: Shop, cli: Cli) -> None:
    cli("run", "evals/suite.yaml", "--out", "a.run.db")
    cli("run", "evals/suite.yaml", "--out", "b.run.db", "--model", HOPELESS, "--cases", "case-0*")
    said = cli("compare", "--base", "a.run.db", "--head", "b.run.db", "--format", "json")
    data = json.loads(said.out)

    assert said.code == 0
    assert data["headline"] == "Of 10 cases compared: 10 broke."
    assert data["base"]["unpaired"] == ["case-10", "case-11"]
    assert data["overall"]["difference"] == -1
    assert data["not_like_for_like"][0].startswith("The model is another")


def test_only_what_a_change_touches_is_played_and_the_rest_is_named(shop: Shop, cli: Cli) -> None:
    shop.edit("evals/agents/writer.md", "Be good.", "Be better.")
    said = cli("compare", "evals/suite.yaml", "--base", "main")

    assert said.code == 0
    assert said.out.splitlines() == [
        "Nothing changed for the 12 cases of this suite. What differs, none depends on:",
        "  writer: prompt",
    ]
    assert not Path("reports").exists()


def test_a_second_comparison_plays_nothing_again(shop: Shop, cli: Cli) -> None:
    shop.reword()
    cli("compare", "evals/suite.yaml", "--base", "main")
    again = cli("compare", "evals/suite.yaml", "--base", "main")

    assert "0 trials are in the run file, 60 in earlier runs; 0 to play" in again.err


def test_without_agents_is_a_revision_like_any_other(shop: Shop, cli: Cli) -> None:
    said = cli("compare", "evals/suite.yaml", "--base", "none", "--format", "json")
    data = json.loads(said.out)

    assert {case["change"] for case in data["cases"]} == {"fixed"}
    assert {change["what"] for change in data["definitions"]} == {"added"}


def test_every_form_holds_the_same_cases(shop: Shop, cli: Cli) -> None:
    models = ("--base-model", PERFECT, "--head-model", BROKEN)
    compare = ("compare", "evals/suite.yaml", *models, "--format")
    rows = list(csv.DictReader(StringIO(cli(*compare, "csv").out)))
    markdown = cli(*compare, "markdown").out
    cli(*compare, "html", "-o", "page.html")

    assert [r["case"] for r in rows if r["change"] == "broke" and not r["check"]] == [
        "case-01",
        "case-05",
    ]
    assert len([row for row in rows if not row["check"]]) == 12
    assert markdown.startswith("## ✗ Of 12 cases compared: 2 broke.")
    assert "| case-01 | ✗ broke | 5/5 | 0/5 |" in markdown
    assert "case-02" not in markdown
    assert "case-01: 5/5 → 0/5" in Path("page.html").read_text(encoding="utf-8")


def test_hostile_names_stay_words_in_every_form(shop: Shop, cli: Cli) -> None:
    shop.edit("evals/agents/writer.md", "Writes guides", "Writes <script>alert(1)</script> ```")
    shop.edit("datasets/cases.yaml", "number 1\n", "number 1\n    tags: ['<img src=x>']\n")
    models = ("--base-model", PERFECT, "--head-model", BROKEN)
    compare = ("compare", "evals/suite.yaml", "--base", "main", "--suite-from", "head", *models)
    page = cli(*compare, "--format", "html", "-o", "page.html")
    markdown = cli(*compare, "--format", "markdown").out
    text = Path("page.html").read_text(encoding="utf-8")

    assert page.code == 0
    assert "<script>alert" not in text
    assert "<img" not in text
    assert "````\n@@" in markdown  # the fence is longer than the one in the text


def test_a_run_file_as_head_needs_one_as_base(shop: Shop, cli: Cli) -> None:
    cli("run", "evals/suite.yaml", "--out", "a.run.db")
    said = cli("compare", "evals/suite.yaml", "--base", "main", "--head", "a.run.db")

    assert said.code == 2
    assert said.err.startswith("--head: a run file as head can only be compared with another")


def test_what_has_to_be_played_needs_a_suite(shop: Shop, cli: Cli) -> None:
    said = cli("compare", "--base", "main")

    assert said.code == 2
    assert "SUITE: a suite has to be played for this" in said.err


def test_the_same_runs_give_the_same_bytes(shop: Shop, cli: Cli) -> None:
    cli("run", "evals/suite.yaml", "--out", "a.run.db")
    cli("run", "evals/suite.yaml", "--out", "b.run.db", "--model", HOPELESS)
    pages = []
    for name in ("one.html", "two.html"):
        runs = ("--base", "a.run.db", "--head", "b.run.db")
        cli("compare", *runs, "--format", "html", "-o", name)
        pages.append(Path(name).read_bytes())

    assert pages[0] == pages[1]
