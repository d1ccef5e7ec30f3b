"""How a command of a dataset is read."""

import shlex
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audition.probing._invocation import UnclearError, invocations


@pytest.mark.parametrize(
    ("command", "program", "text"),
    [
        ("pytest -q", "pytest", "pytest FIRST -q LAST"),
        ("python -m pytest tests", "pytest", "python -m pytest FIRST tests LAST"),
        ("python3.12 -X dev -W error -m pytest", "pytest",
         "python3.12 -X dev -W error -m pytest FIRST LAST"),
        ("/opt/venv/bin/pytest 'a b'", "pytest", "/opt/venv/bin/pytest FIRST 'a b' LAST"),
        ("uv run --with pytest python -m unittest", "unittest",
         "uv run --with pytest python -m unittest FIRST LAST"),
        ("CI=1 npx --yes vitest run", "vitest", "CI=1 npx --yes vitest FIRST run LAST"),
        ("coverage run -m pytest -q", "pytest", "coverage run -m pytest FIRST -q LAST"),
        ("env A=1 poetry run pytest -- x", "pytest",
         "env A=1 poetry run pytest FIRST LAST -- x"),
        ("cd a/b && export X=1 && node --test", "node",
         "cd a/b && export X=1 && node FIRST --test LAST"),
        ("python tests.py -m pytest", "python", "python FIRST tests.py -m pytest LAST"),
        ('node --test "$DIR"/*.js', "node", 'node FIRST --test "$DIR"/*.js LAST'),
    ],
)  # fmt: skip
def test_words_are_put_between_the_users_own(command: str, program: str, text: str) -> None:
    (found,) = invocations(command)

    assert found.program == program
    assert found.text(first=["FIRST"], last=["LAST"]) == text


@pytest.mark.parametrize(
    ("command", "why"),
    [
        ("pytest | tail", r"`\|` in the command hides"),
        ("pytest || true", r"`\|\|` in the command hides"),
        ("pytest > out", "`>` in the command hides"),
        ("pytest 2>&1", "`>` in the command hides"),
        ("pytest &", "`&` in the command hides"),
        ("(pytest)", r"`\(` in the command hides"),
        ("pytest 'a", "a quote in the command is never closed"),
        ("cd ../.. && pytest", "is not in the workspace"),
        ("cd /etc && pytest", "is not in the workspace"),
        ("uv run", "names no program"),
    ],
)
def test_what_the_shell_does_more_is_refused(command: str, why: str) -> None:
    with pytest.raises(UnclearError, match=why):
        invocations(command)


def test_options_go_with_their_values() -> None:
    (found,) = invocations("ruff check --output-format full -o x . --output-format=json --fix")

    assert found.without("--output-format", "-o").text() == "ruff check . --fix"


def test_folders_add_up() -> None:
    found = invocations("cd a && ruff check && cd ../b/./c; eslint .")

    assert [(one.cwd, one.program) for one in found] == [("a", "ruff"), ("b/c", "eslint")]
    assert found[1].text() == "cd a && cd ../b/./c && eslint ."


@given(st.lists(st.text(min_size=1), min_size=1, max_size=5))
def test_quoted_words_stay_what_they_are(words: list[str]) -> None:
    (found,) = invocations(shlex.join(["pytest", *words]))

    assert shlex.split(found.text()) == ["pytest", *words]


@given(st.text())
def test_any_text_is_read_or_refused(command: str) -> None:
    with suppress(UnclearError):
        assert all(one.program or one.words for one in invocations(command))
