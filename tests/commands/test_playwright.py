"""Playwright Test, by the form of its list reporter."""

import pytest

from tests.commands.recognising import ran, the_one

FAILED = "  1 failed\n    [chromium] › cart.spec.ts:3:1 › adds ─────\n  2 passed (1.9s)\n"


@pytest.mark.parametrize(
    ("output", "code", "outcome", "tests"),
    [
        ("  3 passed (1.9s)\n", 0, "passed", 3),
        ("  1 skipped\n  3 passed (1.9s)\n", 0, "passed", 3),
        (FAILED, 1, "failed", 3),
        ("  1 skipped\n", 0, "unknown", 0),
    ],
)
def test_a_run_says_what_came_of_it(output: str, code: int, outcome: str, tests: int) -> None:
    command = the_one("npx playwright test", code, output)

    assert (command.outcome, command.tests) == (outcome, tests)


def test_so_does_a_run_through_a_pipe() -> None:
    assert the_one("npx playwright test | tail -3", 0, FAILED).outcome == "failed"


@pytest.mark.parametrize(
    ("arguments", "whole"),
    [("", True), ("--workers 2", True), ("cart.spec.ts", False), ("--project chromium", False)],
)
def test_what_narrows_a_run_is_seen(arguments: str, whole: bool) -> None:
    assert the_one(f"playwright test {arguments}").whole is whole


def test_what_prepares_is_no_test_run() -> None:
    assert {found.role for found in ran("playwright install; playwright --version")} == {"other"}
