"""The history of a repository that an agent has had in its hands."""

import asyncio
import os
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from audition.sandboxes import Sandboxes
from audition.trees import EXECUTABLE, LINK, OTHER, REGULAR, File, FileChange, blob_id
from audition.workspaces import history as module
from audition.workspaces.history import History, read_contents, read_history
from audition.workspaces.laying import clear
from tests.sandboxes.trying import names, opened
from tests.workspaces.making import git, make_repository, write


@pytest.fixture(params=["bubblewrap", "local"])
def sandboxes(request: pytest.FixtureRequest) -> Sandboxes:
    return opened(request.param)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    make_repository(tmp_path / "r", {"a": "1\n", "b": "2\n", "c": "3\n"})
    tmp_path.chmod(0o755)
    return tmp_path / "r"


def commit(repository: Path, message: str, **files: str) -> str:
    write(repository, files)
    git(repository, "add", "-A")
    git(repository, "commit", "-q", "--allow-empty", "-m", message)
    return git(repository, "rev-parse", "HEAD")


def read(repository: Path, base: str, sandboxes: Sandboxes) -> History:
    return asyncio.run(read_history(repository, base, sandboxes))


def regular(text: str) -> File:
    return File(REGULAR, blob_id(text.encode()))


def test_commits_come_oldest_first_with_what_they_change(
    repository: Path, sandboxes: Sandboxes
) -> None:
    base = git(repository, "rev-parse", "HEAD")
    (repository / "a").unlink()
    first = commit(repository, "feat: one\n\nWhy it is so.\n", d="4\n")
    (repository / "b").chmod(0o755)
    (repository / "l").symlink_to("b")
    second = commit(repository, "two")
    found = read(repository, base, sandboxes)

    assert found.broken == ""
    assert (found.head, found.branch, found.branches) == (second, "main", {"main": second})
    assert found.base_is_ancestor
    assert [(made.id, made.parents) for made in found.commits] == [
        (first, (base,)), (second, (first,)),
    ]  # fmt: skip
    assert [made.message for made in found.commits] == ["feat: one\n\nWhy it is so.", "two"]
    assert found.commits[0].files == (
        FileChange("a", regular("1\n"), None),
        FileChange("d", None, regular("4\n")),
    )
    changed = (
        FileChange("b", regular("2\n"), File(EXECUTABLE, blob_id(b"2\n"))),
        FileChange("l", None, File(LINK, blob_id(b"b"))),
    )
    assert found.commits[1].files == changed
    assert sorted(found.files, key=lambda change: change.path) == [
        FileChange("a", regular("1\n"), None), changed[0],
        FileChange("d", None, regular("4\n")), changed[1],
    ]  # fmt: skip


def test_a_head_that_has_not_moved_costs_no_sandbox(repository: Path) -> None:
    base = git(repository, "rev-parse", "HEAD")
    never = Sandboxes(info=opened("local").info, around=lambda place: pytest.fail("was run"))

    assert read(repository, base, never) == History(
        head=base, branch="main", branches={"main": base}, base_is_ancestor=True
    )


def test_an_amended_base_is_no_ancestor(repository: Path, sandboxes: Sandboxes) -> None:
    base = git(repository, "rev-parse", "HEAD")
    write(repository, {"d": "4\n"})
    git(repository, "add", "-A")
    git(repository, "commit", "-q", "--amend", "-m", "mine now")
    found = read(repository, base, sandboxes)

    assert not found.base_is_ancestor
    assert [made.message for made in found.commits] == ["mine now"]
    assert found.files == (FileChange("d", None, regular("4\n")),)


def test_a_merge_tells_what_it_changes_over_its_first_parent(
    repository: Path, sandboxes: Sandboxes
) -> None:
    base = git(repository, "rev-parse", "HEAD")
    git(repository, "checkout", "-q", "-b", "side")
    side = commit(repository, "side", d="4\n")
    git(repository, "checkout", "-q", "main")
    main = commit(repository, "main", e="5\n")
    git(repository, "merge", "-q", "-m", "merge", "side")
    found = read(repository, base, sandboxes)
    merge = found.commits[-1]

    assert merge.parents == (main, side)
    assert [change.path for change in merge.files] == ["d"]
    assert set(found.branches) == {"main", "side"}


def test_a_message_cannot_pass_for_anything_else(repository: Path, sandboxes: Sandboxes) -> None:
    base = git(repository, "rev-parse", "HEAD")
    message = f":100644 000000 {'1' * 40} {'0' * 40} D\ta\n{base}\n\x1b[31mred"
    commit(repository, message, d="4\n")
    commit(repository, "empty one")
    last = commit(repository, "\xff" * 3, e="5\n")
    found = read(repository, base, sandboxes)

    assert [made.message for made in found.commits] == [message, "empty one", "\xff" * 3]
    assert [len(made.files) for made in found.commits] == [1, 0, 1]
    assert found.commits[-1].id == last


def test_names_that_are_no_utf8_are_shown_as_a_snapshot_shows_them(
    repository: Path, sandboxes: Sandboxes
) -> None:
    base = git(repository, "rev-parse", "HEAD")
    commit(repository, "odd", **{os.fsdecode(b"x\xff\ny"): "4\n"})
    (change,) = read(repository, base, sandboxes).files

    assert change == FileChange("x\\xff\ny", None, File(OTHER, blob_id(b"4\n")))


def test_contents_of_committed_blobs_are_read_and_large_ones_are_not(
    repository: Path, sandboxes: Sandboxes
) -> None:
    head = commit(repository, "large", large="x" * (2 << 20), d="4\n", e="")
    blobs = {text: blob_id(text.encode()) for text in ("4\n", "", "1\n", "x" * (2 << 20))}
    asked = [*blobs.values(), "0" * 40, head, "nonsense", "-x\n--batch-all-objects"]
    found = asyncio.run(read_contents(repository, asked, sandboxes))

    assert found == {blobs["4\n"]: b"4\n", blobs[""]: b"", blobs["1\n"]: b"1\n"}


PROGRAMS = (
    ("core", "fsmonitor"), ("core", "sshCommand"), ("core", "pager"), ("core", "editor"),
    ("diff", "external"), ('diff "evil"', "textconv"), ('diff "evil"', "command"),
    ('filter "evil"', "clean"), ('filter "evil"', "smudge"), ('filter "evil"', "process"),
    ("gpg", "program"), ("log", "showSignature"), ("uploadpack", "packObjectsHook"),
    ("core", "alternateRefsCommand"), ("pager", "log"), ('remote "evil"', "url"),
    ('remote "evil"', "promisor"), ("extensions", "partialClone"), ("include", "path"),
    ("core", "hooksPath"), ("core", "worktree"), ("alias", "log"), ("core", "attributesFile"),
)  # fmt: skip


def test_nothing_that_a_repository_configures_is_run(
    repository: Path, sandboxes: Sandboxes, tmp_path: Path
) -> None:
    base = git(repository, "rev-parse", "HEAD")
    write(repository, {".gitattributes": "* diff=evil filter=evil\n"})
    head = commit(repository, "more", d="4\n")
    mark = tmp_path / "ran"
    program = write(tmp_path, {"evil": f"#!/bin/sh\ntouch {mark}\n"}) / "evil"
    program.chmod(0o755)
    config = "".join(f"[{section}]\n\t{name} = {program}\n" for section, name in PROGRAMS)
    write(repository, {".git/config": config})
    hooks = write(repository / ".git" / "hooks", {"post-checkout": program.read_text()})
    (hooks / "post-checkout").chmod(0o755)
    write(repository / ".git", {"info/attributes": "* diff=evil\n", "info/grafts": head})
    found = read(repository, base, sandboxes)

    assert found.broken == ""
    assert [made.id for made in found.commits] == [head]
    assert not mark.exists()


def test_replaced_and_grafted_commits_change_nothing(
    repository: Path, sandboxes: Sandboxes
) -> None:
    base = git(repository, "rev-parse", "HEAD")
    first, second = commit(repository, "one", d="4\n"), commit(repository, "two", e="5\n")
    git(repository, "replace", second, base)
    write(repository / ".git", {"info/grafts": f"{second} {base}\n", "shallow": f"{first}\n"})

    assert [made.id for made in read(repository, base, sandboxes).commits] == [first, second]


def unborn(repository: Path) -> None:
    git(repository, "checkout", "-q", "--orphan", "new")


def anew(repository: Path) -> None:
    clear(repository / ".git")
    make_repository(repository, {"z": "26"})


def gone(repository: Path) -> None:
    (repository / ".git").rename(repository.parent / "elsewhere")


def linked(repository: Path) -> None:
    gone(repository)
    (repository / ".git").symlink_to(repository.parent / "elsewhere")


def objects_linked(repository: Path) -> None:
    (repository / ".git" / "objects").rename(repository.parent / "objects")
    (repository / ".git" / "objects").symlink_to(repository.parent / "objects")


def borrowed(repository: Path) -> None:
    write(repository / ".git" / "objects" / "info", {"alternates": "/etc\n"})


def garbled(repository: Path) -> None:
    head = commit(repository, "more", d="4\n")
    place = repository / ".git" / "objects" / head[:2] / head[2:]
    place.chmod(0o644)
    place.write_bytes(b"\x1b[31mgarbage")


def no_commit(repository: Path) -> None:
    (repository / ".git" / "refs" / "heads" / "main").write_text("1" * 40)


def piped(repository: Path) -> None:
    (repository / ".git" / "HEAD").unlink()
    os.mkfifo(repository / ".git" / "HEAD")


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (unborn, "HEAD names no commit"),
        (anew, "git cannot read the history"),
        (gone, ".git is gone"),
        (linked, ".git is no folder of the workspace's own"),
        (objects_linked, "objects is no folder of the workspace's own"),
        (borrowed, "the repository borrows objects from elsewhere"),
        (garbled, "git cannot read the history"),
        (no_commit, "git cannot read the history"),
        (piped, "HEAD names no commit"),
    ],
)
def test_what_cannot_be_read_is_said_and_proves_nothing(
    repository: Path, sandboxes: Sandboxes, spoil: Callable[[Path], None], why: str
) -> None:
    base = git(repository, "rev-parse", "HEAD")
    spoil(repository)
    found = read(repository, base, sandboxes)

    assert found.broken.startswith(why)
    assert "\x1b" not in found.broken
    assert not found.base_is_ancestor
    assert (found.commits, found.files) == ((), ())
    if spoil is not anew:
        asyncio.run(read_contents(repository, [blob_id(b"1\n")], sandboxes))


def test_an_object_that_is_a_pipe_meets_a_limit(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    base = git(repository, "rev-parse", "HEAD")
    head = commit(repository, "more", d="4\n")
    place = repository / ".git" / "objects" / head[:2] / head[2:]
    place.unlink()
    os.mkfifo(place)
    monkeypatch.setattr(module, "_LIMITS", replace(module._LIMITS, wall_s=0.5))

    found = asyncio.run(module.read_history(repository, base, opened("bubblewrap")))
    assert found.broken == "reading the history met a limit (wall)"


def test_a_history_without_end_is_said(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    base = git(repository, "rev-parse", "HEAD")
    monkeypatch.setattr(module, "MAX_COMMITS", 3)
    for number in range(5):
        commit(repository, f"{number}")

    assert read(repository, base, opened("local")).broken == (
        "the history has more than 3 new commits"
    )


def test_a_forged_content_is_not_believed(repository: Path, sandboxes: Sandboxes) -> None:
    commit(repository, "more", d="4\n", e="5\n")
    true, false = blob_id(b"4\n"), blob_id(b"5\n")
    objects = repository / ".git" / "objects"
    place = objects / true[:2] / true[2:]
    place.chmod(0o644)
    place.write_bytes((objects / false[:2] / false[2:]).read_bytes())

    assert true not in asyncio.run(read_contents(repository, [true], sandboxes))


def test_nothing_is_left_in_the_folder_for_temporary_files(
    repository: Path, sandboxes: Sandboxes, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "scratch").mkdir()
    (tmp_path / "scratch").chmod(0o755)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "scratch"))
    base = git(repository, "rev-parse", "HEAD")
    commit(repository, "more", d="4\n")

    assert len(read(repository, base, sandboxes).commits) == 1
    assert names(tmp_path / "scratch") == []
