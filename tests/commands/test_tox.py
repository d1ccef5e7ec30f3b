"""tox and nox."""

import pytest

from tests.commands.recognising import ran, the_one


@pytest.mark.parametrize(
    ("text", "whole"),
    [("tox", True), ("tox run", True), ("nox", True), ("tox -e py312", False), ("nox -s a", False)],
)
def test_they_run_tests_in_all_their_environments_or_in_some(text: str, whole: bool) -> None:
    assert the_one(text).whole is whole


def test_their_exit_code_is_all_that_tells() -> None:
    assert the_one("tox", 1, "3 passed in 0.1s\n").outcome == "failed"
    assert the_one("tox | tail", 0, "3 passed in 0.1s\n").outcome == "unknown"


def test_what_lists_is_no_test_run() -> None:
    assert {found.role for found in ran("tox -l; tox list; nox --list")} == {"other"}
