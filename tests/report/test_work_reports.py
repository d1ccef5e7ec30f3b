"""What every form of report says of trials in which agents worked."""

import csv
import json
import random
import re
import string
from io import StringIO
from pathlib import Path

import pytest
from click.testing import CliRunner

from audition.cli.show import show
from audition.report.as_csv import render_csv
from audition.report.as_html import render_html
from audition.report.as_json import render_json
from audition.report.as_markdown import render_markdown
from audition.report.as_text import render_text, render_trial_text
from audition.report.sheet import WIDTH
from audition.report.work_view import place_of
from audition.runfile import Run
from tests.report.report_runs import Played, make_case, make_run
from tests.report.test_as_html import HOSTILE, Parsed, unpacked
from tests.report.work_runs import make_score, make_scores, make_work, make_work_run
from tests.working import Work

UNSAFE = "Commands of agents ran WITHOUT A SANDBOX, on the machine itself and as its user."
BIDI_AND_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


@pytest.fixture
def run(tmp_path: Path) -> Run:
    evidence = make_work().end()
    return make_work_run(
        tmp_path / "a.run.db", [("add-discount", evidence, make_scores(evidence))], notes=(UNSAFE,)
    )


def make_hostile_run(path: Path) -> Run:
    work = (
        Work(branch="main", request=HOSTILE)
        .delegates("backend", HOSTILE)
        .writes(f"shop/{HOSTILE}.py", HOSTILE)
        .writes("bad\udcff\\xff\x1b[2Jname.py".encode("utf-8", "replace").decode(), "\x9b\r\0")
        .runs(HOSTILE, outcome="failed")
        .commits(HOSTILE)
        .switches(HOSTILE)
        .returns(HOSTILE)
    )
    score = make_score("commits", "fail", "outcome", HOSTILE, f"shop/{HOSTILE}.py", HOSTILE)
    return make_work_run(path, [("one", work.end(), (score,))])


def test_the_page_shows_commands_changes_commits_and_what_the_harness_ran(run: Run) -> None:
    page = Parsed(render_html(run))
    words = page.words("main")

    assert "backend ran python -m pytest -q | tail -3" in words
    assert "test (pytest) cannot tell how it ended the harness's own run: 2 passed" in words
    assert "+def total(prices, discount=0.0):" in words
    assert "-def total(prices):" in words
    assert "recorded by git" in words
    assert "HEAD is on main at" in words
    assert "Untracked: docs/TODO.md." in words
    assert "code error TypeError: total() got an unexpected keyword argument" in words


def test_every_jump_leads_somewhere_and_every_place_is_there_once(run: Run) -> None:
    page = Parsed(render_html(run))
    ids = [one.attributes["id"] or "" for one in page.elements if "id" in one.attributes]
    links = [one.attributes["href"] or "" for one in page.all("a")]

    assert len(ids) == len(set(ids))
    assert {link.removeprefix("#") for link in links} <= set(ids)
    assert any("/commit/" in link for link in links)
    assert any("/file/docs_2f_TODO.md" in link for link in links)
    assert any("/file/shop_2f_cart.py" in link for link in links)  # named with a line


def test_every_mark_has_a_name_that_says_what_it_is(run: Run) -> None:
    page = Parsed(render_html(run))
    names = ["".join(one.text) for one in page.all("title")][1:]

    assert any(re.fullmatch(r"event \d+: backend runs tests: failed, by the h.*", n) for n in names)
    assert all(one.attributes.keys() <= {"href", "data-expected", "data-found", "class"}
               for one in page.all("a"))  # fmt: skip


def test_events_of_one_call_stand_together(run: Run) -> None:
    events = [one for one in Parsed(render_html(run)).elements if "event" in one.classes]
    kinds = [("part" in one.classes, next(c for c in one.classes if c.startswith("k-")))
             for one in events]  # fmt: skip

    assert (True, "k-change") in kinds
    assert (True, "k-command") in kinds
    assert not {kind for part, kind in kinds if part} & {"k-tool_call", "k-message", "k-model_call"}


@pytest.mark.parametrize(
    ("item", "place"),
    [
        ("shop/cart.py", ("file", "shop/cart.py")),
        ("shop/cart.py:12", ("file", "shop/cart.py")),
        ("shop/cart.py::test_x", ("file", "shop/cart.py")),
        ("abcdef0", ("commit", "abcdef0123")),
        ("shop", None),
        ("abc", None),
        ("", None),
    ],
)
def test_an_evidence_leads_to_its_file_or_commit(item: str, place: tuple[str, str] | None) -> None:
    targets = {
        "shop/cart.py": ("file", "shop/cart.py"),
        "shop/cart.pyc": ("file", "shop/cart.pyc"),
        "abcdef0123": ("commit", "abcdef0123"),
    }

    assert place_of(item, targets) == place


def test_cases_and_checks_are_a_table_with_words_for_the_signs(run: Run) -> None:
    (table,) = (one for one in Parsed(render_html(run)).all("table") if "checks" in one.classes)
    markdown = render_markdown(run)

    assert "add-discount ✓pass" in " ".join("".join(table.text).split())
    assert "✗fail" in "".join(table.text)
    assert "| add-discount | ✓ pass | ✓ pass | ✓ pass | ✗ fail | ✗ fail | ✓ pass |" in markdown


def test_a_run_without_work_says_nothing_about_work(tmp_path: Path) -> None:
    run = make_run(tmp_path / "a.run.db", [(make_case("one"), [Played("frontend", "fail")])])
    page = Parsed(render_html(run))

    for absent in ("Cases and checks", "handed over", "harness ran", "What happened"):
        assert absent not in page.words("main")
    assert "Cases and checks" not in render_markdown(run)
    assert "Handed over" not in render_trial_text(run, "one", 1)


def test_a_run_without_a_sandbox_is_stamped_on_every_form(run: Run) -> None:
    page = Parsed(render_html(run))
    stamps = ["".join(one.text) for one in page.elements if "unsafe" in one.classes]

    assert stamps == [f"! {UNSAFE}"]
    assert " ".join(render_text(run, colour=False).split()).startswith(f"! {UNSAFE}")
    assert UNSAFE in " ".join(render_trial_text(run, "add-discount", 1)[:200].split())
    assert render_markdown(run).startswith(f"> **! {UNSAFE}**")
    assert json.loads(render_json(run))["unsafe"] == [UNSAFE]
    assert {row["unsafe"] for row in csv.DictReader(StringIO(render_csv(run)))} == {UNSAFE}


def test_a_run_in_a_sandbox_wears_no_stamp(tmp_path: Path) -> None:
    run = make_work_run(tmp_path / "a.run.db", [("one", Work().end(), ())], notes=("By hand.",))

    assert not [one for one in Parsed(render_html(run)).elements if "unsafe" in one.classes]
    assert json.loads(render_json(run))["unsafe"] == []


def test_every_form_has_the_checks_of_every_kind(run: Run) -> None:
    rows = list(csv.DictReader(StringIO(render_csv(run))))
    scores = json.loads(render_json(run))["trials"][0]["scores"]

    assert [row["kind"] for row in rows] == [score["kind"] for score in scores]
    assert {row["kind"] for row in rows} == {"routing", "process", "outcome", "budget"}
    assert "| process | 100% |" in render_markdown(run)
    assert '"by_kind"' in render_json(run)


def test_the_terminal_shows_checks_what_is_handed_over_and_the_steps(run: Run) -> None:
    text = render_trial_text(run, "add-discount", 1)

    assert "✓ tests_first (process): tests came first" in text
    assert "✗ lint_clean (outcome): 1 new finding" in text
    assert "  modified shop/cart.py (implementation, +2 −2)" in text
    assert "✗ linter, after event" in text
    assert "backend ran ruff check ." in text
    assert "+def total(prices, discount=0.0):" in text
    assert max(map(len, text.splitlines()[:-1])) <= WIDTH


def test_long_differences_are_cut_on_the_terminal_unless_all_of_it_is_wanted(
    tmp_path: Path,
) -> None:
    work = Work().heredoc({"shop/long.py": "".join(f"line {n}\n" for n in range(100))})
    run = make_work_run(tmp_path / "a.run.db", [("one", work.end(), ())])

    def shows(*options: str) -> str:
        arguments = [str(run.path), "--trial", "one#1", *options]
        return CliRunner().invoke(show, arguments, catch_exceptions=False).output

    assert "+line 30" in shows()
    assert "+line 90" not in shows()
    assert "61 further lines not shown; --full shows more" in shows()
    assert "+line 99" in shows("--full")


def test_hostile_work_is_inert_on_the_page(tmp_path: Path) -> None:
    html = render_html(make_hostile_run(tmp_path / "a.run.db"))
    page = Parsed(html)

    assert not page.all("img")
    assert not any("onclick" in one.attributes for one in page.elements)
    assert len([one for one in page.all("script") if "type" not in one.attributes]) == 1
    assert html.count("{{ 7 * 7 }} {% raw %}") > 10
    assert not BIDI_AND_CONTROLS.search(html)
    assert "binary, 3 bytes after" not in page.words("header")


@pytest.mark.parametrize("colour", [True, False])
def test_hostile_work_is_inert_on_a_terminal_and_in_markdown(tmp_path: Path, colour: bool) -> None:
    run = make_hostile_run(tmp_path / "a.run.db")

    text = render_trial_text(run, "one", 1, colour=colour, full=True)

    assert "\x1b[31m \\u202e" not in text
    assert not set("\u202e\x9b\r") & set(text)
    assert ("\x1b" in text) == colour
    assert not BIDI_AND_CONTROLS.search(render_markdown(run))
    assert not re.search(r"(?<!\\)<", render_markdown(run).replace("<!-- -->", ""))


def test_the_same_run_file_gives_the_same_bytes(run: Run) -> None:
    assert render_html(run) == render_html(run)


def test_a_trial_of_any_size_is_a_bounded_piece_of_the_page(tmp_path: Path) -> None:
    letters = random.Random(7)  # noise that does not compress, the same every time
    work = Work().delegates("backend")
    for number in range(120):
        noise = "".join(letters.choices(string.ascii_letters + string.digits, k=20_000))
        work.writes(f"shop/part_{number}.py", "\n".join(re.findall(".{80}", noise)))
        work.runs("".join(letters.choices(string.ascii_letters, k=3_000)))
    for _ in range(400):
        work.writes("".join(letters.choices(string.ascii_letters, k=250)), "x\n" * 300)
    work.commits()
    score = make_score("tests_first", "pass", "process", "code came first", 2, 4_000)
    run = make_work_run(tmp_path / "a.run.db", [("one", work.returns().end(), (score,))])

    html = render_html(run)
    (chunk,) = (one for one in Parsed(html).all("script") if "chunk" in one.classes)

    body = Parsed(unpacked(chunk)[0])

    assert len("".join(chunk.text)) * 3 / 4 < 200_000
    assert "further events not shown here" in " ".join("".join(p.text) for p in body.all("p"))
    ids = {one.attributes["id"] for one in body.elements if "id" in one.attributes}
    links = {(one.attributes["href"] or "").removeprefix("#") for one in body.all("a")}
    assert links
    assert links <= ids
    assert "--full" in unpacked(chunk)[0]
