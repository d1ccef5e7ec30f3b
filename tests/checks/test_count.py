import pytest

from audition.checks.count import Count
from audition.evidence import NotRecordedError
from audition.patterns import Pattern, Window
from tests.checks.work import CODE, PLAN, TEST, Work, changed, checked, committed, git, ran

COMMITS = Pattern(committed=True)
TWO = Work().call(committed("a")).call(committed("b")).end()


@pytest.mark.parametrize(
    ("check", "verdict"),
    [
        (Count(of=COMMITS, exactly=2), "pass"),
        (Count(of=COMMITS, exactly=1), "fail"),
        (Count(of=COMMITS, min=2), "pass"),
        (Count(of=COMMITS, min=3), "fail"),
        (Count(of=COMMITS, max=2), "pass"),
        (Count(of=COMMITS, max=1), "fail"),
        (Count(of=COMMITS, min=1, max=3), "pass"),
        (Count(of=Pattern(committed="^c"), exactly=0), "pass"),
    ],
)
def test_the_number_has_to_be_within_the_bounds(check: Count, verdict: str) -> None:
    assert check.score(TWO).verdict == verdict


def test_says_how_many_there_are_and_how_many_were_asked_for() -> None:
    score = Count(of=COMMITS, min=3, max=4).score(TWO)

    assert score.reason == "2 of {committed: true}, where at least 3 and at most 4 is asked for"
    assert score.evidence == (3, 6)


def test_every_file_of_one_command_counts() -> None:
    evidence = Work().call(changed(CODE), changed(TEST), changed(PLAN)).end()

    assert Count(of=Pattern(wrote="*.py"), exactly=2).score(evidence).verdict == "pass"


def test_a_command_that_git_recorded_as_well_counts_once() -> None:
    evidence = (
        Work()
        .call(git("git commit -m 'a b'"), ran("git commit -m 'a", recorded=True))
        .call(git("git status"), git("git status"), ran("git status", recorded=True))
        .end()
    )

    assert Count(of=Pattern(ran="git status"), exactly=1).score(evidence).verdict == "pass"
    assert Count(of=Pattern(ran="git commit*"), exactly=2).score(evidence).verdict == "pass"


@pytest.mark.parametrize(
    ("check", "words"),
    [
        (Count(of=Pattern(ran="tests", outcome="passed"), min=2), "cannot be told"),
        (Count(of=Pattern(ran="tests", outcome="passed"), max=1), "cannot be told"),
        (Count(of=Pattern(ran="tests", outcome="passed"), min=3), "1 to 2 of"),
    ],
)
def test_the_number_has_to_be_right_with_and_without_what_cannot_be_told(
    check: Count, words: str
) -> None:
    score = check.score(Work().call(checked("passed")).call(checked("unknown")).end())

    assert score.verdict == "fail"
    assert words in score.reason


def test_nothing_is_not_counted_as_zero() -> None:
    window = Window(since=Pattern(committed=True))

    assert Count(of=COMMITS, exactly=0).score(Work().end()).reason == "nobody did anything at all"
    score = Count(of=Pattern(wrote="*", within=window), max=3).score(Work().says("No.").end())
    assert (score.verdict, "never began" in score.reason) == ("fail", True)


def test_asks_for_evidence_of_work_where_no_agent_worked() -> None:
    with pytest.raises(NotRecordedError):
        Count(of=COMMITS, min=1).score(Work().says("Done.").end(worked=False))
