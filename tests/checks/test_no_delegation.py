from audition.checks.no_delegation import NoDelegation
from tests.making import Script, answering, delegating, empty


def test_passes_when_the_main_thread_answers() -> None:
    assert NoDelegation().score(answering()).verdict == "pass"


def test_fails_when_an_agent_is_started() -> None:
    score = NoDelegation().score(delegating(["backend"]))

    assert (score.verdict, score.reason) == ("fail", "went to backend")


def test_asking_for_an_agent_that_does_not_exist_is_an_attempt_to_delegate() -> None:
    evidence = Script().turn().invents("wizard").says("Then I answer myself.").end()

    assert NoDelegation().score(evidence).verdict == "fail"


def test_a_model_that_does_nothing_does_not_pass() -> None:
    score = NoDelegation().score(empty())

    assert (score.verdict, score.reason) == ("fail", "the model did nothing at all")
