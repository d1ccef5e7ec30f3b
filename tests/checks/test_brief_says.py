from audition.checks.brief_says import BriefSays
from tests.making import Script, answering


def test_passes_when_the_first_brief_matches() -> None:
    evidence = Script().turn().delegates("backend", "Page the ORDERS by Cursor").end()

    assert BriefSays("orders by cursor").score(evidence).verdict == "pass"


def test_fails_when_the_brief_leaves_it_out() -> None:
    score = BriefSays("cursor").score(Script().turn().delegates("backend", "Page it").end())

    assert (score.verdict, score.found) == ("fail", "Page it")


def test_fails_when_there_is_no_brief() -> None:
    assert BriefSays("cursor").score(answering()).verdict == "fail"
