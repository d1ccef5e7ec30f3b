"""Verdicts: what a fault, a limit, a wrong turn and an unrequired check make of a trial."""

from dataclasses import dataclass
from random import Random
from typing import ClassVar, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audition.checks.max_turns import MaxTurns
from audition.checks.never_routes_to import NeverRoutesTo
from audition.checks.no_delegation import NoDelegation
from audition.checks.routes_to import RoutesTo
from audition.checks.says import Says
from audition.events import End, Limit
from audition.evidence import Check, Evidence, Need
from audition.expectation import Expectation
from audition.grading import finished, grade, regraded, verdict_of
from audition.record import Trial
from audition.score import Kind, Score, Verdict, passed
from tests.making import Script, answering, delegating, empty

TRIAL = Trial(case="paging", number=1, key="k", verdict="skip", scores=())


@dataclass(frozen=True)
class Crashes:
    """A check of somebody's own, with a mistake in it."""

    kind: ClassVar[Kind] = "outcome"
    needs: ClassVar[frozenset[Need]] = frozenset({"whole trial"})

    def score(self, evidence: Evidence) -> Score:
        raise KeyError("plan")


@dataclass(frozen=True)
class TestsRan:
    """A process check that always passes."""

    __test__ = False

    kind: ClassVar[Kind] = "process"
    needs: ClassVar[frozenset[Need]] = frozenset({"whole trial"})

    def score(self, evidence: Evidence) -> Score:
        return passed("the tests ran")


def expect(name: str, check: Check, *, required: bool = True, why: str = "") -> Expectation:
    return Expectation(name, check, required, False, why, f"{name}: …", "d.yaml:1:1")


BACKEND = expect("routes_to", RoutesTo("backend"))
DONE = expect("says", Says("done"))
TESTED = expect("tests_ran", TestsRan())


def verdicts(expectations: list[Expectation], evidence: Evidence) -> dict[str, Verdict]:
    return {score.check: score.verdict for score in grade(expectations, evidence)}


def verdict(expectations: list[Expectation], evidence: Evidence) -> Verdict:
    return verdict_of(grade(expectations, evidence))


class TestFault:
    def test_decides_no_check_whatever_was_seen_before_it(self) -> None:
        for script in (Script().turn().delegates("backend"), Script().turn().delegates("frontend")):
            evidence = script.breaks("529").end()

            assert verdicts([BACKEND, DONE], evidence) == {"routes_to": "fault", "says": "fault"}
            assert verdict([BACKEND, DONE], evidence) == "fault"

    def test_is_the_reason_and_the_evidence_of_every_score(self) -> None:
        (score,) = grade([BACKEND], Script().turn().breaks("529: overloaded").end())

        assert score.reason == "provider: 529: overloaded"
        assert score.evidence == (3,)
        assert score.value is None

    def test_takes_a_limit_with_it(self) -> None:
        evidence = Script().turn().reaches("turns", 3).breaks("529").end()

        assert verdicts([BACKEND], evidence) == {"routes_to": "fault"}

    def test_of_a_check_is_the_harness_and_not_the_agent(self) -> None:
        crashed, other = grade([expect("crashes", Crashes()), BACKEND], delegating(["backend"]))

        assert (crashed.verdict, crashed.value) == ("fault", None)
        assert crashed.reason == "the check crashed: KeyError: 'plan'"
        assert other.verdict == "pass"
        assert verdict_of((crashed, other)) == "fault"

    def test_of_a_check_does_not_hide_a_failure(self) -> None:
        crashes = expect("crashes", Crashes())

        assert verdict([crashes, TESTED, DONE], delegating(["backend"])) == "fault"
        assert verdict([crashes, TESTED, DONE], answering("Not yet.")) == "fail"


class TestLimit:
    def test_is_a_fail_with_that_reason(self) -> None:
        evidence = Script().turn().delegates("backend").reaches("cost_usd", 0.5).end()
        scores = grade([BACKEND], evidence)

        assert [score.verdict for score in scores] == ["pass", "fail"]
        assert scores[1].check == "limits"
        assert scores[1].kind == "budget"
        assert scores[1].reason == "the trial reached its limit of 0.5 (cost_usd)"
        assert verdict_of(scores) == "fail"

    def test_of_a_model_that_has_no_number_is_named_all_the_same(self) -> None:
        begun = Script().turn().end().trace[:-1]
        limit = Limit(number=3, at_s=0.0, limit="context", allowed=None)

        (score,) = grade([], Evidence((*begun, limit)))

        assert score.reason == "the trial reached its limit (context)"


class TestMisrouted:
    ELSEWHERE = delegating(["frontend"])

    def test_process_and_outcome_are_not_asked_of_the_wrong_agent(self) -> None:
        budget = expect("max_turns", MaxTurns(5))

        assert verdicts([TESTED, BACKEND, DONE, budget], self.ELSEWHERE) == {
            "tests_ran": "skip",
            "routes_to": "fail",
            "says": "skip",
            "max_turns": "pass",
        }
        assert verdict([TESTED, BACKEND, DONE, budget], self.ELSEWHERE) == "fail"

    def test_says_where_the_request_went(self) -> None:
        _, skip = grade([BACKEND, TESTED], self.ELSEWHERE)

        assert skip.reason == "not asked of this trial: its routing check failed"
        assert skip.expected == "tests_ran: …"

    def test_every_routing_check_is_still_judged(self) -> None:
        never = expect("never_routes_to", NeverRoutesTo("frontend"))

        assert verdicts([BACKEND, never], self.ELSEWHERE) == {
            "routes_to": "fail",
            "never_routes_to": "fail",
        }

    def test_a_routing_check_that_is_not_required_stops_no_other(self) -> None:
        hoped = expect("routes_to", RoutesTo("backend"), required=False)

        assert verdicts([hoped, TESTED], self.ELSEWHERE) == {
            "routes_to": "fail",
            "tests_ran": "pass",
        }

    def test_an_agent_that_was_not_on_offer_decides_nothing(self) -> None:
        evidence = Script(offered=("frontend",)).turn().delegates("frontend").end()

        assert verdicts([BACKEND, TESTED], evidence) == {"routes_to": "skip", "tests_ran": "pass"}
        assert verdict([BACKEND, TESTED], evidence) == "skip"


class TestRequired:
    def test_only_a_required_check_fails_a_trial(self) -> None:
        hoped = expect("says", Says("thanks"), required=False)

        assert verdict([BACKEND, hoped], delegating(["backend"])) == "pass"

    def test_without_any_required_check_nothing_was_decided(self) -> None:
        hoped = expect("says", Says("done"), required=False)

        assert verdict([hoped], delegating(["backend"])) == "skip"

    def test_a_skip_of_an_unrequired_check_is_no_skip(self) -> None:
        hoped = expect("routes_to", RoutesTo("nobody"), required=False)

        assert verdict([hoped, BACKEND], delegating(["backend"])) == "pass"


def test_what_was_not_played_is_not_recorded_and_never_passed() -> None:
    whole = Script().turn().delegates("backend").end().trace
    cut = Evidence((*whole[:-1], End(number=len(whole), at_s=0.0, reason="delegated")))
    never = expect("never_routes_to", NeverRoutesTo("frontend"))
    budget = expect("max_turns", MaxTurns(5))

    assert verdicts([BACKEND, never, TESTED, budget], cut) == {
        "routes_to": "pass",
        "never_routes_to": "skip",
        "tests_ran": "skip",
        "max_turns": "pass",
    }
    assert verdict([BACKEND, never], cut) == "skip"


def test_no_expectation_is_no_pass() -> None:
    assert verdict([], delegating(["backend"])) == "skip"


@pytest.mark.parametrize(
    "check",
    [RoutesTo("backend"), NoDelegation(), NeverRoutesTo("backend"), Says("x")],
    ids=lambda check: type(check).__name__,
)
def test_doing_nothing_passes_nothing(check: Check) -> None:
    assert verdict([expect("check", check)], empty()) == "fail"


scored = st.lists(
    st.builds(
        Score,
        verdict=st.sampled_from(get_args(Verdict)),
        reason=st.just(""),
        required=st.booleans(),
    ),
    max_size=6,
)


@given(scored)
def test_fail_before_fault_before_skip_before_pass(scores: list[Score]) -> None:
    found = verdict_of(scores)
    required = {score.verdict for score in scores if score.required}
    faulted = any(score.verdict == "fault" for score in scores)

    assert (found == "fail") == ("fail" in required)
    assert (found == "pass") == (required == {"pass"} and not faulted)
    assert (found == "fault") == (faulted and "fail" not in required)


@given(scored, st.randoms())
def test_the_order_of_the_scores_does_not_matter(scores: list[Score], random: Random) -> None:
    shuffled = list(scores)
    random.shuffle(shuffled)

    assert verdict_of(shuffled) == verdict_of(scores)


def test_a_stored_trial_is_graded_like_a_new_one() -> None:
    evidence = Script().turn().delegates("backend").turn().says("Done.").end()
    expectations = [BACKEND, DONE, TESTED, expect("max_turns", MaxTurns(1), why="be quick")]

    new = finished(TRIAL, expectations, evidence)

    assert regraded(new, expectations, evidence) == new
    assert new.verdict == "fail"
    assert new.scores[-1].why == "be quick"


def test_totals_are_taken_from_the_trace() -> None:
    evidence = Script(step_s=2.0).turn(cost_usd=0.2, served="b").invents("backend-pro")
    trial = finished(
        TRIAL,
        [BACKEND],
        evidence.turn(cost_usd=0.1, served="a").delegates("backend").end(),
    )

    assert trial.cost_usd == pytest.approx(0.3)
    assert (trial.turns, trial.served, trial.duration_s) == (2, ("a", "b"), 4.0)
    assert (trial.asked_for, trial.delegated_to) == ("backend-pro", "backend")


def test_a_call_without_a_known_price_makes_the_cost_unknown() -> None:
    evidence = Script().turn(cost_usd=0.2).turn(cost_usd=None).end()

    assert finished(TRIAL, [BACKEND], evidence).cost_usd is None
