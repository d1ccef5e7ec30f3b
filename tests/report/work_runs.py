"""Run files of trials in which agents worked, for the tests of the reports."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from audition.codec import pack
from audition.evidence import Evidence
from audition.outcome import LintFinding, Probed, TestResult
from audition.project import Project
from audition.record import CaseRecord, RunState, Trial
from audition.runfile import Planned, Run, load
from audition.runwriter import open_writer
from audition.score import Kind, Score, Verdict
from tests.report.report_runs import make_case, make_record
from tests.working import Work

PROJECT = Project(lint_command="ruff check .")
TESTS = (
    "from shop.cart import total\n\n\ndef test_total():\n    assert total([1, 2]) == 3\n\n\n"
    "def test_a_discount_is_taken_off():\n    assert total([10], discount=0.5) == 5\n"
)
FIXED = "def total(prices, discount=0.0):\n    return sum(prices) * (1 - discount)\n"
OLD = TestResult(id="tests/test_cart.py::test_total", outcome="passed")
NEW = "tests/test_cart.py::test_a_discount_is_taken_off"
GREEN = Probed(exit_code=0, tests=(OLD, TestResult(id=NEW, outcome="passed")))
RED = Probed(
    exit_code=1,
    tests=(
        OLD,
        TestResult(
            id=NEW,
            outcome="failed",
            failure="code_error",
            message="TypeError: total() got an unexpected keyword argument 'discount'\n  more",
        ),
    ),
)
UNTIDY = Probed(
    exit_code=1,
    findings=(LintFinding(path="shop/cart.py", rule="E501", message="too long", line=2),),
)


def make_work(work: Work | None = None) -> Work:
    """A trial that keeps every rule but one: it leaves a file uncommitted."""
    return (
        (work or Work(project=PROJECT))
        .finds(Probed(exit_code=0, tests=(OLD,)))
        .says("I will hand this to the backend.")
        .delegates("backend", "Add a discount to the cart")
        .writes("docs/TODO.md", "# Plan\n\n- [ ] tests\n- [ ] code\n")
        .writes("tests/test_cart.py", TESTS)
        .runs("cd . && python -m pytest -q", outcome="failed", exit_code=1, failure="code_error")
        .finds(RED)
        .writes("shop/cart.py", FIXED)
        .runs("python -m pytest -q | tail -3")
        .finds(GREEN)
        .lints(UNTIDY)
        .runs("ruff check .", role="lint", tool="ruff", outcome="failed", exit_code=1)
        .runs("npm test", tool="npm")
        .commits("feat: a discount on the cart", paths=("tests/test_cart.py", "shop/cart.py"))
        .delegates("reviewer", "Look at it")
        .runs("python -m pytest -q", outcome="passed", tests=2)
        .returns("Looks right.")
        .returns("The discount is in.")
    )


def make_score(
    check: str, verdict: Verdict, kind: Kind, reason: str, *evidence: int | str
) -> Score:
    """What a check said."""
    return Score(
        check=check, verdict=verdict, kind=kind, reason=reason, evidence=evidence,
        expected="as the definition has it", found=reason, why="Tests come before code.",
    )  # fmt: skip


def make_work_run(
    path: Path,
    trials: Iterable[tuple[str, Evidence, tuple[Score, ...]]],
    *,
    notes: tuple[str, ...] = (),
    also: Iterable[CaseRecord] = (),
) -> Run:
    """A run file of these trials, one for each case; `also`: cases that were not played."""
    played = list(trials)
    cases = [
        make_case(
            name, workspace="evals/workspaces/shop", project=PROJECT,
            expects=tuple(score.check for score in scores),
        )
        for name, _, scores in played
    ]  # fmt: skip
    cases += also
    with open_writer(path) as writer:
        plan = [Planned(case.id, 1, f"{case.id}#1") for case in cases]
        writer.begin(replace(make_record(notes=notes), suite="behaviour"), cases, plan)
        for name, evidence, scores in played:
            writer.add(make_work_trial(name, evidence, scores), pack(evidence))
        writer.set_state(RunState(ended_at="2026-11-24T07:49:10Z", ended_by="finished"))
    return load(path)


def make_work_trial(name: str, evidence: Evidence, scores: tuple[Score, ...]) -> Trial:
    """The row of a trial at work."""
    failed = any(score.verdict == "fail" for score in scores)
    return Trial(
        case=name,
        number=1,
        key=f"{name}#1",
        verdict="fail" if failed else "pass",
        scores=scores,
        delegated_to="backend",
        served=("scripted",),
        turns=len(evidence.trace) // 4,
        cost_usd=0.1,
        duration_s=evidence.duration_s,
        started_at="2026-11-24T07:48:00Z",
    )


def make_scores(evidence: Evidence) -> tuple[Score, ...]:
    """Checks of every kind about the trial of `make_work`."""
    (commit,) = evidence.commits
    wrote = [change.number for change in evidence.changes]
    return (
        make_score("routes_to", "pass", "routing", "went to backend", 6),
        make_score("tests_first", "pass", "process", "tests came first", wrote[1], wrote[2]),
        make_score("red_before_green", "pass", "process", "red at 15, green at 21", wrote[1]),
        make_score("lint_clean", "fail", "outcome", "1 new finding", "shop/cart.py:2"),
        make_score("commits", "fail", "outcome", "docs/TODO.md is left", commit.id, "docs/TODO.md"),
        make_score("max_turns", "pass", "budget", "12 of 40 turns", len(evidence.trace)),
    )
