"""The report as a browser shows it, without a network."""

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from audition.report.as_html import ROWS_ON_THE_PAGE, render_html
from tests.report.report_runs import Played, make_case, make_run
from tests.report.work_runs import make_scores, make_work, make_work_run

CHROMIUM = Path("/usr/bin/chromium")
WIDTHS = (1440, 390)

pytestmark = pytest.mark.skipif(not CHROMIUM.exists(), reason="needs Chromium as /usr/bin/chromium")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A page with failures, passes, long unbroken words and more cases than it has rows."""
    folder = tmp_path_factory.mktemp("report")
    wide = "x" * 300
    plays = [
        (make_case("wrong-turn"), [Played("frontend", "fail"), Played("backend")]),
        (make_case("w" * 120, request=wide), [Played("Plan", "fail", says=wide, brief=wide)]),
        *((make_case(f"fine-{i}", tags=("easy",)), [Played("backend")]) for i in range(200)),
    ]
    target = folder / "report.html"
    target.write_text(render_html(make_run(folder / "a.run.db", plays)), encoding="utf-8")
    return target.as_uri()


@pytest.fixture(params=WIDTHS)
def page(request: pytest.FixtureRequest, browser: Browser, report: str) -> Iterator[Page]:
    with browser.new_page(viewport={"width": request.param, "height": 900}) as page:
        requests: list[str] = []
        errors: list[str] = []
        page.on("request", lambda one: requests.append(one.url))
        page.on("console", lambda message: errors.append(message.text))
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(report)
        page.wait_for_selector("html[data-ready]")
        yield page
        assert errors == []
        assert [url for url in requests if not url.startswith(("file:", "data:"))] == []


def shown(page: Page) -> list[str]:
    return page.locator(".case .id").all_text_contents()


def fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


def test_nothing_sticks_out_sideways(page: Page) -> None:
    for summary in page.locator(".case.v-fail > details > summary").all():
        summary.click()

    assert page.locator(".events").count() == 3
    assert fits(page)


def test_filters_narrow_the_list_and_live_in_the_address(page: Page) -> None:
    assert len(shown(page)) == ROWS_ON_THE_PAGE

    page.locator(".pill.v-fail").click()
    assert len(shown(page)) == 2

    page.get_by_label("Search").fill("wrong-turn")
    assert shown(page) == ["wrong-turn"]
    assert page.url.endswith("#?q=wrong-turn&verdict=fail")

    page.reload()
    page.wait_for_selector("html[data-ready]")
    assert shown(page) == ["wrong-turn"]

    page.get_by_role("button", name="Show all").click()
    assert len(shown(page)) == ROWS_ON_THE_PAGE


def test_a_case_that_is_packed_is_found_and_opened(page: Page) -> None:
    page.get_by_label("Search").fill("fine-199")
    assert shown(page) == ["fine-199"]

    page.locator(".case > details > summary").click()
    page.wait_for_selector(".events")

    assert "delegates to backend" in page.locator(".events").inner_text()
    assert page.locator(".case-body .command button").count() == 1
    assert fits(page)


def test_a_number_of_the_matrix_leads_to_its_cases(page: Page) -> None:
    page.locator('a[data-expected="backend"][data-found="frontend"]').click()

    expect(page.locator(".case")).to_have_count(1)
    assert shown(page) == ["wrong-turn"]


def test_the_order_can_be_changed(page: Page) -> None:
    page.get_by_label("Order").select_option("by name")

    assert shown(page)[:2] == ["fine-0", "fine-1"]


@pytest.mark.parametrize("target", ["case-fine-199", "case-fine-199/1/5", "case-wrong-turn/1/5"])
def test_a_link_to_a_case_or_an_event_opens_it(page: Page, report: str, target: str) -> None:
    page.goto(f"{report}#{target}")
    page.reload()

    page.wait_for_selector(f'[id="{target}"]', state="visible")


@pytest.mark.parametrize("width", WIDTHS)
def test_without_javascript_the_failures_can_still_be_read(
    browser: Browser, report: str, width: int
) -> None:
    context = browser.new_context(
        java_script_enabled=False, viewport={"width": width, "height": 900}
    )
    with context, context.new_page() as page:
        page.goto(report)
        page.locator(".case > details > summary").first.click()

        assert page.locator("#tools").is_hidden()
        assert "went to frontend, not to backend" in page.locator(".case").first.inner_text()
        assert page.locator(".case").first.locator(".events").first.is_visible()
        assert f"The first {ROWS_ON_THE_PAGE} of 202 cases" in page.locator("main").inner_text()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_colours_follow_the_system(
    browser: Browser, report: str, scheme: Literal["light", "dark"]
) -> None:
    with browser.new_page(color_scheme=scheme) as page:
        page.goto(report)
        colour = page.evaluate("getComputedStyle(document.body).backgroundColor")

    numbers = [int(number) for number in colour.strip("rgb()").split(",")]
    assert (max(numbers) < 60) == (scheme == "dark")


@pytest.fixture(scope="module")
def work_report(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A page with a failed and a passed trial in which agents worked."""
    folder = tmp_path_factory.mktemp("work")
    long = make_work()
    for number in range(60):
        long.writes(f"shop/{'deep/' * 12}{'x' * 80}_{number}.py", "y = 1  # " + "z" * 300)
    evidence, much = make_work().end(), long.end()
    trials = [("add-discount", evidence, make_scores(evidence)), ("much", much, ())]
    target = folder / "report.html"
    target.write_text(render_html(make_work_run(folder / "a.run.db", trials)), encoding="utf-8")
    return target.as_uri()


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("case", ["add-discount", "much"])
def test_a_trial_at_work_keeps_to_the_width(
    browser: Browser, work_report: str, width: int, case: str
) -> None:
    with browser.new_page(viewport={"width": width, "height": 900}) as page:
        page.goto(f"{work_report}#case-{case}")
        page.locator(f'[id="case-{case}"] .strip-box').wait_for(state="visible")
        page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")

        assert page.locator(".marks a").count() > 8
        assert fits(page)


def test_a_mark_leads_to_its_event_and_an_evidence_to_its_file(
    browser: Browser, work_report: str
) -> None:
    with browser.new_page(viewport={"width": 1440, "height": 900}) as page:
        page.goto(f"{work_report}#case-add-discount")
        mark = page.locator(".marks a:has(.m-failed)").first
        target = (mark.get_attribute("href") or "").removeprefix("#")
        mark.click()
        expect(page.locator(f'[id="{target}"]')).to_be_in_viewport()

        file = page.locator('[id="case-add-discount/1/file/docs_2f_TODO.md"]')
        expect(file).to_be_hidden()
        page.locator(".evidence a", has_text="docs/TODO.md").click()
        expect(file).to_be_in_viewport()


def test_a_trial_at_work_reads_without_javascript(browser: Browser, work_report: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    with context, context.new_page() as page:
        page.goto(work_report)
        page.locator(".case > details > summary").first.click()

        assert page.locator(".marks").first.is_visible()
        assert "+def total(prices, discount=0.0):" in page.locator(".events").first.inner_text()
