"""What a call ran, in every way that agents write it."""

import pytest

from tests.commands.recognising import ran, the_one

RED, GREEN = "1 failed, 2 passed in 0.10s\n", "3 passed in 0.10s\n"
CLEAN, DIRTY = "All checks passed!\n", "Found 1 error.\n"


def programs(text: str) -> list[str]:
    return [command.tool for command in ran(text)]


class TestWhatIsACommand:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("pytest", ["pytest"]),
            ("ls; pwd && git status | head", ["ls", "pwd", "git", "head"]),
            ("cd x && export A=1 && true", []),
            ("# pytest", []),
            ("echo pytest", ["echo"]),
            ("echo 'a; pytest'", ["echo"]),
            ("grep -r pytest .", ["grep"]),
            ('git commit -am "run pytest"', ["git"]),
            ("cat > a.py <<'EOF'\npytest\nEOF", ["cat"]),
            ("cat > a.py <<'EOF' && ruff check\npytest\nEOF\ngit add .", ["cat", "ruff", "git"]),
            ("cat <<EOF | bash\npytest\nEOF", ["cat", "pytest"]),
            ("bash <<'EOF'\npytest\nEOF", ["pytest"]),
            ("sh <<< 'pytest'", ["pytest"]),
            ("echo 'pytest -q' | sh", ["echo", "pytest"]),
            ('bash -c "cd x && pytest"', ["pytest"]),
            ('bash -lc "ruff check; pytest"', ["ruff", "pytest"]),
            ("sh -c 'sh -c \"pytest\"'", ["pytest"]),
            ("eval 'pytest -q'", ["pytest"]),
            ("eval pytest -q", ["pytest"]),
            ("X=$(pytest -q)", ["pytest"]),
            ("echo `pytest`", ["pytest", "echo"]),
            ("diff <(pytest) <(ruff check)", ["pytest", "ruff", "diff"]),
            ("(cd a; pytest) && { ruff check; }", ["pytest", "ruff"]),
            ("if pytest; then git push; else ls; fi", ["pytest", "git", "ls"]),
            ("for f in a b; do pytest $f; done", ["pytest"]),
            ("while ! pytest; do sleep 1; done", ["pytest", "sleep"]),
            ("case $1 in a) pytest;; *) ls;; esac", ["pytest", "ls"]),
            ("f() { pytest; }", []),
            ("f() { pytest; }; f", ["pytest"]),
            ("pytest & ls", ["pytest", "ls"]),
            ("pytest \\\n  -q", ["pytest"]),
            ("pytest -q\nruff check\n", ["pytest", "ruff"]),
            ("false && pytest", []),
            ("true || pytest", []),
            ("python - <<'PY'\nimport pytest\npytest.main()\nPY", ["python"]),
            ("", []),
        ],
    )
    def test_every_simple_command_is_found_in_order(self, text: str, expected: list[str]) -> None:
        assert programs(text) == expected

    @pytest.mark.parametrize(
        "text",
        [
            "FOO=1 BAR=2 pytest -q",
            "env -u X FOO=1 pytest -q",
            "time pytest -q",
            "timeout 60 pytest -q",
            "timeout -k 5 60s nice -n 10 pytest -q",
            "command pytest -q",
            "exec pytest -q",
            "sudo -u dev pytest -q",
            "uv run pytest -q",
            "uv run --with pytest-cov --python 3.12 pytest -q",
            "uv run -m pytest -q",
            "uvx --from pytest pytest -q",
            "poetry run pytest -q",
            "pipenv run pytest -q",
            "hatch run pytest -q",
            "python -m pytest -q",
            "python3.12 -X dev -m pytest -q",
            ".venv/bin/python -m pytest -q",
            "./.venv/bin/pytest -q",
            "coverage run --source shop -m pytest -q",
            "timeout 9 uv run python -m pytest -q",
        ],
    )
    def test_what_stands_before_the_program_is_taken_off(self, text: str) -> None:
        (command,) = ran(text)

        assert (command.tool, command.role, command.whole) == ("pytest", "test", True)
        assert command.argv == ("pytest", "-q")
        assert command.exit_code == 0

    @pytest.mark.parametrize(
        "text",
        [
            "npx vitest run",
            "npx --yes vitest run",
            "npm exec -- vitest run",
            "pnpm exec vitest run",
            "pnpm dlx vitest run",
            "yarn dlx vitest run",
            "yarn vitest run",
            "bunx vitest run",
            "bun x vitest run",
            "./node_modules/.bin/vitest run",
            "node ./node_modules/vitest/vitest.mjs run",
            "cross-env NODE_ENV=test vitest run",
        ],
    )
    def test_so_is_what_stands_before_a_program_of_node(self, text: str) -> None:
        (command,) = ran(text)

        assert (command.tool, command.role, command.whole) == ("vitest", "test", True)

    def test_the_text_is_what_was_written_without_redirections(self) -> None:
        command, _ = ran("cd x && FOO=1 uv run pytest -q tests/test_a.py 2>&1 | tail -5")

        assert command.text == "uv run pytest -q tests/test_a.py"
        assert command.argv == ("pytest", "-q", "tests/test_a.py")

    def test_quotes_are_resolved_in_the_arguments(self) -> None:
        (command,) = ran('git commit -m "feat: a \\"b\\"" -m \'c d\' e\\ f')

        assert command.argv == ("git", "commit", "-m", 'feat: a "b"', "-m", "c d", "e f")


class TestWhatAToolIsFor:
    @pytest.mark.parametrize(
        ("text", "tool", "role"),
        [
            ("git push", "git", "git"),
            ("sudo git push", "git", "git"),
            ("uv sync", "uv", "build"),
            ("uv pip install x", "uv", "build"),
            ("pip install -e .", "pip", "build"),
            ("python -m pip install -e .", "pip", "build"),
            ("npm ci", "npm", "build"),
            ("yarn", "yarn", "build"),
            ("yarn add x", "yarn", "build"),
            ("pnpm install", "pnpm", "build"),
            ("bun install", "bun", "build"),
            ("poetry install", "poetry", "build"),
            ("npm run build", "npm", "build"),
            ("tsc -p .", "tsc", "build"),
            ("npm view x", "npm", "other"),
            ("pytest --collect-only", "pytest", "other"),
            ("pytest --version", "pytest", "other"),
            ("ruff --version", "ruff", "other"),
            ("ruff format .", "ruff", "other"),
            ("ruff rule F401", "ruff", "other"),
            ("prettier --write .", "prettier", "other"),
            ("black .", "black", "other"),
            ("node server.js", "node", "other"),
            ("vitest --version", "vitest", "other"),
            ("playwright install", "playwright", "other"),
            ("make -n test", "make", "other"),
            ("make test", "make", "test"),
            ("make lint", "make", "lint"),
            ("make build", "make", "build"),
            ("npm test", "npm", "test"),
            ("npm t", "npm", "test"),
            ("npm run test:unit", "npm", "test"),
            ("pnpm run lint", "pnpm", "lint"),
            ("yarn run typecheck", "yarn", "lint"),
            ("just test", "just", "test"),
            ("tox", "tox", "test"),
            ("nox -s tests", "nox", "test"),
            ("bun test", "bun", "test"),
            ("npm run latest", "npm", "other"),
        ],
    )
    def test_role(self, text: str, tool: str, role: str) -> None:
        (command,) = ran(text)

        assert (command.tool, command.role) == (tool, role)


class TestWhoseExitCodeItIs:
    @pytest.mark.parametrize(
        ("text", "code", "output", "expected"),
        [
            ("pytest", 0, "", (0, "passed")),
            ("pytest", 1, "", (1, "failed")),
            ("pytest", None, "", (None, "unknown")),
            ("(cd x && pytest)", 1, "", (1, "failed")),
            ("cd x && pytest", 1, "", (1, "failed")),
            ("cd x && pytest", 1, "bash: line 1: cd: x: No such file\n", (None, "unknown")),
            ("ls; pytest", 1, "", (1, "failed")),
            ("pytest; ls", 0, "", (None, "unknown")),
            ("pytest; ls", 0, RED, (None, "failed")),
            ("pytest; echo done", 0, GREEN + "done", (None, "passed")),
            ("pytest || true", 0, "", (None, "unknown")),
            ("pytest || true", 0, RED, (None, "failed")),
            ("pytest || exit 1", 1, "", (None, "failed")),
            ("pytest && ls /x", 2, "", (2, "failed")),
            ("pytest && ls /x", 2, "ls: /x: no\n", (None, "unknown")),
            ("pytest && echo ok", 0, "", (0, "passed")),
            ("pytest && echo ok", 1, "", (1, "failed")),
            ("pytest && ruff check", 1, RED, (1, "failed")),
            ("pytest | tail -5", 0, "", (None, "unknown")),
            ("pytest | tail -5", 0, RED, (None, "failed")),
            ("pytest 2>&1 | tee log | grep -E 'passed|failed'", 0, GREEN, (None, "passed")),
            ("pytest | sort", 0, RED, (None, "unknown")),
            ("set -o pipefail; pytest | tail", 1, "", (1, "failed")),
            ("set -o pipefail; pytest | tail", 0, "", (0, "passed")),
            ("set -e; pytest; echo ok", 0, "", (0, "passed")),
            ("set -e; pytest; echo ok", 1, "", (1, "failed")),
            ("bash -euo pipefail -c 'pytest | tail; echo ok'", 2, "", (2, "failed")),
            ("pytest &", 0, "", (None, "unknown")),
            ("! pytest", 0, "", (None, "failed")),
            ("! pytest", 1, "", (0, "passed")),
            ("if pytest; then echo y; fi", 0, "", (None, "unknown")),
            ("for f in a b; do pytest $f; done", 1, "", (None, "unknown")),
            ("pytest > /dev/null", 1, "", (1, "failed")),
            ("pytest > /dev/null; echo '3 passed in 0.1s'", 0, GREEN, (None, "unknown")),
            ("pytest > o.txt 2>&1; tail o.txt", 0, RED, (None, "failed")),
            ("X=$(pytest)", 1, "", (1, "failed")),
            ("X=$(pytest); echo $X", 0, RED, (None, "unknown")),
            ("pytest; exit 0", 0, "", (None, "unknown")),
            ("exit 1; pytest", 1, "", (None, "unknown")),
            ('pytest; echo "exit: $?"', 0, "exit: 1\n", (1, "failed")),
            ('pytest; echo "exit: $?"', 0, "exit: 0\n", (0, "passed")),
            ('pytest; echo "exit: $?"', 0, "exit: 0\nexit: 1\n", (None, "unknown")),
            ('pytest | tail; echo "exit ${PIPESTATUS[0]}"', 0, "exit 1\n", (1, "failed")),
            ('pytest | tail; echo "exit $?"', 0, "exit 0\n", (None, "unknown")),
            ("watch pytest", 0, "", (None, "unknown")),
            ("ls | xargs pytest", 0, "", (0, "passed")),
            ("ls | xargs pytest", 123, "", (None, "failed")),
            ("make test", 2, "", (None, "failed")),
        ],
    )
    def test_only_where_the_shell_says_so(
        self, text: str, code: int | None, output: str, expected: tuple[int | None, str]
    ) -> None:
        command = next(found for found in ran(text, code, output) if found.role == "test")

        assert (command.exit_code, command.outcome) == expected

    @pytest.mark.parametrize(
        ("code", "output", "expected"),
        [
            (0, "", [("pytest", "passed"), ("ruff", "passed")]),
            (1, RED, [("pytest", "failed")]),
            (1, GREEN + DIRTY, [("pytest", "passed"), ("ruff", "failed")]),
            (1, GREEN, [("pytest", "passed"), ("ruff", "failed")]),
            (1, DIRTY, [("pytest", "passed"), ("ruff", "failed")]),
            (1, "", [("pytest", "unknown"), ("ruff", "unknown")]),
            (None, RED, [("pytest", "failed")]),
        ],
    )
    def test_of_a_chain_the_output_tells_where_it_broke(
        self, code: int | None, output: str, expected: list[tuple[str, str]]
    ) -> None:
        found = ran("pytest && ruff check .", code, output)

        assert [(command.tool, command.outcome) for command in found] == expected

    @pytest.mark.parametrize(
        ("text", "output", "expected"),
        [
            ("pytest a; pytest b", GREEN + RED, ["passed", "failed"]),
            ("pytest a; pytest b", RED, ["unknown", "failed"]),
            ("pytest a && pytest b", RED, ["failed"]),
            ("pytest a && pytest b", GREEN + RED, ["passed", "failed"]),
            ("cat old.log; pytest | tail -1; false", GREEN + RED, ["unknown"]),
        ],
    )
    def test_an_output_is_about_a_command_only_where_it_cannot_be_about_another(
        self, text: str, output: str, expected: list[str]
    ) -> None:
        outcomes = [found.outcome for found in ran(text, 1, output) if found.role == "test"]

        assert outcomes == expected

    def test_a_failed_threshold_of_coverage_leaves_open_who_failed(self) -> None:
        output = GREEN + "FAIL Required test coverage of 90% not reached.\n"
        found = ran("pytest --cov && ruff check", 1, output)

        assert {command.exit_code for command in found} == {None}

    def test_what_was_running_when_the_time_was_over_failed_by_it(self) -> None:
        assert the_one("cd x && pytest", None, "", timed_out=True).failure == "timeout"
        assert the_one("pytest", 124, "", timed_out=True).outcome == "failed"
        assert the_one("pytest; sleep 999", None, GREEN, timed_out=True).outcome == "passed"

    def test_nobody_knows_which_of_two_was_running_when_the_time_was_over(self) -> None:
        found = ran("pytest; ruff check", None, "", timed_out=True)

        assert {command.outcome for command in found} == {"unknown"}

    def test_a_clock_that_the_agent_set_is_told_from_a_failure(self) -> None:
        assert the_one("timeout 5 pytest", 124).failure == "timeout"
        assert the_one("pytest", 124).failure is None


class TestMissingRunners:
    @pytest.mark.parametrize(
        ("text", "code", "output"),
        [
            ("python3 -m pytest", 1, "/usr/bin/python3: No module named pytest\n"),
            ("python3 -m pytest | tail -3", 0, "/usr/bin/python3: No module named pytest\n"),
            ("pytest", 127, "bash: line 1: pytest: command not found\n"),
            ("pytest || true", 0, "bash: line 1: pytest: command not found\n"),
            ("npx vitest run", 127, "sh: 1: vitest: not found\n"),
            ("uv run pytest", 2, "error: Failed to spawn: `pytest`\n"),
            ("poetry run pytest", 1, "Command not found: pytest\n"),
            ("npm test", 1, 'npm error Missing script: "test"\n'),
            ("make test", 2, "make: *** No rule to make target 'test'.  Stop.\n"),
        ],
    )
    def test_a_runner_that_is_not_there_is_no_failing_test(
        self, text: str, code: int, output: str
    ) -> None:
        command = the_one(text, code, output)

        assert (command.outcome, command.failure) == ("failed", "no_runner")

    def test_a_module_that_a_test_lacks_is_no_missing_runner(self) -> None:
        output = "E   ModuleNotFoundError: No module named 'pytest'\n1 error in 0.1s\n"

        assert the_one("pytest", 2, output).failure != "no_runner"
