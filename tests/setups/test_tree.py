import subprocess
from pathlib import Path

import pytest

from audition.errors import InputError
from audition.setups.tree import MAX_FILE_BYTES, FolderTree, read_text


def write(folder: Path, *paths: str) -> Path:
    for path in paths:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(path)
    return folder


def git(folder: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=A", "-c", "user.email=a@example.org")
    subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True)


def test_plain_folder_is_listed_as_it_lies(tmp_path: Path) -> None:
    tree = FolderTree(write(tmp_path, "b.md", "a/c.md", "a/d/e.md"))

    assert tree.files() == ("a/c.md", "a/d/e.md", "b.md")
    assert tree.files("a") == ("a/c.md", "a/d/e.md")
    assert tree.files("a", deep=False) == ("a/c.md",)
    assert tree.files("a/c.md") == ("a/c.md",)
    assert tree.files("nowhere") == ()
    assert tree.findings() == ()


def test_git_decides_what_belongs_to_a_work_tree(tmp_path: Path) -> None:
    write(tmp_path, "kept.md", "gone.md", "new.md", "junk/x.md", "skip.log")
    (tmp_path / ".gitignore").write_text("junk/\n*.log\n")
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", "kept.md", "gone.md")
    (tmp_path / "gone.md").unlink()
    tree = FolderTree(tmp_path)

    assert tree.files() == (".gitignore", "kept.md", "new.md")
    with pytest.raises(PermissionError, match="left out by git"):
        tree.read("skip.log")


def test_definitions_are_read_even_where_git_ignores_them(tmp_path: Path) -> None:
    write(tmp_path, ".claude/agents/a.md", ".claude/agents/b.md", ".claude/notes.md", "CLAUDE.md")
    (tmp_path / ".gitignore").write_text(".claude/\nCLAUDE.md\n")
    git(tmp_path, "init", "-q")
    tree = FolderTree(tmp_path)

    assert tree.files(".claude/agents") == (".claude/agents/a.md", ".claude/agents/b.md")
    assert tree.read("CLAUDE.md") == b"CLAUDE.md"
    assert ".claude/notes.md" not in tree.files()
    (finding,) = tree.findings(".claude/agents")
    assert finding.path == ".claude/agents/a.md"
    assert "left out by git" in finding.what
    assert "1 more" in finding.what


def test_folder_below_the_root_of_a_repository_is_a_tree_of_its_own(tmp_path: Path) -> None:
    write(tmp_path, "outside.md", "evals/agents/a.md", "evals/junk.md")
    (tmp_path / ".gitignore").write_text("junk.md\n")
    git(tmp_path, "init", "-q")
    tree = FolderTree(tmp_path / "evals")

    assert tree.files() == ("agents/a.md",)
    with pytest.raises(OSError, match="outside the project"):
        tree.read("../outside.md")


def test_folder_that_git_ignores_whole_is_read_as_it_lies(tmp_path: Path) -> None:
    write(tmp_path, "build/a.md")
    (tmp_path / ".gitignore").write_text("build/\n")
    git(tmp_path, "init", "-q")

    assert FolderTree(tmp_path / "build").files() == ("a.md",)


def test_settings_of_a_repository_run_nothing(tmp_path: Path) -> None:
    write(tmp_path, "a.md")
    git(tmp_path, "init", "-q")
    git(tmp_path, "config", "core.fsmonitor", f"touch {tmp_path}/ran; false")

    assert FolderTree(tmp_path).files() == ("a.md",)
    assert not (tmp_path / "ran").exists()


def test_links_are_followed_inside_the_folder_and_named_when_they_leave_it(tmp_path: Path) -> None:
    root = write(tmp_path / "root", "common/a.md", "common/sub/b.md").resolve()
    write(tmp_path, "elsewhere/secret.md")
    (root / "agents").symlink_to("common")
    (root / "common" / "loop").symlink_to("..")
    (root / "out").symlink_to(tmp_path / "elsewhere")
    (root / "nothing.md").symlink_to("missing.md")
    (root / "self.md").symlink_to("self.md")
    tree = FolderTree(root)

    assert {"agents/a.md", "agents/sub/b.md"} <= set(tree.files("agents"))
    assert tree.read("agents/a.md") == b"common/a.md"
    assert {finding.path for finding in tree.findings()} >= {"out", "nothing.md", "self.md"}
    assert not any("secret" in path for path in tree.files())
    with pytest.raises(OSError, match="outside the project"):
        tree.read("out/secret.md")


def test_linked_folder_in_a_work_tree_is_followed(tmp_path: Path) -> None:
    write(tmp_path, "common/a.md", "common/skip.log", "common/deep/b.md")
    (tmp_path / "linked").symlink_to("common")
    (tmp_path / ".gitignore").write_text("*.log\n")
    git(tmp_path, "init", "-q")

    assert FolderTree(tmp_path).files("linked") == ("linked/a.md", "linked/deep/b.md")


def test_what_is_no_readable_text_file_is_an_error_of_the_system(tmp_path: Path) -> None:
    write(tmp_path, "folder/a.md")
    (tmp_path / "big.md").write_bytes(b"x" * (MAX_FILE_BYTES + 1))
    (tmp_path / "full.md").write_bytes(b"x" * MAX_FILE_BYTES)
    tree = FolderTree(tmp_path)

    assert len(tree.read("full.md")) == MAX_FILE_BYTES
    with pytest.raises(OSError, match="larger than"):
        tree.read("big.md")
    with pytest.raises(IsADirectoryError):
        tree.read("folder")
    with pytest.raises(FileNotFoundError):
        tree.read("none.md")


@pytest.mark.parametrize("name", ["none", "file.md", "nul\0", "x" * 5000])
def test_folder_that_is_none_is_an_input_error(tmp_path: Path, name: str) -> None:
    write(tmp_path, "file.md")

    with pytest.raises(InputError, match="name the folder of a setup"):
        FolderTree(tmp_path / name)


def test_text_is_the_same_whatever_the_line_ends() -> None:
    assert read_text(b"a\r\nb\n") == "a\nb\n"
    assert read_text(b"\xff!") == "\ufffd!"
