"""How many requests may be under way at once, learned from how the server answers.

The number grows while answers arrive and is halved when the server refuses one for being too many:
additive increase, multiplicative decrease, as in TCP (RFC 5681), slow start included. A server that
names a time is taken at its word: until then nothing new begins.
"""

import asyncio
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from math import isfinite

START = 20
"""Requests under way at once before anything is known of the server."""

PATIENCE_S = 300.0
"""The longest pause that is waited out; a server that asks for more is a fault."""

_OPEN = float("-inf")
_BUDGETS = ("requests", "tokens", "input-tokens", "output-tokens")


class Limiter:
    """A gate in front of one server: first come, first served, at most `limit` inside."""

    def __init__(self, maximum: int, *, start: int = START) -> None:
        self.maximum = max(1, maximum)
        self._limit = float(max(1, min(start, self.maximum)))
        self._in_flight = 0
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._closed_until = _OPEN
        self._last_cut = float("-inf")
        self._was_cut = False

    @property
    def limit(self) -> int:
        """How many may be inside now."""
        return int(self._limit)

    @property
    def in_flight(self) -> int:
        """How many are inside."""
        return self._in_flight

    async def enter(self) -> None:
        """Wait for a place; whoever got one has to `leave`."""
        place = asyncio.get_running_loop().create_future()
        self._waiting.append(place)
        self._admit()
        try:
            await place
        except asyncio.CancelledError:
            if place.done() and not place.cancelled():
                self.leave()  # the place was given in the same moment: pass it on
            raise

    def leave(self) -> None:
        """Give the place to the next in line."""
        self._in_flight -= 1
        self._admit()

    def went_well(self) -> None:
        """An answer arrived whole: one more at once; after a refusal, one more per round."""
        step = 1 / self._limit if self._was_cut else 1.0
        self._limit = min(float(self.maximum), self._limit + step)
        self._admit()

    def was_refused(self, began: float, wait_s: float) -> None:
        """The server had too many requests.

        Args:
            began: when the refused request began, by the clock of the event loop. Requests that
                were under way together are refused together: they cut the limit once.
            wait_s: how long the server asks to wait; 0 where it does not say.
        """
        if began > self._last_cut:
            self._last_cut = asyncio.get_running_loop().time()
            self._limit = max(1.0, self._limit / 2)
            self._was_cut = True
        self.pause(wait_s)

    def pause(self, seconds: float) -> None:
        """Let nobody in for so long, at most `PATIENCE_S`."""
        if seconds > 0:
            loop = asyncio.get_running_loop()
            until = loop.time() + min(seconds, PATIENCE_S)
            if until > self._closed_until:
                self._closed_until = until
                loop.call_at(until, self._reopen, until)

    def _reopen(self, until: float) -> None:
        # Only the timer opens the gate: a comparison with the clock could be a hair too early, and
        # then nobody would come back to open it.
        if self._closed_until == until:
            self._closed_until = _OPEN
            self._admit()

    def _admit(self) -> None:
        while self._waiting and self._in_flight < self.limit and self._closed_until == _OPEN:
            place = self._waiting.popleft()
            if not place.done():
                self._in_flight += 1
                place.set_result(None)


@dataclass
class Place:
    """One call's place at the gate: taken for every attempt, kept while its answer streams in."""

    limiter: Limiter
    began: float = 0.0
    """When the latest attempt began, by the clock of the event loop."""
    held: bool = False

    @property
    def elapsed_s(self) -> float:
        """Seconds since then."""
        return asyncio.get_running_loop().time() - self.began

    async def take(self) -> None:
        """Wait for the place."""
        await self.limiter.enter()
        self.held = True
        self.began = asyncio.get_running_loop().time()

    def give_back(self) -> None:
        """Leave, if it has not been left already."""
        if self.held:
            self.held = False
            self.limiter.leave()


def asked_wait_s(headers: Mapping[str, str], now: datetime) -> float:
    """Seconds to wait by `retry-after` or `retry-after-ms`; 0 where the refusal does not say."""
    milliseconds = _number(headers.get("retry-after-ms"))
    if milliseconds is not None:
        return max(0.0, milliseconds / 1000)
    text = headers.get("retry-after")
    seconds = _number(text)
    if seconds is not None:
        return max(0.0, seconds)
    return _seconds_until(_http_date(text), now)


def spent_wait_s(headers: Mapping[str, str], now: datetime) -> float:
    """Seconds until every spent budget of `anthropic-ratelimit-*` is full again; 0 for none spent.

    Where the server sends its own `date`, its clock counts and not ours.
    """
    now = _http_date(headers.get("date")) or now
    waits = [0.0]
    for budget in _BUDGETS:
        remaining = _number(headers.get(f"anthropic-ratelimit-{budget}-remaining"))
        if remaining is not None and remaining <= 0:
            reset = _iso_date(headers.get(f"anthropic-ratelimit-{budget}-reset"))
            waits.append(_seconds_until(reset, now))
    return max(waits)


def _number(text: str | None) -> float | None:
    try:
        number = float(text or "")
    except ValueError:
        return None
    return number if isfinite(number) else None


def _http_date(text: str | None) -> datetime | None:
    try:
        return _aware(parsedate_to_datetime(text or ""))
    except (ValueError, OverflowError):
        return None


def _iso_date(text: str | None) -> datetime | None:
    try:
        return _aware(datetime.fromisoformat(text or ""))
    except ValueError:
        return None


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _seconds_until(moment: datetime | None, now: datetime) -> float:
    return max(0.0, (moment - now).total_seconds()) if moment else 0.0
