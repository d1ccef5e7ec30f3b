"""Jest, by outputs that version 30 printed."""

import pytest

from tests.commands.recognising import ran, the_one

PASSED = """PASS j/a.test.js
  ✓ ok (1 ms)
  ○ skipped bad

Test Suites: 1 passed, 1 total
Tests:       1 skipped, 1 passed, 2 total
Snapshots:   0 total
Time:        0.234 s, estimated 1 s
Ran all test suites matching j/a with tests matching "ok".
"""
ASSERTION = """FAIL j/a.test.js
  ● bad

    expect(received).toBe(expected) // Object.is equality

    Expected: 2
    Received: 1

      at Object.toBe (j/a.test.js:1:66)

Test Suites: 1 failed, 1 total
Tests:       1 failed, 1 skipped, 1 passed, 3 total
Snapshots:   0 total
Time:        0.883 s
"""
MODULE = """FAIL j/b.test.js
  ● Test suite failed to run

    Cannot find module './nothing' from 'j/b.test.js'

    > 1 | require('./nothing');

Test Suites: 1 failed, 1 total
Tests:       0 total
Snapshots:   0 total
Time:        0.176 s
"""
THROWN = ASSERTION.replace(
    "    expect(received).toBe(expected) // Object.is equality\n", "    RangeError: out of range\n"
)
EMPTY = "No tests found, exiting with code 1\nRun with `--passWithNoTests` to exit with code 0\n"


@pytest.mark.parametrize(
    ("output", "code", "outcome", "failure", "tests"),
    [
        (PASSED, 0, "passed", None, 1),
        (ASSERTION, 1, "failed", "assertion", 2),
        (MODULE, 1, "failed", "missing_name", 0),
        (THROWN, 1, "failed", None, 2),
        (EMPTY, 1, "failed", "no_tests", 0),
    ],
)
def test_a_run_says_what_came_of_it(
    output: str, code: int, outcome: str, failure: str | None, tests: int
) -> None:
    command = the_one("npx jest", code, output)

    assert (command.outcome, command.failure, command.tests) == (outcome, failure, tests)


def test_it_speaks_on_the_error_stream() -> None:
    assert the_one("jest > log; ls", 0, ASSERTION).outcome == "failed"
    assert the_one("jest 2> log; ls", 0, ASSERTION).outcome == "unknown"


@pytest.mark.parametrize(
    ("arguments", "whole"),
    [
        ("", True),
        ("--coverage --ci -w 2", True),
        ("cart.test.js", False),
        ("-t adds", False),
        ("--testPathPatterns cart", False),
        ("--onlyChanged", False),
    ],
)
def test_what_narrows_a_run_is_seen(arguments: str, whole: bool) -> None:
    assert the_one(f"jest {arguments}").whole is whole


def test_what_lists_is_no_test_run() -> None:
    assert {found.role for found in ran("jest --listTests; jest --version")} == {"other"}
