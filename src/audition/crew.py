"""Playing the trials of one job: each until it ends without a fault or its retries are spent.

A trial that ends in a fault is thrown away, written down with its cost, and played again; when its
retries are spent it stays as a fault. Every trial is committed as it ends, so a kill costs at most
the trials in flight. Whatever a model or a runtime raises is caught here, and is never a failed
check.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from audition.affected import Entry, Settings
from audition.codec import pack
from audition.conversation import Answer, Ask, Reply
from audition.dataset import Limits
from audition.errors import BudgetError, FaultError, LimitReachedError
from audition.events import End, EndReason, Fault, Limit, ModelCall
from audition.evidence import Evidence
from audition.grading import finished, is_unrecorded, regraded, verdict_of
from audition.inert import sound
from audition.ledger import Ledger
from audition.prices import FREE
from audition.record import Trial
from audition.runtimes import Hands
from audition.runwriter import RunWriter
from audition.tracer import Tracer

if TYPE_CHECKING:  # only agents at work need it, and it takes long to load
    from audition.studio import Studio

RETRIES = 2
"""How often a trial that ended in a fault is played again; the client's own retries come first."""
HOPELESS = 3
"""So many faults that no retry can cure, in a row and before any success, end the run."""


@dataclass(frozen=True)
class Pace:
    """How a run is played."""

    concurrency: int
    retry_after_s: float = 1.0
    """Pause before a faulted trial is played again; doubled each time."""
    clock: Callable[[], float] = time.perf_counter
    now: Callable[[], datetime] = lambda: datetime.now(UTC)


@dataclass(frozen=True)
class _Play:
    """One playing of a trial."""

    evidence: Evidence
    labels: tuple[str, ...]
    fault: FaultError | None
    ledger: Ledger


@dataclass(frozen=True)
class Lot:
    """Trials of one job, and the run file that they go into."""

    entries: Sequence[Entry]
    settings: Settings
    writer: RunWriter
    heard: Callable[[Trial], None] = lambda trial: None


class Crew:
    """Who plays the trials of one lot, and what those have to know of each other."""

    def __init__(self, lot: Lot, answer: Answer, pace: Pace, studio: "Studio | None") -> None:
        self.entries = lot.entries
        self.is_hopeless = False
        """Whether nothing that follows can go better, such as after a refused key."""
        self._studio = studio
        self._settings = lot.settings
        self._answer = answer
        self._writer = lot.writer
        self._pace = pace
        self._heard = lot.heard
        self._pricing = partial(lot.settings.model.price, lot.settings.opening)
        self._begun: dict[str, bytes] = {}
        """The packed contents of what workspaces begin as, which all their trials share."""
        self._hopeless = 0
        self._has_succeeded = False

    async def play(self, entry: Entry) -> None:
        """Play a trial, store it, and tell of it.

        Raises:
            BudgetError: the money is spent.
        """
        self._heard(await self._settle(entry))

    async def _settle(self, entry: Entry) -> Trial:
        """Play a trial until it ends without a fault or its retries are spent, and store it."""
        faults: list[str] = []
        started_at = self._pace.now().isoformat(timespec="seconds")
        while True:
            play = await self._play(entry)
            fault = play.fault
            if fault is None or not fault.retryable or len(faults) == RETRIES:
                break
            faults.append(f"{fault.source}: {fault}")
            self._lose(entry, str(fault), play.ledger)
            await asyncio.sleep(self._pace.retry_after_s * 2 ** (len(faults) - 1))
        self._watch(fault)
        trial = Trial(
            case=entry.case.id,
            number=entry.scene.trial,
            key=entry.key,
            verdict="skip",
            scores=(),
            started_at=started_at,
            faults=tuple(sound(faults)),
            labels=tuple(sound(play.labels)),
        )
        graded = self._store(entry, trial, play)
        # A check that lacks something is skipped; where none is, nobody asks for anything.
        lacks_something = any(score.verdict == "skip" for score in graded.scores)
        if lacks_something and not graded.faulted and play.evidence.outcome is not None:
            graded = await self._probe(entry, graded, play.evidence)
        return graded

    async def _probe(self, entry: Entry, trial: Trial, evidence: Evidence) -> Trial:
        """Run what the checks ask for; the trial is stored already, so nothing can be lost."""
        if self._studio is None:
            return trial
        return await probe_stored(self._studio, entry, self._writer, trial, evidence)

    def _store(self, entry: Entry, trial: Trial, play: _Play) -> Trial:
        """Grade and commit a trial; what cannot be written is a fault, and stays on the books."""
        most_usd = play.ledger.most_usd
        try:
            graded = finished(trial, entry.case.expectations, play.evidence)
            graded = replace(graded, cost_usd=play.ledger.cost_usd)
            self._writer.add(graded, pack(play.evidence, self._begun), most_usd=most_usd)
        except (ValueError, TypeError, RecursionError) as error:
            tracer = Tracer(self._pace.clock)
            reason = sound(f"the trial cannot be written down: {type(error).__name__}: {error}")
            tracer.add(Fault, source="harness", message=reason)
            tracer.add(End, reason="fault")
            evidence = Evidence(tracer.trace, project=entry.case.project)
            graded = finished(trial, entry.case.expectations, evidence)
            graded = replace(graded, cost_usd=play.ledger.cost_usd)
            self._writer.add(graded, pack(evidence), most_usd=most_usd)
        return graded

    async def _play(self, entry: Entry) -> _Play:
        """Play a trial once. Whatever was paid for is kept, also when it is cut off."""
        tracer, ledger = Tracer(self._pace.clock), Ledger(self._pricing)
        labels: list[str] = []
        fault: FaultError | None = None
        answer = self._limited(entry, tracer, ledger, labels)
        evidence = Evidence((), project=entry.case.project)
        end: EndReason
        try:
            end, evidence = await self._act(entry, answer, tracer, evidence)
            evidence = self._looked_back(entry, tracer, evidence, labels)
        except FaultError as error:
            fault, end = error, "fault"
        except BudgetError as error:
            self._lose(entry, f"cut off: {error}", ledger)
            raise
        except Exception as error:  # a model or a runtime may raise anything: never a failed check
            fault, end = FaultError("harness", f"{type(error).__name__}: {error}"), "fault"
        except BaseException:
            self._lose(entry, "cut off: interrupted", ledger)
            raise
        if fault is not None:
            tracer.add(Fault, source=fault.source, message=str(fault))
        tracer.add(End, reason=end)
        evidence = replace(evidence, trace=tracer.trace)
        return _Play(evidence, tuple(dict.fromkeys(labels)), fault, ledger)

    async def _act(
        self, entry: Entry, answer: Answer, tracer: Tracer, evidence: Evidence
    ) -> tuple[EndReason, Evidence]:
        """Play a trial once, in a workspace where agents work; adds the outcome it came to."""
        work = entry.case.work
        if entry.scene.cue.extent != "work" or work is None:
            return await self._perform(entry, answer, tracer, None), evidence
        if self._studio is None:
            raise FaultError("harness", "there is no studio to work in", retryable=False)
        async with self._studio.workshop(work, tracer, self._pace.now) as trial:
            end = await self._perform(entry, answer, tracer, trial.hands)
            outcome = await trial.finish()
            return end, replace(evidence, outcome=outcome, contents=trial.contents())

    def _looked_back(
        self, entry: Entry, tracer: Tracer, evidence: Evidence, labels: list[str]
    ) -> Evidence:
        """The evidence with what the model adds to it now that the trial is over."""
        settings, scene = self._settings, entry.scene
        seen = settings.model.hindsight(settings.opening, scene.case, scene.trial, tracer.trace)
        labels.extend(seen.labels)
        outcome = evidence.outcome
        if outcome is None or not seen.recorded_from:
            return evidence
        since, until = seen.recorded_from, seen.recorded_to
        return replace(evidence, outcome=replace(outcome, recorded_from=since, recorded_to=until))

    async def _perform(
        self, entry: Entry, answer: Answer, tracer: Tracer, hands: Hands | None
    ) -> EndReason:
        try:
            end = await self._settings.stage.play(entry.scene, answer, tracer, hands)
            _check_limits(tracer, entry.limits, over=True)
        except LimitReachedError as reached:
            tracer.add(Limit, limit=reached.limit, allowed=reached.allowed)
            return "limit"
        return end

    def _limited(self, entry: Entry, tracer: Tracer, ledger: Ledger, labels: list[str]) -> Answer:
        """The same model, asked only while the trial is within its limits; the books are kept."""
        place = (entry.case.id, entry.scene.trial)
        costs_money = self._pricing(None) not in (None, FREE)

        async def limited(ask: Ask) -> Reply:
            _check_limits(tracer, entry.limits)
            call = ledger.open(ask)
            if costs_money:
                self._writer.take_off(place, ledger.most_usd)
            try:
                reply = await self._answer(ask)
            except FaultError as fault:
                if fault.may_be_billed:
                    ledger.settle(call, None)
                else:
                    ledger.drop(call)
                raise
            except BudgetError:
                ledger.drop(call)
                raise
            ledger.settle(call, reply.cost_usd)
            if reply.label:
                labels.append(reply.label)
            return reply

        return limited

    def _lose(self, entry: Entry, reason: str, ledger: Ledger) -> None:
        """Write down a play that was thrown away, with what it cost."""
        place = (entry.case.id, entry.scene.trial)
        self._writer.add_lost(place, sound(reason), ledger.cost_usd, ledger.most_usd)

    def _watch(self, fault: FaultError | None) -> None:
        if fault is None:
            self._has_succeeded = True  # whatever comes later is no fault of the whole
        elif fault.source != "recording" and not self._has_succeeded:
            self._hopeless += 1
            self.is_hopeless = self._hopeless >= HOPELESS


async def probe_stored(
    studio: "Studio", entry: Entry, writer: RunWriter, trial: Trial, evidence: Evidence
) -> Trial:
    """A stored trial, judged with everything that its checks ask the harness to run."""
    if entry.case.work is None:
        return trial
    try:
        probed = await studio.probed(entry.case.work, entry.case.expectations, evidence)
        if probed is evidence:
            return trial
        judged = regraded(trial, entry.case.expectations, probed)
        writer.add_outcome(judged, pack(probed))
    except FaultError as error:
        return _unproved(writer, trial, error)
    except Exception as error:  # what agents left may break whatever reads it: no other trial falls
        return _unproved(writer, trial, FaultError("harness", f"{type(error).__name__}: {error}"))
    return judged


def _unproved(writer: RunWriter, trial: Trial, fault: FaultError) -> Trial:
    """The trial without what the harness could not run; it is run when the run is resumed."""
    reason = sound(f"{fault.source}: {fault}")
    scores = tuple(
        replace(score, verdict="fault", reason=reason) if is_unrecorded(score) else score
        for score in trial.scores
    )
    trial = replace(trial, scores=scores, verdict=verdict_of(scores))
    writer.regrade(trial)
    return trial


def _check_limits(tracer: Tracer, limits: Limits, *, over: bool = False) -> None:
    """Raise where a limit is reached; once the trial is over, only where it was exceeded."""
    if limits.minutes is not None and tracer.elapsed_s > limits.minutes * 60:
        raise LimitReachedError("minutes", limits.minutes)
    if limits.cost_usd is not None:
        spent = sum(e.cost_usd or 0.0 for e in tracer.trace if isinstance(e, ModelCall))
        if spent > limits.cost_usd or (spent == limits.cost_usd and not over):
            raise LimitReachedError("cost_usd", limits.cost_usd)
