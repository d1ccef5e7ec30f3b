import os
from pathlib import Path

import pytest

from audition.workspaces.refs import NOWHERE, branches_of, head_of
from tests.workspaces.making import git, make_repository

ID = "1" * 40


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    make_repository(tmp_path, {"a": "1"})
    return tmp_path


def test_head_is_where_git_says(repository: Path) -> None:
    commit = git(repository, "rev-parse", "HEAD")
    assert head_of(repository / ".git") == ("main", commit)

    git(repository, "checkout", "-q", "-b", "feature/a")
    assert head_of(repository / ".git") == ("feature/a", commit)
    git(repository, "pack-refs", "--all")
    assert head_of(repository / ".git") == ("feature/a", commit)
    git(repository, "checkout", "-q", "--detach")
    assert head_of(repository / ".git") == ("", commit)
    git(repository, "checkout", "-q", "--orphan", "new")
    assert head_of(repository / ".git") == ("new", "")


def test_branches_are_those_that_git_lists(repository: Path) -> None:
    first = git(repository, "rev-parse", "HEAD")
    git(repository, "branch", "old/one")
    git(repository, "pack-refs", "--all")
    git(repository, "commit", "-q", "--allow-empty", "-m", "more")
    git(repository, "branch", "b")
    second = git(repository, "rev-parse", "HEAD")

    assert branches_of(repository / ".git") == {"old/one": first, "main": second, "b": second}


@pytest.mark.parametrize(
    "head",
    ["", "nonsense", "ref: ../../../etc/passwd", "ref: refs/heads/../../HEAD", "ref: /etc/passwd",
     "ref: refs/heads/", "ref: refs/heads/nul\0", "ref: refs/heads/main\nref: x", "a" * 9999,
     "\xff\xfe"],
)  # fmt: skip
def test_a_head_that_git_would_not_write_is_nowhere(repository: Path, head: str) -> None:
    (repository / ".git" / "HEAD").write_text(head, encoding="latin-1")

    assert head_of(repository / ".git") == NOWHERE


def test_refs_that_are_pipes_links_or_circles_are_nowhere(repository: Path, tmp_path: Path) -> None:
    git_folder = repository / ".git"
    heads = git_folder / "refs" / "heads"
    (heads / "main").unlink()
    os.mkfifo(heads / "main")
    outside = tmp_path / "outside"
    outside.write_text(ID)
    (heads / "link").symlink_to(outside)
    (heads / "round").write_text("ref: refs/heads/round\n")

    assert head_of(git_folder) == ("main", "")
    assert branches_of(git_folder) == {}
    for name in ("link", "round"):
        (git_folder / "HEAD").write_text(f"ref: refs/heads/{name}\n")
        assert head_of(git_folder) == (name, "")


def test_a_repository_that_is_a_link_a_file_or_gone_is_nowhere(tmp_path: Path) -> None:
    make_repository(tmp_path / "real", {"a": "1"})
    (tmp_path / "link").symlink_to(tmp_path / "real" / ".git")
    (tmp_path / "file").write_text("gitdir: real/.git\n")
    for name in ("link", "file", "nothing"):
        assert head_of(tmp_path / name) == NOWHERE
        assert branches_of(tmp_path / name) == {}


def test_a_head_that_is_a_pipe_does_not_hang(repository: Path) -> None:
    (repository / ".git" / "HEAD").unlink()
    os.mkfifo(repository / ".git" / "HEAD")
    (repository / ".git" / "packed-refs").mkdir()

    assert head_of(repository / ".git") == NOWHERE
    assert list(branches_of(repository / ".git")) == ["main"]


def test_refs_without_end_are_cut(repository: Path) -> None:
    lines = "".join(f"{ID} refs/heads/b{number}\n" for number in range(5000))
    (repository / ".git" / "packed-refs").write_text(lines)

    assert len(branches_of(repository / ".git")) == 1000
