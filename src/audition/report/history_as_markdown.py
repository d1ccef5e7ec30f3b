"""A history as Markdown, for a page of a build: what changed first, made harmless like a report."""

from audition.history.trends import Trend
from audition.history.view import History, LineView
from audition.report.as_markdown import plain, table
from audition.report.figures import MARKS, counted, percent
from audition.report.history_as_text import mixed_words, spark
from audition.report.history_words import (
    Item,
    drift_item,
    news_of,
    night_name,
    overall,
    paid,
    point_words,
    stamp,
    title,
    trend_name,
    unsafe,
    watch_words,
)

NIGHTS_LISTED = 30
_TRENDS_LISTED = 50
_MIXED_LISTED = 20


def render_history_markdown(history: History) -> str:
    """The history as Markdown text."""
    whole = overall(history)
    lines = [f"# {MARKS[whole.tone]} {plain(whole.headline)}", ""]
    for line in history.lines:
        lines += _news(line)
    for line in history.lines:
        lines += _rest(line)
    skipped = [f"- **!** Not read: {plain(s.name)}: {plain(s.reason)}" for s in history.skipped]
    skipped += [f"- **!** {plain(name)}: holds no trial" for name in history.empty]
    return "\n".join([*lines, *skipped]).rstrip("\n") + "\n"


def _news(line: LineView) -> list[str]:
    news = news_of(line)
    stamped = f"**{stamp(line.kin)}** · " if stamp(line.kin) else ""
    lines = [f"> **! {plain(note)}**\n" for note in unsafe(line)]
    lines += [f"## {MARKS[news.tone]} {plain(title(line.kin))}", ""]
    lines += [f"{stamped}{plain(news.headline)}", ""]
    for item in news.items:
        lines += _item(item)
    lines += [f"- {plain(fact.name)}: {plain(fact.text)}" for fact in news.facts]
    return [*lines, ""]


def _item(item: Item) -> list[str]:
    details = [f"    - {plain(detail)}" for detail in item.details]
    return [f"- {MARKS[item.tone]} {plain(item.text)}", *details]


def _rest(line: LineView) -> list[str]:
    lines = [f"## Night by night: {plain(title(line.kin))}", ""]
    columns = ("", "nights", "newest", "drift")
    lines += table(columns, [_trend(line, trend) for trend in line.trends[:_TRENDS_LISTED]])
    moves = [drift_item(drifted) for drifted in line.drifted if not drifted.is_repeated]
    for item in moves:
        lines += _item(item)
    lines += [""] if moves else []
    if line.mixed:
        lines += ["Came out both ways, with nothing changed:", ""]
        lines += [f"- {plain(mixed_words(one))}" for one in line.mixed[:_MIXED_LISTED]]
        more = len(line.mixed) - _MIXED_LISTED
        lines += [f"- and {counted(more, 'more case')}"] if more > 0 else []
        lines += [""]
    points = list(zip(line.nights, line.suite.points, strict=True))[-NIGHTS_LISTED:]
    rows = [
        [
            plain(night_name(night.name)),
            point_words(point),
            paid(night),
            str(len(night.faults)),
            plain(", ".join(run.path.name for run in night.runs)),
        ]
        for night, point in reversed(points)
    ]
    return [*lines, *table(("night", "passed", "paid", "faults", "run file"), rows)]


def _trend(line: LineView, trend: Trend) -> list[str]:
    newest = trend.points[-1]
    rate = percent(newest.rate) if newest.of else "none"
    bars = spark(trend.points[-NIGHTS_LISTED:])
    return [plain(trend_name(trend)), bars, rate, watch_words(line, trend)]
