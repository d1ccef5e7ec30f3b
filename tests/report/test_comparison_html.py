import re
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import sync_playwright

from audition.compare.comparison import Comparison
from audition.compare.pairing import compare
from audition.report.comparison_html import CASES_LISTED, render_comparison_html
from tests.compare.two_runs import FILES, LABELS, make_hostile, make_mixed, make_side
from tests.report.test_as_html import HOSTILE, Parsed

CHROMIUM = Path("/usr/bin/chromium")


def page_of(comparison: Comparison) -> str:
    return render_comparison_html(comparison, labels=LABELS, files=FILES)


def test_flips_stand_first_beside_what_differs_and_nothing_needs_a_script() -> None:
    html = page_of(make_mixed())

    places = [html.index(words) for words in (
        "What became of the cases", "register-endpoint: 3/3", "refunds: 2/3", "search: 0/3",
        "-Write the test first.", "Pass rates", "before, in base", "after, in head",
        "What they took", "Only in base (1)", "How they were made",
    )]  # fmt: skip
    assert places == sorted(places)
    assert "<script" not in html
    assert "audition show reports/head.run.db --trial &#39;paging#2&#39;" in html


def test_every_interval_is_drawn_and_told_in_words() -> None:
    page = Parsed(page_of(make_mixed()))

    drawn = [one.attributes["aria-label"] for one in page.all("svg")]
    assert len(drawn) == 6
    assert "−9.5 points, 95 % interval −43 to +26" in drawn


def test_a_scripted_run_is_stamped_and_one_without_a_sandbox_says_so_first() -> None:
    html = page_of(make_mixed(nature="scripted", notes=("It ran WITHOUT A SANDBOX.",)))

    assert '<span class="stamp">SCRIPTED</span>' in html
    assert html.index("base: It ran WITHOUT A SANDBOX.") < html.index("What became of the cases")


def test_hostile_text_arrives_as_text() -> None:
    html = render_comparison_html(
        make_hostile(HOSTILE), labels=(HOSTILE, HOSTILE), files=(HOSTILE, HOSTILE)
    )
    page = Parsed(html)

    assert not page.all("img")
    assert not page.all("script")
    assert not any("onclick" in one.attributes for one in page.elements)
    assert html.count("{{ 7 * 7 }} {% raw %}") > 10
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", html)


def test_the_same_comparison_gives_the_same_bytes() -> None:
    assert page_of(make_mixed()) == page_of(make_mixed())


def test_a_large_comparison_is_cut_and_the_cut_is_counted() -> None:
    trials = {f"c{number}": "p" for number in range(3_000)}
    agents = {f"agent-{number}": "A line.\n" * 500 for number in range(100)}
    head = make_side(dict.fromkeys(trials, "f"), agents=agents)

    html = page_of(compare(make_side(trials, "base"), head))

    assert f"{3_000 - CASES_LISTED:,} more cases in the JSON." in html
    assert html.count("The difference goes on.") > 80
    assert len(html) < 2_000_000


@pytest.mark.skipif(not CHROMIUM.exists(), reason="needs Chromium as /usr/bin/chromium")
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("width", "columns"), [(1440, 2), (390, 1)])
def test_a_browser_shows_it_without_javascript_at_every_width(
    tmp_path: Path, width: int, columns: int, scheme: Literal["light", "dark"]
) -> None:
    target = tmp_path / "page.html"
    wide = make_hostile("x" * 200)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        context = browser.new_context(
            java_script_enabled=False,
            viewport={"width": width, "height": 900},
            color_scheme=scheme,
        )
        page = context.new_page()
        for comparison in (make_mixed(), wide):
            target.write_text(page_of(comparison), encoding="utf-8")
            page.goto(target.as_uri())
            flips, changes = (
                page.locator(f"section[aria-labelledby={name}]").bounding_box()
                for name in ("flips", "definitions")
            )
            assert flips is not None
            assert changes is not None
            assert (changes["x"] > flips["x"]) == (columns == 2)
            for box in page.locator("section, header > div").all():
                place = box.bounding_box()
                assert place is not None
                assert place["x"] + place["width"] <= width
        browser.close()
