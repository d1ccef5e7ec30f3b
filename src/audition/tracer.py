"""Writing a trace: numbers the events, times them, and keeps them within bounds."""

from collections.abc import Callable, Mapping
from typing import Any

from audition.events import AnyEvent, EventType
from audition.inert import sound

TEXT_CAP = 100_000
TEXT_CAP_WHEN_FULL = 200
TRACE_CAP = 4_000_000
"""Characters kept of one text, of one in a full trace, and of a trace before it is full."""

_LEFT_ALONE = frozenset({type(None), bool, int, float, tuple})
"""What most values are: to ask whether something is a mapping takes ten times as long."""


class Tracer:
    """Collects the events of one trial: numbers them, and times them by an injected clock.

    Whoever plays the trial may be cancelled at any moment; what was added stays.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._began = self._latest = clock()
        self._waited_s = 0.0
        self._events: list[AnyEvent] = []
        self._room = TRACE_CAP

    @property
    def elapsed_s(self) -> float:
        """Seconds since the trial began, waiting left out."""
        return max(0.0, self._clock() - self._began - self._waited_s)

    @property
    def trace(self) -> tuple[AnyEvent, ...]:
        """What was added so far."""
        return tuple(self._events)

    def waited(self, seconds: float, *, until_s_ago: float = 0.0) -> None:
        """Take time spent waiting for a provider out of the trial's own.

        Where agents work side by side, only what came after the latest event: until then another
        one was at work, or has waited for the same.

        Args:
            seconds: How long was waited.
            until_s_ago: How long ago that ended.
        """
        until = self._clock() - until_s_ago
        self._waited_s += max(0.0, min(seconds, until - self._latest))

    def add(self, kind: Callable[..., EventType], /, **fields: Any) -> EventType:
        """Append one event; returns it with its number."""
        bounded = {name: self._bound(value) for name, value in fields.items()}
        self._latest = self._clock()
        event = kind(number=len(self._events) + 1, at_s=round(self.elapsed_s, 6), **bounded)
        self._events.append(event)  # type: ignore[arg-type]  # every concrete event is in AnyEvent
        return event

    def _bound(self, value: Any) -> Any:
        """The value as a file can hold it, with long texts cut and the cut marked.

        A full trace cuts everything short. A tuple, which only the harness writes, is left alone.
        """
        if isinstance(value, str):
            return self._cut(value if value.isascii() else sound(value))
        if type(value) in _LEFT_ALONE:
            return value
        if isinstance(value, Mapping | list):
            return self._cut_all(sound(value))
        return value

    def _cut_all(self, value: Any) -> Any:
        if isinstance(value, str):
            return self._cut(value)
        if isinstance(value, dict):
            return {self._cut(str(key)): self._cut_all(item) for key, item in value.items()}
        return [self._cut_all(item) for item in value] if isinstance(value, list) else value

    def _cut(self, text: str) -> str:
        cap = TEXT_CAP if self._room > 0 else TEXT_CAP_WHEN_FULL
        self._room -= min(len(text), cap)
        return text if len(text) <= cap else f"{text[:cap]}… [{len(text) - cap} cut]"
