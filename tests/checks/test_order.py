import pytest

from audition.checks.order import Order
from audition.events import FailureKind
from audition.evidence import NotRecordedError
from audition.patterns import Pattern
from tests.checks.work import CODE, TEST, Work, changed, checked, committed

CYCLE = Order(
    (
        Pattern(wrote="tests"),
        Pattern(ran="tests", outcome="failed", failure="assertion"),
        Pattern(wrote="implementation"),
        Pattern(ran="tests", outcome="passed"),
        Pattern(committed="^(feat|fix)"),
    )
)


def cycle(red: FailureKind = "assertion") -> Work:
    work = Work().call(changed(TEST)).call(checked("failed", red))
    return work.call(changed(CODE)).call(checked("passed"))


def test_passes_when_the_steps_are_found_in_order() -> None:
    score = CYCLE.score(cycle().call(committed("feat: cart")).end())

    assert (score.verdict, score.evidence) == ("pass", (3, 6, 9, 12, 15))


def test_other_events_may_lie_between_and_repeat() -> None:
    work = Work().call(changed(CODE)).call(checked("passed")).says("Now properly.")
    for step in (changed(TEST), checked("failed", "assertion"), changed(CODE), changed(TEST)):
        work.call(step)

    score = CYCLE.score(work.call(checked("passed")).call(committed("fix: cart")).end())

    assert score.verdict == "pass"


@pytest.mark.parametrize(
    ("work", "words"),
    [
        (
            cycle().call(committed("wip")),
            "nothing in the trace matches {committed: ^(feat|fix)}, number 5 of 5",
        ),
        (
            cycle("code_error").call(committed("feat: x")),
            "nothing in the trace matches {ran: tests, outcome: failed, failure: assertion}",
        ),
        (
            Work().call(committed("feat: x")).call(changed(CODE)).call(changed(TEST)),
            "nothing in the trace matches {ran: tests, outcome: failed",
        ),
        (Work(), "nothing in the trace matches {wrote: tests}, number 1 of 5"),
    ],
)
def test_fails_and_names_the_first_that_is_missing(work: Work, words: str) -> None:
    score = CYCLE.score(work.end())

    assert score.verdict == "fail"
    assert words in score.reason


def test_fails_when_a_step_happened_too_early() -> None:
    score = Order((Pattern(wrote="tests"), Pattern(wrote="implementation"))).score(
        Work().call(changed(CODE)).call(changed(TEST)).end()
    )

    assert score.reason == (
        "nothing after {wrote: tests} matches {wrote: implementation}, number 2 of 2"
    )
    assert score.found == f"modified {CODE} (event 3)"


@pytest.mark.parametrize(
    "effects", [(changed(TEST), changed(CODE)), (changed(CODE), changed(TEST))]
)
def test_the_order_within_one_command_cannot_be_told(effects: tuple[object, ...]) -> None:
    check = Order((Pattern(wrote="tests"), Pattern(wrote="implementation")))

    score = check.score(Work().call(*effects).end())  # type: ignore[arg-type]

    assert score.verdict == "fail"
    assert score.reason.startswith(f"it cannot be told whether modified {CODE}")


def test_the_flaw_is_found_behind_an_event_that_is_certain() -> None:
    check = Order((Pattern(wrote="tests"), Pattern(wrote="implementation"), Pattern(said="done")))
    work = Work().call(changed(TEST), changed(CODE)).says("done").call(changed(CODE))

    assert "nothing tells the order" in check.score(work.end()).reason


def test_an_outcome_that_is_unknown_proves_nothing() -> None:
    check = Order((Pattern(ran="tests", outcome="passed"), Pattern(committed=True)))

    score = check.score(Work().call(checked("unknown")).call(committed("x")).end())

    assert "it cannot be told whether ran pytest -q (unknown) (event 3)" in score.reason


def test_one_event_meets_one_step_only() -> None:
    check = Order((Pattern(wrote="tests"), Pattern(wrote="*.py")))

    assert check.score(Work().call(changed(TEST)).end()).verdict == "fail"


def test_asks_for_evidence_of_work_where_no_agent_worked() -> None:
    with pytest.raises(NotRecordedError):
        CYCLE.score(Work().says("Done.").end(worked=False))
