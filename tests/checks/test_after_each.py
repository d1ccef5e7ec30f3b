import pytest

from audition.checks.after_each import AfterEach
from audition.evidence import NotRecordedError
from audition.patterns import Pattern
from tests.checks.work import CODE, PLAN, Work, changed, checked

TESTED = AfterEach(every=Pattern(wrote="implementation"), then=Pattern(ran="tests"))
GREEN = AfterEach(every=Pattern(wrote="*"), then=Pattern(ran="tests", outcome="passed"))


def test_passes_when_the_last_one_is_followed() -> None:
    evidence = Work().call(changed(CODE)).call(changed(CODE)).call(checked("failed")).end()

    score = TESTED.score(evidence)

    assert (score.verdict, score.evidence) == ("pass", (6, 9))
    assert score.reason.startswith(f"after modified {CODE} (event 6), the last of 2: ran pytest")


@pytest.mark.parametrize(
    ("work", "words"),
    [
        (
            Work().call(checked("passed")).call(changed(CODE)),
            f"follows modified {CODE} (event 6)",
        ),
        (Work().call(changed(CODE)), "nothing that matches {ran: tests} follows"),
        (Work().call(checked("passed")), "nothing in the trace matches {wrote: implementation}"),
        (Work(), "nothing in the trace matches"),
        (Work().call(changed(CODE), checked("passed")), "it cannot be told whether ran pytest"),
    ],
    ids=["before", "never", "no code", "nothing", "in one command"],
)
def test_fails_and_says_what_is_wrong(work: Work, words: str) -> None:
    score = TESTED.score(work.end())

    assert score.verdict == "fail"
    assert words in score.reason


def test_a_command_that_does_both_may_be_followed_by_another() -> None:
    work = Work().call(changed(CODE), checked("failed")).call(checked("passed"))

    assert TESTED.score(work.end()).verdict == "pass"


def test_an_outcome_that_is_unknown_proves_nothing() -> None:
    score = GREEN.score(Work().call(changed(PLAN)).call(checked("unknown")).end())

    assert score.verdict == "fail"
    assert "it cannot be told whether ran pytest -q (unknown) (event 6)" in score.reason


def test_asks_for_evidence_of_work_where_no_agent_worked() -> None:
    with pytest.raises(NotRecordedError):
        TESTED.score(Work().says("Done.").end(worked=False))
