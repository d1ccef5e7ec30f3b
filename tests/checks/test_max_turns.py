from audition.checks.max_turns import MaxTurns
from audition.events import ModelCall, Request
from audition.evidence import Evidence
from audition.tracer import Tracer
from tests.making import delegating


def test_counts_the_turns_of_the_main_thread() -> None:
    evidence = delegating(["backend", "frontend"])

    assert MaxTurns(3).score(evidence).verdict == "pass"
    assert MaxTurns(2).score(evidence).verdict == "fail"


def test_the_evidence_of_a_failure_is_the_first_turn_too_many() -> None:
    evidence = delegating(["backend", "frontend"])

    (number,) = MaxTurns(1).score(evidence).evidence
    assert evidence.trace[int(number) - 1].kind == "model_call"


def test_counts_the_turns_of_an_agent_that_is_talked_to_directly_and_none_of_sub_agents() -> None:
    tracer = Tracer(lambda: 0.0)
    tracer.add(Request, text="Add paging", offered=("backend",))
    for parent in (None, 2, 2, None):
        tracer.add(ModelCall, agent="backend", parent=parent, served="m", stop="tool_use")
    evidence = Evidence(tracer.trace)

    assert MaxTurns(2).score(evidence).found == "2 turns"
    assert MaxTurns(1).score(evidence).verdict == "fail"
