"""AVA, by outputs that version 7 printed."""

import pytest

from tests.commands.recognising import the_one

FAILED = "\n  ✔ ok\n  ✘ [fail]: bad\n  ─\n\n  bad\n\n  ─\n\n  1 test failed\n  1 test skipped\n"
NO_MATCH = "\n  ✘ Based on your configuration, 7 test files were found, but did not match\n"


@pytest.mark.parametrize(
    ("output", "code", "outcome", "tests"),
    [
        ("\n  ✔ ok\n  ─\n\n  1 test passed\n", 0, "passed", 1),
        (FAILED, 1, "failed", None),
        (NO_MATCH, 1, "failed", None),
    ],
)
def test_a_run_says_what_came_of_it(
    output: str, code: int, outcome: str, tests: int | None
) -> None:
    command = the_one("npx ava", code, output)

    assert (command.outcome, command.tests) == (outcome, tests)


def test_so_does_a_run_through_a_pipe() -> None:
    assert the_one("npx ava | tail -5", 0, FAILED).outcome == "failed"


@pytest.mark.parametrize(
    ("arguments", "whole"), [("", True), ("-T 2m", True), ("-m adds", False), ("a.js", False)]
)
def test_what_narrows_a_run_is_seen(arguments: str, whole: bool) -> None:
    assert the_one(f"ava {arguments}").whole is whole
