import json
import os
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audition.workspaces import git_record as module
from audition.workspaces.git_record import GitCommand, git_commands
from tests.workspaces.making import git, make_repository


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    make_repository(tmp_path / "r", {"a": "1"})
    return tmp_path / "r"


def recorded(repository: Path, script: str) -> list[str]:
    """What git notes while a script runs."""
    trace = repository.parent / "trace"
    trace.mkdir(exist_ok=True)
    env = {
        "PATH": os.environ["PATH"],
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_TRACE2_EVENT": str(trace / module.FILE),
    }
    identity = "export GIT_AUTHOR_NAME=A GIT_AUTHOR_EMAIL=a@b.org\n"
    identity += "export GIT_COMMITTER_NAME=A GIT_COMMITTER_EMAIL=a@b.org\n"
    subprocess.run(["bash", "-c", identity + script], cwd=repository, env=env, capture_output=True)
    found = git_commands(trace)
    assert found.notes == ()
    return [f"{' '.join(command.argv[1:])} -> {command.exit_code}" for command in found.commands]


def test_commands_are_told_in_order_with_their_exit_codes(repository: Path) -> None:
    script = "echo 2 >a; git add a; git commit -q -m 'x y'; git checkout nowhere"

    assert recorded(repository, script) == [
        "add a -> 0",
        "commit -q -m x y -> 0",
        "checkout nowhere -> 1",
    ]


@pytest.mark.parametrize(
    "script",
    [
        "git config alias.p push; git p",
        "git config alias.p '!git push'; git p",
        "git -c alias.p='!sh -c \"git push\"' p",
        'python3 -c \'import subprocess; subprocess.run(["git", "push"])\'',
        "mkdir -p .git/hooks; printf '#!/bin/sh\\ngit push' >.git/hooks/post-commit;"
        "chmod +x .git/hooks/post-commit; git commit -q --allow-empty -m x",
        "`git --exec-path`/git push",
        "/usr/lib/git-core/git-push || git push",
    ],
    ids=["alias", "shell alias", "nested", "program", "hook", "path", "dashed"],
)
def test_a_push_is_told_whoever_asked_for_it(repository: Path, script: str) -> None:
    found = recorded(repository, script)

    assert [command for command in found if command.startswith("push ->")], found


def test_what_git_starts_for_itself_is_left_out(repository: Path) -> None:
    script = "echo 2 >a; git stash; git commit --allow-empty -qm x; git pull . main; git gc --auto"
    found = [command.split()[0] for command in recorded(repository, script)]

    assert found == ["stash", "commit", "pull", "gc"]


def test_reading_goes_on_where_it_ended(repository: Path) -> None:
    recorded(repository, "git status")
    seen = git_commands(repository.parent / "trace").seen
    recorded(repository, "git log")
    found = git_commands(repository.parent / "trace", seen)

    assert [command.argv for command in found.commands] == [("git", "log")]
    assert git_commands(repository.parent / "trace", found.seen).commands == ()


def test_a_record_that_was_cut_or_is_gone_is_noted(tmp_path: Path) -> None:
    assert git_commands(tmp_path).notes == ()
    assert git_commands(tmp_path, 5).notes == ("git's own record is gone",)
    (tmp_path / module.FILE).write_text("\n")
    assert git_commands(tmp_path, 5).notes == ("git's own record was cut by a command",)


@pytest.mark.parametrize("kind", ["pipe", "folder", "link"])
def test_a_record_that_is_no_file_is_noted_and_not_waited_for(tmp_path: Path, kind: str) -> None:
    place = tmp_path / module.FILE
    match kind:
        case "pipe":
            os.mkfifo(place)
        case "folder":
            place.mkdir()
        case _:
            place.symlink_to("/etc/passwd")
    found = git_commands(tmp_path)

    assert found.commands == ()
    assert len(found.notes) == 1


def line(**fields: object) -> str:
    return json.dumps(fields)


def test_lines_that_git_would_not_write_are_skipped(tmp_path: Path) -> None:
    lines = [
        "no json", "[]", '{"event":', "null", "[" * 9000 + '"event"',
        line(event="start", sid=5, argv=["git", "push"]),
        line(event="start", sid="a", argv="git push"),
        line(event="start", sid="b", argv=["git", 5]),
        line(event="start", sid="c", argv=[]),
        line(event="start", sid="d", argv=["x"] * 5000),
        line(event="exit", sid="e", code="0"),
        line(event="start", sid="f", argv=["git", "status"]),
        line(event="exit", sid="f", code=True),
        line(event="start", sid="g", argv=["git", "x" * 99_999]),
    ]  # fmt: skip
    (tmp_path / module.FILE).write_text("\n".join(lines) + "\n\xff")

    assert git_commands(tmp_path).commands == (GitCommand(("git", "status"), None),)


@given(st.binary(max_size=300))
def test_no_bytes_can_break_the_reading(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    folder = tmp_path_factory.mktemp("trace")
    (folder / module.FILE).write_bytes(b'{"event":"start","sid":"a","argv":' + data)

    assert git_commands(folder).seen == len(data) + 34


def test_a_record_without_end_is_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_READ_BYTES", 5000)
    monkeypatch.setattr(module, "MAX_COMMANDS", 10)
    text = "\n".join(line(event="start", sid=f"{n}", argv=["git", "a"]) for n in range(500))
    (tmp_path / module.FILE).write_text(text)
    found = git_commands(tmp_path)

    assert len(found.commands) == 10
    assert len(found.notes) == 2
    assert found.seen == len(text)


def test_the_record_of_this_git_has_the_fields_that_are_read(repository: Path) -> None:
    assert git(repository, "--version").startswith("git version 2.")
    assert recorded(repository, "git rev-parse HEAD") == ["rev-parse HEAD -> 0"]
