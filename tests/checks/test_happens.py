import pytest

from audition.checks.happens import Happens
from audition.evidence import NotRecordedError
from audition.patterns import Pattern
from tests.checks.work import CODE, PLAN, TEST, Work, changed, checked
from tests.making import answering, empty


def test_passes_when_one_event_matches_and_points_at_it() -> None:
    evidence = Work().call(changed(PLAN)).call(changed(CODE)).end()

    score = Happens(Pattern(wrote="implementation")).score(evidence)

    assert (score.verdict, score.evidence) == ("pass", (6,))
    assert score.reason == f"modified {CODE} (event 6)"


def test_says_how_many_more_there_are() -> None:
    evidence = Work().call(changed(CODE), changed(TEST)).end()

    assert "and 1 more" in Happens(Pattern(wrote="*.py")).score(evidence).reason


def test_fails_when_nothing_matches_and_says_what_was_looked_for() -> None:
    evidence = Work().call(changed(PLAN)).end()

    score = Happens(Pattern(wrote="tests", by="backend")).score(evidence)

    assert score.verdict == "fail"
    assert score.reason == "nothing in the trace matches {wrote: tests, by: backend}"
    assert score.evidence == (5,)


def test_fails_when_the_outcome_of_the_only_run_cannot_be_told() -> None:
    evidence = Work().call(checked("unknown")).end()

    score = Happens(Pattern(ran="tests", outcome="passed")).score(evidence)

    assert score.verdict == "fail"
    assert score.reason.startswith("it cannot be told whether ran pytest -q (unknown) (event 3)")


def test_asks_for_evidence_of_work_where_no_agent_worked() -> None:
    with pytest.raises(NotRecordedError):
        Happens(Pattern(wrote="tests")).score(Work().says("Done.").end(worked=False))


def test_what_the_main_thread_says_needs_no_agent_at_work() -> None:
    check = Happens(Pattern(said="conflict", by="main"))

    assert check.needs == {"whole trial"}
    assert check.score(answering()).verdict == "pass"
    assert check.score(empty()).verdict == "fail"


def test_the_agents_that_it_names_are_known_before_anything_is_spent() -> None:
    check = Happens(Pattern(delegated=("a", "b"), by="main"))

    assert (check.agents, check.reference) == (("a", "b"), None)
