import pytest

from audition.checks.delegates_in_order import DelegatesInOrder
from tests.making import answering, delegating

CHECK = DelegatesInOrder(("backend", "frontend"))


@pytest.mark.parametrize(
    ("started", "verdict"),
    [
        (["backend", "frontend"], "pass"),
        (["backend", "Plan", "frontend"], "pass"),
        (["frontend", "backend", "frontend"], "pass"),
        (["frontend", "backend"], "fail"),
        (["backend"], "fail"),
        ([], "fail"),
    ],
)
def test_the_listed_agents_are_started_in_order(started: list[str], verdict: str) -> None:
    evidence = delegating(started) if started else answering()

    assert CHECK.score(evidence).verdict == verdict


def test_the_reason_tells_a_missing_agent_from_one_out_of_order() -> None:
    assert CHECK.score(delegating(["backend"])).reason == "frontend was not started"
    wrong_way_round = CHECK.score(delegating(["frontend", "backend"]))
    assert wrong_way_round.reason == "frontend was started out of order"
