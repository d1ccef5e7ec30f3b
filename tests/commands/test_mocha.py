"""Mocha, by outputs that version 11 printed."""

import pytest

from tests.commands.recognising import the_one

FAILED = """

  x
    ✔ ok
    1) bad
    - s


  1 passing (3ms)
  1 pending
  1 failing

  1) x
       bad:

      AssertionError [ERR_ASSERTION]: 1 == 2
      + expected - actual

      -1
      +2
"""
PASSED = "\n\n  x\n    ✔ ok\n\n\n  1 passing (1ms)\n\n"


@pytest.mark.parametrize(
    ("output", "code", "outcome", "failure", "tests"),
    [
        (PASSED, 0, "passed", None, 1),
        (FAILED, 1, "failed", "assertion", 2),
        (FAILED.replace("AssertionError [ERR_ASSERTION]", "RangeError"), 1, "failed", None, 2),
        ('Error: No test files found: "nowhere.js"\n', 1, "failed", "no_tests", 0),
        ("\n\n  0 passing (1ms)\n\n", 0, "unknown", "no_tests", 0),
    ],
)
def test_a_run_says_what_came_of_it(
    output: str, code: int, outcome: str, failure: str | None, tests: int
) -> None:
    command = the_one("npx mocha", code, output)

    assert (command.outcome, command.failure, command.tests) == (outcome, failure, tests)


@pytest.mark.parametrize(
    ("arguments", "whole"),
    [("", True), ("--reporter dot -r tsx", True), ("-g adds", False), ("test/cart.js", False)],
)
def test_what_narrows_a_run_is_seen(arguments: str, whole: bool) -> None:
    assert the_one(f"mocha {arguments}").whole is whole
