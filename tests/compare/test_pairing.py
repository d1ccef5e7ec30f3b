from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audition.compare.comparison import Comparison
from audition.compare.pairing import compare
from audition.record import CaseRecord, RunRecord, RunState, Trial
from audition.runfile import Planned, Run, load
from audition.score import Score, Verdict
from tests.conftest import Cli, Project

RECORD = RunRecord(
    suite="s", suite_path="s.yaml", datasets=(), setup=".", setup_digest="d", routing_digest="r",
    model="anthropic:m", nature="real", runtime="messages", loop_version=2, audition_version="1",
    trials=2, command="", started_at="2026-11-24T00:00:00+00:00",
)  # fmt: skip
FINISHED = RunState(ended_at="2026-11-24T00:01:00+00:00", ended_by="finished")


def make_run(name: str, **verdicts: str) -> Run:
    """A run of trials by case, a letter for each: p, f, s (skipped) or x (a fault)."""
    words: dict[str, Verdict] = {"p": "pass", "f": "fail", "s": "skip", "x": "fault"}
    trials = []
    for case, letters in verdicts.items():
        for number, letter in enumerate(letters, start=1):
            verdict = words[letter]
            score = Score(verdict=verdict, reason=f"{case} {verdict}", check="routes_to")
            trials.append(
                Trial(
                    case=case,
                    number=number,
                    key=f"{name}-{case}-{number}",
                    verdict=verdict,
                    scores=(replace(score, kind="routing"),),
                    cost_usd=0.01,
                    served=("m-1",),
                )
            )
    cases = tuple(CaseRecord(id=c, request=c, where="", expects=(), tags=(c[0],)) for c in verdicts)
    plan = tuple(Planned(trial.case, trial.number, trial.key) for trial in trials)
    return Run(Path(f"{name}.run.db"), RECORD, FINISHED, cases, tuple(trials), plan)


def changes(comparison: Comparison) -> dict[str, str]:
    return {case.case.id: case.change for case in comparison.cases}


def test_each_case_is_told_by_what_became_of_it() -> None:
    base = make_run("b", a="ppp", b="fff", c="pff", d="ffp", e="ppp", f="xxx", g="pp")
    head = make_run("h", a="ppf", b="ppp", c="fff", d="fpp", e="ppp", f="ppp", h="pp")
    found = compare(base, head)

    assert changes(found) == {
        "a": "broke",
        "c": "worse",
        "f": "unknown",
        "b": "fixed",
        "d": "better",
        "e": "same",
    }
    assert (found.base.unpaired, found.head.unpaired) == (("g",), ("h",))


def test_the_difference_is_that_of_pairs_within_cases() -> None:
    found = compare(make_run("b", a="ppp", b="ppf"), make_run("h", a="ppf", b="ppp"))
    assert found.overall is not None

    assert (found.overall.pairs, found.overall.cases) == (6, 2)
    assert found.overall.base == found.overall.head == pytest.approx(5 / 6)
    assert found.overall.difference == 0
    assert found.overall.low < 0 < found.overall.high


def test_the_same_trials_on_both_sides_are_no_evidence() -> None:
    run = make_run("b", a="ppp", b="fff")
    found = compare(run, run)

    assert set(changes(found).values()) == {"no evidence"}
    assert found.overall is None
    assert found.by_check == found.by_tag == ()
    assert found.base.amounts.trials == 0


def test_a_fault_is_no_failure_and_no_trial_that_counts() -> None:
    found = compare(make_run("b", a="ppp"), make_run("h", a="pxx"))
    assert found.overall is not None

    assert changes(found) == {"a": "same"}
    assert found.overall.head == 1
    assert found.head.amounts.faults == 2


def test_what_moved_is_named_with_the_reason_and_the_trial() -> None:
    [case] = compare(make_run("b", a="pp"), make_run("h", a="pf")).cases

    assert [(c.check, str(c.base), str(c.head), c.reason, c.trial) for c in case.checks] == [
        ("routes_to", "2/2", "1/2", "a fail", 2)
    ]


def test_what_is_not_like_for_like_is_said_first() -> None:
    base, head = make_run("b", a="pp"), make_run("h", a="pp")
    other = replace(head.record, model="anthropic:n", loop_version=3)
    assert compare(base, head).unlike == ()

    found = compare(base, replace(head, record=other))
    assert found.unlike == (
        "The model is another: anthropic:m in base, anthropic:n in head.",
        "The version of the agent loop is another: 2 in base, 3 in head.",
    )

    moved = replace(head, trials=tuple(replace(t, served=("m-2",)) for t in head.trials))
    assert compare(base, moved).unlike == ("Others served the answers: m-1 in base, m-2 in head.",)

    asked = replace(head, cases=(replace(head.cases[0], request="other"),))
    assert compare(base, asked).unlike == ("The request is another in a.",)

    cut = replace(head, state=RunState(ended_by="budget"))
    assert compare(base, cut).unlike == ("The run of head is not complete (budget).",)


letters = st.text("pfsx", min_size=1, max_size=4)
runs = st.dictionaries(st.sampled_from("abcdef"), letters, min_size=1)


@given(runs, runs)
def test_swapping_the_sides_mirrors_everything(
    before: dict[str, str], after: dict[str, str]
) -> None:
    mirror = {"broke": "fixed", "fixed": "broke", "worse": "better", "better": "worse"}
    # A pair weighs by head's trials, so only equal sizes are the same both ways.
    for case in before.keys() & after.keys():
        size = min(len(before[case]), len(after[case]))
        before[case], after[case] = before[case][:size], after[case][:size]
    base, head = make_run("b", **before), make_run("h", **after)
    there, back = compare(base, head), compare(head, base)

    assert changes(back) == {c: mirror.get(kind, kind) for c, kind in changes(there).items()}
    if (
        there.overall
        and back.overall
        and there.base.amounts.faults == 0 == there.head.amounts.faults
    ):
        sizes = [(case.base.judged, case.head.judged) for case in there.evidence]
        if all(base == head for base, head in sizes):
            assert back.overall.difference == pytest.approx(-there.overall.difference)
            assert back.overall.low == pytest.approx(-there.overall.high, abs=1e-6)
            assert back.overall.p == pytest.approx(there.overall.p)


def test_the_definitions_stand_beside_the_effect(project: Project, cli: Cli) -> None:
    cli("run", "suite.yaml", "--out", "base.run.db")
    project.edit("agents/backend.md", "Tests first.", "Code first.")
    project.edit("CLAUDE.md", "yourself", "briefly")
    (project.root / "agents/writer.md").unlink()
    cli("run", "suite.yaml", "--out", "head.run.db")
    found = compare(load("base.run.db"), load("head.run.db"))
    told = {change.name: (change.what, change.parts) for change in found.definitions}

    assert told == {
        "backend": ("changed", ("prompt",)),
        "writer": ("removed", ()),
        "CLAUDE.md": ("changed", ()),
    }
    assert "-You build the server side. Tests first." in found.definitions[0].diff
    assert "+You build the server side. Code first." in found.definitions[0].diff


def test_a_renamed_agent_is_one_agent(project: Project, cli: Cli) -> None:
    cli("run", "suite.yaml", "--out", "base.run.db")
    project.edit("agents/backend.md", "name: backend", "name: server")
    project.edit("cases.yaml", "routes_to: backend", "routes_to: server")
    cli("run", "suite.yaml", "--out", "head.run.db")
    found = compare(load("base.run.db"), load("head.run.db"), renamed={"backend": "server"})

    assert [change.name for change in found.definitions] == ["server"]
    assert found.definitions[0].parts == ("name",)
    assert not found.taken
