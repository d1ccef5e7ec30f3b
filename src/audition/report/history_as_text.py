"""A history, or the news of one night, for a terminal of 80 columns."""

from collections.abc import Sequence

from audition.history.mixed import Mixed
from audition.history.reading import Skipped
from audition.history.trends import Point, Trend
from audition.history.view import History, LineView
from audition.report.figures import MARKS, counted, percent
from audition.report.history_words import (
    News,
    drift_item,
    news_of,
    night_name,
    overall,
    stamp,
    title,
    trend_name,
    unsafe,
    watch_words,
)
from audition.report.sheet import QUIET, VERDICT_STYLES, Sheet

_NIGHTS_DRAWN = 24
_TRENDS_LISTED = 30
_MIXED_LISTED = 10
_DRIFTS_LISTED = 5
_BARS = "▁▂▃▄▅▆▇█"


def render_news(
    line: LineView, skipped: Sequence[Skipped], *, colour: bool, notes: Sequence[str] = ()
) -> str:
    """What changed on the newest night of a line, and the figures beside it.

    Args:
        line: The line.
        skipped: Run files beside it that could not be read.
        colour: With the colours of a terminal.
        notes: What has to be said of the night itself, such as that it was cut short.
    """
    sheet = Sheet(colour=colour)
    _line_top(sheet, line, notes)
    _skipped(sheet, skipped)
    return sheet.text


def render_history_text(history: History, *, colour: bool) -> str:
    """The whole history: the news of every line first, then trends, drift and flaky cases."""
    sheet = Sheet(colour=colour)
    if len(history.lines) > 1:
        _headline(sheet, overall(history))
    for line in history.lines:
        if len(history.lines) > 1:
            sheet.gap()
        _line_top(sheet, line, ())
    for line in history.lines:
        _line_rest(sheet, line)
    _skipped(sheet, history.skipped)
    for name in history.empty:
        sheet.paragraph(f"! {name}: holds no trial", hang=2, style="yellow")
    return sheet.text


def _headline(sheet: Sheet, news: News) -> None:
    words = f"{MARKS[news.tone]} {news.headline}"
    sheet.paragraph(words, hang=2, style=VERDICT_STYLES[news.tone])


def _line_top(sheet: Sheet, line: LineView, notes: Sequence[str]) -> None:
    for note in unsafe(line):
        sheet.paragraph(f"! {note}", hang=2, style=VERDICT_STYLES["fail"])
    news = news_of(line)
    _headline(sheet, news)
    stamped = f"{stamp(line.kin)} · " if stamp(line.kin) else ""
    nights = counted(len(line.nights), "night")
    sheet.paragraph(f"{stamped}{title(line.kin)} · {nights}", indent=2, style=QUIET)
    for note in notes:
        sheet.paragraph(f"! {note}", hang=2, style="yellow")
    for item in news.items:
        style = VERDICT_STYLES[item.tone] if item.tone in {"fail", "fault"} else ""
        sheet.paragraph(f"{MARKS[item.tone]} {item.text}", indent=2, hang=2, style=style)
        for detail in item.details:
            sheet.paragraph(detail, indent=6, hang=2)
    for fact in news.facts:
        sheet.paragraph(f"{fact.name:<17}{fact.text}", indent=2, hang=17, style=QUIET)


def _line_rest(sheet: Sheet, line: LineView) -> None:
    sheet.heading(f"Night by night: {title(line.kin)}")
    drawn = min(len(line.nights), _NIGHTS_DRAWN)
    first, last = night_name(line.nights[-drawn].name), night_name(line.nights[-1].name)
    sheet.paragraph(f"{first} to {last}; a bar is a pass rate, full at 100%", indent=2, style=QUIET)
    for trend in line.trends[:_TRENDS_LISTED]:
        _trend(sheet, line, trend)
    if len(line.trends) > _TRENDS_LISTED:
        more = counted(len(line.trends) - _TRENDS_LISTED, "more trend")
        sheet.paragraph(f"and {more}, on the page", indent=2)
    moves = [drifted for drifted in line.drifted if not drifted.is_repeated]
    if moves:
        sheet.heading("Drift so far, the newest first")
    for drifted in moves[:_DRIFTS_LISTED]:
        item = drift_item(drifted)
        sheet.paragraph(f"{MARKS[item.tone]} {item.text}", indent=2, hang=2)
        for detail in item.details:
            sheet.paragraph(detail, indent=6, hang=2, style=QUIET)
    if line.mixed:
        sheet.heading("Came out both ways, with nothing changed")
    for one in line.mixed[:_MIXED_LISTED]:
        sheet.paragraph(mixed_words(one), indent=2, hang=2)
    if len(line.mixed) > _MIXED_LISTED:
        more = counted(len(line.mixed) - _MIXED_LISTED, "more case")
        sheet.paragraph(f"and {more}, on the page", indent=2)


def mixed_words(one: Mixed) -> str:
    """A case that came out both ways, in a sentence."""
    flaky = "flaky, " if one.is_flaky else ""
    until = "" if one.is_current else f" until {night_name(one.until)}"
    return (
        f"{one.case}: {flaky}{one.passed} of {one.of} trials passed since "
        f"{night_name(one.since)}{until}"
    )


def _trend(sheet: Sheet, line: LineView, trend: Trend) -> None:
    newest = trend.points[-1]
    rate = percent(newest.rate) if newest.of else "none"
    name = trend_name(trend)
    short = name if len(name) <= 24 else f"{name[:23]}…"
    note = ""
    if trend.newest_alarm:
        note = f"  {watch_words(line, trend)}"
    bars = spark(trend.points[-_NIGHTS_DRAWN:])
    sheet.paragraph(f"{short:<26}{bars:<{_NIGHTS_DRAWN}} {rate:>6}{note}", indent=2, hang=2)


def spark(points: Sequence[Point]) -> str:
    """A bar for every night; a dot where nothing was judged."""
    return "".join(
        "·" if point.rate is None else _BARS[min(7, int(point.rate * 8))] for point in points
    )


def _skipped(sheet: Sheet, skipped: Sequence[Skipped]) -> None:
    for one in skipped:
        sheet.paragraph(f"! Not read: {one.name}: {one.reason}", hang=2, style="yellow")
