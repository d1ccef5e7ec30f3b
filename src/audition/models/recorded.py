"""Replays recorded turns: the model is scripted, everything around it really runs.

    model: recorded
    recordings: recordings/routing.jsonl      # the default for a suite named routing

A turn is addressed by case, trial, thread and turn number; agents that worked side by side take
their turns in the order in which they were recorded. Every recording says who made it, and is
pinned to the prompt that it was made against; where the prompt has changed since, trial and report
carry the label "recorded against another prompt", and `--strict` makes it an error. Make recordings
with `audition run SUITE --model anthropic:… --record`.

Where agents work, a replay makes commits of its own. A commit that the recording had made, and
that a later turn names by its id (whole, or seven characters and more), is named as the replay has
it, in calls as in words; no other word is touched. A date that the recorded turns wrote into a
file is right where it lies within the time of the recording or of the replay. And what the calls
come to is compared with the recording: a test run that ends otherwise, another exit code, an error
that was none. Then trial and report carry the label "replayed otherwise", and `--strict` makes it
an error once all is played. Recordings that were written by hand, and older ones, do not hold what
their calls came to; nothing of them is compared.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import ClassVar

from audition.conversation import Answer, Ask, Hindsight, Nature, Opening, Reply, Wanted
from audition.errors import FaultError, InputError, Problem
from audition.events import AnyEvent
from audition.models._replay import differences, renamed
from audition.prices import FREE, Price
from audition.recordings import Recordings, TurnPlace, read_recordings

_PATIENCE_S = 60.0

BROKEN_PIN = "recorded against another prompt: says nothing about this edit"


@dataclass(frozen=True)
class Recorded:
    """Replays the recordings of the suite."""

    nature: ClassVar[Nature] = "scripted"

    @property
    def label(self) -> str:
        """The name as a user would write it."""
        return "recorded"

    def identity(self, opening: Opening, case: str, trial: int) -> str:
        """Digest of the recorded turns."""
        recording = _recordings(_path(opening)).get((case, trial))
        return f"recorded {recording.identity} {recording.pin}" if recording else "recorded"

    def price(self, opening: Opening, model: str | None = None) -> Price:
        """Nothing."""
        return FREE

    def problems(self, opening: Opening, wanted: Sequence[Wanted]) -> tuple[Problem, ...]:
        """Trials without a recording, and, if strict, recordings with a broken pin."""
        path = _path(opening)
        try:
            recordings = _recordings(path)
        except InputError as error:
            return error.problems
        found = [self._problem(recordings, trial, opening.strict) for trial in wanted]
        return tuple(Problem(str(path), *words) for words in found if words)

    def endpoint(self, opening: Opening) -> str:
        """No server is asked."""
        return ""

    def notes(self, opening: Opening) -> tuple[str, ...]:
        """Who made the recordings, and when."""
        if self.problems(opening, ()):
            return ()
        recordings = _recordings(_path(opening)).values()
        made = sorted({f"{r.author}, {r.date}" for r in recordings})
        return (f"Recordings made by: {'; '.join(made)}.",)

    def hindsight(
        self, opening: Opening, case: str, trial: int, trace: Sequence[AnyEvent]
    ) -> Hindsight:
        """What came otherwise than it was recorded, and when that was."""
        recording = _recordings(_path(opening)).get((case, trial))
        if recording is None:
            return Hindsight()
        labels = differences(recording.turns, trace)
        return Hindsight(labels, recording.began, recording.ended)

    @asynccontextmanager
    async def open(self, opening: Opening) -> AsyncIterator[Answer]:
        """Read the recordings."""
        recordings = _recordings(_path(opening))
        sequences: dict[tuple[str, int], _Sequence] = {}

        async def answer(ask: Ask) -> Reply:
            address = ask.address
            recording = recordings.get((address.case, address.trial))
            place = (address.thread, address.turn)
            turn = recording.turns.get(place) if recording else None
            if recording is None or turn is None:
                raise FaultError(
                    "recording",
                    f"no recording of {address.case}#{address.trial}, turn {address.turn}: "
                    "record the case again with --record",
                    retryable=False,
                )
            if address.thread == () and address.turn == 1:
                same = recording.pin == ask.pin
                sequences[address.case, address.trial] = _Sequence(tuple(recording.turns), same)
            await sequences[address.case, address.trial].come(place)
            label = "" if recording.pin == ask.pin else BROKEN_PIN
            served = f"{recording.author} (recorded)"
            blocks = renamed(turn.blocks, recording.turns, ask.happened)
            return Reply(blocks, turn.stop, served, cost_usd=0.0, label=label)

        yield answer

    def _problem(
        self, recordings: Recordings, trial: Wanted, strict: bool
    ) -> tuple[str, str] | None:
        recording = recordings.get((trial.case, trial.trial))
        name = f"{trial.case}#{trial.trial}"
        if recording is None:
            return f"holds no recording of {name}", "record it with --record, or lower --trials"
        if strict and recording.pin != trial.pin:
            return f"{name} was recorded against another prompt", "record it again with --record"
        return None


@dataclass
class _Sequence:
    """The order in which the turns of one trial came: agents side by side keep to it."""

    order: tuple[TurnPlace, ...]
    same_prompt: bool
    """Who was started when this was recorded is started again."""
    come_already: set[TurnPlace] = field(default_factory=set)
    lost: set[tuple[int, ...]] = field(default_factory=set)
    """Threads that were waited for in vain."""
    news: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def come(self, place: TurnPlace) -> None:
        """Wait until every earlier turn of the threads that are under way has come."""
        async with self.news:
            # A thread that ends early, by a limit that is new, would be waited for without end.
            with suppress(TimeoutError):
                async with asyncio.timeout(_PATIENCE_S):
                    await self.news.wait_for(lambda: not self._awaited(place))
            self.lost |= self._awaited(place)
            self.come_already.add(place)
            self.news.notify_all()

    def _awaited(self, place: TurnPlace) -> set[tuple[int, ...]]:
        """The threads under way with a turn that comes before this one."""
        if place[0] == ():
            return set()
        begun = {thread for thread, _ in self.come_already}
        awaited: set[tuple[int, ...]] = set()
        all_begin = self.same_prompt
        for other in self.order[: self.order.index(place)]:
            if other in self.come_already:
                continue
            if other[0] == ():
                all_begin = False  # nobody knows yet whom that turn starts
            elif all_begin or other[0] in begun:
                awaited.add(other[0])
        return awaited - self.lost


def _path(opening: Opening) -> Path:
    if opening.recordings is not None:
        return opening.recordings
    return opening.folder / "recordings" / f"{opening.suite}.jsonl"


@cache
def _read_once(path: Path, changed_ns: int, size: int) -> Recordings:
    return read_recordings(path)


def _recordings(path: Path) -> Recordings:
    """The recordings of a file, read again only when the file has changed."""
    status = path.stat() if path.is_file() else None
    return _read_once(path, status.st_mtime_ns if status else 0, status.st_size if status else 0)
