"""Checks that rest on probes, whatever a runner that ran an agent's code may have reported."""

from collections import Counter
from dataclasses import replace
from typing import get_args

from hypothesis import given
from hypothesis import strategies as st

from audition.checks._probes import new_findings
from audition.checks.green_refactors import GreenRefactors
from audition.checks.lint_clean import LintClean
from audition.checks.red_before_green import RedBeforeGreen
from audition.checks.reviews_at_end import ReviewsAtEnd
from audition.checks.suite_passes import SuitePasses
from audition.checks.tests_not_weakened import TestsNotWeakened
from audition.events import FailureKind
from audition.evidence import Check
from audition.outcome import LintFinding, Probe, Probed, TestResult
from tests.checks.stories import CODE, NEW_FILE, PYTEST, RUFF, TESTS, TIDY
from tests.trying import PROJECT
from tests.working import Work, judged

CHECKS: tuple[Check, ...] = (
    RedBeforeGreen(), GreenRefactors(), TestsNotWeakened(), SuitePasses(), LintClean(),
    ReviewsAtEnd(),
)  # fmt: skip

ids = st.one_of(
    st.sampled_from(
        [
            NEW_FILE,
            f"{NEW_FILE}::test_discount_is_taken_off",
            f"{NEW_FILE}::test_discount_is_taken_off[1]",
            f"{NEW_FILE}::TestDiscount::test_new",
            "tests/test_cart.py::test_total",
            "",
            "::",
            "[",
        ]
    ),
    st.text(max_size=12),
)
kinds = st.none() | st.sampled_from(get_args(FailureKind))
names = st.sampled_from(["", "shop.cart", "discounted", "./cart.js#total", "a b", "((", "#", "/"])
tests = st.builds(
    TestResult, ids, st.sampled_from(["passed", "failed", "skipped"]), kinds, names, names
)
findings = st.builds(
    LintFinding, st.sampled_from(["a.py", "conftest.py"]), st.sampled_from(["E1", "F4"]),
    st.sampled_from(["line 1", "line 22", "x"]), st.integers(0, 9),
)  # fmt: skip
results = st.builds(
    Probed,
    exit_code=st.none() | st.sampled_from([0, 1, 2, 5]),
    failure=st.none() | st.none() | kinds,
    tests=st.lists(tests, max_size=6).map(tuple),
    findings=st.lists(findings, max_size=6).map(tuple),
    is_stable=st.integers(0, 9).map(bool),
)


def trial() -> Work:
    work = Work(project=PROJECT).writes(NEW_FILE, TESTS).runs(PYTEST)
    work.writes("shop/cart.py", CODE).runs(PYTEST).writes("shop/cart.py", TIDY).runs(PYTEST)
    return work.runs(RUFF, role="lint", tool="ruff")


@given(st.lists(results, min_size=1, max_size=8), st.sampled_from(CHECKS))
def test_whatever_is_reported_ends_as_a_verdict_with_a_reason(
    reported: list[Probed], check: Check
) -> None:
    told: dict[str, Probed] = {}

    def answer(probe: Probe, files: dict[str, str]) -> Probed:
        return told.setdefault(probe.key, reported[len(told) % len(reported)])

    score = judged(check, trial().end(), answer)

    assert score.verdict in ("pass", "fail", "fault")
    assert score.reason


@given(results, st.sampled_from(CHECKS))
def test_a_report_without_a_test_that_ran_and_with_findings_never_passes(
    reported: Probed, check: Check
) -> None:
    skipped = tuple(replace(test, outcome="skipped") for test in reported.tests)
    new = (LintFinding("shop/cart.py", "F4", "new"),)

    def answer(probe: Probe, files: dict[str, str]) -> Probed:
        mine = new if files["shop/cart.py"] in (CODE, TIDY) else ()
        return replace(reported, tests=skipped, findings=mine)

    assert judged(check, trial().end(), answer).verdict != "pass"


@given(results, st.sampled_from(CHECKS))
def test_a_trial_in_which_nothing_was_done_never_passes(reported: Probed, check: Check) -> None:
    work = Work(project=PROJECT).runs(PYTEST).runs(RUFF, role="lint", tool="ruff")

    assert judged(check, work.end(), lambda probe, files: reported).verdict != "pass"


@given(st.lists(findings, max_size=8), st.lists(findings, max_size=8))
def test_new_findings_are_those_that_were_added(
    old: list[LintFinding], added: list[LintFinding]
) -> None:
    before = Probed(exit_code=1, findings=tuple(old))
    after = Probed(exit_code=1, findings=tuple(sorted([*old, *added], key=lambda f: f.line)))

    new = new_findings(before, after)

    assert len(new) == len(added)
    assert Counter((f.path, f.rule) for f in new) == Counter((f.path, f.rule) for f in added)
    assert new_findings(after, before) == ()
