from audition.checks.max_turns import MaxTurns
from tests.making import delegating


def test_counts_the_turns_of_the_main_thread() -> None:
    evidence = delegating(["backend", "frontend"])

    assert MaxTurns(3).score(evidence).verdict == "pass"
    assert MaxTurns(2).score(evidence).verdict == "fail"


def test_the_evidence_of_a_failure_is_the_first_turn_too_many() -> None:
    evidence = delegating(["backend", "frontend"])

    (number,) = MaxTurns(1).score(evidence).evidence
    assert evidence.trace[int(number) - 1].kind == "model_call"
