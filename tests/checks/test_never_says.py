from audition.checks.never_says import NeverSays
from tests.making import answering, empty


def test_fails_when_a_message_matches() -> None:
    assert NeverSays("sorry").score(answering("Sorry, no.")).verdict == "fail"


def test_passes_when_no_message_matches() -> None:
    assert NeverSays("sorry").score(answering()).verdict == "pass"


def test_silence_is_not_good_manners() -> None:
    assert NeverSays("sorry").score(empty()).verdict == "fail"
