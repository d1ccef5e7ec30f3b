"""From what was played to the record of a verdict, with everything that is said about it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from audition.contest.counting import cases, criticals
from audition.contest.newcomers import Newcomers
from audition.contest.played import Played, flat
from audition.contest.question import Question
from audition.contest.verdicts import Excused, Flake, GateRecord
from audition.errors import FileFormatError
from audition.events import MAIN, ModelCall
from audition.gate.critical import Critical
from audition.gate.decision import Decision, decide, exit_code
from audition.gate.rules import Design
from audition.gate.words import can_see
from audition.record import EndedBy, Trial
from audition.revisions.arms import Arms
from audition.runfile import Run

COMPLETE: tuple[EndedBy, ...] = ("finished", "decided")
"""How playing ends where nothing cut it off."""


@dataclass(frozen=True)
class Decider:
    """Writes down what came of a question."""

    asks: Question
    now: datetime
    command: str
    """The command line that does this again."""

    def nothing_changed(self, new: Newcomers) -> GateRecord:
        """No case is affected."""
        return self._record(
            question="", attempt=0, verdict="nothing changed", notes=new.notes, new_cases=new.cases
        )

    def again(self, kept: GateRecord, new: Newcomers) -> GateRecord:
        """A verdict that was kept, beside what is true now: how the sides are called, what differs.

        The same question can be asked about other revisions, as after a change of what no case
        depends on.
        """
        now = self._record(question="", attempt=0, verdict=kept.verdict)
        is_same_new = set(new.cases) == set(kept.new_cases)
        return replace(
            kept,
            command=self.command,
            suite_path=now.suite_path,
            suite_from=now.suite_from,
            base=now.base,
            head=now.head,
            changes=now.changes,
            untouched=now.untouched,
            renamed=now.renamed,
            setup_folder=now.setup_folder,
            new_cases=new.cases,
            new_file=kept.new_file if is_same_new else "",
        )

    def decided(self, question: str, design: Design, played: Played) -> GateRecord:
        """The verdict on what was played."""
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
            question=question,
            attempt=design.attempt,
            verdict=decision.verdict,
            exit_code=code_of(decision, played.ended_by),
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
            flakes=tuple(_flakes(found, played)),
            numbers=flat(decision),
        )

    def _obstacles(self, played: Played) -> tuple[str, ...]:
        """Answers of several models, or to other prompts, say nothing about the definitions."""
        return (*_unfaithful(self.asks.gated, played), *self._served_otherwise(played))

    def _served_otherwise(self, played: Played) -> tuple[str, ...]:
        names = set(self.asks.gated)
        jobs = [job for job in (self.asks.arms.base, self.asks.arms.head) if job]
        agents = [agent for job in jobs for agent in job.settings.setup.agents]
        # Where definitions name models of their own, several are asked, and a change may be that
        # others are: then what answers the main thread is compared.
        has_own = any(agent.model not in (None, "inherit") for agent in agents)
        ask = _main_served if has_own else _served
        served = [
            ask(run, [trial for trial in trials if trial.case in names])
            for run, trials in ((played.base, played.before), (played.head, played.head.trials))
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

    def nothing_gated(self) -> GateRecord:
        """Every affected case fails as known: there is nothing to judge."""
        reason = "Inconclusive: every affected case has a known failure, so nothing was gated."
        excused = tuple(Excused(case=c, reason=r, passed=False) for c, r in self.asks.known.items())
        return self._record(
            question="",
            attempt=0,
            verdict="inconclusive",
            exit_code=exit_code("inconclusive", self.asks.profile),
            reasons=(reason,),
            excused=excused,
        )

    def _record(self, **said: Any) -> GateRecord:
        head, base = (
            self.asks.arms.head.record,
            self.asks.arms.base or self.asks.arms.run,
        )
        nothing = "Nothing changed: no case is affected, so nothing was played."
        defaults: dict[str, Any] = {"exit_code": 0, "reasons": (nothing,)}
        return GateRecord(
            decided_at=self.now.isoformat(timespec="seconds"),
            command=self.command,
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


def after_a_fail(record: GateRecord, attempts: Sequence[GateRecord]) -> GateRecord:
    """What failed once is let through only where the loss is ruled out, at the smaller level."""
    has_failed = any(attempt.verdict == "fail" for attempt in attempts)
    if not has_failed or record.verdict != "inconclusive":
        return record
    note = "An earlier attempt at this question failed, and this one does not rule the loss out."
    return replace(record, exit_code=3, notes=(*record.notes, note))


def code_of(decision: Decision, ended_by: EndedBy) -> int:
    """The exit code: a gate that was cut off while its verdict was open lets nothing through."""
    if decision.verdict in ("fail", "invalid"):
        return decision.exit_code
    if ended_by not in COMPLETE:
        return 3 if ended_by == "budget" else 4
    # A critical check failed, and the re-runs that settle it could not be played.
    return 4 if decision.confirm else decision.exit_code


def _ending(played: Played) -> list[str]:
    how = {
        "budget": "The budget ended the gate before its verdict was certain.",
        "faults": "The gate was ended: every call failed, and no retry can mend that.",
    }
    return [how[played.ended_by]] if played.ended_by in how else []


def _flakes(found: Sequence[Critical], played: Played) -> Iterator[Flake]:
    """The critical checks that failed once and not again, each with the trial in which it did."""
    for each in found:
        for trial in played.head.trials if each.state == "flake" else ():
            failed = any(s.check == each.check and s.verdict == "fail" for s in trial.scores)
            if trial.case == each.case and failed:
                yield each.check, each.case, trial.key


def _served(run: Run, trials: Sequence[Trial]) -> list[str]:
    return sorted({model for trial in trials for model in trial.served})


def _main_served(run: Run, trials: Sequence[Trial]) -> list[str]:
    """The models that answered the main thread; none where the file holds no traces."""
    keys = {trial.key for trial in trials}
    try:
        return sorted(
            {
                event.served
                for trial, trace in run.traces()
                if trial.key in keys
                for event in trace
                if isinstance(event, ModelCall) and event.agent == MAIN
            }
        )
    except FileFormatError:
        return []
