"""What linters find, in real runs and in lines that they are known to print."""

import pytest

from audition.outcome import LintFinding
from audition.probing._lint import lines_of, linter_of
from audition.probing._scene import Scene
from audition.probing._scripts import resolved
from audition.project import DEFAULT_PROJECT
from tests.probing.trying import linted, tree_of

BAD = {"shop/cart.py": "import os\n\nx = undefined\n", "ruff.toml": "lint.select = ['F']\n"}
CLEAN = {"shop/cart.py": "x = 1\n"}
UNUSED = LintFinding("shop/cart.py", "F401", "`os` imported but unused", 1)
UNDEFINED = LintFinding("shop/cart.py", "F821", "Undefined name `undefined`", 3)


@pytest.mark.parametrize(
    ("command", "more"),
    [
        ("ruff check .", {}),
        ("python -m ruff check", {}),
        ("cd shop && ruff check --output-format=concise .", {}),
        ("make lint", {"Makefile": "lint:\n\truff check .\n"}),
    ],
)
def test_ruff_tells_rule_place_and_message(command: str, more: dict[str, str]) -> None:
    probed = linted({**BAD, **more}, command)

    assert probed.findings == (UNUSED, UNDEFINED)
    assert (probed.exit_code, probed.failure, probed.is_stable) == (1, None, True)
    assert not probed.passed


def test_clean_code_passes() -> None:
    probed = linted(CLEAN)

    assert (probed.exit_code, probed.failure, probed.findings) == (0, None, ())
    assert probed.passed


def test_an_exit_code_that_is_told_to_be_0_hides_nothing() -> None:
    probed = linted(BAD, "ruff check --exit-zero .")

    assert probed.exit_code == 0
    assert probed.findings == (UNUSED, UNDEFINED)
    assert not probed.passed


def test_code_that_is_no_program_is_a_finding() -> None:
    probed = linted({"shop/cart.py": "def x(:\n"})

    assert {finding.rule for finding in probed.findings} == {"invalid-syntax"}


def test_the_second_linter_runs_after_the_first_found_something() -> None:
    probed = linted(BAD, "ruff check . && ruff format --check . && mypy shop/cart.py")

    assert {UNUSED, UNDEFINED} < set(probed.findings)
    assert LintFinding("shop/cart.py", "name-defined", 'Name "undefined" is not defined', 3) in (
        probed.findings
    )
    assert probed.exit_code == 1


def test_a_formatter_names_the_files_that_it_would_change() -> None:
    probed = linted({"a.py": "x=1\n", "b.py": "x = 1\n"}, "ruff format --check .")

    assert {finding.path for finding in probed.findings} == {"a.py"}
    assert probed.exit_code == 1


@pytest.mark.parametrize(
    ("command", "failure"),
    [
        ("ruff check --no-such-option", "usage"),
        ("ruff check --config nowhere.toml", "usage"),
        ("no-such-linter .", "no_runner"),
        ("python -m no_such_linter", "no_runner"),
        ("npx eslint .", "no_runner"),
        ("", "usage"),
    ],
)
def test_a_linter_that_did_not_lint_found_nothing_and_did_not_pass(
    command: str, failure: str
) -> None:
    probed = linted(CLEAN, command)

    assert (probed.failure, probed.findings) == (failure, ())
    assert not probed.passed


def test_an_unknown_program_is_judged_by_its_exit_code() -> None:
    files = {"check.sh": "echo 'line 12 is too long'; exit $1\n"}

    good, bad = linted(files, "sh check.sh 0"), linted(files, "sh check.sh 3")
    assert (good.passed, good.findings) == (True, ())
    assert bad.exit_code == 3
    assert bad.findings == (LintFinding("", "", "line N is too long"),)


def test_what_only_a_shell_can_run_is_judged_by_its_exit_code() -> None:
    files = {"a.txt": "good\nbad 7\n"}

    assert linted(files, "! grep -n bad a.txt").findings == (LintFinding("", "", "N:bad N"),)
    assert linted(files, "grep -c bad a.txt | grep -x 1").passed


def read(command: str, output: str, *, files: tuple[str, ...] = ()) -> list[LintFinding]:
    """What a linter's output says, wherever it may have run."""
    tree = tree_of(dict.fromkeys(files, ""))
    scene = Scene(workspace="/sandbox", home="/user", cwd="", tree=tree, project=DEFAULT_PROJECT)
    (invocation,) = resolved(command, tree, None)  # type: ignore[arg-type]
    linter = linter_of(invocation)
    assert linter
    return linter.reads(output.encode(), scene)


@pytest.mark.parametrize(
    ("command", "output", "found"),
    [
        (
            "flake8",
            "./shop/a.py:3:80: E501 line too long (90 > 79 characters)\n",
            LintFinding("shop/a.py", "E501", "line too long (90 > 79 characters)", 3),
        ),
        (
            "pylint shop",
            "************* Module a\nshop/a.py:1:0: C0114: Missing docstring (missing-docstring)\n",
            LintFinding("shop/a.py", "C0114", "Missing docstring", 1),
        ),
        (
            "mypy",
            "shop/a.py:2: error: Bad [misc]\nshop/a.py:2: note: Why\nFound 1 error in 1 file\n",
            LintFinding("shop/a.py", "misc", "Bad", 2),
        ),
        (
            "npx tsc --noEmit",
            "shop/a.ts(1,14): error TS2304: Cannot find name 'b'.\n",
            LintFinding("shop/a.ts", "TS2304", "Cannot find name 'b'.", 1),
        ),
        (
            "black --check .",
            "would reformat /sandbox/shop/a.py\nOh no!\n",
            LintFinding("shop/a.py", "format", "would be reformatted"),
        ),
        (
            "npx eslint .",
            '[{"filePath": "/sandbox/shop/a.js", "messages": [{"ruleId": "eqeqeq",'
            ' "severity": 2, "message": "Expected ===", "line": 4}]}]',
            LintFinding("shop/a.js", "eqeqeq", "Expected ===", 4),
        ),
        (
            "npx biome lint",
            '{"diagnostics": [{"category": "lint/x", "message": "No", "location":'
            ' {"path": "shop/a.js", "start": {"line": 5, "column": 1}}}]}',
            LintFinding("shop/a.js", "lint/x", "No", 5),
        ),
    ],
)
def test_every_linter_of_the_table_is_read(command: str, output: str, found: LintFinding) -> None:
    files = ("shop/a.py", "shop/a.ts", "shop/a.js")

    assert read(command, output, files=files) == [found]


@pytest.mark.parametrize("command", ["ruff check", "npx eslint .", "npx biome lint"])
@pytest.mark.parametrize("output", ["", "null", "{}", "7", "[" * 100_000, '"\\ud800"'])
def test_a_report_that_is_none_is_refused(command: str, output: str) -> None:
    with pytest.raises(ValueError, match="the report is no list"):
        read(command, output)


def test_lines_are_compared_without_their_numbers() -> None:
    assert lines_of("a.py:3 bad\na.py:9 bad\n\n") == [LintFinding("", "", "a.py:N bad")]
