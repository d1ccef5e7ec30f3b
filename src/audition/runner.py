"""Schedules what has to be played.

A fixed number of workers take trials from one queue, of one run or of both that are compared; how a
trial is played, and what is caught, is the business of the crews (`crew.py`).
"""

import asyncio
import gc
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from math import fsum
from typing import TYPE_CHECKING

from audition.affected import Entry
from audition.budget import Budget
from audition.crew import Crew, Lot, Pace
from audition.errors import BudgetError
from audition.record import EndedBy

if TYPE_CHECKING:  # only agents at work need it, and it takes long to load
    from audition.studio import Studio


async def play_all(
    lots: Sequence[Lot],
    pace: Pace,
    *,
    budget_usd: float | None = None,
    studio: "Studio | None" = None,
    is_decided: Callable[[], bool] = lambda: False,
) -> EndedBy:
    """Play every lot into its run file, case by case and side by side; returns how it ended.

    Args:
        lots: What is played. Lots share the places at the table: trials of one case are played in
            turns, so that whatever changes while they are played changes for all lots alike.
        pace: How many at once.
        budget_usd: What all of them together may cost.
        studio: Needed as soon as agents work in one of them.
        is_decided: Asked after every trial: once it says so, no other trial is begun.

    Raises:
        asyncio.CancelledError: interrupted; everything finished is in the files.
    """
    budget = None
    if budget_usd is not None:
        budget = Budget(budget_usd, fsum(lot.writer.most_usd() for lot in lots))
    async with _what_is_loaded_stays(), AsyncExitStack() as models:
        crews = []
        for lot in lots:
            if lot.entries:
                model, opening = lot.settings.model, lot.settings.opening
                answer = await models.enter_async_context(model.open(opening))
                pricing = partial(model.price, opening)
                if budget is not None and pricing(None) is not None:
                    answer = budget.guard(answer, pricing)
                crews.append(Crew(lot, answer, pace, studio))
        return await _Course(is_decided).play(_in_turns(crews), pace.concurrency)


def _in_turns(crews: Sequence[Crew]) -> list[tuple[Crew, Entry]]:
    """Who plays what, in order: case by case, and within a case one trial of each in turn."""
    tasks: dict[str, list[tuple[int, int, Crew, Entry]]] = {}
    turns: Counter[tuple[int, str]] = Counter()
    for place, crew in enumerate(crews):
        for entry in crew.entries:
            case = entry.case.id
            tasks.setdefault(case, []).append((turns[place, case], place, crew, entry))
            turns[place, case] += 1
    return [
        (crew, entry)
        for own in tasks.values()
        for _, _, crew, entry in sorted(own, key=lambda task: task[:2])
    ]


@asynccontextmanager
async def _what_is_loaded_stays() -> AsyncIterator[None]:
    """Keep Python from looking through modules and cases for garbage again and again.

    What trials leave behind is still collected, and so is all else once they have been played.
    """
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


class _Course:
    """How playing goes: a fixed number of workers take trials from one queue."""

    def __init__(self, is_decided: Callable[[], bool]) -> None:
        self._is_decided = is_decided
        self._ended_by: EndedBy = "finished"

    async def play(self, tasks: Sequence[tuple[Crew, Entry]], concurrency: int) -> EndedBy:
        queue = iter(tasks)
        try:
            async with asyncio.TaskGroup() as workers:
                for _ in range(min(concurrency, len(tasks))):
                    workers.create_task(self._work(queue))
        except BaseExceptionGroup as group:
            raise group.exceptions[0] from None  # the first is what ended the others
        return self._ended_by

    async def _work(self, queue: Iterator[tuple[Crew, Entry]]) -> None:
        while self._ended_by == "finished":
            if self._is_decided():
                self._ended_by = "decided" if next(queue, None) else "finished"
                return
            task = next(queue, None)
            if task is None:
                return
            crew, entry = task
            try:
                await crew.play(entry)
            except BudgetError:
                self._ended_by = "budget"
            else:
                if crew.is_hopeless:
                    self._ended_by = "faults"
            # A model that answers without waiting would otherwise never let the others work.
            await asyncio.sleep(0)
