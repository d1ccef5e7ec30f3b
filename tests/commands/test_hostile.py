"""Whatever a model writes is bounded, and nothing raises."""

import resource
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.commands.recognising import ran

MIB = 1 << 20
WORDS = [
    "pytest", "ruff check", "&&", "||", "|", ";", "&", "(", ")", "{", "}", "$(", "`", "'",
    '"', "\\",
    "\n", "<<EOF\n", "EOF\n", "bash -c ", "if ", "then ", "fi", "for ", "do ", "done", "!", ">",
    "2>&1",
    "$X", "a=b ", "f() ", "[[ ", "]]", "case ", "esac", "npm test", "make", "timeout 5 ", "\0",
    "\ud800",
    "cd ..", "exit 1", "set -e", "#", "é",
]  # fmt: skip


@pytest.mark.parametrize(
    "unit",
    ["(", "a && ", "$(", "`a ", '"', "'", "a|", "pytest;", "cat <<E\n", "cat <<E <<F <<G", "{ ",
     "a=(",
     "if a; then ", "case a in a) ", "a", "a ", '"$(', "$", "${a:-", "\0", "\ud800", "\\", "\n",
     "f(){ ",
     "[[ a == ", 'bash -c "', "eval ", "env ", "A=b ", "a >b ", "! ", "a <<< ", "$(( ",
     "timeout 1 "],
)  # fmt: skip
def test_a_million_of_anything_is_read_in_time_and_memory(unit: str) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = time.process_time()
    found = ran(unit * (MIB // len(unit)), 1, "x")

    assert len(found) <= 200
    assert time.process_time() - began < 10
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 600_000


@given(
    st.lists(st.sampled_from(WORDS), max_size=40), st.integers(0, 255) | st.none(), st.booleans()
)
def test_random_shell_is_read(words: list[str], code: int | None, timed_out: bool) -> None:
    files = {
        "package.json": '{"scripts": {"test": "npm test && pytest"}}',
        "Makefile": "a:\n\tmake",
    }
    for command in ran(" ".join(words), code, "1 failed in 1s", files=files, timed_out=timed_out):
        assert command.tool
        assert command.text
        assert command.exit_code in (None, 0, code) or timed_out
        assert command.outcome != "passed" or command.failure is None


@given(st.text(max_size=200), st.text(max_size=200))
def test_random_text_is_read(text: str, output: str) -> None:
    ran(text, 1, output)


@pytest.mark.parametrize(
    "unit",
    ["1 passed, ", "=", "E  ", " ", "\n", "___ ", "1 failed in 0.1s\n", "Ran 1 test in 1s\n",
     "a.py:1: E\n",
     "TypeError: a.", "  1 passed\n    a\n", " Test Files  a\n", "a(1,1): error TS1: \n",
     "\x1b[", "# pass 1\n"],
)  # fmt: skip
@pytest.mark.parametrize(
    "text", ["pytest", "python -m unittest", "node --test", "vitest", "jest", "mocha",
    "playwright test",
             "ruff check", "flake8", "tsc --noEmit", "biome check", 'ava; echo "x $?"'],
)  # fmt: skip
def test_any_output_is_read_in_time(text: str, unit: str) -> None:
    began = time.process_time()
    ran(text, 1, unit * (200_000 // len(unit)))

    assert time.process_time() - began < 3


def test_what_stands_behind_the_end_of_what_is_read_makes_the_exit_code_nobodys() -> None:
    found = ran("pytest\n" + "ls\n" * 300, 0)

    assert found[0].tool == "pytest"
    assert {command.exit_code for command in found} == {None}


def test_a_large_file_in_a_heredoc_does_not_hide_what_follows() -> None:
    table = "| a | b | $(x) `y` (c) && d |\n" * 6000

    found = ran(f"cat > a.md <<'EOF'\n{table}EOF\npytest -q && git add .", 0)
    assert [command.tool for command in found] == ["cat", "pytest", "git"]
    assert found[1].outcome == "passed"


@pytest.mark.parametrize(
    "crashing",
    [
        "c39a2ff1aba2b3c39f7bf28eab817d6125277cec80ac3c3cf293beBF2ff3ba99b109".lower(),
        "3c21e6b3a71f252a25242d2b5de4acac5bea8ba3622b03242b217bf395bbb52b3c3d3ce68187",
    ],
)
def test_letters_that_crash_the_grammar_are_kept_from_it(crashing: str) -> None:
    text = bytes.fromhex(crashing).decode()

    for _ in range(50):
        ran(f"{text}\n<<{text}\npytest", 1)


def test_letters_of_any_alphabet_come_back_as_they_were() -> None:
    (command,) = ran("git commit -m 'feat: añadir 日本 😀'")

    assert command.argv[-1] == "feat: añadir 日本 😀"
    assert command.text.endswith("日本 😀'")
