from audition.outcome import Probed, TestResult
from audition.report.harness_runs import MOST_LISTED, harness_view
from tests.report.work_runs import GREEN, make_work
from tests.working import Work, with_probes


def test_each_run_names_its_tree_and_what_failed_in_it() -> None:
    base, red, lint, green = harness_view(make_work().end()).runs

    assert (base.tree, base.verdict, base.result) == ("the base", "pass", "1 passed")
    assert (red.kind, red.verdict, red.result) == ("tests", "fail", "1 passed, 1 failed")
    assert red.tree.startswith("after event ")
    assert red.listed[0].kind == "code error"
    assert red.listed[0].words.startswith("TypeError: total() got")
    assert "\n" not in red.listed[0].words
    assert (lint.kind, lint.listed[0].where) == ("linter", "shop/cart.py:2")
    assert "the working tree at the end" in green.tree


def test_a_run_of_an_agent_is_told_with_the_run_of_the_harness_in_its_tree() -> None:
    evidence = make_work().end()
    probes = harness_view(evidence).probes

    numbers = [number for run in harness_view(evidence).runs for number in run.events]

    assert sorted(numbers) == sorted(probes)
    assert [probe.passed for _, probe in sorted(probes.items())] == [False, True, False, True, True]


def test_head_is_a_tree_of_its_own() -> None:
    work = Work().writes("a.py", "1").commits().finds(GREEN).writes("a.py", "2")

    (run,) = harness_view(work.end()).runs

    assert "HEAD at the end" in run.tree
    assert "working tree" not in run.tree


def test_a_tree_that_is_none_of_the_trial_is_not_guessed() -> None:
    evidence = with_probes(Work().end(), {"0" * 32: GREEN})

    (run,) = harness_view(evidence).runs

    assert run.tree.startswith("a tree put together of several")
    assert run.kind == "tests"


def test_an_unstable_run_is_a_fault_and_a_run_of_nothing_says_why() -> None:
    unstable = Probed(exit_code=0, tests=GREEN.tests, is_stable=False)
    nothing = Probed(exit_code=4, failure="no_runner", output="No module named pytest")

    (first,) = harness_view(Work().finds(unstable).end()).runs
    (second,) = harness_view(Work().finds(nothing).end()).runs

    assert (first.verdict, first.result) == ("fault", "2 passed; not the same twice")
    assert (second.verdict, second.result) == ("fail", "nothing could be run: no runner")
    assert second.output == "No module named pytest"


def test_failures_beyond_the_bound_are_counted() -> None:
    tests = tuple(TestResult(id=f"t::{n}", outcome="failed") for n in range(MOST_LISTED + 9))

    (run,) = harness_view(Work().finds(Probed(exit_code=1, tests=tests)).end()).runs

    assert (len(run.listed), run.left_off) == (MOST_LISTED, 9)


def test_a_trial_without_runs_of_the_harness_has_none() -> None:
    assert harness_view(Work().end()).runs == ()
    assert harness_view(Work().runs("pytest").end()).probes == {}
