import base64
import hashlib
import json
import re
import shutil
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audition.record import CaseRecord, FindingRecord
from audition.report import as_html
from audition.report.as_html import anchor, render_html
from audition.runfile import Run, load
from tests.report.report_runs import Played, make_case, make_run

HOSTILE = (
    "<img src=x onerror=alert(1)></script><script>alert(2)</script><!-- "
    '" onclick="alert(3) {{ 7 * 7 }} {% raw %} \x1b[31m \u202eback [/bold] \x9b2J'
)


@dataclass(frozen=True)
class Element:
    """An element with its attributes and the text right inside it."""

    tag: str
    attributes: dict[str, str | None]
    text: list[str] = field(default_factory=list)

    @property
    def classes(self) -> set[str]:
        return set((self.attributes.get("class") or "").split())


class Parsed(HTMLParser):
    """A page as the list of its elements."""

    VOID = frozenset({"meta", "link", "input", "col", "rect", "path", "br"})

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[Element] = []
        self.open: list[Element] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, dict(attrs))
        self.elements.append(element)
        if tag not in self.VOID:
            self.open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(Element(tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop().tag == tag

    def handle_data(self, data: str) -> None:
        for element in self.open:
            element.text.append(data)

    def all(self, tag: str) -> list[Element]:
        return [element for element in self.elements if element.tag == tag]

    def words(self, tag: str) -> str:
        return " ".join("".join(self.all(tag)[0].text).split())


def unpacked(element: Element) -> list[Any]:
    packed = base64.b64decode("".join(element.text))
    entries: list[Any] = json.loads(zlib.decompress(packed))
    return entries


def make_mixed_run(path: Path) -> Run:
    plays: list[tuple[CaseRecord, Sequence[Played | None]]] = [
        (make_case("good"), [Played("backend"), Played("backend")]),
        (make_case("flaky", tags=("hard",)), [Played("backend"), Played("frontend", "fail")]),
        (make_case("trivial", None), [Played(None), Played("Plan", "fail")]),
        (make_case("broken"), [Played(None, "fault"), None]),
    ]
    finding = FindingRecord(where="a.md:1", what="has no name", do="name it", level="not loaded")
    return make_run(path, plays, ended_by="interrupted", findings=(finding,))


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> str:
    return render_html(make_mixed_run(tmp_path_factory.mktemp("runs") / "mixed.run.db"))


def test_the_page_opens_with_verdict_stamp_command_and_what_is_missing(mixed: str) -> None:
    page = Parsed(mixed)
    banner = page.words("header")

    assert page.words("h1").startswith("✗ Failed: 2 of 4 cases failed")
    assert "SCRIPTED" in banner
    assert "4 passed" in banner
    assert "1 fault" in banner
    assert "7 of 8 trials were played: the run was interrupted." in banner
    assert "audition run evals/routing.yaml --model recorded" in banner
    assert "The model was scripted" in page.words("main")
    assert "has no name" in page.words("main")


def test_a_real_model_is_named_and_a_baseline_is_called_one(tmp_path: Path) -> None:
    plays = [(make_case("one"), [Played("backend")])]
    real = make_run(tmp_path / "r.run.db", plays, nature="real", model="anthropic:claude-x")
    baseline = make_run(tmp_path / "b.run.db", plays, nature="baseline", model="lexical")

    stamps = []
    for run in (real, baseline):
        elements = Parsed(render_html(run)).elements
        stamps += ["".join(one.text) for one in elements if "stamp" in one.classes]

    assert stamps == ["anthropic:claude-x", "BASELINE"]


def test_headings_are_in_order_and_tables_name_their_heads(mixed: str) -> None:
    page = Parsed(mixed)
    levels = [int(one.tag[1]) for one in page.elements if re.fullmatch("h[1-6]", one.tag)]

    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert page.all("th")
    assert all(one.attributes.get("scope") in ("row", "col") for one in page.all("th"))


def test_every_id_is_there_once_and_every_link_leads_somewhere(mixed: str) -> None:
    page = Parsed(mixed)
    ids = [one.attributes["id"] for one in page.elements if "id" in one.attributes]
    links = [one.attributes["href"] or "" for one in page.all("a")]

    assert len(ids) == len(set(ids))
    assert links
    assert {link.removeprefix("#") for link in links} <= set(ids)


def test_an_event_wears_the_checks_whose_evidence_it_is(mixed: str) -> None:
    page = Parsed(mixed)
    event = next(one for one in page.elements if one.attributes.get("id") == "case-flaky/2/5")
    score = next(one for one in page.elements if "score" in one.classes and "v-fail" in one.classes)

    assert "delegates to frontend ✗ routes_to" in " ".join("".join(event.text).split())
    assert "Expected backend Found frontend" in " ".join("".join(score.text).split())


def test_cells_of_the_matrix_are_right_or_wrong_by_sign_and_lead_to_their_cases(
    mixed: str,
) -> None:
    cells = [one for one in Parsed(mixed).all("a") if "data-expected" in one.attributes]

    words = {
        (one.attributes["data-expected"], one.attributes["data-found"]): "".join(one.text)
        for one in cells
    }
    assert words["backend", "backend"].endswith("3 ✓right or accepted")
    assert words["backend", "frontend"].endswith("1 ✗wrong")
    assert words["none", "Plan"].endswith("1 ✗wrong")


def test_an_accepted_agent_is_no_wrong_cell(tmp_path: Path) -> None:
    run = make_run(tmp_path / "a.run.db", [(make_case("one"), [Played("Plan")])])

    cell = next(
        one
        for one in Parsed(render_html(run)).all("a")
        if one.attributes.get("data-found") == "Plan"
    )

    assert "accepted" in "".join(cell.text)
    assert "✗" not in "".join(cell.text)


def test_the_page_needs_nothing_from_elsewhere_and_allows_only_its_own_script(mixed: str) -> None:
    page = Parsed(mixed)
    policy = next(
        one.attributes["content"] or ""
        for one in page.all("meta")
        if one.attributes.get("http-equiv") == "Content-Security-Policy"
    )
    (script,) = (one for one in page.all("script") if "type" not in one.attributes)
    (style,) = page.all("style")

    def digest(element: Element) -> str:
        return base64.b64encode(hashlib.sha256("".join(element.text).encode()).digest()).decode()

    assert "default-src 'none'" in policy
    assert f"script-src 'sha256-{digest(script)}'" in policy
    assert f"style-src 'sha256-{digest(style)}'" in policy
    assert not any({"src", "style", "onclick"} & one.attributes.keys() for one in page.elements)
    assert "http://" not in mixed
    assert "https://" not in mixed


def test_hostile_text_arrives_inert(tmp_path: Path) -> None:
    case = make_case("one", request=HOSTILE, tags=(HOSTILE,), expects=(HOSTILE,), known=HOSTILE)
    played = Played(HOSTILE, "fail", says=HOSTILE, brief=HOSTILE, labels=(HOSTILE,))
    finding = FindingRecord(where=HOSTILE, what=HOSTILE, do=HOSTILE, level=HOSTILE)
    run = make_run(tmp_path / "a.run.db", [(case, [played])], notes=(HOSTILE,), findings=(finding,))

    html = render_html(run)
    page = Parsed(html)

    assert not page.all("img")
    assert not any("onclick" in one.attributes for one in page.elements)
    assert len([one for one in page.all("script") if "type" not in one.attributes]) == 1
    assert html.count("{{ 7 * 7 }} {% raw %}") > 5
    assert "[/bold]" in html
    assert "\\u202eback" in html
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", html)


def test_packed_text_is_as_inert_as_written_text(tmp_path: Path) -> None:
    case = make_case(HOSTILE, request=HOSTILE)
    run = make_run(tmp_path / "a.run.db", [(case, [Played("backend", says=HOSTILE)])])

    page = Parsed(render_html(run))
    (chunk,) = (one for one in page.all("script") if "chunk" in one.classes)
    (body,) = unpacked(chunk)

    assert "{{ 7 * 7 }}" in body
    assert not Parsed(body).all("img")
    assert not Parsed(body).all("script")
    assert not set("\x1b\u202e\x9b") & set(body)


def test_the_same_run_file_gives_the_same_bytes(tmp_path: Path) -> None:
    run = make_mixed_run(tmp_path / "a.run.db")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    shutil.copy(run.path, elsewhere / "a.run.db")

    pages = {render_html(run), render_html(run), render_html(load(elsewhere / "a.run.db"))}

    assert len(pages) == 1


def test_a_run_without_trials_is_a_page_too(tmp_path: Path) -> None:
    page = Parsed(render_html(make_run(tmp_path / "a.run.db", [(make_case("one"), [None])])))

    assert "Not decided" in page.words("h1")
    assert "No trial of this case was played." in page.words("main")


def test_many_cases_are_packed_and_the_page_says_so(tmp_path: Path) -> None:
    more = as_html.ROWS_ON_THE_PAGE + 50
    plays = [(make_case(f"c{i}"), [Played("backend")]) for i in range(more - 1)]
    plays.append((make_case("last-but-wrong"), [Played("frontend", "fail")]))

    page = Parsed(render_html(make_run(tmp_path / "a.run.db", plays)))
    rows = [one for one in page.all("li") if "case" in one.classes]
    (index,) = (one for one in page.all("script") if one.attributes.get("id") == "index")
    entries = unpacked(index)

    assert len(rows) == as_html.ROWS_ON_THE_PAGE
    assert rows[0].attributes["id"] == "case-last-but-wrong"
    assert f"The first {as_html.ROWS_ON_THE_PAGE} of {more} cases" in page.words("main")
    assert len(entries) == more
    assert [("row" in entry) for entry in entries].index(True) == as_html.ROWS_ON_THE_PAGE
    assert sum("row" in entry for entry in entries) == 50


def test_failures_are_written_out_and_passes_are_packed(mixed: str) -> None:
    page = Parsed(mixed)
    bodies = [one for one in page.elements if "case-body" in one.classes]

    assert ["data-pack" in one.attributes for one in bodies] == [False, False, False, True]
    assert "open with JavaScript" in "".join(bodies[-1].text)


def test_traces_beyond_the_bound_give_way_to_the_command_that_prints_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(as_html, "CHARACTERS_PACKED", 100)
    run = make_run(
        tmp_path / "a.run.db",
        [(make_case(f"c{i}"), [Played("backend", says="w" * 5000)] * 40) for i in range(4)],
    )

    page = Parsed(render_html(run))
    bodies = [
        body for one in page.all("script") if "chunk" in one.classes for body in unpacked(one)
    ]

    assert 'class="events"' in bodies[0]
    assert 'class="events"' not in bodies[-1]
    assert "audition show a.run.db --trial &#39;c3#1&#39;" in bodies[-1]


@given(st.text(), st.text())
def test_anchors_are_words_of_the_page_and_never_shared(one: str, other: str) -> None:
    assert re.fullmatch(r"case-[A-Za-z0-9._-]*", anchor(one))
    assert (anchor(one) == anchor(other)) == (one == other)
