"""After a file was written, looking at it alone sees what looking at everything sees."""

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audition.sandboxes import WORKSPACE
from audition.tools._files import write_file
from audition.tools._given import MistakeError
from audition.tools._places import Spot
from audition.workspaces.kept import Kept
from audition.workspaces.snapshot import after_writing, snapshot
from tests.workspaces.making import write

NAMES = st.sampled_from(["a", "b", "ü", "deep", ".git", "node_modules", "link", "twin", "up"])
PATHS = st.lists(NAMES, min_size=1, max_size=4).map("/".join)
WRITES = st.lists(st.tuples(PATHS, st.sampled_from([b"", b"one", b"two"])), max_size=6)
MOST_WAYS_LEAD_SOMEWHERE = {
    "a": "file", "deep/a": "file", "deep/b": "file", "deep/deep/a": "file",
    "node_modules/a": "unseen", ".git/a": "unseen",
}  # fmt: skip


def lay(root: Path) -> None:
    """Files, and links of every kind that leads to one."""
    write(root, MOST_WAYS_LEAD_SOMEWHERE)
    (root / "link").symlink_to("deep")
    (root / "deep" / "link").symlink_to("a")
    (root / "deep" / "up").symlink_to("..")
    (root / "deep" / "node_modules").symlink_to("deep")
    os.link(root / "deep" / "b", root / "twin")


def wrote(root: Path, path: str, content: bytes) -> tuple[str, ...]:
    """What the tool says that it wrote; nothing where it says that it could not."""
    spot = Spot(root=root, folder=WORKSPACE, path=path)
    try:
        write_file(spot, content, owner=None)
    except MistakeError:
        return ()
    return spot.written


@settings(max_examples=150, deadline=None)
@given(WRITES)
def test_looking_at_what_was_written_sees_what_looking_at_everything_sees(
    tmp_path_factory: pytest.TempPathFactory, writes: list[tuple[str, bytes]]
) -> None:
    root = tmp_path_factory.mktemp("written")
    lay(root)
    shot = snapshot(root)
    for path, content in writes:
        narrow, wide = Kept(), Kept()
        paths = wrote(root, path, content)
        whole = snapshot(root, shot, keep=wide.keep)
        found = after_writing(root, shot, paths, keep=narrow.keep)
        if found is None:
            shot = whole
            continue

        assert found.tree == whole.tree
        assert found.since(shot) == found.since(shot, set(paths)) == whole.since(shot)
        assert (found.notes, found.truncated) == (whole.notes, "")
        assert {change.after.blob for change in found.since(shot) if change.after} <= set(
            narrow.contents
        )
        shot = found

    assert snapshot(root, shot).tree == snapshot(root).tree


@pytest.mark.parametrize("path", ["link/a", "deep/link", "deep/b", "twin", "deep/node_modules/a"])
def test_what_can_have_changed_another_file_takes_a_whole_look(tmp_path: Path, path: str) -> None:
    lay(tmp_path)
    before = snapshot(tmp_path)

    assert after_writing(tmp_path, before, wrote(tmp_path, path, b"new")) is None


@pytest.mark.parametrize(
    ("path", "seen"), [("a", {"a"}), ("new/er/file", {"new/er/file"}), ("node_modules/x", set())]
)
def test_an_ordinary_file_takes_no_whole_look(tmp_path: Path, path: str, seen: set[str]) -> None:
    lay(tmp_path)
    before = snapshot(tmp_path)
    after = after_writing(tmp_path, before, wrote(tmp_path, path, b"new"))

    assert after is not None
    assert {change.path for change in after.since(before)} == seen


def test_what_was_not_seen_whole_takes_a_whole_look(tmp_path: Path) -> None:
    deep = "/".join(["d"] * 70)
    write(tmp_path, {"a": "1", f"{deep}/a": "1"})
    before = snapshot(tmp_path)

    assert before.truncated
    assert after_writing(tmp_path, before, ["a"]) is None
