"""Vitest, by outputs that version 4.1 printed."""

import pytest

from tests.commands.recognising import ran, the_one

PASSED = """
 RUN  v4.1.12 /shop

 ✓ ok/a.test.mjs (1 test) 2ms

 Test Files  1 passed (1)
      Tests  1 passed (1)
   Start at  13:42:54
   Duration  155ms (transform 14ms, setup 0ms, import 23ms, tests 2ms, environment 0ms)

"""
ASSERTION = """
 RUN  v4.1.12 /shop

 ❯ b.test.mjs (3 tests | 1 failed | 1 skipped) 5ms
   × bad 4ms

⎯⎯⎯⎯⎯⎯⎯ Failed Tests 1 ⎯⎯⎯⎯⎯⎯⎯

 FAIL  b.test.mjs > bad
AssertionError: expected 1 to be 2 // Object.is equality

- Expected
+ Received

- 2
+ 1

 ❯ b.test.mjs:1:96

⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯[1/1]⎯


 Test Files  1 failed (1)
      Tests  1 failed | 1 passed | 1 skipped (3)
   Start at  14:49:14
   Duration  139ms (transform 10ms, setup 0ms, import 17ms, tests 5ms, environment 0ms)

"""
MODULE = """
 RUN  v4.1.12 /shop

 ❯ a.test.mjs (0 test)

⎯⎯⎯⎯⎯⎯ Failed Suites 1 ⎯⎯⎯⎯⎯⎯⎯

 FAIL  a.test.mjs [ a.test.mjs ]
Error: Cannot find module './nowhere.mjs' imported from /shop/a.test.mjs
 ❯ a.test.mjs:1:1

⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯[1/1]⎯


 Test Files  1 failed (1)
      Tests  no tests
   Start at  14:49:14
   Duration  135ms (transform 11ms, setup 0ms, import 0ms, tests 0ms, environment 0ms)

"""
MIXED = ASSERTION.replace("⎯[1/1]", "\n FAIL  b.test.mjs > code\nRangeError: out of range\n⎯[2/2]")
EMPTY = """
 RUN  v4.1.12 /shop

No test files found, exiting with code 1

filter: nowhere
"""


@pytest.mark.parametrize(
    ("output", "code", "outcome", "failure", "tests"),
    [
        (PASSED, 0, "passed", None, 1),
        (ASSERTION, 1, "failed", "assertion", 2),
        (MODULE, 1, "failed", "missing_name", 0),
        (MIXED, 1, "failed", None, 2),
        (EMPTY, 1, "failed", "no_tests", 0),
        (EMPTY, 0, "unknown", "no_tests", 0),
        ("", 1, "failed", None, None),
    ],
)
def test_a_run_says_what_came_of_it(
    output: str, code: int, outcome: str, failure: str | None, tests: int | None
) -> None:
    command = the_one("npx vitest run", code, output)

    assert (command.outcome, command.failure, command.tests) == (outcome, failure, tests)


def test_through_a_pipe_it_says_what_came_of_it_but_not_why() -> None:
    command = the_one("npx vitest run 2>&1 | tail -8", 0, ASSERTION[-250:])

    assert (command.outcome, command.failure, command.tests) == ("failed", None, 2)


def test_colours_are_read_over() -> None:
    coloured = PASSED.replace("Test Files", "\x1b[2mTest Files\x1b[22m")

    assert the_one("vitest | cat", 0, coloured).outcome == "passed"


@pytest.mark.parametrize(
    ("arguments", "whole"),
    [
        ("", True),
        ("run", True),
        ("run --reporter verbose --coverage", True),
        ("watch", True),
        ("run cart", False),
        ("run -t adds", False),
        ("--changed", False),
        ("related src/cart.ts", False),
    ],
)
def test_what_narrows_a_run_is_seen(arguments: str, whole: bool) -> None:
    assert the_one(f"vitest {arguments}").whole is whole


def test_what_lists_or_measures_is_no_test_run() -> None:
    assert {found.role for found in ran("vitest list; vitest bench; vitest --help")} == {"other"}
