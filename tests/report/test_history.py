"""What a history looks like in every format."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, sync_playwright

from audition.history.reading import read_runs
from audition.history.trends import Point
from audition.history.view import History, history_of
from audition.report.history_as_html import render_history_html
from audition.report.history_as_json import render_history_json
from audition.report.history_as_markdown import render_history_markdown
from audition.report.history_as_text import render_history_text, render_news, spark
from audition.report.sheet import WIDTH
from tests.history.nights import BAD, BROKEN, WORSE, Nights, write_run
from tests.report.report_runs import make_case
from tests.report.test_as_html import HOSTILE, Parsed
from tests.report.test_in_a_browser import CHROMIUM, WIDTHS

LIVE = r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]"


def text(history: History) -> str:
    return render_history_text(history, colour=False)


def html(history: History) -> str:
    return render_history_html(history, beside=history.folder)


@pytest.fixture
def nights(tmp_path: Path) -> Nights:
    """A month that ends in a fall, with an edit on its way."""
    made = Nights(tmp_path)
    made.repeat({}, times=22)
    made.repeat({"question": BAD}, times=2, edit=lambda r: replace(r, loop_version=1))
    made.repeat({"refunds": WORSE, "paging": WORSE}, times=2)
    made.add({"refunds": WORSE, "paging": WORSE, "dark-mode": BAD, "question": BROKEN})
    return made


def test_the_morning_news_say_the_worst_first(nights: Nights) -> None:
    history = nights.history
    news = render_news(history.lines[0], history.skipped, colour=False)

    assert news.startswith(
        "✗ Since 2026-09-26: 1 case broke, 1 case could not be judged, the suite is\n"
        "  still down with 2 other trends, 1 new fault.\n"
        "  routing · anthropic:claude-sonnet-5-5 · 27 nights\n"
        "  ✗ dark-mode: pass 2/2 → fail 1/2\n"
        "      routes_to: routes_to says fail\n"
    )
    assert "  ! question: pass 2/2 → fault 1/1\n" in news
    assert "  Faults           1, the night before 0\n" in news


def test_every_line_of_text_keeps_to_the_width(nights: Nights) -> None:
    assert max(map(len, text(nights.history).splitlines())) <= WIDTH


def test_a_bar_is_as_high_as_its_rate_and_nothing_is_no_zero() -> None:
    points = [Point(0, 4), Point(2, 4), Point(4, 4), Point(0, 0)]

    assert spark(points) == "▁▅█·"


@pytest.mark.parametrize("render", [text, render_history_markdown, render_history_json, html])
def test_the_same_folder_gives_the_same_bytes(nights: Nights, render: object) -> None:
    assert callable(render)

    assert render(nights.history) == render(nights.history)


def hostile(folder: Path) -> Nights:
    """A folder in which every text is an attack."""
    made = Nights(folder)
    made.cases = {HOSTILE: make_case(HOSTILE, HOSTILE, request=HOSTILE)}
    for verdicts in (("pass", "pass"), ("fail", "fault")):
        made.add(
            {HOSTILE: verdicts},
            lambda r: replace(r, suite=HOSTILE, model=HOSTILE, base_url=HOSTILE),
            served=(HOSTILE,),
            faults=(HOSTILE * 5,),
        )
    return made


def test_model_text_is_inert_on_the_page(tmp_path: Path) -> None:
    parsed = Parsed(html(hostile(tmp_path).history))

    tags = [element.tag for element in parsed.elements]
    assert "script" not in tags
    assert "img" not in tags
    assert not any(name.startswith("on") for e in parsed.elements for name in e.attributes)
    assert not re.search(LIVE, html(history_of(read_runs(tmp_path))))


def test_model_text_is_inert_on_the_terminal_and_in_markdown(tmp_path: Path) -> None:
    history = hostile(tmp_path).history

    for page in (text(history), render_history_markdown(history), render_history_json(history)):
        assert not re.search(LIVE, page)
    assert "<img" not in re.sub(r"\\<", "", render_history_markdown(history))


def test_a_page_leads_to_the_runs_that_have_a_report(nights: Nights) -> None:
    (nights.folder / "routing-nightly-2026-09-27.html").write_text("a report", encoding="utf-8")
    parsed = Parsed(html(nights.history))

    links = {e.attributes.get("href") or "" for e in parsed.elements if e.tag == "a"}
    assert "routing-nightly-2026-09-27.html" in links
    assert "routing-nightly-2026-09-27.html#case-dark-mode" in links
    assert not any("2026-09-26.html" in link for link in links)


def test_a_page_elsewhere_finds_its_way_back(nights: Nights, tmp_path: Path) -> None:
    (nights.folder / "routing-nightly-2026-09-27.html").write_text("a report", encoding="utf-8")
    page = render_history_html(nights.history, beside=tmp_path / "site" / "deep")

    assert 'href="../../routing-nightly-2026-09-27.html"' in page


def test_every_night_is_a_point_with_its_run(nights: Nights) -> None:
    parsed = Parsed(html(nights.history))

    dots = [element for element in parsed.elements if "dot" in element.classes]
    titles = "".join(t for e in parsed.elements if e.tag == "title" for t in e.text)
    assert len([dot for dot in dots if "fall" in dot.classes]) >= 1
    for run in nights.line.nights:
        assert f"{run.name}: " in titles
        assert run.runs[0].path.name in titles


def test_another_loop_is_drawn_as_a_break(nights: Nights) -> None:
    nights.add({}, lambda record: replace(record, loop_version=2))
    page = html(nights.history)

    assert 'class="mark broken"' in page
    assert "Not like for like" in page


def test_scripted_lines_are_stamped_in_every_format(tmp_path: Path) -> None:
    made = Nights(tmp_path)
    made.repeat({}, times=2, edit=lambda r: replace(r, nature="scripted", model="simulated"))

    for page in (text(made.history), render_history_markdown(made.history), html(made.history)):
        assert "SCRIPTED" in page


def test_every_row_of_a_markdown_table_has_the_columns_of_its_head(tmp_path: Path) -> None:
    page = render_history_markdown(hostile(tmp_path).history)

    tables = re.findall(r"(?:^\|.*\n)+", page, re.MULTILINE)
    assert tables
    for table in tables:
        assert len({len(re.findall(r"(?<!\\)\|", line)) for line in table.splitlines()}) == 1


def test_months_of_nights_stay_small(tmp_path: Path) -> None:
    made = Nights(tmp_path)
    made.repeat({"question": BAD}, times=130)
    page = html(made.history)

    assert "10 older nights not drawn" in page
    assert len(page) < 400_000


pytest_browser = pytest.mark.skipif(not CHROMIUM.exists(), reason="needs Chromium")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest_browser
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_browser_shows_it_without_javascript_and_nothing_sticks_out(
    nights: Nights, browser: Browser, width: int, scheme: Literal["light", "dark"]
) -> None:
    wide = "x" * 200
    record = replace(nights.line.nights[-1].record, model=wide, series=wide, nature="scripted")
    write_run(nights.folder / "wide.run.db", record, {wide: make_case(wide, wide)}, {wide: BAD})
    target = nights.folder / "history.html"
    target.write_text(html(nights.history), encoding="utf-8")
    context = browser.new_context(
        java_script_enabled=False, viewport={"width": width, "height": 900}, color_scheme=scheme
    )
    messages: list[str] = []
    with context, context.new_page() as page:
        page.on("console", lambda message: messages.append(message.text))
        page.goto(target.as_uri())
        page.locator("details.nights > summary").first.click()

        assert page.locator("svg.curve").first.is_visible()
        assert page.locator(".items").first.is_visible()
        assert page.locator("details.nights td").first.is_visible()
        assert page.locator("html").evaluate("e => e.scrollWidth <= e.clientWidth")
    assert messages == []
