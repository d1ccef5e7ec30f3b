"""The way of a gate: what is affected, what was decided before, playing, counting, the verdict.

Nothing is asked of a model before it is known that a case is affected, that the base will do, and
that this question was not decided before. Trials of both arms are played in turns, and no more of
them once the verdict can no longer change.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from audition.contest.counting import criticals
from audition.contest.deciding import COMPLETE, Decider, after_a_fail
from audition.contest.newcomers import Newcomers, play_newcomers
from audition.contest.played import Played
from audition.contest.playing import Watching, side_path
from audition.contest.question import Question, Terms
from audition.contest.scoreboard import Scoreboard
from audition.contest.verdicts import GateRecord, Verdicts
from audition.crew import Pace
from audition.gate.critical import RERUNS
from audition.gate.rules import Design
from audition.overrides import Overrides
from audition.performance import Part, perform
from audition.revisions.arms import Inquiry, opened_arms
from audition.revisions.sides import check_playable, cut_down
from audition.runfile import Run, load


@dataclass(frozen=True)
class Held:
    """A verdict, and whether it was made now."""

    record: GateRecord
    is_kept: bool = False
    """It was decided before, and nothing was played."""


def hold_gate(
    asked: Inquiry,
    overrides: Overrides,
    terms: Terms,
    *,
    reports: Path,
    now: datetime,
    watching: Watching,
    waiting: Callable[[], None] = lambda: None,
    command: str = "",
) -> Held:
    """Decide whether head may take the place of base.

    Args:
        asked: What is compared.
        overrides: What the command line says over the suite.
        terms: What it says over the suite's `gate`.
        reports: The folder of run files; verdicts are kept below it.
        now: When the gate is held; known failures are excused by that day.
        watching: Who is shown how playing goes on.
        waiting: Told where another gate is held in that folder, whose end is waited for.
        command: The command line that does this again.

    Raises:
        InputError: with everything that is wrong, before anything is spent.
        NothingSelectedError: the selection leaves no case.
        FileFormatError: verdicts that were kept cannot be read.
        KeyboardInterrupt: interrupted; everything finished is kept, and the same command goes on.
    """
    overrides = replace(overrides, strict=True)  # a broken pin is no evidence
    with opened_arms(asked, overrides, now=now, plays=False) as arms:
        gate = _Gate(Question(arms, asked, terms, reports), overrides, now)
        return gate.hold(watching, waiting, command)


@dataclass(frozen=True)
class _Gate:
    asks: Question
    overrides: Overrides
    now: datetime

    def hold(self, watching: Watching, waiting: Callable[[], None], command: str) -> Held:
        asks, decider = self.asks, Decider(self.asks, self.now, command)
        if not asks.touched:
            return Held(decider.nothing_changed(self._newcomers(watching, None)))
        asks.check()
        if not asks.gated:
            return Held(decider.nothing_gated())
        verdicts = Verdicts(asks.reports / "verdicts")
        with verdicts.alone(waiting):
            return self._asked(asks.digest(), verdicts, decider, watching)

    def _asked(self, key: str, verdicts: Verdicts, decider: Decider, watching: Watching) -> Held:
        attempts = verdicts.attempts(key)
        if attempts and not self.asks.terms.is_fresh:
            new = self._newcomers(watching, None)
            return Held(decider.again(attempts[-1], new), is_kept=True)
        design = replace(self.asks.design, attempt=len(attempts))
        suite = self.asks.arms.head.suite.name
        played = self._play(design, verdicts.flakes(self.now, suite), watching)
        played = replace(played, newcomers=self._newcomers(watching, played))
        record = after_a_fail(decider.decided(key, design, played), attempts)
        if played.ended_by in COMPLETE and record.exit_code != 4:
            verdicts.keep(record)
        return Held(record)

    # ── Playing ──────────────────────────────────────────────────────────────────────────────────

    def _play(
        self, design: Design, flakes: Sequence[tuple[str, str]], watching: Watching
    ) -> Played:
        head = self.asks.side("head", self.asks.touched, design)
        base = self.asks.side("base", self.asks.touched, design) if self.asks.arms.base else None
        check_playable(*filter(None, (base, head)))
        board = Scoreboard(
            self.asks.gated,
            design,
            stops_early=not self.asks.critical_cases(),
            base=self.asks.of_the_run() if base is None else (),
        )
        stem = f"{self.asks.arms.head.suite.name}-gate"
        out = {
            side: side_path(self.asks.reports, stem, side, self.now)
            for side in ("base", "head", "confirm")
        }
        with watching("base and head" if base else "head") as shown:
            parts = [Part(head, out["head"], board.audience("head", shown))]
            if base is not None:
                parts.insert(0, Part(base, out["base"], board.audience("base", shown)))
            pace = Pace(concurrency=self.asks.arms.head.suite.concurrency)
            ended_by = asyncio.run(perform(parts, pace, is_decided=board.is_decided))
        base_run = load(out["base"]) if base else self.asks.arms.run
        assert base_run is not None  # noqa: S101 # there is a base of one kind or the other
        before = base_run.trials if base else self.asks.of_the_run()
        played = Played(base_run, load(out["head"]), tuple(before), len(head.plan), ended_by)
        played = replace(played, base_planned=len(base.plan) if base else 0)
        reruns = self._confirm(played, flakes, design, out["confirm"], watching)
        return replace(played, reruns=reruns, flakes_before=tuple(flakes))

    def _confirm(
        self,
        played: Played,
        flakes: Sequence[tuple[str, str]],
        design: Design,
        out: Path,
        watching: Watching,
    ) -> Run | None:
        """Play cases again in which an armed critical check failed; these trials settle only it."""
        found = criticals(self.asks.gated, played.before, played.head.trials, flakes=flakes)
        names = {each.case for each in found if each.state == "unconfirmed"}
        if not names or played.ended_by not in COMPLETE:
            return None
        series = f"confirm-{design.attempt}"
        job = cut_down(self.asks.arms.head, names, "confirm", trials=RERUNS, series=series)
        job = replace(job, suite=replace(job.suite, budget_usd=self._left_usd(played)))
        with watching("critical checks, again") as shown:
            asyncio.run(perform([Part(job, out, shown)], Pace(job.suite.concurrency)))
        return load(out)

    def _newcomers(self, watching: Watching, played: Played | None) -> Newcomers:
        """Cases that only head has; only named where nothing else is played either."""
        out = None
        if played is not None and played.ended_by in COMPLETE:
            out = side_path(
                self.asks.reports, f"{self.asks.arms.head.suite.name}-gate", "new", self.now
            )
        return play_newcomers(
            self.asks.asked,
            self.overrides,
            self.asks.arms,
            out=out,
            now=self.now,
            watching=watching,
            budget_usd=self._left_usd(played),
        )

    def _left_usd(self, played: Played | None) -> float | None:
        """What is left of the budget for trials beside those of the verdict."""
        budget = self.asks.arms.head.suite.budget_usd
        if budget is None or played is None:
            return budget
        return max(0.0, budget - played.paid_usd)
