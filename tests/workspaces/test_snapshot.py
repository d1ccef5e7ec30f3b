import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audition.trees import EXECUTABLE, LINK, OTHER, REGULAR, File, blob_id, differences
from audition.workspaces import walk as module
from audition.workspaces.kept import Kept, looks_secret
from audition.workspaces.laying import clear, lay_out
from audition.workspaces.snapshot import EMPTY, Snapshot, snapshot
from audition.workspaces.walk import Bounds
from tests.sandboxes.trying import names
from tests.workspaces.making import write


def kept(root: Path, previous: Snapshot = EMPTY) -> tuple[Snapshot, dict[str, bytes]]:
    store = Kept()
    return snapshot(root, previous, keep=store.keep), store.contents


def changes(root: Path, previous: Snapshot) -> dict[str, str]:
    return {change.path: change.what for change in snapshot(root, previous).since(previous)}


def test_files_are_named_as_git_names_them(tmp_path: Path) -> None:
    write(tmp_path, {"a/b.py": "x = 1\n", "run": "#!/bin/sh\n", "empty": ""})
    (tmp_path / "run").chmod(0o755)
    (tmp_path / "link").symlink_to("/nowhere")
    (tmp_path / "folder").mkdir()
    found, contents = kept(tmp_path)

    assert found.tree == {
        "a/b.py": File(REGULAR, blob_id(b"x = 1\n")),
        "run": File(EXECUTABLE, blob_id(b"#!/bin/sh\n")),
        "empty": File(REGULAR, "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391"),
        "link": File(LINK, blob_id(b"/nowhere")),
    }
    assert contents[blob_id(b"x = 1\n")] == b"x = 1\n"
    assert (found.notes, found.truncated) == ((), "")


def test_created_modified_and_deleted_are_told_apart(tmp_path: Path) -> None:
    before = snapshot(write(tmp_path, {"a": "1", "b": "2", "c": "3"}))
    write(tmp_path, {"b": "4", "d": "5"})
    (tmp_path / "a").unlink()
    (tmp_path / "c").chmod(0o755)

    assert changes(tmp_path, before) == {
        "a": "deleted", "b": "modified", "c": "modified", "d": "created",
    }  # fmt: skip


def test_a_file_that_was_only_touched_has_not_changed(tmp_path: Path) -> None:
    before = snapshot(write(tmp_path, {"a": "1"}))
    os.utime(tmp_path / "a", ns=(5, 5))

    assert changes(tmp_path, before) == {}


def test_a_set_modification_time_hides_no_edit(tmp_path: Path) -> None:
    place = write(tmp_path, {"a": "one"}) / "a"
    before = snapshot(tmp_path)
    status = place.stat()
    place.write_text("two")
    os.utime(place, ns=(status.st_atime_ns, status.st_mtime_ns))

    assert changes(tmp_path, before) == {"a": "modified"}


def test_edits_of_the_same_size_without_a_pause_are_seen(tmp_path: Path) -> None:
    place = write(tmp_path, {"a": "0000"}) / "a"
    shot = snapshot(tmp_path)
    for number in range(1, 300):
        place.write_text(f"{number:04}")
        before, shot = shot, snapshot(tmp_path, shot)
        assert shot.since(before), number


def test_what_has_not_changed_is_not_read_again(tmp_path: Path) -> None:
    write(tmp_path, {"a": "1", "b": "2"})
    before = snapshot(tmp_path)
    time.sleep(0.05)
    settled = snapshot(tmp_path, before)
    write(tmp_path, {"b": "3"})
    _, contents = kept(tmp_path, settled)

    assert contents == {blob_id(b"3"): b"3"}


def test_folders_of_tools_are_not_looked_into(tmp_path: Path) -> None:
    write(tmp_path, {f"{name}/x": "1" for name in module.UNSEEN})
    write(tmp_path, {"deep/node_modules/y": "2", "deep/.git": "gitdir: /etc", "seen": "3"})

    assert list(snapshot(tmp_path).tree) == ["seen"]


def test_pipes_and_sockets_are_there_and_are_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    found, contents = kept(tmp_path)

    assert found.tree == {"pipe": File(OTHER, "")}
    assert contents == {}


def test_a_link_is_never_followed(tmp_path: Path) -> None:
    secret = write(tmp_path / "outside", {"secret": "do not read"})
    inside = tmp_path / "inside"
    inside.mkdir()
    (inside / "file").symlink_to(secret / "secret")
    (inside / "folder").symlink_to(secret)
    found, contents = kept(inside)

    assert {path: file.mode for path, file in found.tree.items()} == {"file": LINK, "folder": LINK}
    assert b"do not read" not in contents.values()
    with pytest.raises(OSError, match=r"ot a directory|symbolic links"):
        snapshot(inside / "folder")


def test_a_name_that_is_no_utf8_is_shown_escaped_and_is_no_regular_file(tmp_path: Path) -> None:
    odd = os.fsdecode(b"b\xffd")
    write(tmp_path, {odd: "x", os.fsdecode(b"f\xff/in"): "x"})
    before = snapshot(tmp_path)

    expected = File(OTHER, blob_id(b"x"))
    assert before.tree == {"b\\xffd": expected, "f\\xff/in": expected}
    "".join(before.tree).encode()
    assert lay_out(before.tree, lambda blob: b"x", tmp_path / "again") == tuple(sorted(before.tree))
    (tmp_path / odd).unlink()
    assert changes(tmp_path, before)["b\\xffd"] == "deleted"


def test_a_name_that_only_looks_escaped_wins_over_one_that_is(tmp_path: Path) -> None:
    write(tmp_path, {"b\\xffd": "real", os.fsdecode(b"b\xffd"): "odd"})

    assert snapshot(tmp_path).tree == {"b\\xffd": File(REGULAR, blob_id(b"real"))}


def test_names_with_line_ends_and_escapes_are_names(tmp_path: Path) -> None:
    write(tmp_path, {"a\nb": "1", "\x1b[31mred": "2", " ": "3"})

    assert set(snapshot(tmp_path).tree) == {"a\nb", "\x1b[31mred", " "}


def test_three_thousand_folders_in_each_other_end_in_a_sentence(tmp_path: Path) -> None:
    root = write(tmp_path / "root", {"near": "1"})
    script = "import os\nfor _ in range(3000): os.mkdir('d'); os.chdir('d')\nopen('f','w')"
    subprocess.run([sys.executable, "-c", script], cwd=root, check=True)
    descriptors = len(names(Path("/proc/self/fd")))
    found = snapshot(root)

    assert list(found.tree) == ["near"]
    assert found.truncated == "the workspace has folders more than 64 deep"
    assert len(names(Path("/proc/self/fd"))) == descriptors
    clear(root)
    assert not root.exists()


def test_too_many_files_end_in_a_sentence_and_nothing_looks_deleted(tmp_path: Path) -> None:
    before = snapshot(write(tmp_path, {f"old{number}": "1" for number in range(5)}))
    write(tmp_path, {f"new{number}": "1" for number in range(50)})
    after = snapshot(tmp_path, before, bounds=Bounds(20, 1000))

    assert "more than 20 files" in after.truncated
    assert "deleted" not in {change.what for change in after.since(before)}


def test_a_large_file_is_known_by_its_id_alone(tmp_path: Path) -> None:
    content = b"x" * (100 << 20)
    (tmp_path / "large").write_bytes(content)
    found, contents = kept(tmp_path)

    assert found.tree["large"].blob == blob_id(content)
    assert contents == {}


def test_a_file_larger_than_any_bound_is_a_note(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MAX_HASHED_BYTES", 10)
    found = snapshot(write(tmp_path, {"huge": "x" * 11, "fine": "y"}))

    assert found.tree["huge"] == File(REGULAR, "")
    assert len(found.notes) == 1
    assert found.notes[0].startswith("huge could not be read")


@contextmanager
def as_an_ordinary_user(*owned: Path) -> Iterator[None]:
    """Root reads everything; so root is somebody else for a moment."""
    if os.geteuid() != 0:
        yield
        return
    for place in owned:
        os.chown(place, 65533, 65533)
    os.seteuid(65533)
    try:
        yield
    finally:
        os.seteuid(0)


def test_what_may_not_be_read_is_a_note(tmp_path: Path) -> None:
    write(tmp_path, {"closed": "x", "folder/y": "z"})
    (tmp_path / "closed").chmod(0)
    (tmp_path / "folder").chmod(0)
    opened = os.open(tmp_path, os.O_RDONLY)
    with as_an_ordinary_user(tmp_path, tmp_path / "closed", tmp_path / "folder"):
        found = snapshot(opened)
    os.close(opened)
    (tmp_path / "folder").chmod(0o700)

    assert found.tree == {"closed": File(REGULAR, "")}
    assert sorted(found.notes) == [
        "closed could not be read (Permission denied)",
        "folder could not be looked into (Permission denied)",
    ]


@pytest.mark.parametrize(
    ("name", "is_secret"),
    [
        (".env", True), (".env.local", True), (".env.example", False), ("a/server.pem", True),
        ("id_rsa", True), ("id_ed25519.pub", True), ("api-token.txt", True), ("TOKENS", True),
        ("tokenizer.py", False), ("src/token.ts", False), ("docs/secrets.md", False),
        ("secrets.yaml", True), ("private.key", True), (".npmrc", True), ("keys.py", False),
        ("readme.txt", False),
    ],
)  # fmt: skip
def test_files_that_look_like_secrets_are_known_by_their_names(name: str, is_secret: bool) -> None:
    assert looks_secret(name) is is_secret


def test_a_secret_is_known_by_its_id_alone(tmp_path: Path) -> None:
    found, contents = kept(write(tmp_path, {".env": "KEY=1", "a": "2"}))

    assert found.tree[".env"].blob == blob_id(b"KEY=1")
    assert contents == {blob_id(b"2"): b"2"}


def test_a_trial_keeps_no_more_than_there_is_room_for() -> None:
    store = Kept(most_bytes=10)
    for content in (b"123456", b"1234567", b"1234", b"5"):
        store.keep("a", blob_id(content), content)

    assert set(store.contents.values()) == {b"123456", b"1234"}
    assert store.is_full


PATHS = st.sampled_from(["a", "b", "d/a", "d/b", "d/e/a", "é", "x y"])
EDITS = st.lists(
    st.tuples(PATHS, st.sampled_from(["write", "delete", "link", "mode"]), st.binary(max_size=9)),
    max_size=12,
)


def apply(root: Path, path: str, edit: str, content: bytes) -> None:
    place = root / path
    if edit == "mode" and place.is_file() and not place.is_symlink():
        place.chmod(0o755 if content else 0o644)
    if edit in ("write", "delete", "link"):
        place.unlink(missing_ok=True)
    if edit in ("write", "link"):
        place.parent.mkdir(parents=True, exist_ok=True)
    if edit == "write":
        place.write_bytes(content)
    if edit == "link":
        place.symlink_to(f"t{len(content)}")


@settings(max_examples=60, deadline=None, database=None)
@given(rounds=st.lists(EDITS, min_size=1, max_size=4))
def test_looking_only_at_what_changed_sees_what_looking_at_everything_sees(
    tmp_path_factory: pytest.TempPathFactory, rounds: list[list[tuple[str, str, bytes]]]
) -> None:
    root = tmp_path_factory.mktemp("edited")
    store = Kept()
    shot = snapshot(root, keep=store.keep)
    for edit in rounds:
        for step in edit:
            apply(root, *step)
        before, shot = shot, snapshot(root, shot, keep=store.keep)
        assert shot.tree == snapshot(root).tree
        assert shot.since(before) == differences(before.tree, shot.tree)
    again = root.with_name(f"{root.name}-again")

    assert lay_out(shot.tree, store.contents.get, again) == ()
    assert snapshot(again).tree == shot.tree
