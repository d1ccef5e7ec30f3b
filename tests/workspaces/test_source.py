import os
from dataclasses import replace
from pathlib import Path

import pytest

from audition.workspaces import source as module
from audition.workspaces.source import Source
from tests.workspaces.making import SHOP, git, make_repository, write


def paths(source: Source) -> list[str]:
    assert source.problems() == ()
    return [held.path for held in source.listing.files]


def test_a_folder_outside_of_git_is_all_that_lies_there_but_caches(tmp_path: Path) -> None:
    folder = write(tmp_path / "a", {"x.py": "1", "b/y.log": "2", "b/__pycache__/y.pyc": "3"})
    (folder / "link").symlink_to("x.py")

    assert paths(Source(folder=folder)) == ["b/y.log", "link", "x.py"]


def test_in_a_work_tree_git_says_what_belongs_to_a_folder(tmp_path: Path) -> None:
    make_repository(tmp_path, {"outside.py": "", "in/a.py": "", "in/gone.py": "", ".gitignore": ""})
    write(tmp_path, {".gitignore": "*.log\n", "in/b.py": "", "in/c.log": ""})
    (tmp_path / "in" / "gone.py").unlink()

    assert paths(Source(folder=tmp_path / "in")) == ["a.py", "b.py"]


def test_folder_and_revision_of_the_same_content_have_the_same_identity(tmp_path: Path) -> None:
    plain = Source(folder=write(tmp_path / "plain", SHOP))
    commit = make_repository(tmp_path / "kept", SHOP)
    revision = Source(folder=tmp_path / "kept", ref=commit)

    assert plain.identity == revision.identity
    assert plain.identity != replace(plain, setup="npm ci").identity
    assert Source(folder=plain.folder).identity == plain.identity


@pytest.mark.parametrize("edit", ["content", "name", "mode", "new"])
def test_every_edit_gives_another_identity(tmp_path: Path, edit: str) -> None:
    folder = write(tmp_path / "a", SHOP)
    before = Source(folder=folder).identity
    cart = folder / "shop" / "cart.py"
    match edit:
        case "content":
            cart.write_text(cart.read_text() + "\r\n")
        case "name":
            cart.rename(folder / "shop" / "card.py")
        case "mode":
            cart.chmod(0o755)
        case _:
            write(folder, {"empty.py": ""})

    assert Source(folder=folder).identity != before


def test_a_revision_is_read_as_it_was_and_without_the_harness(tmp_path: Path) -> None:
    files = {**SHOP, "evals/suite.yaml": "", "datasets/a.yaml": "", "shop/evals/x.py": ""}
    commit = make_repository(tmp_path, files)
    write(tmp_path, {"shop/cart.py": "later"})
    source = Source(folder=tmp_path, ref=commit)

    assert paths(source) == sorted([*SHOP, "shop/evals/x.py"])
    contents = {held.path: content for held, content in source.contents()}
    assert contents["shop/cart.py"].decode() == SHOP["shop/cart.py"]


def test_a_folder_of_a_repository_is_read_at_a_revision(tmp_path: Path) -> None:
    commit = make_repository(tmp_path, {"a/b/c.py": "1", "a/b/d/e.py": "2", "f.py": "3"})

    assert paths(Source(folder=tmp_path / "a" / "b", ref=commit)) == ["c.py", "d/e.py"]
    assert paths(Source(folder=tmp_path, ref="main")) == ["a/b/c.py", "a/b/d/e.py", "f.py"]


def test_contents_of_a_revision_are_bytes_whatever_the_attributes_say(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        ".gitattributes": "*.txt text eol=crlf\n*.bin filter=lfs\n",
        "a.txt": "x\ny\n",
        "b.bin": b"\0\xff\n",
        "c": "",
        "d": "x\ny\n",
    }
    commit = make_repository(tmp_path, files)
    found = {held.path: data for held, data in Source(folder=tmp_path, ref=commit).contents()}

    assert found["a.txt"] == b"x\ny\n"
    assert found["b.bin"] == b"\0\xff\n"
    assert (found["c"], found["d"]) == (b"", b"x\ny\n")


def test_nothing_that_the_repository_configures_is_run(tmp_path: Path) -> None:
    commit = make_repository(tmp_path / "r", {**SHOP, ".gitattributes": "* filter=evil\n"})
    told = f"touch {tmp_path / 'ran'}"
    for name in ("core.fsmonitor", "filter.evil.clean", "filter.evil.smudge", "core.sshCommand"):
        git(tmp_path / "r", "config", name, told)
    for source in (Source(folder=tmp_path / "r", ref=commit), Source(folder=tmp_path / "r")):
        assert len(list(source.contents())) == len(SHOP) + 1

    assert not (tmp_path / "ran").exists()


def test_problems_are_sentences(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_repository(tmp_path / "r", {"evals/x": "1"})
    (tmp_path / "empty").mkdir()
    write(tmp_path, {"file": "x", "two/a": "1", "two/b": "2"})
    monkeypatch.setattr(module, "MAX_FILES", 1)

    def problem(folder: str, ref: str | None = None) -> str:
        (found,) = Source(folder=tmp_path / folder, ref=ref).problems()
        return found.replace(str(tmp_path), "")

    assert problem("nowhere") == "/nowhere does not exist"
    assert problem("file") == "/file is no folder"
    assert problem("empty") == "/empty holds no file"
    assert problem("r", "nothing") == "/r: git has no revision nothing there"
    assert problem("r", "--help") == "/r: git has no revision --help there"
    assert problem("empty", "HEAD") == "/empty: git has no revision HEAD there"
    assert problem("r", "HEAD") == "/r at HEAD holds no file"
    assert problem("two") == "/two holds more than 1 files"


def test_what_is_no_file_is_a_problem_and_does_not_hang(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")

    assert Source(folder=tmp_path).problems() == (
        f"{tmp_path / 'pipe'} cannot be read (it is no regular file)",
    )


def test_a_file_that_changes_after_it_was_listed_is_noticed(tmp_path: Path) -> None:
    source = Source(folder=write(tmp_path, {"a": "1"}))
    assert source.identity
    write(tmp_path, {"a": "2"})

    with pytest.raises(OSError, match="a has changed"):
        list(source.contents())
