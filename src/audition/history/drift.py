"""Has a series of nights drifted away from where it was? CUSUM on top of `audition.stats.cusum`.

The reference are the first twenty nights. A night is compared with it over the cases that the
reference knows; a case that was not judged that night is put as its mean in the reference, which
speaks neither for a drift nor against one. The standard deviation of a night is the larger of what
the nights of the reference show and what repeats of each case alone would give (with half a success
and half a failure added, so that twenty flawless nights are not taken for certainty). One night
counts as four standard deviations at most: no single night, however bad, is a drift.

An alarm names the night since which the sum has grown. Where the level has not come back twenty
nights later (it lies at least half-way), those twenty are the new reference; until then the old
one goes on and repeats its alarm. A break begins anew.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from math import log, sqrt
from statistics import fmean

from audition.stats.cusum import NEEDED, Drift, Reference, drifts, reference

Counts = Mapping[str, tuple[int, int]]
"""A night: by case, how many trials passed, and of how many."""

LIMIT = 6.0
"""Of the sum, in standard deviations; 5 is usual, and too low where the reference is uncertain
itself. `benchmarks/drift.py` simulates it: steady suites of 12 to 50 cases raise a false alarm once
in 740 nights or more rarely, on average (with 5 once in 500); a fall by ten points is found in 3 to
10 nights, by twenty in 2 to 5."""
_CLIP = 4.0


@dataclass(frozen=True)
class Alarm:
    """The level has moved."""

    at: int
    """The night that raised it, by its place."""
    since: int
    """The first night of those that made the sum."""
    falls: bool
    """False where it has risen."""
    was: float
    """The mean of the reference."""
    now: float
    """The mean of the nights since."""


@dataclass(frozen=True)
class Stretch:
    """Nights that are compared with one reference."""

    begin: int
    end: int
    """The first night beyond it."""
    mean: float


@dataclass(frozen=True)
class Watch:
    """What watching a series came to."""

    alarms: tuple[Alarm, ...] = ()
    stretches: tuple[Stretch, ...] = ()
    unused: frozenset[int] = frozenset()
    """Nights on which too few of the cases were judged to say anything."""
    learning: int | None = None
    """How many of the twenty nights of a reference there are; None where it is complete."""


def limit_among(watched: int) -> float:
    """The limit for one of several series: together they raise a false alarm as rarely as one.

    The run length of a CUSUM grows as the exponential of its limit (Siegmund 1985, at an allowance
    of one half).
    """
    return LIMIT + log(max(watched, 1))


def watch(nights: Sequence[Counts], *, breaks: Collection[int] = (), limit: float = LIMIT) -> Watch:
    """Watch a series of nights.

    Args:
        nights: By case, how many trials passed, and of how many, oldest night first.
        breaks: Places of nights before which something changed that makes a new beginning.
        limit: Of the sums.
    """
    alarms: list[Alarm] = []
    stretches: list[Stretch] = []
    unused: set[int] = set()
    begin = 0
    while True:
        window, beyond = _window(nights, begin, breaks)
        if len(window) < NEEDED:
            if beyond < len(nights):  # broken off before it was complete
                begin = beyond
                continue
            used = set(window)
            unused |= {place for place in range(begin, beyond) if place not in used}
            return Watch(tuple(alarms), tuple(stretches), frozenset(unused), len(window))
        yardstick = _Yardstick.made(nights, window)
        unused |= set(range(begin, beyond)) - set(window)
        rest, end, left_out = _comparable(nights, beyond, breaks, yardstick)
        found, again = _alarms(nights, rest, yardstick, limit)
        alarms += found
        stop = end if again is None else again
        unused |= {place for place in left_out if place < stop}
        stretches.append(Stretch(begin, stop, yardstick.reference.mean))
        if stop >= len(nights):
            return Watch(tuple(alarms), tuple(stretches), frozenset(unused), None)
        begin = stop


def _window(nights: Sequence[Counts], begin: int, breaks: Collection[int]) -> tuple[list[int], int]:
    """The nights that a reference rests on, and the first night beyond them.

    A night on which less than half as many cases were judged as on another is no part of it.
    """
    window: list[int] = []
    for place in range(begin, len(nights)):
        if place in breaks and place > begin:
            return window, place
        if nights[place]:
            window.append(place)
            most = max(len(nights[one]) for one in window)
            window = [one for one in window if 2 * len(nights[one]) >= most]
        if len(window) == NEEDED:
            return window, place + 1
    return window, len(nights)


@dataclass(frozen=True)
class _Yardstick:
    """What a night is compared with: the mean of each case, and of them all."""

    means: dict[str, float]
    reference: Reference

    @classmethod
    def made(cls, nights: Sequence[Counts], window: Sequence[int]) -> "_Yardstick":
        passed: dict[str, int] = defaultdict(int)
        of: dict[str, int] = defaultdict(int)
        seen: dict[str, int] = defaultdict(int)
        for place in window:
            for case, (good, tried) in nights[place].items():
                passed[case] += good
                of[case] += tried
                seen[case] += 1
        cases = [case for case, count in seen.items() if 2 * count >= len(window)] or list(seen)
        means = {case: passed[case] / of[case] for case in cases}
        smooth = {case: (passed[case] + 0.5) / (of[case] + 1) for case in cases}
        spread = sum(p * (1 - p) * seen[case] / of[case] for case, p in smooth.items())
        points = [_level(nights[place], means) for place in window]
        found = reference(points, within=sqrt(spread) / len(cases))
        assert found is not None  # noqa: S101 # it varies: half a failure was added to every case
        return cls(means, found)

    def point(self, night: Counts) -> float:
        """The level of a night, no further off than one night may count."""
        most = _CLIP * self.reference.spread
        return self.reference.mean + max(
            -most, min(most, _level(night, self.means) - self.reference.mean)
        )


def _level(night: Counts, means: dict[str, float]) -> float:
    """The mean over the known cases; one that was not judged counts as its own mean."""
    rates = (
        night[case][0] / night[case][1] if case in night else mean for case, mean in means.items()
    )
    return fmean(rates)


def _comparable(
    nights: Sequence[Counts], begin: int, breaks: Collection[int], yardstick: _Yardstick
) -> tuple[list[int], int, list[int]]:
    """Nights that can be compared, the place where that ends, and nights with too few cases.

    It ends at a break, and where most cases of a night are others than those of the reference.
    """
    usable: list[int] = []
    too_few: list[int] = []
    for place in range(begin, len(nights)):
        night = nights[place]
        known = len(night.keys() & yardstick.means.keys())
        is_partial = 2 * known < len(yardstick.means)
        if place in breaks or (is_partial and 2 * known < len(night)):
            return usable, place, too_few
        (too_few if is_partial else usable).append(place)
    return usable, len(nights), too_few


def _alarms(
    nights: Sequence[Counts], rest: Sequence[int], yardstick: _Yardstick, limit: float
) -> tuple[list[Alarm], int | None]:
    """The alarms against one reference, and the night from which another one is learnt."""
    points = [yardstick.point(nights[place]) for place in rest]
    sums = drifts(points, yardstick.reference, limit=limit)
    was = yardstick.reference.mean
    alarms: list[Alarm] = []
    again, looked_until, end = None, 0, len(rest)
    for place, drift in enumerate(sums):
        if place >= end:
            break
        if not (drift.falls or drift.rises):
            continue
        since = _onset(sums, place, falls=drift.falls)
        now = fmean(_level(nights[one], yardstick.means) for one in rest[since : place + 1])
        alarms.append(Alarm(rest[place], rest[since], drift.falls, was, now))
        if since >= looked_until and since + NEEDED <= len(rest):
            looked_until = since + NEEDED
            if again is None and _stays(points[since:looked_until], was=was, now=now):
                again, end = rest[since], looked_until
    return alarms, again


def _stays(points: Sequence[float], *, was: float, now: float) -> bool:
    """Whether the later half of these nights lies at least half-way to where the alarm saw it."""
    later = fmean(points[len(points) // 2 :])
    return (later - was) / (now - was) >= 0.5 if now != was else False


def _onset(sums: Sequence[Drift], place: int, *, falls: bool) -> int:
    """The night since which a sum has grown without coming back to nothing."""
    since = place
    while since > 0:
        before = sums[since - 1]
        size = before.fall if falls else before.rise
        if size <= 0 or before.falls or before.rises:
            break
        since -= 1
    return since
