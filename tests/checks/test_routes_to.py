from audition.checks.routes_to import RoutesTo
from tests.making import Script, answering, delegating


def test_passes_when_the_first_agent_is_the_expected_one() -> None:
    score = RoutesTo("backend").score(delegating(["backend", "frontend"]))

    assert (score.verdict, score.value) == ("pass", 1.0)
    assert score.found == "backend"


def test_fails_when_another_agent_is_started_first() -> None:
    score = RoutesTo("backend").score(delegating(["frontend", "backend"]))

    assert score.verdict == "fail"
    assert score.reason == "went to frontend, not to backend"


def test_an_accepted_agent_is_as_good() -> None:
    check = RoutesTo("backend", accept=("general-purpose",))

    assert check.score(delegating(["general-purpose"])).verdict == "pass"


def test_built_in_agents_are_values_like_any_other() -> None:
    assert RoutesTo("Explore").score(delegating(["Explore"])).verdict == "pass"


def test_fails_when_nothing_was_delegated() -> None:
    score = RoutesTo("backend").score(answering())

    assert (score.verdict, score.found) == ("fail", "no delegation")
    assert score.reason == "the main thread did not delegate"


def test_a_name_that_no_agent_has_may_be_corrected() -> None:
    evidence = Script().turn().invents("backend-pro").turn().delegates("backend").end()

    assert RoutesTo("backend").score(evidence).verdict == "pass"


def test_fails_when_only_agents_were_asked_for_that_do_not_exist() -> None:
    score = RoutesTo("backend").score(Script().turn().invents("backend-pro").says("Hm.").end())

    assert score.reason == "asked only for agents that do not exist"
    assert "backend-pro" in score.found


def test_the_evidence_is_the_call_and_the_start() -> None:
    evidence = delegating(["backend"])
    (delegation,) = evidence.delegations

    assert RoutesTo("backend").score(evidence).evidence == (delegation.call, delegation.number)


def test_is_not_judged_where_the_agent_was_not_on_offer() -> None:
    evidence = Script(offered=("frontend",)).turn().delegates("frontend").end()

    assert RoutesTo("backend").score(evidence).verdict == "skip"
