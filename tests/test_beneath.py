"""Opening beneath a folder: Linux's own way and the way step by step say the same."""

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audition.beneath import open_beneath, opened, walk_beneath

Opener = Callable[..., int]
WAYS = pytest.mark.parametrize("way", [open_beneath, walk_beneath], ids=["asked", "walked"])


def reached(way: Opener, root: Path, path: str, flags: int = os.O_RDONLY) -> int | str:
    """The file that is reached, or the name of the refusal."""
    with opened(root) as folder:
        try:
            descriptor = way(folder, path, flags=flags)
        except OSError as error:
            return errno.errorcode[error.errno or 0]
        try:
            return os.fstat(descriptor).st_ino
        finally:
            os.close(descriptor)


@WAYS
class TestEachWay:
    @pytest.mark.parametrize(
        "target", ["..", "../x", "/", "/etc/passwd", "in/../../x", "/proc/self/fd/0", "."]
    )
    def test_never_leaves_the_folder(self, way: Opener, target: str, tmp_path: Path) -> None:
        root = tmp_path / "root"
        (root / "in").mkdir(parents=True)
        (tmp_path / "x").touch()
        (root / "link").symlink_to(target)
        inside = {path.stat().st_ino for path in (root, root / "in")}

        assert reached(way, root, "link") in {"EXDEV", *(inside if target == "." else ())}
        assert reached(way, root, target) in {"EXDEV", *(inside if target == "." else ())}

    def test_follows_links_that_stay(self, way: Opener, tmp_path: Path) -> None:
        (tmp_path / "a/b").mkdir(parents=True)
        (tmp_path / "a/file").touch()
        (tmp_path / "a/b/up").symlink_to("../file")
        (tmp_path / "short").symlink_to("a/b/")

        assert reached(way, tmp_path, "short/up") == (tmp_path / "a/file").stat().st_ino

    def test_makes_nothing_in_place_of_a_link(self, way: Opener, tmp_path: Path) -> None:
        (tmp_path / "link").symlink_to("gone")
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL

        assert reached(way, tmp_path, "link", flags) == "EEXIST"
        assert isinstance(reached(way, tmp_path, "new", flags), int)
        assert sorted(path.name for path in tmp_path.iterdir()) == ["link", "new"]

    def test_leaves_no_file_open(self, way: Opener, tmp_path: Path) -> None:
        (tmp_path / "a/b/c").mkdir(parents=True)
        (tmp_path / "a/loop").symlink_to("loop")
        before = len(list(Path("/dev/fd").iterdir()))
        for path in ("a/b/c", "a/b/missing", "a/loop", "a/../../x", "a/b/../../a"):
            reached(way, tmp_path, path)

        assert len(list(Path("/dev/fd").iterdir())) == before

    def test_refuses_a_name_with_a_zero_byte(self, way: Opener, tmp_path: Path) -> None:
        (tmp_path / "a").touch()

        with opened(tmp_path) as folder, pytest.raises((OSError, ValueError)):
            way(folder, "a\0b")


NAMES = st.sampled_from(["a", "b", "c"])
WAY = st.lists(st.sampled_from(["a", "b", "c", "..", "."]), min_size=1, max_size=5).map("/".join)
NODE = st.one_of(st.just(None), st.just(""), WAY, WAY.map(lambda way: f"/{way}"))


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="only Linux has a way of its own")
@settings(max_examples=300, deadline=None)
@given(
    tree=st.lists(st.tuples(st.lists(NAMES, min_size=1, max_size=3), NODE), max_size=8),
    path=WAY,
    slash=st.sampled_from(["", "/"]),
)
def test_both_ways_reach_the_same(
    tmp_path_factory: pytest.TempPathFactory,
    tree: list[tuple[list[str], str | None]],
    path: str,
    slash: str,
) -> None:
    root = tmp_path_factory.mktemp("trees") / "root"
    root.mkdir()
    for names, target in tree:
        place = root.joinpath(*names)
        if any(parent.is_symlink() or parent.is_file() for parent in (place, *place.parents)):
            continue
        place.parent.mkdir(parents=True, exist_ok=True)
        if place.exists():
            continue
        if target is None:
            place.mkdir()
        elif target == "":
            place.touch()
        else:
            place.symlink_to(target)

    assert reached(open_beneath, root, path + slash) == reached(walk_beneath, root, path + slash)
