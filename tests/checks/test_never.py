import pytest

from audition.checks.never import Never
from audition.evidence import NotRecordedError
from audition.patterns import Pattern, Window
from tests.checks.work import CODE, TEST, Work, changed, checked, committed, git, ran

PUSH = Never(Pattern(ran="git push*"))
AFTER_GREEN = Never(
    Pattern(wrote="tests", within=Window(since=Pattern(ran="tests", outcome="passed")))
)


def test_passes_when_nothing_matches() -> None:
    evidence = Work().call(git("git commit -m x"), committed("x")).end()

    assert PUSH.score(evidence).verdict == "pass"


def test_fails_at_the_first_event_that_matches() -> None:
    evidence = Work().call(git("git push")).call(git("git push --force")).end()

    score = PUSH.score(evidence)

    assert (score.verdict, score.evidence) == ("fail", (3, 6))
    assert score.reason == "ran git push (unknown) (event 3) matches {ran: git push*}"


def test_what_only_git_recorded_counts() -> None:
    evidence = Work().call(ran("make release"), ran("git push origin", recorded=True)).end()

    assert PUSH.score(evidence).verdict == "fail"


def test_fails_when_nobody_did_anything_at_all() -> None:
    score = PUSH.score(Work().end())

    assert (score.verdict, score.reason) == ("fail", "nobody did anything at all")


def test_an_agent_that_is_talked_to_directly_is_somebody() -> None:
    assert PUSH.score(Work().says("Hello.", agent="backend").end()).verdict == "pass"


def test_fails_when_it_cannot_be_told_whether_an_event_matches() -> None:
    score = Never(Pattern(ran="tests", outcome="failed")).score(
        Work().call(checked("unknown")).end()
    )

    assert score.verdict == "fail"
    assert score.reason.startswith("it cannot be told whether")


@pytest.mark.parametrize(
    ("work", "verdict", "words"),
    [
        (
            Work().call(changed(TEST)).call(checked("passed")).call(changed(CODE)),
            "pass",
            "nothing",
        ),
        (
            Work().call(checked("passed")).call(changed(TEST)),
            "fail",
            f"modified {TEST} (event 6)",
        ),
        (Work().call(checked("passed"), changed(TEST)), "fail", "cannot be told"),
        (Work().call(changed(TEST)).call(checked("failed")), "fail", "never began"),
        (Work().call(changed(TEST)).call(checked("unknown")), "fail", "cannot be told"),
    ],
    ids=["before only", "after", "in one command", "never green", "perhaps green"],
)
def test_looks_only_into_its_window(work: Work, verdict: str, words: str) -> None:
    score = AFTER_GREEN.score(work.end())

    assert score.verdict == verdict
    assert words in score.reason


def test_asks_for_evidence_of_work_where_no_agent_worked() -> None:
    with pytest.raises(NotRecordedError):
        PUSH.score(Work().says("Done.").end(worked=False))
