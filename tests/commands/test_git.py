"""git."""

import pytest

from tests.commands.recognising import ran


@pytest.mark.parametrize(
    "text",
    [
        "git push",
        "git -C shop commit -m x",
        "GIT_DIR=x git log",
        "/usr/bin/git status",
        "env git add .",
    ],
)
def test_every_command_of_git_has_its_role(text: str) -> None:
    (command,) = ran(text, 1)

    assert (command.tool, command.role, command.exit_code) == ("git", "git", 1)
    assert (command.outcome, command.failure) == ("failed", None)


def test_what_is_only_said_about_git_has_not() -> None:
    assert {found.role for found in ran("echo git push; ls git; grep 'git push' a")} == {"other"}
