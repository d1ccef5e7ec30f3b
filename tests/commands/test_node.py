"""The test runner of Node, as it really prints."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.commands.recognising import ran, the_one

HEADER = "import test from 'node:test';\nimport assert from 'node:assert';\n"
TESTS = {
    "passes": "test('a', () => {});\ntest('b', { skip: true }, () => {});\n",
    "assertion": "test('a', () => { assert.equal(1, 2); });\n",
    "export": "import { later } from './lib.mjs';\ntest('a', () => {});\n",
    "module": "import { later } from './nowhere.mjs';\ntest('a', () => {});\n",
    "syntax": "test('a', () => {;\n",
    "throws": "test('a', () => { throw new RangeError('x'); });\n",
}

needs_node = pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed")


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("node")
    (root / "lib.mjs").write_text("export const total = 1;\n")
    for name, text in TESTS.items():
        (root / f"{name}.test.mjs").write_text(HEADER + text)
    return root


@needs_node
@pytest.mark.parametrize("reporter", ["tap", "spec"])
@pytest.mark.parametrize("pipe", ["", " | cat"])
@pytest.mark.parametrize(
    ("name", "outcome", "failure"),
    [
        ("passes", "passed", None),
        ("assertion", "failed", "assertion"),
        ("export", "failed", "missing_name"),
        ("module", "failed", "missing_name"),
        ("syntax", "failed", "collection_error"),
        ("throws", "failed", None),
    ],
)
def test_a_run_says_what_came_of_it(
    workspace: Path, reporter: str, pipe: str, name: str, outcome: str, failure: str | None
) -> None:
    text = f"node --test --test-reporter={reporter} {name}.test.mjs"
    done = subprocess.run(
        text + pipe, shell=True, cwd=workspace, capture_output=True, text=True, check=False
    )
    command = the_one(text + pipe, done.returncode, done.stdout)

    assert (command.outcome, command.tests) == (outcome, 1)
    assert command.failure == (None if pipe else failure)
    assert command.exit_code == (None if pipe else done.returncode)


@needs_node
def test_a_file_that_is_not_there_is_no_test(workspace: Path) -> None:
    done = subprocess.run(
        ["node", "--test", "nowhere.mjs"],
        cwd=workspace,
        capture_output=True,
        text=True,
        check=False,
    )
    command = the_one("node --test nowhere.mjs", done.returncode, done.stdout + done.stderr)

    assert (command.outcome, command.failure) == ("failed", "no_tests")


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("node --test", True),
        ("node --import tsx --test", True),
        ("node --test test/", True),
        ("node --test --test-reporter spec", True),
        ("tsx --test", True),
        ("npx tsx --test", True),
        ("node --test test/a.test.js", False),
        ("node --import tsx --test test/a.test.ts", False),
        ("tsx --test a.ts", False),
        ("node --test --test-name-pattern=adds", False),
        ("node --test --test-only", False),
    ],
)
def test_what_narrows_a_run_is_seen(text: str, whole: bool) -> None:
    command = the_one(text)

    assert (command.tool, command.whole) == ("node", whole)


def test_a_program_of_ones_own_is_no_test() -> None:
    assert [found.role for found in ran("node a.js; tsx a.ts; node -e 1")] == ["other"] * 3
