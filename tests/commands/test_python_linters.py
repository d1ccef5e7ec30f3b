"""Linters of Python, by outputs that they printed."""

import pytest

from tests.commands.recognising import ran, the_one

MYPY = 'c.py:1: error: Incompatible return value type (got "str", expected "int")\n'
PYLINT = "************* Module a\na.py:1:0: W0611: Unused import os (unused-import)\n\n---\n"


@pytest.mark.parametrize(
    ("text", "output", "outcome"),
    [
        ("ruff check .", "All checks passed!\n", "passed"),
        ("ruff check .", "F401 ...\n\nFound 1 error.\n[*] 1 fixable.\n", "failed"),
        ("ruff check --fix", "Found 3 errors (3 fixed, 0 remaining).\n", "unknown"),
        ("ruff check --fix", "Found 3 errors (2 fixed, 1 remaining).\n", "failed"),
        ("ruff format --check", "1 file already formatted\n", "passed"),
        ("ruff format --check", "1 file would be reformatted, 2 files already\n", "failed"),
        ("flake8", "a.py:1:1: F401 'os' imported but unused\n", "failed"),
        ("flake8", "", "unknown"),
        ("pylint shop", PYLINT + "Your code has been rated at 0.00/10\n", "failed"),
        ("pylint shop", "Your code has been rated at 10.00/10\n", "passed"),
        ("mypy", "Success: no issues found in 1 source file\n", "passed"),
        ("mypy", MYPY + "Found 1 error in 1 file (checked 1 source file)\n", "failed"),
        ("pyright", "0 errors, 0 warnings, 0 informations\n", "passed"),
        ("pyright", "2 errors, 0 warnings, 0 informations\n", "failed"),
        ("black --check . 2>&1", "All done!\n1 file would be left unchanged.\n", "unknown"),
        ("black --check . 2>&1", "would reformat c.py\n\nOh no!\n", "failed"),
        ("isort --check .", "ERROR: a.py Imports are incorrectly sorted and/or\n", "failed"),
    ],
)
def test_through_a_pipe_the_output_tells(text: str, output: str, outcome: str) -> None:
    assert the_one(f"{text} | cat", 0, output).outcome == outcome


@pytest.mark.parametrize(
    ("text", "code", "outcome", "failure"),
    [
        ("ruff check", 0, "passed", None),
        ("ruff check", 1, "failed", None),
        ("ruff check --nonsense", 2, "failed", "usage"),
        ("mypy nowhere.py", 2, "failed", "usage"),
        ("pylint a.py", 20, "failed", None),
        ("pylint --nonsense", 32, "failed", "usage"),
        ("flake8", 0, "passed", None),
        ("flake8", 127, "failed", "no_runner"),
        ("black --check .", 123, "failed", "usage"),
    ],
)
def test_else_the_exit_code_tells(text: str, code: int, outcome: str, failure: str | None) -> None:
    (command,) = ran(text, code)

    assert (command.outcome, command.failure) == (outcome, failure)


def test_two_forms_of_one_linter_are_told_apart() -> None:
    output = "1 file would be reformatted\nAll checks passed!\n"
    first, _, second, _ = ran("ruff format --check | cat; ruff check | cat", 0, output)

    assert (first.outcome, second.outcome) == ("failed", "passed")


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("ruff check", True),
        ("ruff check . --output-format concise", True),
        ("ruff .", True),
        ("ruff format --check .", True),
        ("mypy", True),
        ("mypy .", True),
        ("ruff check shop", False),
        ("ruff check --select F", False),
        ("ruff format --check shop", False),
        ("mypy shop", False),
        ("pylint --disable=all shop", False),
    ],
)
def test_what_narrows_a_run_is_seen(text: str, whole: bool) -> None:
    assert the_one(text).whole is whole
