"""unittest, as it really prints."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.commands.recognising import the_one

CASE = "import unittest\nclass TestCart(unittest.TestCase):\n"
TESTS = {
    "passes": CASE + "    def test_a(self): self.assertEqual(1, 1)\n",
    "assertion": CASE + "    def test_a(self): self.assertEqual(1, 2)\n",
    "mixed": CASE + "    def test_a(self): self.fail()\n    def test_b(self): int('x')\n",
    "module": "import shop_of_nobody\n" + CASE + "    def test_a(self): pass\n",
    "syntax": "def x(:\n",
    "empty": "",
}


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("unittest")
    for name, text in TESTS.items():
        (root / name).mkdir()
        (root / name / f"test_{name}.py").write_text(text)
    return root


@pytest.mark.parametrize(
    ("name", "outcome", "failure", "tests"),
    [
        ("passes", "passed", None, 1),
        ("assertion", "failed", "assertion", 1),
        ("mixed", "failed", None, 2),
        ("module", "failed", "missing_name", 1),
        ("syntax", "failed", "collection_error", 1),
    ],
)
@pytest.mark.parametrize("pipe", ["", " | tail -60"])
def test_a_run_says_what_came_of_it(
    workspace: Path, name: str, outcome: str, failure: str | None, tests: int, pipe: str
) -> None:
    done = subprocess.run(
        f"{sys.executable} -m unittest 2>&1{pipe}",
        shell=True,
        cwd=workspace / name,
        capture_output=True,
        text=True,
        check=False,
    )
    command = the_one(f"python -m unittest 2>&1{pipe}", done.returncode, done.stdout)

    assert (command.outcome, command.failure, command.tests) == (outcome, failure, tests)
    assert command.exit_code == (None if pipe else done.returncode)


def test_a_run_of_nothing_has_not_passed_whatever_it_exits_with(workspace: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "unittest"],
        cwd=workspace / "empty",
        capture_output=True,
        text=True,
        check=False,
    )
    command = the_one("python -m unittest", done.returncode, done.stderr)

    assert (command.failure, command.tests) == ("no_tests", 0)
    assert command.outcome == ("failed" if done.returncode else "unknown")


def test_a_run_whose_errors_are_thrown_away_says_nothing() -> None:
    output = "Ran 1 test in 0.0s\n\nOK\n"

    assert the_one("python -m unittest 2>/dev/null; cat x", 0, output).outcome == "unknown"
    assert the_one("python -m unittest >/dev/null; cat x", 0, output).outcome == "passed"


@pytest.mark.parametrize(
    ("arguments", "whole"),
    [
        ("", True),
        ("-v", True),
        ("discover", True),
        ("discover -s tests -v", True),
        ("discover -s tests/unit", False),
        ("tests.test_cart", False),
        ("-k total", False),
    ],
)
def test_what_narrows_a_run_is_seen(arguments: str, whole: bool) -> None:
    assert the_one(f"python -m unittest {arguments}").whole is whole
