"""The way of a gate: what is affected, what was decided before, playing, counting, the verdict.

Nothing is asked of a model before it is known that a case is affected, that the base will do, and
that this question was not decided before. Trials of both arms are played in turns, and no more of
them once the verdict can no longer change.
"""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from functools import cached_property
from math import ceil, log
from pathlib import Path
from typing import Any

from audition.contest.baseline import baseline_problems, first_trials
from audition.contest.counting import cases, criticals
from audition.contest.newcomers import Newcomers, play_newcomers
from audition.contest.played import Played, flat
from audition.contest.playing import Watching, side_path
from audition.contest.scoreboard import Scoreboard
from audition.contest.verdicts import Excused, GateRecord, Verdicts
from audition.digests import digest
from audition.errors import InputError, Problem
from audition.gate.critical import RERUNS, Critical
from audition.gate.decision import Profile, decide, exit_code
from audition.gate.power import ROUNDS
from audition.gate.rules import Design
from audition.gate.words import can_see
from audition.job import Job, Overrides, playing_problems
from audition.performance import Part, perform
from audition.record import EndedBy, Trial
from audition.revisions.arms import Arms, Comparison, Side, opened_arms
from audition.revisions.preview import Preview, preview
from audition.revisions.sides import check_playable, cut_down
from audition.runfile import Run, load
from audition.runner import Pace
from audition.stats.noninferiority import zero_failures_bound

_QUESTION_VERSION = 1
"""Raised when a verdict would come to something else from the same trials."""
_COMPLETE: tuple[EndedBy, ...] = ("finished", "decided")


@dataclass(frozen=True, kw_only=True)
class Terms:
    """What somebody asks of a gate beside what the suite says."""

    profile: Profile | None = None
    margin: float | None = None
    base_trials: int | None = None
    is_fresh: bool = False
    """Whether a question that was decided before is played anew, at half the level."""
    rounds: int = ROUNDS
    """How often the simulation of what the suite can see is played."""


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
        gate = _Gate(arms, asked, overrides, terms, reports, now)
        return gate.hold(watching, command)


@dataclass(frozen=True)
class _Gate:
    arms: Arms
    asked: Comparison
    overrides: Overrides
    terms: Terms
    reports: Path
    now: datetime

    def hold(self, watching: Watching, command: str) -> Held:
        if not self.touched:
            return Held(self._nothing_changed(command, watching))
        self._check()
        if not self.gated:
            return Held(self._nothing_gated(command))
        question, verdicts = self._question(), Verdicts(self.reports / "verdicts")
        attempts = verdicts.attempts(question)
        if attempts and not self.terms.is_fresh:
            return Held(attempts[-1], is_kept=True)
        design = replace(self.design, attempt=len(attempts))
        played = self._play(design, verdicts.flakes(self.now), watching)
        played = replace(played, newcomers=self._newcomers(watching, played))
        record = self._decided(command, question, design, played)
        if played.ended_by in _COMPLETE and record.verdict != "invalid":
            verdicts.keep(record)
        return Held(record)

    # ── What is asked ────────────────────────────────────────────────────────────────────────────

    @cached_property
    def preview(self) -> Preview:
        labels = self.asked.base.label, self.asked.head.label
        return preview(self.arms, self.reports, labels=labels)

    @cached_property
    def touched(self) -> tuple[str, ...]:
        return tuple(case.case for case in self.preview.touched)

    @cached_property
    def known(self) -> Mapping[str, str]:
        """Why an affected case is excused today."""
        return {c.id: c.known for c in self.arms.head.cases if c.known and c.id in self.touched}

    @cached_property
    def gated(self) -> tuple[str, ...]:
        return tuple(case for case in self.touched if case not in self.known)

    @cached_property
    def design(self) -> Design:
        asks, suite = self.arms.head.suite.gate, self.arms.head.suite
        wanted = self.terms.base_trials or asks.base_trials or suite.trials
        base_trials = max(wanted, suite.trials)
        if self.arms.run is not None:
            held = [sum(t.case == case for t in self.arms.run.trials) for case in self.gated]
            base_trials = min(held, default=suite.trials)
        return Design(
            base_trials=base_trials,
            head_trials=suite.trials,
            margin=self.terms.margin or asks.margin,
            alpha=asks.alpha,
        )

    @property
    def profile(self) -> Profile:
        return self.terms.profile or self.arms.head.suite.gate.profile

    def _check(self) -> None:
        """What keeps this gate from coming to a verdict is said before anything is spent."""
        problems: list[Problem] = []
        run, trials = self.arms.run, self.arms.head.suite.trials
        for job in filter(None, (self.arms.base, self.arms.head)):
            if job.record.nature == "baseline":
                what = f"{job.record.model} is a baseline from word matching, and decides nothing"
                problems.append(Problem("--model", what, "name a model, or use `audition compare`"))
            elif job.record.model == "recorded" and (wrong := self._unplayable(job)):
                what = (
                    f"{wrong} of the recordings that this would replay are missing or of another "
                    "prompt, and so no evidence about this change"
                )
                problems.append(Problem("--model", what, "name a model, or record them again"))
        if self.terms.base_trials is not None and self.terms.base_trials < trials:
            what = f"base needs at least as many trials of a case as head, which has {trials}"
            problems.append(Problem("--base-trials", what, "raise it, or lower --trials"))
        if run is not None:
            differ = bool(self.asked.models)
            found = [*baseline_problems(run, self.arms.head, self.gated, models_differ=differ)]
            problems += found
            fewest = min((sum(t.case == c for t in run.trials) for c in self.gated), default=trials)
            if not found and fewest < trials:
                what = f"holds {fewest} trials of a case, and head has {trials}"
                do = f"play head with --trials {fewest}, or make a base with more"
                problems.append(Problem(str(run.path), what, do))
        if problems:
            raise InputError(problems)
        self._check_release()

    def _check_release(self) -> None:
        design, cases = self.design, len(self.gated)
        can_prove = zero_failures_bound(cases * design.head_trials, alpha=design.pass_level)
        if cases and self.profile == "release" and can_prove > design.margin:
            needed = ceil(log(design.pass_level) / log(1 - design.margin) / cases)
            what = (
                f"{cases} cases with {design.head_trials} trials each cannot prove a margin of "
                f"{100 * design.margin:g} points, not even if every trial passes"
            )
            do = f"play {needed} trials of each; `audition plan` says what it takes"
            raise InputError([Problem("--profile", what, do)])

    def _unplayable(self, job: Job) -> int:
        cut = cut_down(job, self.touched, "head", trials=self.design.head_trials)
        return len(playing_problems(cut.suite, cut.settings, cut.entries))

    def _question(self) -> str:
        base = (
            [trial.key for trial in self._of_the_run()]
            if self.arms.base is None
            else [entry.key for entry in self._side("base", self.gated, self.design).entries]
        )
        head = [entry.key for entry in self._side("head", self.gated, self.design).entries]
        expected = {c.id: c.expects for c in self.arms.head.cases if c.id in self.gated}
        lacking = [job.lacking for job in (self.arms.base, self.arms.head) if job]
        design = asdict(self.design)
        asked = [_QUESTION_VERSION, base, head, expected, lacking, design, self.profile]
        return digest(asked)[:32]

    # ── Playing ──────────────────────────────────────────────────────────────────────────────────

    def _side(self, side: Side, names: Sequence[str], design: Design) -> Job:
        job = self.arms.base if side == "base" else self.arms.head
        assert job is not None  # noqa: S101 # a base that is a run is never played
        trials = design.base_trials if side == "base" else design.head_trials
        series = f"attempt-{design.attempt}" if design.attempt else None
        return cut_down(job, names, side, trials=trials, series=series)

    def _play(
        self, design: Design, flakes: Sequence[tuple[str, str]], watching: Watching
    ) -> Played:
        head = self._side("head", self.touched, design)
        base = self._side("base", self.touched, design) if self.arms.base else None
        check_playable(*filter(None, (base, head)))
        board = Scoreboard(
            self.gated,
            design,
            stops_early=not self._critical_cases(),
            base=self._of_the_run() if base is None else (),
        )
        stem = f"{self.arms.head.suite.name}-gate"
        out = {
            side: side_path(self.reports, stem, side, self.now)
            for side in ("base", "head", "confirm")
        }
        with watching("base and head" if base else "head") as shown:
            parts = [Part(head, out["head"], board.audience("head", shown))]
            if base is not None:
                parts.insert(0, Part(base, out["base"], board.audience("base", shown)))
            pace = Pace(concurrency=self.arms.head.suite.concurrency)
            ended_by = asyncio.run(perform(parts, pace, is_decided=board.is_decided))
        base_run = load(out["base"]) if base else self.arms.run
        assert base_run is not None  # noqa: S101 # there is a base of one kind or the other
        before = base_run.trials if base else self._of_the_run()
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
        found = criticals(self.gated, played.before, played.head.trials, flakes=flakes)
        names = {each.case for each in found if each.state == "unconfirmed"}
        if not names or played.ended_by not in _COMPLETE:
            return None
        series = f"confirm-{design.attempt}"
        job = cut_down(self.arms.head, names, "confirm", trials=RERUNS, series=series)
        job = replace(job, suite=replace(job.suite, budget_usd=self._left_usd(played)))
        with watching("critical checks, again") as shown:
            asyncio.run(perform([Part(job, out, shown)], Pace(job.suite.concurrency)))
        return load(out)

    def _newcomers(self, watching: Watching, played: Played | None) -> Newcomers:
        """Cases that only head has; only named where nothing else is played either."""
        out = None
        if played is not None and played.ended_by in _COMPLETE:
            out = side_path(self.reports, f"{self.arms.head.suite.name}-gate", "new", self.now)
        return play_newcomers(
            self.asked,
            self.overrides,
            self.arms,
            out=out,
            now=self.now,
            watching=watching,
            budget_usd=self._left_usd(played),
        )

    def _left_usd(self, played: Played | None) -> float | None:
        """What is left of the budget for trials beside those of the verdict."""
        budget = self.arms.head.suite.budget_usd
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

    def _critical_cases(self) -> set[str]:
        cases = (case for case in self.arms.head.suite.cases if case.id in self.gated)
        return {case.id for case in cases if any(e.critical for e in case.expectations)}

    def _of_the_run(self) -> list[Trial]:
        run = self.arms.run
        if run is None:
            return []
        count = self.design.base_trials
        return [trial for case in self.gated for trial in first_trials(run, case, count)]

    # ── The verdict ──────────────────────────────────────────────────────────────────────────────

    def _decided(self, command: str, question: str, design: Design, played: Played) -> GateRecord:
        reruns = played.reruns.trials if played.reruns else ()
        found = criticals(
            self.gated,
            played.before,
            played.head.trials,
            reruns=reruns,
            flakes=played.flakes_before,
        )
        decision = decide(
            cases(self.gated, played.before, played.head.trials),
            design,
            profile=self.profile,
            critical=found,
            obstacles=self._obstacles(played),
            rounds=self.terms.rounds,
        )
        return self._record(
            command,
            question=question,
            attempt=design.attempt,
            verdict=decision.verdict,
            exit_code=decision.exit_code,
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
        return (*_unfaithful(self.gated, played), *self._served_otherwise(played))

    def _served_otherwise(self, played: Played) -> tuple[str, ...]:
        jobs = [job for job in (self.arms.base, self.arms.head) if job]
        agents = [agent for job in jobs for agent in job.settings.setup.agents]
        if any(agent.model not in (None, "inherit") for agent in agents):
            return ()  # several are asked, and a change may be that others are
        names = set(self.gated)
        served = [
            sorted({model for t in trials if t.case in names for model in t.served})
            for trials in (played.before, played.head.trials)
        ]
        found = [
            f"The trials of {side} were answered by several models: {', '.join(models)}."
            for side, models in zip(("base", "head"), served, strict=True)
            if len(models) > 1
        ]
        if not found and not self.asked.models and all(served) and served[0] != served[1]:
            was, now = served[0][0], served[1][0]
            found.append(f"The model that answered is another: {was} in base, {now} in head.")
        return tuple(found)

    def _excused(self, played: Played) -> list[Excused]:
        found = []
        for case, reason in self.known.items():
            verdicts = [trial.verdict for trial in played.head.trials if trial.case == case]
            passed = bool(verdicts) and set(verdicts) == {"pass"}
            found.append(Excused(case=case, reason=reason, passed=passed))
        return found

    def _nothing_gated(self, command: str) -> GateRecord:
        reason = "Inconclusive: every affected case has a known failure, so nothing was gated."
        excused = tuple(Excused(case=c, reason=r, passed=False) for c, r in self.known.items())
        return self._record(
            command,
            question="",
            attempt=0,
            verdict="inconclusive",
            exit_code=exit_code("inconclusive", self.profile),
            reasons=(reason,),
            excused=excused,
        )

    def _record(self, command: str, **said: Any) -> GateRecord:
        head, base = self.arms.head.record, self.arms.base or self.arms.run
        nothing = "Nothing changed: no case is affected, so nothing was played."
        defaults: dict[str, Any] = {"exit_code": 0, "reasons": (nothing,)}
        return GateRecord(
            decided_at=self.now.isoformat(timespec="seconds"),
            command=command,
            suite=head.suite,
            suite_path=head.suite_path,
            suite_from=self.arms.suite_label,
            base=self.asked.base.label,
            head=self.asked.head.label,
            base_model=base.record.model if base else head.model,
            head_model=head.model,
            nature=head.nature,
            profile=self.profile,
            margin=self.design.margin,
            alpha=self.design.alpha,
            base_trials=self.design.base_trials,
            head_trials=self.design.head_trials,
            changes=tuple(map(str, self.preview.changes)),
            affected=self.touched,
            renamed=dict(self.arms.renamed),
            setup_folder=_setup_folder(self.arms),
            untouched=self.preview.untouched,
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


def _ending(played: Played) -> list[str]:
    how = {
        "budget": "The budget ended the gate before its verdict was certain.",
        "faults": "The gate was ended: every call failed, and no retry can mend that.",
    }
    return [how[played.ended_by]] if played.ended_by in how else []


def _is_flake(each: Critical) -> bool:
    return each.state == "flake"
