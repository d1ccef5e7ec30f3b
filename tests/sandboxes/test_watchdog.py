"""How full folders are counted, and that this machine keeps some room."""

import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audition.errors import FaultError
from audition.sandboxes import remove_tree
from audition.sandboxes._watchdog import measure, require_space, resident_bytes

PATHS = st.lists(
    st.lists(st.sampled_from(["a", "b", "ü", "\udcff"]), min_size=1, max_size=5), max_size=12
)


@settings(max_examples=40, deadline=None)
@given(PATHS)
def test_every_entry_is_counted_once(paths: list[list[str]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for path in paths:
            Path(folder, *path).mkdir(parents=True, exist_ok=True)
        entries = list(Path(folder).rglob("*"))
        size = sum(path.stat().st_blocks * 512 for path in entries)

        assert measure(Path(folder), most_files=1000) == (size, len(entries))


def test_links_and_pipes_are_counted_and_not_followed(tmp_path: Path) -> None:
    (tmp_path / "up").symlink_to("..")
    (tmp_path / "root").symlink_to("/")
    os.mkfifo(tmp_path / "pipe")

    assert measure(tmp_path, most_files=100)[1] == 3


def test_counting_stops_when_there_are_enough(tmp_path: Path) -> None:
    for number in range(200):
        (tmp_path / str(number)).mkdir()

    assert measure(tmp_path, most_files=50)[1] == 51


def test_a_very_deep_tree_uses_few_open_folders() -> None:
    root = Path(tempfile.mkdtemp())
    folder = os.open(root, os.O_RDONLY)
    for _ in range(2000):
        os.mkdir("d", dir_fd=folder)
        below = os.open("d", os.O_RDONLY, dir_fd=folder)
        os.close(folder)
        folder = below
    os.close(folder)
    before = len(list(Path("/proc/self/fd").iterdir()))

    assert 100 < measure(root, most_files=10_000)[1] < 1000
    assert len(list(Path("/proc/self/fd").iterdir())) == before
    remove_tree(root)
    assert not root.exists()


def test_a_full_disk_is_a_fault_before_anything_runs(tmp_path: Path) -> None:
    require_space([tmp_path], least=1)
    with pytest.raises(FaultError, match="make room"):
        require_space([tmp_path], least=1 << 60)


def test_memory_of_a_process_that_is_gone_is_none() -> None:
    assert resident_bytes(os.getpid()) > 1 << 20
    assert resident_bytes(2**22 + 1) == 0
