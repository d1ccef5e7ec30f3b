"""Linters of JavaScript and TypeScript, by outputs that they printed."""

import pytest

from tests.commands.recognising import ran, the_one

ESLINT = "\n/shop/a.js\n  1:7  error  'x' is never used  no-unused-vars\n\n"
TSC = "c.ts(1,7): error TS2322: Type 'number' is not assignable to type 'string'.\n"


@pytest.mark.parametrize(
    ("text", "output", "outcome"),
    [
        ("eslint .", ESLINT + "✖ 1 problem (1 error, 0 warnings)\n", "failed"),
        ("eslint .", ESLINT + "✖ 1 problem (0 errors, 1 warning)\n", "passed"),
        ("eslint .", "", "unknown"),
        ("biome check", "Checked 1 file in 6ms. No fixes applied.\n", "passed"),
        ("biome check", "Checked 4 files in 3ms. No fixes applied.\nFound 2 errors.\n", "failed"),
        ("biome lint", "Checked 4 files in 3ms. No fixes applied.\nFound 2 warnings.\n", "passed"),
        ("oxlint", "Found 0 warnings and 0 errors.\n", "passed"),
        ("oxlint", "Found 1 warning and 2 errors.\n", "failed"),
        ("prettier --check .", "All matched files use Prettier code style!\n", "passed"),
        ("prettier --check .", "[warn] l/a.js\n[warn] Code style issues found\n", "failed"),
        ("tsc --noEmit", TSC, "failed"),
        ("tsc --noEmit", TSC + TSC, "failed"),
    ],
)
def test_through_a_pipe_the_output_tells(text: str, output: str, outcome: str) -> None:
    assert the_one(f"npx {text} | cat", 0, output).outcome == outcome


@pytest.mark.parametrize(
    ("text", "code", "outcome", "failure"),
    [
        ("eslint .", 0, "passed", None),
        ("eslint .", 1, "failed", None),
        ("eslint nowhere", 2, "failed", "usage"),
        ("tsc --noEmit", 2, "failed", None),
        ("npx eslint .", 127, "failed", "no_runner"),
    ],
)
def test_else_the_exit_code_tells(text: str, code: int, outcome: str, failure: str | None) -> None:
    command = the_one(text, code)

    assert (command.outcome, command.failure) == (outcome, failure)


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("eslint .", True),
        ("eslint", True),
        ("eslint . --max-warnings 0 --fix", True),
        ("tsc --noEmit", True),
        ("tsc --noEmit -p tsconfig.json", True),
        ("tsc -p tsconfig.json --noEmit", True),
        ("biome check .", True),
        ("biome ci", True),
        ("eslint src", False),
        ("eslint --rule 'semi: off' .", False),
        ("prettier --check src", False),
        ("tsc --noEmit a.ts", False),
    ],
)
def test_what_narrows_a_run_is_seen(text: str, whole: bool) -> None:
    assert the_one(text).whole is whole


def test_what_changes_files_is_no_lint_run() -> None:
    found = ran("prettier --write .; prettier -w --check .; biome format --write; tsc; eslint -v")

    assert [command.role for command in found] == ["other", "other", "other", "build", "other"]
