"""The page of a history: one self-contained file that needs neither a network nor JavaScript.

It says first what changed since the night before, then draws each line night by night; every dot
leads to the report of the run behind it, where that lies beside its run file. Drawn are the last
120 nights, all others are in the JSON. The bytes depend on the folder alone.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from audition.history.mixed import Mixed
from audition.history.nights import Night
from audition.history.trends import Trend
from audition.history.view import History, LineView
from audition.report.as_html import anchor, asset, csp_hash, environment, trusted
from audition.report.history_chart import NIGHTS_DRAWN, Chart, chart, lowest, scale_words
from audition.report.history_words import (
    Item,
    News,
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
from audition.runfile import page_path

_TRENDS_DRAWN = 60
_MIXED_LISTED = 100


@dataclass(frozen=True)
class _Row:
    """A trend beside its like."""

    name: str
    subject: str
    chart: Chart
    newest: str
    drift: str
    is_alarmed: bool


@dataclass(frozen=True)
class _NightRow:
    name: str
    passed: str
    paid: str
    faults: int
    served: str
    runs: tuple[tuple[str, str], ...]
    """Name of the run file, and the address of its report."""
    changes: tuple[str, ...]


@dataclass(frozen=True)
class _Line:
    """A line as the template takes it."""

    key: str
    title: str
    stamp: str
    news: News
    links: dict[str, str]
    """By case, where the report of the newest run has it."""
    unsafe: tuple[str, ...]
    first: str
    last: str
    scale: tuple[str, str]
    suite: _Row
    rows: tuple[_Row, ...]
    more_trends: int
    moves: tuple[Item, ...]
    mixed: tuple[Mixed, ...]
    more_mixed: int
    nights: tuple[_NightRow, ...]
    """The newest first."""
    older: int
    copies: tuple[str, ...]


def render_history_html(history: History, *, beside: Path) -> str:
    """The whole page as text; `beside` is the folder that it will lie in."""
    templates = environment()
    templates.filters["night_name"] = night_name
    style = asset("report.css") + asset("history.css")
    whole = overall(history)
    page = templates.get_template("history.html.j2").render(
        history=history,
        whole=whole,
        lines=[_line(line, place, beside) for place, line in enumerate(history.lines)],
        style=trusted(style),
        style_hash=csp_hash(style),
    )
    return f"{page}\n"


def _line(line: LineView, place: int, beside: Path) -> _Line:
    def href(night: Night) -> str:
        return _href(night, beside)

    low = lowest(line)
    rows = [_row(line, trend, low, href) for trend in line.trends[1 : _TRENDS_DRAWN + 1]]
    shown = line.nights[-NIGHTS_DRAWN:]
    news = news_of(line)
    page = href(line.nights[-1])
    return _Line(
        key=f"line-{place + 1}",
        title=title(line.kin),
        stamp=stamp(line.kin),
        news=news,
        links={i.case: f"{page}#{anchor(i.case)}" for i in news.items if i.case and page},
        unsafe=unsafe(line),
        first=night_name(shown[0].name),
        last=night_name(shown[-1].name),
        scale=scale_words(low),
        suite=_row(line, line.suite, low, href),
        rows=tuple(rows),
        more_trends=max(0, len(line.trends) - 1 - _TRENDS_DRAWN),
        moves=tuple(drift_item(one) for one in line.drifted if not one.is_repeated),
        mixed=line.mixed[:_MIXED_LISTED],
        more_mixed=max(0, len(line.mixed) - _MIXED_LISTED),
        nights=tuple(_night_rows(line, beside)),
        older=len(line.nights) - len(shown),
        copies=line.copies,
    )


def _row(line: LineView, trend: Trend, low: float, href: Callable[[Night], str]) -> _Row:
    return _Row(
        name=trend_name(trend),
        subject=trend.subject,
        chart=chart(line, trend, low, href, marked=trend.subject == "suite"),
        newest=point_words(trend.points[-1]),
        drift=watch_words(line, trend),
        is_alarmed=trend.newest_alarm is not None,
    )


def _night_rows(line: LineView, beside: Path) -> list[_NightRow]:
    changes = dict(line.changes)
    rows = []
    for place in range(max(0, len(line.nights) - NIGHTS_DRAWN), len(line.nights)):
        night = line.nights[place]
        rows.append(
            _NightRow(
                name=night_name(night.name),
                passed=point_words(line.suite.points[place]),
                paid=paid(night),
                faults=len(night.faults),
                served=", ".join(night.served),
                runs=tuple((run.path.name, _address(run.path, beside)) for run in night.runs),
                changes=changes[place].what if place in changes else (),
            )
        )
    return rows[::-1]


def _href(night: Night, beside: Path) -> str:
    return _address(night.runs[-1].path, beside)


def _address(run_file: Path, beside: Path) -> str:
    """Where the report of a run lies, seen from the page; empty where nobody has written it."""
    from urllib.parse import quote

    page = page_path(run_file)
    return quote(os.path.relpath(page, beside)) if page.is_file() else ""
