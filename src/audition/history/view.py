"""All that is said about a folder of run files, line by line."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path

from audition.history.differing import is_break, what_differs
from audition.history.drift import Alarm
from audition.history.mixed import Mixed, mixed_cases
from audition.history.nights import Kin, Line, Night, lines_of
from audition.history.reading import Found, Skipped, began_at
from audition.history.since import SinceLast, since_last
from audition.history.trends import Trend, trends
from audition.stats.cusum import NEEDED

_ABOUT = 2
"""Nights before and after the first of a drift whose changes are named: it is an estimate."""


_STILL_PLAYED = timedelta(hours=36)
"""Nightly runs of several suites end hours apart."""
_LONG_AGO = datetime(1970, 1, 3, tzinfo=UTC)


@dataclass(frozen=True)
class Change:
    """What was another from one night on."""

    night: str
    what: tuple[str, ...]
    is_break: bool
    """Nights before it are not compared with those after it."""


@dataclass(frozen=True)
class Drifted:
    """An alarm, with all that is known to have changed about when it began."""

    trend: Trend
    alarm: Alarm
    since: str
    """The night since which the level is another, as far as that can be told."""
    at: str
    changes: tuple[Change, ...]
    """What was another about then."""
    last_change: Change | None
    """The newest change before that; None where there was none."""
    is_repeated: bool
    """An earlier alarm has said it, and the level has stayed."""


@dataclass(frozen=True)
class LineView:
    """One line of nights, and everything there is to say of it."""

    kin: Kin
    nights: tuple[Night, ...]
    trends: tuple[Trend, ...]
    """The suite's first, then agents, then checks."""
    changes: tuple[tuple[int, Change], ...]
    """With the place of the night."""
    before: int | None
    """The place of the night that the newest one is compared with."""
    since: SinceLast | None
    """None where there is one night only."""
    mixed: tuple[Mixed, ...]
    copies: tuple[str, ...]
    is_current: bool = True
    """False where other lines of the folder have been played for days, and this one has not."""

    @property
    def suite(self) -> Trend:
        """The trend of the whole suite."""
        return self.trends[0]

    @cached_property
    def drifted(self) -> tuple[Drifted, ...]:
        """Every alarm of every trend, the newest night's first, with those that repeat one."""
        found = [drifted for trend in self.trends for drifted in self._alarms_of(trend)]
        return tuple(sorted(found, key=lambda one: -one.alarm.at))

    @property
    def drifted_last(self) -> tuple[Drifted, ...]:
        """The alarms that the newest night raised."""
        return tuple(one for one in self.drifted if one.alarm.at == len(self.nights) - 1)

    def last_alarm(self, trend: Trend) -> Drifted | None:
        """The newest alarm of a trend, unless another reference has been learnt since."""
        mine = [one for one in self.drifted if one.trend is trend]
        stretches = trend.watch.stretches
        if mine and stretches and mine[0].alarm.was == stretches[-1].mean:
            return mine[0]
        return None

    @property
    def is_quiet(self) -> bool:
        """Whether there is a night before the newest, and nothing changed since it."""
        return self.since is not None and self.since.is_quiet and not self.drifted_last

    def _alarms_of(self, trend: Trend) -> Iterator[Drifted]:
        last: Alarm | None = None
        begin = 0
        for alarm in trend.watch.alarms:
            is_repeated = last is not None and _repeats(alarm, last)
            begin = begin if is_repeated else alarm.since
            about = range(begin - _ABOUT, begin + _ABOUT + 1)
            yield Drifted(
                trend,
                alarm,
                self.nights[begin].name,
                self.nights[alarm.at].name,
                tuple(change for place, change in self.changes if place in about),
                next((c for place, c in reversed(self.changes) if place < about.start), None),
                is_repeated,
            )
            last = alarm


@dataclass(frozen=True)
class History:
    """Everything that is said about a folder."""

    folder: Path
    lines: tuple[LineView, ...]
    """Those that are still played first, of them real models first, then what was played last."""
    skipped: tuple[Skipped, ...]
    empty: tuple[str, ...]
    """Run files that hold no trial at all."""

    @property
    def current(self) -> tuple[LineView, ...]:
        """The lines that are still played."""
        return tuple(line for line in self.lines if line.is_current)

    @property
    def falls(self) -> tuple[Drifted, ...]:
        """The falls that the newest night raised an alarm for, of lines that are still played."""
        return tuple(one for line in self.current for one in line.drifted_last if one.alarm.falls)


def history_of(found: Found) -> History:
    """The history that these runs are."""
    lines = lines_of(found.runs)
    views = [line_view(line) for line in lines if line.nights]
    played = [_played_at(view.nights[-1]) for view in views]
    newest = max(played, default=_LONG_AGO)
    current = [moment >= newest - _STILL_PLAYED for moment in played]
    views = [replace(view, is_current=is_one) for view, is_one in zip(views, current, strict=True)]
    return History(
        folder=found.folder,
        lines=tuple(sorted(views, key=lambda view: not view.is_current)),
        skipped=found.skipped,
        empty=tuple(name for line in lines if not line.nights for name in line.copies),
    )


def line_view(line: Line) -> LineView:
    """Everything there is to say of a line with a night at least."""
    nights = line.nights
    before = _night_before(nights)
    since = None
    if before is not None:
        since = since_last(nights[before], nights[-1], mixed_cases(nights[:-1]))
    return LineView(
        kin=line.kin,
        nights=nights,
        trends=trends(nights),
        changes=tuple(_changes(nights)),
        before=before,
        since=since,
        mixed=mixed_cases(nights),
        copies=line.copies,
    )


def _played_at(night: Night) -> datetime:
    """When a night began; long ago where a run file holds no time that can be read."""
    try:
        moment = datetime.fromisoformat(began_at(night.runs[0]))
    except ValueError:
        return _LONG_AGO
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _night_before(nights: Sequence[Night]) -> int | None:
    """The newest of the earlier nights, if possible one on which all cases were to be played."""
    earlier = range(len(nights) - 2, -1, -1)
    whole = (place for place in earlier if not nights[place].is_part)
    return next(whole, earlier[0] if earlier else None)


def _changes(nights: tuple[Night, ...]) -> Iterator[tuple[int, Change]]:
    for place in range(1, len(nights)):
        before, after = nights[place - 1], nights[place]
        what = what_differs(before, after)
        if what:
            yield place, Change(after.name, what, is_break(before, after))


def _repeats(alarm: Alarm, last: Alarm) -> bool:
    """Whether it says what the alarm before it has said: the same way, from the same reference."""
    is_alike = (alarm.falls, alarm.was) == (last.falls, last.was)
    return is_alike and alarm.at - last.at <= NEEDED
