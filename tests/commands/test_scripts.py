"""Scripts stand for what they run."""

import json

import pytest

from tests.commands.recognising import ran

PACKAGE = json.dumps(
    {
        "scripts": {
            "test": "vitest run",
            "test:watch": "vitest",
            "lint": "eslint . && tsc --noEmit",
            "check": "npm run lint && npm test",
            "again": "npm run again",
            "pretest:all": "eslint .",
            "test:all": "vitest run",
            "bad": 3,
        }
    }
)
MAKEFILE = """\
PYTHON ?= uv run python

.PHONY: test lint all
all: test

test: lint node_modules  ## run everything
\t@$(PYTHON) -m pytest -q $(ARGS)
lint:
\truff check . \\
\t  --quiet
\t-mypy .
nested:
\t$(MAKE) lint
node_modules: package.json
\tnpm ci
again: again
\tmake again
"""
FILES = {"package.json": PACKAGE, "Makefile": MAKEFILE, "web/package.json": PACKAGE}


def tools(text: str, code: int = 0) -> list[tuple[str, bool]]:
    return [(command.tool, command.whole) for command in ran(text, code, files=FILES)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("npm test", [("vitest", True)]),
        ("npm t", [("vitest", True)]),
        ("npm --silent run test", [("vitest", True)]),
        ("npm test -- -t adds", [("vitest", False)]),
        ("npm test cart", [("vitest", False)]),
        ("yarn test cart", [("vitest", False)]),
        ("yarn lint", [("eslint", True), ("tsc", True)]),
        ("pnpm lint", [("eslint", True), ("tsc", True)]),
        ("bun run test", [("vitest", True)]),
        ("node --run test", [("vitest", True)]),
        ("npm run check", [("eslint", True), ("tsc", True), ("vitest", True)]),
        ("npm run test:all", [("eslint", True), ("vitest", True)]),
        ("npm --prefix web test", [("vitest", True)]),
        ("cd web && npm test", [("vitest", True)]),
        ("(cd web; npm test); npm test", [("vitest", True), ("vitest", True)]),
        ("cd nowhere && npm test", [("npm", True)]),
        ("cd $DIR && npm test", [("npm", True)]),
        ("npm test --workspace web", [("npm", False)]),
        ("npm run missing", [("npm", False)]),
        ("npm run bad", [("npm", False)]),
        ("yarn jest cart", [("jest", False)]),
    ],
)
def test_package_scripts(text: str, expected: list[tuple[str, bool]]) -> None:
    assert tools(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("make lint", ["ruff", "mypy"]),
        ("make -C . nested", ["ruff", "mypy"]),
        ("make test", ["ruff", "mypy", "npm", "pytest"]),
        ("make", ["ruff", "mypy", "npm", "pytest"]),
        ("make -j4 lint nested", ["ruff", "mypy", "ruff", "mypy"]),
        ("make unknown", ["make"]),
        ("make -f other.mk test", ["make"]),
    ],
)
def test_make_targets(text: str, expected: list[str]) -> None:
    assert [tool for tool, _ in tools(text)] == expected


def test_a_script_carries_the_text_that_was_written() -> None:
    found = ran("npm run check", files=FILES)

    assert {command.text for command in found} == {"npm run check"}
    assert found[-1].argv == ("vitest", "run")


def test_a_script_that_passes_means_that_all_of_it_passed() -> None:
    assert {found.outcome for found in ran("npm run check", files=FILES)} == {"passed"}


def test_make_has_an_exit_code_of_its_own() -> None:
    output = "All checks passed!\nSuccess: no issues found in 1 source file\n1 failed in 0.1s\n"
    found = {command.tool: command for command in ran("make test", 2, output, files=FILES)}

    assert (found["pytest"].outcome, found["pytest"].exit_code) == ("failed", None)
    assert (found["ruff"].outcome, found["mypy"].outcome) == ("passed", "passed")


@pytest.mark.parametrize("text", ["npm run again", "make again"])
def test_a_script_that_runs_itself_ends(text: str) -> None:
    assert len(ran(text, files=FILES)) <= 200


@pytest.mark.parametrize(
    "content", ["", "[]", "{", "[" * 100_000, '{"scripts": 3}', "\0", "a" * 1_000_000]
)
def test_broken_files_leave_the_name_of_the_script(content: str) -> None:
    found = ran("npm test; make test", files={"package.json": content, "Makefile": content})

    assert [command.tool for command in found] == ["npm", "make"]
    assert {command.role for command in found} == {"test"}
