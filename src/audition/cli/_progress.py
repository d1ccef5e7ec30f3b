"""Progress on standard error: live on a terminal, a line every so often elsewhere."""

import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol

from audition.cli._output import say
from audition.performance import Audience, Work
from audition.record import Trial

LINE_EVERY_S = 30.0


class _Display(Protocol):
    def begin(self, to_play: int) -> None: ...
    def update(self, counts: Counter[str], cost_usd: float, trial: Trial) -> None: ...


@contextmanager
def progress(name: str) -> Iterator[Audience]:
    """An audience that shows how a run goes on."""
    with _terminal(name) if sys.stderr.isatty() else _lines(name) as display:
        counts: Counter[str] = Counter()
        spent, to_play = 0.0, 0

        def heard(trial: Trial) -> None:
            nonlocal spent
            counts[trial.verdict] += 1
            spent += trial.cost_usd or 0.0
            display.update(counts, spent, trial)

        def begun(work: Work) -> None:
            nonlocal to_play
            to_play += len(work.to_play)  # each side of a comparison tells of its own
            if work.kept or work.reused:
                there = f"{work.kept} trials are in the run file, {work.reused} in earlier runs"
                say(f"{name}: {there}; {len(work.to_play)} to play", err=True)
            display.begin(to_play)

        yield Audience(begun=begun, heard=heard)


def _tally(counts: Counter[str], cost_usd: float) -> str:
    parts = [f"{counts[verdict]} {verdict}" for verdict in ("pass", "fail")]
    parts += [f"{counts[verdict]} {verdict}" for verdict in ("skip", "fault") if counts[verdict]]
    if cost_usd:
        parts.append(f"${cost_usd:.2f}")
    return ", ".join(parts)


@contextmanager
def _terminal(name: str) -> Iterator[_Display]:
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    columns: list[Any] = [
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        TextColumn("{task.fields[tally]}", markup=False),
        TimeRemainingColumn(compact=True),
        TextColumn("left"),
    ]
    bar = Progress(*columns, console=Console(stderr=True), transient=True)
    with bar:
        task = bar.add_task(name, total=None, tally="")

        class Bar:
            def begin(self, to_play: int) -> None:
                bar.update(task, total=to_play)

            def update(self, counts: Counter[str], cost_usd: float, trial: Trial) -> None:
                bar.update(task, advance=1, tally=_tally(counts, cost_usd))

        yield Bar()


@contextmanager
def _lines(name: str) -> Iterator[_Display]:
    class Lines:
        total = 0
        said_at = time.monotonic()

        def begin(self, to_play: int) -> None:
            self.total = to_play

        def update(self, counts: Counter[str], cost_usd: float, trial: Trial) -> None:
            done, now = sum(counts.values()), time.monotonic()
            if done == self.total or now - self.said_at >= LINE_EVERY_S:
                self.said_at = now
                say(f"{name}: {done}/{self.total}, {_tally(counts, cost_usd)}", err=True)

    yield Lines()
