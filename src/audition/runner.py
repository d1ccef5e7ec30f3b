"""Plays what has to be played: the only place that schedules, retries, limits and catches.

A fixed number of workers take trials from one queue. A trial that ends in a fault is thrown away,
written down with its cost, and played again; when its retries are spent it stays as a fault. Every
trial is committed as it ends, so a kill costs at most the trials in flight.
"""

import asyncio
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from audition.affected import Entry, Settings
from audition.budget import Budget
from audition.conversation import Answer, Ask, Reply
from audition.dataset import Limits
from audition.errors import BudgetError, FaultError
from audition.evidence import (
    AnyEvent,
    End,
    EndReason,
    Fault,
    Limit,
    LimitName,
    ModelCall,
    Tracer,
)
from audition.grading import finished
from audition.record import Trial
from audition.runfile import RunWriter

RETRIES = 2
"""How often a trial that ended in a fault is played again; the client's own retries come first."""
HOPELESS = 3
"""So many faults that no retry can cure, in a row and before any success, end the run."""

EndedBy = Literal["finished", "budget", "faults"]


@dataclass(frozen=True)
class Pace:
    """How a run is played."""

    concurrency: int
    retry_after_s: float = 1.0
    """Pause before a faulted trial is played again; doubled each time."""
    clock: Callable[[], float] = time.perf_counter
    now: Callable[[], datetime] = lambda: datetime.now(UTC)


class _LimitReachedError(Exception):
    """A limit of the trial itself: raised around a call, caught where the trial is played."""

    def __init__(self, limit: LimitName, allowed: float) -> None:
        super().__init__(limit)
        self.limit: LimitName = limit
        self.allowed = allowed


@dataclass(frozen=True)
class _Play:
    """One playing of a trial."""

    trace: tuple[AnyEvent, ...]
    labels: tuple[str, ...]
    fault: FaultError | None


async def play_all(
    entries: Sequence[Entry],
    settings: Settings,
    writer: RunWriter,
    pace: Pace,
    *,
    budget_usd: float | None = None,
    heard: Callable[[Trial], None] = lambda trial: None,
) -> EndedBy:
    """Play the entries into the run file; returns how it ended.

    Raises:
        asyncio.CancelledError: interrupted; everything finished is in the file.
    """
    if not entries:
        return "finished"
    async with settings.model.open(settings.opening) as answer:
        price = settings.model.price(settings.opening)
        if budget_usd is not None and price is not None:
            answer = Budget(budget_usd, writer.spent_usd(), price).guard(answer)
        crew = _Crew(settings, answer, writer, pace, heard)
        return await crew.play(entries)


class _Crew:
    """The workers of one run, and what they must know of each other."""

    def __init__(
        self,
        settings: Settings,
        answer: Answer,
        writer: RunWriter,
        pace: Pace,
        heard: Callable[[Trial], None],
    ) -> None:
        self._settings = settings
        self._answer = answer
        self._writer = writer
        self._pace = pace
        self._heard = heard
        self._hopeless = 0
        self._ended_by: EndedBy = "finished"

    async def play(self, entries: Iterable[Entry]) -> EndedBy:
        queue = iter(entries)
        try:
            async with asyncio.TaskGroup() as workers:
                for _ in range(self._pace.concurrency):
                    workers.create_task(self._work(queue))
        except BaseExceptionGroup as group:
            raise group.exceptions[0] from None  # the first is what ended the others
        return self._ended_by

    async def _work(self, queue: Iterable[Entry]) -> None:
        for entry in queue:
            if self._ended_by != "finished":
                return
            try:
                trial, trace = await self._settle(entry)
            except BudgetError:
                self._ended_by = "budget"
                return
            self._writer.add(trial, trace)
            self._heard(trial)
            # A model that answers without waiting would otherwise never let the others work.
            await asyncio.sleep(0)

    async def _settle(self, entry: Entry) -> tuple[Trial, tuple[AnyEvent, ...]]:
        """Play a trial until it ends without a fault, or its retries are spent."""
        faults: list[str] = []
        started_at = self._pace.now().isoformat(timespec="seconds")
        while True:
            play = await self._play(entry, started_at)
            fault = play.fault
            self._watch(fault)
            if fault is None or not fault.retryable or len(faults) == RETRIES:
                break
            faults.append(f"{fault.source}: {fault}")
            self._lose(entry, str(fault), play.trace, unknown=fault.may_be_billed)
            await asyncio.sleep(self._pace.retry_after_s * 2 ** (len(faults) - 1))
        trial = Trial(
            case=entry.case.id,
            number=entry.scene.trial,
            key=entry.key,
            verdict="skip",
            scores=(),
            started_at=started_at,
            faults=tuple(faults),
            labels=play.labels,
        )
        return finished(trial, entry.case.expectations, play.trace), play.trace

    async def _play(self, entry: Entry, started_at: str) -> _Play:
        """Play a trial once. Whatever was paid for is kept, also when it is cut off."""
        tracer = Tracer(self._pace.clock)
        labels: list[str] = []
        fault: FaultError | None = None
        answer = _limited(self._answer, tracer, entry.limits, labels)
        end: EndReason
        try:
            end = await self._settings.stage.play(entry.scene, answer, tracer)
            _check_limits(tracer, entry.limits, strict=True)
        except _LimitReachedError as reached:
            tracer.add(Limit, limit=reached.limit, allowed=reached.allowed)
            end = "limit"
        except FaultError as error:
            fault, end = error, "fault"
        except BaseException as error:
            if not isinstance(error, Exception) or isinstance(error, BudgetError):
                if tracer.trace:
                    reason = f"cut off: {type(error).__name__}"
                    self._lose(
                        entry, reason, tracer.trace, unknown=not isinstance(error, Exception)
                    )
                raise
            fault, end = FaultError("harness", f"{type(error).__name__}: {error}"), "fault"
        if fault is not None:
            tracer.add(Fault, source=fault.source, message=str(fault))
        tracer.add(End, reason=end)
        return _Play(tracer.trace, tuple(dict.fromkeys(labels)), fault)

    def _lose(self, entry: Entry, reason: str, trace: Sequence[AnyEvent], *, unknown: bool) -> None:
        """Write down what a thrown-away play cost; `unknown`: a call in flight may be billed."""
        costs = [event.cost_usd for event in trace if isinstance(event, ModelCall)]
        if unknown:
            costs.append(None)
        self._writer.add_lost((entry.case.id, entry.scene.trial), reason, costs)

    def _watch(self, fault: FaultError | None) -> None:
        """End the run where nothing that follows can go better, such as after a refused key."""
        if fault is None:
            self._hopeless = -1  # a success: whatever comes later is no fault of the whole
        elif not fault.retryable and fault.source != "recording" and self._hopeless >= 0:
            self._hopeless += 1
            if self._hopeless >= HOPELESS:
                self._ended_by = "faults"


def _limited(answer: Answer, tracer: Tracer, limits: Limits, labels: list[str]) -> Answer:
    """The same model, asked only while the trial is within its limits; labels are collected."""

    async def limited(ask: Ask) -> Reply:
        _check_limits(tracer, limits)
        reply = await answer(ask)
        if reply.label:
            labels.append(reply.label)
        return reply

    return limited


def _check_limits(tracer: Tracer, limits: Limits, *, strict: bool = False) -> None:
    """Raise where a limit is reached; once the trial is over (`strict`) only going over counts."""
    if limits.minutes is not None and tracer.elapsed_s > limits.minutes * 60:
        raise _LimitReachedError("minutes", limits.minutes)
    if limits.cost_usd is not None:
        spent = sum(e.cost_usd or 0.0 for e in tracer.trace if isinstance(e, ModelCall))
        if spent > limits.cost_usd or (spent == limits.cost_usd and not strict):
            raise _LimitReachedError("cost_usd", limits.cost_usd)
