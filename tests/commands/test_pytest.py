"""pytest, as it really prints."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.commands.recognising import ran, the_one

HEADER = "from shop import total\nimport pytest\n"
TESTS = {
    "assertion": "def test_a():\n    assert total([1]) == 2\n",
    "no_raise": "def test_a():\n    with pytest.raises(ValueError):\n        total([])\n",
    "code_error": "def test_a():\n    total(None)\n",
    "test_error": "def test_a():\n    undefined()\n",
    "fixture": "def test_a(nowhere): pass\n",
    "attribute": "import shop\ndef test_a():\n    shop.later()\n",
    "keyword": "def test_a():\n    total([], tax=3)\n",
    "import": "from shop import later\ndef test_a(): pass\n",
    "module": "import shop.coupons\ndef test_a(): pass\n",
    "syntax": "def test_a(:\n",
    "raises_at_import": "raise RuntimeError('x')\n",
    "mixed": "def test_a():\n    assert total([1]) == 2\ndef test_b():\n    total(None)\n",
    "passes": "def test_a():\n    assert total([1]) == 1\n@pytest.mark.skip\ndef test_b(): pass\n",
    "empty": "",
}


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("shop")
    (root / "shop.py").write_text("def total(rows):\n    return sum(rows)\n")
    (root / "pytest.ini").write_text("[pytest]\npythonpath = .\n")
    for name, text in TESTS.items():
        folder = root / name
        folder.mkdir()
        (folder / f"test_{name}.py").write_text(HEADER + text)
    return root


def play(workspace: Path, arguments: str, end: str = "") -> tuple[int, str]:
    """The exit code and the output of pytest in a terminal of 80 columns."""
    done = subprocess.run(
        f"{sys.executable} -m pytest -p no:cacheprovider {arguments} 2>&1 {end}",
        shell=True,
        cwd=workspace,
        env={"COLUMNS": "80", "PATH": "/usr/bin:/bin", "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout


@pytest.mark.parametrize(
    ("arguments", "outcome", "failure", "tests"),
    [
        ("passes", "passed", None, 1),
        ("assertion", "failed", "assertion", 1),
        ("no_raise", "failed", "assertion", 1),
        ("mixed", "failed", "assertion", 2),
        ("code_error", "failed", "code_error", 1),
        ("test_error", "failed", "test_error", 1),
        ("fixture", "failed", "test_error", 1),
        ("attribute", "failed", "missing_name", 1),
        ("keyword", "failed", "missing_name", 1),
        ("import", "failed", "missing_name", 1),
        ("module", "failed", "missing_name", 1),
        ("syntax", "failed", "collection_error", 1),
        ("raises_at_import", "failed", "collection_error", 1),
        ("empty", "failed", "no_tests", 0),
        ("passes -k zzz", "failed", "no_tests", 0),
        ("nowhere.py", "failed", "usage", 0),
        ("--nonsense", "failed", "usage", None),
        ("assertion --tb=no", "failed", None, 1),
    ],
)
def test_a_run_says_what_came_of_it(
    workspace: Path, arguments: str, outcome: str, failure: str | None, tests: int | None
) -> None:
    code, output = play(workspace, f"-q {arguments}")
    command = the_one(f"pytest -q {arguments}", code, output)

    assert (command.outcome, command.failure) == (outcome, failure)
    assert (command.exit_code, command.tests) == (code, tests)


@pytest.mark.parametrize(
    ("arguments", "outcome", "failure"),
    [
        ("passes", "passed", None),
        ("assertion", "failed", "assertion"),
        ("module", "failed", "missing_name"),
        ("empty", "failed", "no_tests"),
    ],
)
def test_so_does_a_run_through_a_pipe(
    workspace: Path, arguments: str, outcome: str, failure: str | None
) -> None:
    code, output = play(workspace, f"-q {arguments}", "| tail -40")
    command = the_one(f"pytest -q {arguments} 2>&1 | tail -40", code, output)

    assert (code, command.exit_code) == (0, None)
    assert (command.outcome, command.failure) == (outcome, failure)


def test_what_a_filter_took_away_is_no_reason(workspace: Path) -> None:
    code, output = play(workspace, "-q mixed assertion", "| tail -8")
    command = the_one("pytest -q mixed assertion 2>&1 | tail -8", code, output)

    assert (command.outcome, command.failure, command.tests) == ("failed", None, 3)


def test_two_runs_of_one_call_are_told_apart(workspace: Path) -> None:
    _, red = play(workspace, "assertion")
    code, green = play(workspace, "passes")
    first, second = ran("pytest assertion; pytest passes", code, red + green)

    assert (first.outcome, first.failure, first.exit_code) == ("failed", "assertion", None)
    assert (second.outcome, second.tests, second.exit_code) == ("passed", 1, 0)


@pytest.mark.parametrize(
    ("arguments", "whole"),
    [
        ("", True),
        ("-q", True),
        (".", True),
        ("tests", True),
        ("./tests/", True),
        ("-x -vv --tb=short --durations 5 -n 4", True),
        ("-p no:cacheprovider -W error -rA", True),
        ("tests/test_a.py", False),
        ("tests tests/unit", False),
        ("-k total", False),
        ("-qk total", False),
        ("-ktotal", False),
        ("-m slow", False),
        ("--lf", False),
        ("--last-failed", False),
        ("--deselect tests/test_a.py::test_b", False),
        ("--ignore=tests/unit", False),
        ('"$TESTS"', False),
        ("$(ls tests/test_a.py)", False),
    ],
)
def test_what_narrows_a_run_is_seen(arguments: str, whole: bool) -> None:
    command = next(found for found in ran(f"pytest {arguments}") if found.tool == "pytest")

    assert command.whole is whole
