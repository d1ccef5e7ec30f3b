from audition.checks.max_cost_usd import MaxCostUsd
from tests.making import Script


def test_adds_up_all_calls() -> None:
    evidence = Script().turn(cost_usd=0.02).turn(cost_usd=0.03).says("Done.").end()

    assert MaxCostUsd(0.06).score(evidence).verdict == "pass"
    assert MaxCostUsd(0.04).score(evidence).verdict == "fail"


def test_an_unknown_price_is_not_zero() -> None:
    evidence = Script().turn(cost_usd=0.02).turn(cost_usd=None, served="odd-1").says("Done.").end()

    score = MaxCostUsd(10.0).score(evidence)
    assert score.verdict == "skip"
    assert "odd-1" in score.reason
