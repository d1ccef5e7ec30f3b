import pytest

from audition.checks.before import Before
from audition.events import ToolCall
from audition.evidence import NotRecordedError
from audition.patterns import Pattern
from tests.checks.work import CODE, PLAN, TEST, Work, changed, checked, committed, created

PLANNED = Before(first=Pattern(wrote="docs/plan*.md"), then=Pattern(wrote="implementation"))


def test_passes_when_the_first_comes_first() -> None:
    evidence = Work().call(created(PLAN)).call(changed(CODE)).call(changed(PLAN)).end()

    score = PLANNED.score(evidence)

    assert (score.verdict, score.evidence) == ("pass", (3, 6))


@pytest.mark.parametrize(
    ("work", "words"),
    [
        (Work().call(changed(CODE)).call(created(PLAN)), "came too early: only later created"),
        (Work().call(changed(CODE)), "nothing else matches {wrote: docs/plan*.md}"),
        (Work().call(created(PLAN)), "nothing in the trace matches {wrote: implementation}"),
        (Work(), "nothing in the trace matches"),
        (Work().call(created(PLAN), changed(CODE)), "it cannot be told whether created"),
        (Work().call(changed(CODE), created(PLAN)), "nothing tells the order"),
    ],
    ids=["later", "never", "no code", "nothing", "in one command", "the other way round"],
)
def test_fails_and_says_what_is_wrong(work: Work, words: str) -> None:
    score = PLANNED.score(work.end())

    assert score.verdict == "fail"
    assert words in score.reason


def test_one_event_does_not_come_before_itself() -> None:
    check = Before(first=Pattern(wrote="tests"), then=Pattern(wrote="*.py"))

    assert check.score(Work().call(changed(TEST)).end()).verdict == "fail"


@pytest.mark.parametrize(
    ("work", "words"),
    [
        (
            Work().call(checked("unknown")).call(committed("x")),
            "ran pytest -q (unknown) (event 3)",
        ),
        (Work().call(committed("x")).call(checked("unknown")), "came too early"),
    ],
)
def test_an_outcome_that_is_unknown_proves_nothing(work: Work, words: str) -> None:
    check = Before(first=Pattern(ran="tests", outcome="passed"), then=Pattern(committed=True))

    score = check.score(work.end())

    assert score.verdict == "fail"
    assert words in score.reason


def test_what_perhaps_happened_too_early_does_not_pass() -> None:
    check = Before(first=Pattern(committed=True), then=Pattern(ran="tests", outcome="passed"))
    work = Work().call(checked("unknown")).call(committed("x")).call(checked("passed"))

    assert "cannot be told" in check.score(work.end()).reason


def test_a_read_asked_for_beside_the_write_is_not_before_it() -> None:
    work = Work()
    write = work.add(ToolCall, tool="Write", input={})
    work.add(ToolCall, tool="Read", input={"file_path": PLAN})
    work.add(changed(CODE), call=write)
    check = Before(first=Pattern(read=PLAN), then=Pattern(wrote="implementation"))

    assert "nothing tells the order" in check.score(work.end()).reason


def test_asks_for_evidence_of_work_where_no_agent_worked() -> None:
    with pytest.raises(NotRecordedError):
        PLANNED.score(Work().says("Done.").end(worked=False))
