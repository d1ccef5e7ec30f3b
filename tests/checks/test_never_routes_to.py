from audition.checks.never_routes_to import NeverRoutesTo
from tests.making import answering, delegating, empty


def test_fails_when_the_agent_is_started_anywhere_in_the_trial() -> None:
    score = NeverRoutesTo("Plan").score(delegating(["backend", "Plan"]))

    assert (score.verdict, score.reason) == ("fail", "went to Plan")


def test_takes_one_agent_or_several() -> None:
    check = NeverRoutesTo(("Plan", "Explore"))

    assert check.agents == ("Plan", "Explore")
    assert check.score(delegating(["Explore"])).verdict == "fail"


def test_passes_when_the_request_goes_elsewhere() -> None:
    assert NeverRoutesTo("Plan").score(delegating(["backend"])).verdict == "pass"
    assert NeverRoutesTo("Plan").score(answering()).verdict == "pass"


def test_a_model_that_does_nothing_does_not_pass() -> None:
    assert NeverRoutesTo("Plan").score(empty()).verdict == "fail"
