"""Pass rates over nights as a drawing: in a box of 1000 by 100 that is stretched to any size.

Everything is a stroke, so that stretching bends nothing: a dot is a line without length.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from audition.history.drift import Watch
from audition.history.nights import Night
from audition.history.trends import Point, Trend
from audition.history.view import Change, LineView
from audition.report.figures import percent
from audition.report.history_words import night_name, point_words

NIGHTS_DRAWN = 120
_WIDTH, _MARGIN = 1000, 8
_TOP, _BOTTOM = 8, 92


@dataclass(frozen=True)
class Dot:
    """A night, with the run behind it."""

    at: str
    """Its place, as a path without length."""
    words: str
    href: str
    """The report of its run; empty where there is none."""
    kind: str
    """`plain`, `fall`, `rise`, or `unused`: too few cases to say anything of drift."""


@dataclass(frozen=True)
class Mark:
    """A night on which something else changed, as a line from top to bottom."""

    path: str
    words: str
    is_break: bool


@dataclass(frozen=True)
class Chart:
    """One trend, drawn."""

    label: str
    """What it shows, for those who do not see it."""
    curve: str
    """Interrupted where nothing was judged."""
    references: tuple[str, ...]
    dots: tuple[Dot, ...]
    marks: tuple[Mark, ...]


def lowest(line: LineView) -> float:
    """Where the scale of all charts of a line begins: a tenth, below every rate, at most 0.8."""
    drawn = [trend.points[-NIGHTS_DRAWN:] for trend in line.trends]
    rates = [point.rate for points in drawn for point in points if point.rate is not None]
    return min(0.8, int(min(rates, default=0.0) * 10) / 10)


def chart(
    line: LineView, trend: Trend, low: float, href: Callable[[Night], str], *, marked: bool
) -> Chart:
    """A trend of a line, drawn.

    Args:
        line: The line.
        trend: The trend.
        low: Where the scale begins; it ends at 1.
        href: The report of a night's run.
        marked: With a mark on every night on which something else changed.
    """
    begin = max(0, len(line.nights) - NIGHTS_DRAWN)
    scale = _Scale(begin, len(line.nights), low)
    shown = list(enumerate(trend.points))[begin:]
    newest = trend.points[-1]
    return Chart(
        label=f"{len(shown)} nights, the newest {point_words(newest)}",
        curve=_curve(shown, scale),
        references=tuple(_references(trend.watch, scale)),
        dots=tuple(_dots(line, trend, shown, scale, href)),
        marks=tuple(_marks(line.changes, scale)) if marked else (),
    )


@dataclass(frozen=True)
class _Scale:
    begin: int
    end: int
    low: float

    def x(self, place: int) -> float:
        steps = max(1, self.end - self.begin - 1)
        return round(_MARGIN + (place - self.begin) * (_WIDTH - 2 * _MARGIN) / steps, 1)

    def y(self, rate: float) -> float:
        return round(_BOTTOM - (rate - self.low) / (1 - self.low) * (_BOTTOM - _TOP), 1)


def _curve(shown: Sequence[tuple[int, Point]], scale: _Scale) -> str:
    steps, pen = [], "M"
    for place, point in shown:
        if point.rate is None:
            pen = "M"
            continue
        steps.append(f"{pen}{scale.x(place)} {scale.y(point.rate)}")
        pen = "L"
    return "".join(steps)


def _references(watch: Watch, scale: _Scale) -> Iterator[str]:
    for stretch in watch.stretches:
        begin, end = max(stretch.begin, scale.begin), stretch.end - 1
        if end > begin and stretch.mean >= scale.low:
            yield f"M{scale.x(begin)} {scale.y(stretch.mean)}H{scale.x(end)}"


def _dots(
    line: LineView,
    trend: Trend,
    shown: Sequence[tuple[int, Point]],
    scale: _Scale,
    href: Callable[[Night], str],
) -> Iterator[Dot]:
    kinds = dict.fromkeys(trend.watch.unused, "unused")
    kinds |= {alarm.at: "fall" if alarm.falls else "rise" for alarm in trend.watch.alarms}
    said = {"fall": "; alarm: fallen", "rise": "; alarm: risen", "unused": "; too few cases"}
    for place, point in shown:
        night = line.nights[place]
        if point.rate is None:
            continue
        kind = kinds.get(place, "plain")
        where = f"M{scale.x(place)} {scale.y(point.rate)}h0"
        runs = ", ".join(run.path.name for run in night.runs)
        words = f"{night_name(night.name)}: {point_words(point)}{said.get(kind, '')}; {runs}"
        yield Dot(where, words, href(night), kind)


def _marks(changes: Sequence[tuple[int, Change]], scale: _Scale) -> Iterator[Mark]:
    for place, change in changes:
        if place >= scale.begin:
            words = f"{night_name(change.night)}: {'; '.join(change.what)}"
            yield Mark(f"M{scale.x(place)} 0V100", words, change.is_break)


def scale_words(low: float) -> tuple[str, str]:
    """The ends of the scale."""
    return percent(1.0), percent(low)
