from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from audition.history.mixed import Mixed
from audition.record import RunRecord
from tests.history.nights import BAD, BROKEN, WORSE, Nights


def edited(record: RunRecord) -> RunRecord:
    return replace(record, routing_digest="f" * 32, setup_digest="f" * 32)


def test_a_case_that_passed_and_failed_is_shown_with_its_counts(nights: Nights) -> None:
    nights.add({})
    nights.add({"refunds": WORSE})
    nights.add({"refunds": BAD})

    (one,) = nights.line.mixed
    assert (one.case, one.passed, one.of) == ("refunds", 3, 6)
    assert (one.since, one.until, one.is_current) == ("2026-09-01", "2026-09-03", True)


def test_cases_that_always_came_out_alike_are_not(nights: Nights) -> None:
    nights.repeat({"refunds": WORSE}, times=4)

    assert nights.line.mixed == ()


def test_a_fault_is_neither_way(nights: Nights) -> None:
    nights.repeat({"refunds": BROKEN}, times=3)

    assert nights.line.mixed == ()


def test_a_case_that_an_edit_turned_around_did_not_come_out_both_ways(nights: Nights) -> None:
    nights.repeat({}, times=3)
    nights.repeat({"refunds": WORSE}, times=3, edit=edited)

    assert nights.line.mixed == ()


def test_the_newest_revision_that_was_mixed_is_told_with_its_end(nights: Nights) -> None:
    nights.repeat({"refunds": BAD}, times=2)
    nights.repeat({}, times=2, edit=edited)

    (one,) = nights.line.mixed
    assert (one.passed, one.of, one.until, one.is_current) == (2, 4, "2026-09-02", False)


def test_prompts_of_agents_are_no_revision_of_a_case_about_routing(nights: Nights) -> None:
    nights.add({})
    nights.add({"refunds": WORSE}, lambda record: replace(record, setup_digest="f" * 32))

    assert [one.case for one in nights.line.mixed] == ["refunds"]


def test_another_model_behind_the_same_name_is_another_revision(nights: Nights) -> None:
    nights.add({})
    nights.add({"refunds": WORSE}, served=("claude-sonnet-5-6",))

    assert nights.line.mixed == ()


def test_flaky_takes_ten_trials_and_a_rate_well_between_the_ends() -> None:
    def flaky(passed: int, of: int) -> bool:
        return Mixed("case", passed, of, "a", "b", is_current=True).is_flaky

    assert flaky(5, 10)
    assert not flaky(4, 9)
    assert not flaky(19, 20)
    assert flaky(16, 20)


@given(st.integers(1, 200), st.integers(1, 200))
def test_passing_and_failing_are_alike_to_flakiness(passed: int, failed: int) -> None:
    one = Mixed("case", passed, passed + failed, "a", "b", is_current=True)
    other = Mixed("case", failed, passed + failed, "a", "b", is_current=True)

    assert one.is_flaky == other.is_flaky
    assert 0 < one.disagreement <= 0.5
