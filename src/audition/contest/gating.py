"""The way of a gate: what is affected, what was decided before, playing, counting, the verdict.

Nothing is asked of a model before it is known that a case is affected, that the base will do, and
that this question was not decided before. Trials of both arms are played in turns, and no more of
them once the verdict can no longer change.
"""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from audition.contest.counting import cases, criticals
from audition.contest.newcomers import Newcomers, play_newcomers
from audition.contest.played import Played, flat
from audition.contest.playing import Watching, side_path
from audition.contest.question import Question, Terms
from audition.contest.scoreboard import Scoreboard
from audition.contest.verdicts import Excused, GateRecord, Verdicts
from audition.gate.critical import RERUNS, Critical
from audition.gate.decision import Decision, decide, exit_code
from audition.gate.rules import Design
from audition.gate.words import can_see
from audition.job import Overrides
from audition.performance import Part, perform
from audition.record import EndedBy
from audition.revisions.arms import Arms, Comparison, opened_arms
from audition.revisions.sides import check_playable, cut_down
from audition.runfile import Run, load
from audition.runner import Pace

_COMPLETE: tuple[EndedBy, ...] = ("finished", "decided")


@dataclass(frozen=True)
class Held:
    """A verdict, and whether it was made now."""

    record: GateRecord
    is_kept: bool = False
    """It was decided before, and nothing was played."""


def hold_gate(
    asked: Comparison,
    overrides: Overrides,
    terms: Terms,
    *,
    reports: Path,
    now: datetime,
    watching: Watching,
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
        return gate.hold(watching, command)


@dataclass(frozen=True)
class _Gate:
    asks: Question
    overrides: Overrides
    now: datetime

    def hold(self, watching: Watching, command: str) -> Held:
        asks = self.asks
        if not asks.touched:
            return Held(self._nothing_changed(command, watching))
        asks.check()
        if not asks.gated:
            return Held(self._nothing_gated(command))
        key, verdicts = asks.digest(), Verdicts(asks.reports / "verdicts")
        attempts = verdicts.attempts(key)
        if attempts and not asks.terms.is_fresh:
            return Held(attempts[-1], is_kept=True)
        design = replace(asks.design, attempt=len(attempts))
        played = self._play(design, verdicts.flakes(self.now), watching)
        played = replace(played, newcomers=self._newcomers(watching, played))
        record = self._decided(command, key, design, played)
        record = _after_a_fail(record, attempts)
        if played.ended_by in _COMPLETE and record.exit_code != 4:
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
        if not names or played.ended_by not in _COMPLETE:
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
        if played is not None and played.ended_by in _COMPLETE:
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

    def _nothing_changed(self, command: str, watching: Watching) -> GateRecord:
        new = self._newcomers(watching, None)
        return self._record(
            command,
            question="",
            attempt=0,
            verdict="nothing changed",
            notes=new.notes,
            new_cases=new.cases,
        )

    # ── The verdict ──────────────────────────────────────────────────────────────────────────────

    def _decided(self, command: str, question: str, design: Design, played: Played) -> GateRecord:
        reruns = played.reruns.trials if played.reruns else ()
        found = criticals(
            self.asks.gated,
            played.before,
            played.head.trials,
            reruns=reruns,
            flakes=played.flakes_before,
        )
        decision = decide(
            cases(self.asks.gated, played.before, played.head.trials),
            design,
            profile=self.asks.profile,
            critical=found,
            obstacles=self._obstacles(played),
            rounds=self.asks.terms.rounds,
        )
        return self._record(
            command,
            question=question,
            attempt=design.attempt,
            verdict=decision.verdict,
            exit_code=4 if _is_unconfirmed(found) else code_of(decision, played.ended_by),
            sees=can_see(decision.what_would_decide) if decision.what_would_decide else "",
            reasons=decision.reasons,
            notes=(*decision.notes, *_ending(played), *played.newcomers.notes),
            new_cases=played.newcomers.cases,
            new_file=str(played.newcomers.run.path) if played.newcomers.run else "",
            excused=tuple(self._excused(played)),
            base_file=str(played.base.path),
            head_file=str(played.head.path),
            spent_usd=played.spent_usd,
            saving=played.saving,
            flakes=tuple((each.check, each.case) for each in found if _is_flake(each)),
            numbers=flat(decision),
        )

    def _obstacles(self, played: Played) -> tuple[str, ...]:
        """Answers of several models, or to other prompts, say nothing about the definitions."""
        return (*_unfaithful(self.asks.gated, played), *self._served_otherwise(played))

    def _served_otherwise(self, played: Played) -> tuple[str, ...]:
        jobs = [job for job in (self.asks.arms.base, self.asks.arms.head) if job]
        agents = [agent for job in jobs for agent in job.settings.setup.agents]
        if any(agent.model not in (None, "inherit") for agent in agents):
            return ()  # several are asked, and a change may be that others are
        names = set(self.asks.gated)
        served = [
            sorted({model for t in trials if t.case in names for model in t.served})
            for trials in (played.before, played.head.trials)
        ]
        found = [
            f"The trials of {side} were answered by several models: {', '.join(models)}."
            for side, models in zip(("base", "head"), served, strict=True)
            if len(models) > 1
        ]
        if not found and not self.asks.asked.models and all(served) and served[0] != served[1]:
            was, now = served[0][0], served[1][0]
            found.append(f"The model that answered is another: {was} in base, {now} in head.")
        return tuple(found)

    def _excused(self, played: Played) -> list[Excused]:
        found = []
        for case, reason in self.asks.known.items():
            verdicts = [trial.verdict for trial in played.head.trials if trial.case == case]
            passed = bool(verdicts) and set(verdicts) == {"pass"}
            found.append(Excused(case=case, reason=reason, passed=passed))
        return found

    def _nothing_gated(self, command: str) -> GateRecord:
        reason = "Inconclusive: every affected case has a known failure, so nothing was gated."
        excused = tuple(Excused(case=c, reason=r, passed=False) for c, r in self.asks.known.items())
        return self._record(
            command,
            question="",
            attempt=0,
            verdict="inconclusive",
            exit_code=exit_code("inconclusive", self.asks.profile),
            reasons=(reason,),
            excused=excused,
        )

    def _record(self, command: str, **said: Any) -> GateRecord:
        head, base = (
            self.asks.arms.head.record,
            self.asks.arms.base or self.asks.arms.run,
        )
        nothing = "Nothing changed: no case is affected, so nothing was played."
        defaults: dict[str, Any] = {"exit_code": 0, "reasons": (nothing,)}
        return GateRecord(
            decided_at=self.now.isoformat(timespec="seconds"),
            command=command,
            suite=head.suite,
            suite_path=head.suite_path,
            suite_from=self.asks.arms.suite_label,
            base=self.asks.asked.base.label,
            head=self.asks.asked.head.label,
            base_model=base.record.model if base else head.model,
            head_model=head.model,
            nature=head.nature,
            profile=self.asks.profile,
            margin=self.asks.design.margin,
            alpha=self.asks.design.alpha,
            base_trials=self.asks.design.base_trials,
            head_trials=self.asks.design.head_trials,
            changes=tuple(map(str, self.asks.preview.changes)),
            affected=self.asks.touched,
            renamed=dict(self.asks.arms.renamed),
            setup_folder=_setup_folder(self.asks.arms),
            untouched=self.asks.preview.untouched,
            **{**defaults, **said},
        )


def _setup_folder(arms: Arms) -> str:
    """Where the definitions lie, as a repository's pages call the place."""
    place = arms.head.suite.setup
    if not isinstance(place, Path):
        return ""
    tops = [Path.cwd(), *([arms.export.root] if arms.export else [])]
    inside = (place.relative_to(top) for top in tops if place.is_relative_to(top))
    return next(inside, place).as_posix()


def _unfaithful(gated: Sequence[str], played: Played) -> Iterator[str]:
    for side, trials in (("base", played.before), ("head", played.head.trials)):
        labels = [label for t in trials if t.case in gated for label in t.labels]
        if labels:
            count = len(labels)
            yield f"{count} trials of {side} are no evidence of what was asked: {labels[0]}."


def _is_unconfirmed(found: Sequence[Critical]) -> bool:
    """A critical check failed, and the re-runs that settle it could not be played."""
    return any(each.state == "unconfirmed" for each in found)


def _after_a_fail(record: GateRecord, attempts: Sequence[GateRecord]) -> GateRecord:
    """What failed once is let through only where the loss is ruled out, at the smaller level."""
    has_failed = any(attempt.verdict == "fail" for attempt in attempts)
    if not has_failed or record.verdict != "inconclusive":
        return record
    note = "An earlier attempt at this question failed, and this one does not rule the loss out."
    return replace(record, exit_code=3, notes=(*record.notes, note))


def code_of(decision: Decision, ended_by: EndedBy) -> int:
    """The exit code: a gate that was cut off while its verdict was open lets nothing through."""
    if decision.verdict in ("fail", "invalid") or ended_by in _COMPLETE:
        return decision.exit_code
    return 3 if ended_by == "budget" else 4


def _ending(played: Played) -> list[str]:
    how = {
        "budget": "The budget ended the gate before its verdict was certain.",
        "faults": "The gate was ended: every call failed, and no retry can mend that.",
    }
    return [how[played.ended_by]] if played.ended_by in how else []


def _is_flake(each: Critical) -> bool:
    return each.state == "flake"
