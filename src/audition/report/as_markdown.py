r"""The summary of a run as Markdown, for a pull request or a page of a build.

Texts from requests, models and definitions are escaped: they make no heading, link, image, mention
or HTML, and stay in their cell of a table. At most 50 cases are listed, so that the page stays
below the limits of the services that show it.
"""

import re
from collections.abc import Iterable
from html import escape

from audition.inert import inert
from audition.report.case_view import CaseView
from audition.report.check_matrix import CheckCell
from audition.report.figures import MARKS, counted, interval, percent, share
from audition.report.view import Page, RunLike, page_view

CASES_LISTED = 50
_LONGEST_CELL = 300
_ACTIVE = re.compile(r"([\\`*_\[\]<>|~$&])")
_FOUND_BY_SERVICES = re.compile(r"(@|#|:(?=//)|www(?=\.))", re.IGNORECASE)
"""What becomes a mention, an issue or a link without any markup, and past any backslash."""


def render_markdown(run: RunLike) -> str:
    """The summary as Markdown text."""
    page = page_view(run)
    parts = [
        *_top(page),
        *_figures(page),
        *_confusion(page),
        *_groups(page),
        *_checks(page),
        *_cases(page),
        *_made(page),
    ]
    return "\n".join(parts).rstrip("\n") + "\n"


def plain(text: str) -> str:
    """A text of somebody else's as one line of Markdown that means nothing but itself."""
    return _FOUND_BY_SERVICES.sub(r"\1<!-- -->", _ACTIVE.sub(r"\\\1", _line(text)))


def plain_html(text: str) -> str:
    """The same for a line of HTML in Markdown, such as a `<summary>`: no backslash counts there."""
    return _FOUND_BY_SERVICES.sub(r"\1<!-- -->", escape(_line(text), quote=False))


def _line(text: str) -> str:
    line = " ".join(inert(text, keep_layout=True).split())
    return line if len(line) <= _LONGEST_CELL else f"{line[:_LONGEST_CELL]}…"


def code(text: str) -> str:
    """A block of code that its text cannot end."""
    harmless = inert(text, keep_layout=True)
    longest = max((len(run) for run in re.findall("`+", harmless)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}\n{harmless}\n{fence}"


def table(columns: Iterable[str], rows: Iterable[Iterable[str]]) -> list[str]:
    """The lines of a table, with an empty one after it; cells are taken as they are."""
    names = list(columns)
    lines = ["| " + " | ".join(names) + " |", "|" + " --- |" * len(names)]
    return [*lines, *("| " + " | ".join(row) + " |" for row in rows), ""]


def _top(page: Page) -> list[str]:
    banner = page.banner
    counts = ", ".join(words for _, words in banner.counts) or "no trial played"
    lines = [
        f"# {MARKS[banner.verdict]} {plain(banner.headline)}",
        "",
        f"**{plain(banner.stamp)}** · {plain(page.record.suite)} · trials: {counts}",
        "",
    ]
    lines = [*(f"> **! {plain(note)}**\n" for note in page.unsafe), *lines]
    if banner.unfinished:
        lines += [plain(banner.unfinished), ""]
    if page.warnings:
        lines += [f"- **!** {plain(warning)}" for warning in page.warnings]
    lines += [f"- {plain(note)}" for note in page.notes]
    return [*lines, ""]


def _figures(page: Page) -> list[str]:
    rows = [
        [plain(f.name), percent(f.rate.rate), interval(f.rate), share(f.rate), plain(f.meaning)]
        for f in page.figures
    ]
    totals = [[plain(fact.name), plain(fact.text), "", "", ""] for fact in page.totals]
    return ["## Summary", "", *table(("", "", "95% interval", "counted", ""), [*rows, *totals])]


def _confusion(page: Page) -> list[str]:
    if page.confusion is None:
        return []
    rows = [
        [f"**{plain(expected)}**", *(str(number) for number in counts)]
        for expected, counts in zip(page.confusion.expected, page.confusion.counts, strict=True)
    ]
    columns = ("expected ↓ started →", *(plain(name) for name in page.confusion.found))
    return ["## Who was expected, who was started", "", *table(columns, rows)]


def _groups(page: Page) -> list[str]:
    lines = ["## Pass rate by group", ""] if page.groups else []
    for group in page.groups:
        rows = [
            [plain(row.name), percent(row.rate.rate), interval(row.rate), row.counted]
            for row in group.rows
        ]
        lines += table((plain(group.title), "rate", "95% interval", "counted"), rows)
    return lines


def _checks(page: Page) -> list[str]:
    if page.checks is None:
        return []
    columns = ("case", *(plain(column.name) for column in page.checks.columns))
    rows = [
        [plain(row.case), *(_check_cell(cell) for cell in row.cells)]
        for row in page.checks.rows[:CASES_LISTED]
    ]
    left_off = page.checks.left_off + max(0, len(page.checks.rows) - CASES_LISTED)
    more = [f"And {counted(left_off, 'more case')}.", ""] if left_off else []
    return ["## Cases and checks", "", *table(columns, rows), *more]


def _check_cell(cell: CheckCell | None) -> str:
    if cell is None:
        return ""
    several = f" {cell.passed}/{cell.trials}" if cell.trials > 1 else ""
    return f"{MARKS[cell.verdict]} {cell.verdict}{several}"


def _cases(page: Page) -> list[str]:
    open_cases = [view for view in page.cases if view.summary.verdict != "pass"]
    if not open_cases:
        return []
    lines = ["## Cases that did not pass", ""]
    lines += table(
        ("case", "passed", "expected", "found", "reason"),
        (_case_cells(view) for view in open_cases[:CASES_LISTED]),
    )
    if len(open_cases) > CASES_LISTED:
        lines += [f"And {counted(len(open_cases) - CASES_LISTED, 'more case')}.", ""]
    return [*lines, "The first of them again:", "", code(open_cases[0].command), ""]


def _case_cells(view: CaseView) -> list[str]:
    marks = f" ({', '.join(view.marks)})" if view.marks else ""
    found = ", ".join(f"{name} ×{number}" for name, number in view.found)
    return [
        f"{MARKS[view.summary.verdict]} {plain(view.case.id)}{marks}",
        f"{view.summary.passed}/{view.summary.judged}",
        plain(view.expected),
        plain(found),
        plain(view.reason),
    ]


def _made(page: Page) -> list[str]:
    facts = [f"- {plain(fact.name)}: {plain(fact.text)}" for fact in page.made[1:]]
    lines = ["## How this run was made", "", code(page.record.command), "", *facts, ""]
    if page.findings:
        lines += ["## Findings about the setup", ""]
        lines += table(
            ("where", "kind", "what", "what to do"),
            (
                [plain(text) for text in (entry.where, entry.level, entry.what, entry.do)]
                for entry in page.findings
            ),
        )
    return lines
