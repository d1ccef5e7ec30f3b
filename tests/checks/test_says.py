from audition.checks.says import Says
from tests.making import answering, empty


def test_passes_when_a_message_matches_in_any_case() -> None:
    score = Says("conflict").score(answering("409 means Conflict."))

    assert score.verdict == "pass"


def test_fails_when_no_message_matches() -> None:
    score = Says("teapot").score(answering("409 means Conflict."))

    assert (score.verdict, score.found) == ("fail", "409 means Conflict.")


def test_fails_when_nothing_was_said() -> None:
    assert Says("conflict").score(empty()).reason == "nothing was said"
