"""The runner: it alone retries, limits, schedules and catches, and it loses nothing."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import ClassVar

import pytest

from audition.conversation import (
    Answer,
    Ask,
    Call,
    Hindsight,
    Nature,
    Opening,
    Reply,
    Text,
    Wanted,
)
from audition.crew import HOPELESS, RETRIES, Lot, Pace
from audition.errors import BudgetError, FaultError, FaultSource, Problem
from audition.events import AnyEvent, Fault, Limit, Message
from audition.job import Job, prepare
from audition.overrides import Overrides
from audition.prices import Price
from audition.record import EndedBy, Trial
from audition.runfile import Run, load
from audition.runner import play_all
from audition.runwriter import open_writer
from tests.conftest import Project

NOW = datetime(2026, 11, 24, tzinfo=UTC)
PRICE = Price(input=2.0, output=10.0, cache_read=0.1, cache_write=2.5)
AT_ONCE = Pace(1, retry_after_s=0.0)


@dataclass(frozen=True)
class Told:
    """A model that answers as a test tells it to."""

    answer: Answer
    paid: Price | None = None

    nature: ClassVar[Nature] = "scripted"
    label: ClassVar[str] = "told"

    def identity(self, opening: Opening, case: str, trial: int) -> str:
        return "told"

    def price(self, opening: Opening, model: str | None = None) -> Price | None:
        return self.paid

    def problems(self, opening: Opening, wanted: Sequence[Wanted]) -> tuple[Problem, ...]:
        return ()

    def endpoint(self, opening: Opening) -> str:
        return ""

    def notes(self, opening: Opening) -> tuple[str, ...]:
        return ()

    def hindsight(
        self, opening: Opening, case: str, trial: int, trace: Sequence[AnyEvent]
    ) -> Hindsight:
        return Hindsight()

    @asynccontextmanager
    async def open(self, opening: Opening) -> AsyncIterator[Answer]:
        yield self.answer


Line = Reply | Exception


@dataclass
class Lines:
    """One answer after the other, the last one again and again; what was asked is kept."""

    lines: Sequence[Line]
    asked: list[Ask] = field(default_factory=list)

    async def answer(self, ask: Ask) -> Reply:
        line = self.lines[min(len(self.asked), len(self.lines) - 1)]
        self.asked.append(ask)
        await asyncio.sleep(0)
        if isinstance(line, Exception):
            raise line
        return line


@dataclass
class Played:
    """What a run came to."""

    ended_by: EndedBy
    run: Run

    @property
    def trial(self) -> Trial:
        (trial,) = self.run.trials
        return trial


def says(text: str, *, cost_usd: float | None = 0.01, waited_s: float = 0.0) -> Reply:
    return Reply((Text(text),), "end_turn", "told", cost_usd=cost_usd, waited_s=waited_s)


def calls(agent: str, *, cost_usd: float | None = 0.01) -> Reply:
    given = {"description": "d", "prompt": "p", "subagent_type": agent}
    return Reply((Call("c", "Agent", given),), "tool_use", "told", cost_usd=cost_usd)


def fault(
    words: str = "529", *, source: FaultSource = "provider", retryable: bool = True,
    billed: bool = False,
) -> FaultError:  # fmt: skip
    return FaultError(source, words, retryable=retryable, may_be_billed=billed)


GOOD = says("409 means Conflict.")


def question(project: Project, trials: int = 1, limits: str = "{}") -> Job:
    """Trials of one case that is passed by answering."""
    case = f"{{id: q, request: Why 409?, limits: {limits}, expect: [no_delegation]}}"
    project.write("cases.yaml", f"cases: [{case}]\n")
    overrides = Overrides(model="lexical", trials=trials)
    return prepare(project.root / "suite.yaml", overrides, now=NOW)


def play(
    job: Job,
    answer: Answer,
    *,
    pace: Pace = AT_ONCE,
    price: Price | None = None,
    budget_usd: float | None = None,
    out: Path = Path("a.run.db"),
) -> Played:
    """Play what the run file does not hold yet."""
    settings = replace(job.settings, model=Told(answer, price))
    with open_writer(out) as writer:
        writer.begin(job.record, job.cases, job.plan)
        done = writer.finished_keys()
        entries = [entry for entry in job.entries if entry.key not in done]
        lots = [Lot(entries, settings, writer)]
        ended_by = asyncio.run(play_all(lots, pace, budget_usd=budget_usd))
    return Played(ended_by, load(out))


class TestFaults:
    def test_a_faulted_trial_is_played_again_and_its_cost_stays_on_the_books(
        self, project: Project
    ) -> None:
        lines = Lines([calls("nobody", cost_usd=0.3), fault("529: overloaded"), GOOD])
        played = play(question(project), lines.answer)

        assert played.trial.verdict == "pass"
        assert played.trial.faults == ("provider: 529: overloaded",)
        assert played.trial.cost_usd == 0.01
        assert played.run.state.spent_usd == pytest.approx(0.31)
        assert not [e for e in played.run.trace(played.trial) if isinstance(e, Fault)]

    def test_where_the_retries_are_spent_it_stays_a_fault_and_is_no_failure(
        self, project: Project
    ) -> None:
        lines = Lines([fault(str(number)) for number in range(10)])
        played = play(question(project), lines.answer)

        assert len(lines.asked) == RETRIES + 1
        assert played.ended_by == "finished"
        assert played.trial.verdict == "fault"
        assert {score.verdict for score in played.trial.scores} == {"fault"}
        assert played.trial.faults == ("provider: 0", "provider: 1")
        (last,) = [e for e in played.run.trace(played.trial) if isinstance(e, Fault)]
        assert (last.source, last.message) == ("provider", "2")

    def test_a_call_that_may_have_been_billed_has_an_unknown_cost(self, project: Project) -> None:
        lines = Lines([fault(billed=True), GOOD])
        state = play(question(project), lines.answer).run.state

        assert state.unpriced_trials == 1
        assert state.spent_usd == 0.01

    def test_a_crash_of_the_harness_is_a_fault_like_any_other(self, project: Project) -> None:
        played = play(question(project), Lines([KeyError("tools"), GOOD]).answer)

        assert played.trial.verdict == "pass"
        assert played.trial.faults == ("harness: KeyError: 'tools'",)

    def test_every_retry_waits_twice_as_long_as_the_one_before(self, project: Project) -> None:
        began: list[float] = []

        async def answer(ask: Ask) -> Reply:
            began.append(asyncio.get_running_loop().time())
            raise fault()

        play(question(project), answer, pace=Pace(1, retry_after_s=0.03))

        first, second = began[1] - began[0], began[2] - began[1]
        assert first >= 0.03
        assert second >= 0.06


class TestHopelessFaults:
    REFUSED = fault("401: it does not accept the key", retryable=False)

    def test_are_not_tried_again(self, project: Project) -> None:
        lines = Lines([self.REFUSED])
        played = play(question(project), lines.answer)

        assert len(lines.asked) == 1
        assert played.trial.verdict == "fault"

    def test_three_before_any_success_end_the_run(self, project: Project) -> None:
        lines = Lines([self.REFUSED])
        played = play(question(project, trials=20), lines.answer)

        assert played.ended_by == "faults"
        assert len(lines.asked) == HOPELESS
        assert [trial.verdict for trial in played.run.trials] == ["fault"] * HOPELESS

    def test_after_a_success_they_end_nothing(self, project: Project) -> None:
        lines = Lines([GOOD, self.REFUSED])
        played = play(question(project, trials=8), lines.answer)

        assert played.ended_by == "finished"
        assert [trial.verdict for trial in played.run.trials] == ["pass", *["fault"] * 7]

    def test_a_missing_recording_is_the_trouble_of_its_own_trial(self, project: Project) -> None:
        missing = fault("no recording", source="recording", retryable=False)
        played = play(question(project, trials=8), Lines([missing] * 7 + [GOOD]).answer)

        assert played.ended_by == "finished"
        assert [trial.verdict for trial in played.run.trials] == [*["fault"] * 7, "pass"]


class TestLimits:
    def test_a_trial_that_costs_more_than_its_limit_fails_by_it(self, project: Project) -> None:
        lines = Lines([calls("nobody", cost_usd=0.2), GOOD])
        played = play(question(project, limits="{cost_usd: 0.15}"), lines.answer)

        assert len(lines.asked) == 1
        assert played.trial.verdict == "fail"
        assert [score.check for score in played.trial.scores] == ["no_delegation", "limits"]
        assert "limit of 0.15 (cost_usd)" in played.trial.scores[-1].reason

    def test_a_trial_may_cost_exactly_its_limit(self, project: Project) -> None:
        lines = Lines([says("Conflict.", cost_usd=0.15)])

        assert play(question(project, limits="{cost_usd: 0.15}"), lines.answer).trial.verdict == (
            "pass"
        )

    def test_a_trial_that_takes_too_long_fails_by_it(self, project: Project) -> None:
        played = _play_slowly(question(project, limits="{minutes: 1}"), waited_s=0.0)

        assert played.trial.verdict == "fail"
        (reached,) = [e for e in played.run.trace(played.trial) if isinstance(e, Limit)]
        assert (reached.limit, reached.allowed) == ("minutes", 1.0)

    def test_waiting_for_the_provider_is_not_the_trials_time(self, project: Project) -> None:
        played = _play_slowly(question(project, limits="{minutes: 1}"), waited_s=100.0)

        assert played.trial.verdict == "pass"
        assert (played.trial.duration_s, played.trial.waited_s) == (20.0, 100.0)

    def test_a_trial_without_an_end_reaches_its_turns(self, project: Project) -> None:
        lines = Lines([calls("nobody")])
        played = play(question(project, limits="{turns: 4}"), lines.answer)

        assert len(lines.asked) == 4
        assert "limit of 4 (turns)" in played.trial.scores[-1].reason


class TestBudget:
    def test_ends_the_run_before_it_is_overspent_and_a_larger_one_goes_on(
        self, project: Project
    ) -> None:
        job, lines = question(project, trials=6), Lines([says("Conflict.", cost_usd=0.04)])
        first = play(job, lines.answer, price=PRICE, budget_usd=0.15)

        assert first.ended_by == "budget"
        assert 0 < len(first.run.trials) < 6
        assert first.run.state.spent_usd <= 0.15
        assert {trial.verdict for trial in first.run.trials} == {"pass"}

        second = play(job, lines.answer, price=PRICE, budget_usd=1.0)

        assert second.ended_by == "finished"
        assert len(second.run.trials) == len(lines.asked) == 6
        assert second.run.state.spent_usd == pytest.approx(0.24)

    def test_what_was_spent_before_counts(self, project: Project) -> None:
        job, lines = question(project, trials=6), Lines([says("Conflict.", cost_usd=0.04)])
        play(job, lines.answer, price=PRICE, budget_usd=0.15)
        asked = len(lines.asked)

        assert play(job, lines.answer, price=PRICE, budget_usd=0.15).ended_by == "budget"
        assert len(lines.asked) == asked

    def test_a_trial_that_it_cuts_off_is_paid_for_and_not_judged(self, project: Project) -> None:
        lines = Lines([calls("nobody", cost_usd=0.1)])
        played = play(question(project), lines.answer, price=PRICE, budget_usd=0.12)

        assert played.ended_by == "budget"
        assert played.run.trials == ()
        assert played.run.state.spent_usd == pytest.approx(0.1)

    def test_covers_the_calls_of_all_workers_together(self, project: Project) -> None:
        lines = Lines([says("Conflict.", cost_usd=0.04)])
        pace = Pace(6, retry_after_s=0.0)
        played = play(question(project, trials=12), lines.answer, pace=pace, price=PRICE,
                      budget_usd=0.2)  # fmt: skip

        assert played.ended_by == "budget"
        assert 0 < len(played.run.trials) <= 5
        assert played.run.state.spent_usd <= 0.2


@pytest.mark.parametrize("concurrency", [1, 3, 8])
def test_as_many_trials_run_side_by_side_as_the_pace_says(
    project: Project, concurrency: int
) -> None:
    now = most = 0

    async def answer(ask: Ask) -> Reply:
        nonlocal now, most
        now += 1
        most = max(most, now)
        await asyncio.sleep(0.002)
        now -= 1
        return GOOD

    played = play(question(project, trials=24), answer, pace=Pace(concurrency))

    assert most == concurrency
    assert [trial.number for trial in played.run.trials] == list(range(1, 25))


def test_an_interrupted_trial_may_have_cost_something_and_the_finished_ones_are_kept(
    project: Project,
) -> None:
    job = question(project, trials=3)
    lines = Lines([GOOD])

    async def answer(ask: Ask) -> Reply:
        if lines.asked:
            await asyncio.sleep(60)
        return await lines.answer(ask)

    async def interrupted() -> None:
        settings = replace(job.settings, model=Told(answer))
        with open_writer(Path("a.run.db")) as writer:
            writer.begin(job.record, job.cases, job.plan)
            async with asyncio.timeout(0.2):
                await play_all([Lot(job.entries, settings, writer)], AT_ONCE)

    with pytest.raises(TimeoutError):
        asyncio.run(interrupted())
    run = load("a.run.db")

    assert [trial.verdict for trial in run.trials] == ["pass"]
    assert (run.state.spent_usd, run.state.unpriced_trials) == (0.01, 1)


def test_labels_of_replies_are_labels_of_the_trial_each_once(project: Project) -> None:
    old = replace(calls("nobody"), label="an old answer")
    lines = Lines([old, old, replace(GOOD, label="a warning")])

    assert play(question(project), lines.answer).trial.labels == ("an old answer", "a warning")


def test_everything_that_was_said_before_a_limit_is_in_the_trace(project: Project) -> None:
    chatty = replace(calls("nobody"), blocks=(Text("Let me see."), *calls("nobody").blocks))
    played = play(question(project, limits="{turns: 1}"), Lines([chatty]).answer)

    texts = [e.text for e in played.run.trace(played.trial) if isinstance(e, Message)]
    assert texts == ["Let me see."]


def test_nothing_to_play_opens_no_model(project: Project) -> None:
    async def answer(ask: Ask) -> Reply:
        raise BudgetError("nobody should ask")

    job = question(project)
    play(job, Lines([GOOD]).answer)

    assert play(job, answer).ended_by == "finished"


def _play_slowly(job: Job, *, waited_s: float) -> Played:
    """Every answer takes two minutes by a clock of its own, some of it waiting."""
    now = 0.0

    async def answer(ask: Ask) -> Reply:
        nonlocal now
        now += 120.0
        return says("Conflict.", waited_s=waited_s)

    return play(job, answer, pace=Pace(1, clock=lambda: now))
