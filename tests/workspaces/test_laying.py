import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from audition.trees import EXECUTABLE, LINK, OTHER, REGULAR, File, blob_id
from audition.workspaces.copying import Original, copy_folder
from audition.workspaces.laying import clear, clear_at_once, is_inside, lay_out, stays_inside
from audition.workspaces.snapshot import snapshot
from tests.sandboxes.trying import names
from tests.workspaces.making import SHOP, make_template, write

CONTENTS = {blob_id(text): text for text in (b"x", b"../../etc", b"a", b"/etc/passwd", b"..")}


def regular(text: bytes) -> File:
    return File(REGULAR, blob_id(text))


def link(text: bytes) -> File:
    return File(LINK, blob_id(text))


def test_a_stored_tree_is_laid_out_as_it_was(tmp_path: Path) -> None:
    tree = {"d/run": File(EXECUTABLE, blob_id(b"x")), "a": regular(b"x"), "d/l": link(b"a")}

    assert lay_out(tree, CONTENTS.get, tmp_path / "at") == ()
    assert snapshot(tmp_path / "at").tree == tree


@pytest.mark.parametrize(
    "path", ["../x", "a/../../x", "/etc/x", ".git/config", "d/.git/x", "", "a//b", ".", "nul\0x"]
)
def test_a_path_that_leads_outside_or_into_gits_own_is_not_written(
    tmp_path: Path, path: str
) -> None:
    at = tmp_path / "in" / "at"

    assert lay_out({path: regular(b"x")}, CONTENTS.get, at) == (path,)
    assert list(tmp_path.rglob("*")) == [tmp_path / "in", at]


@pytest.mark.parametrize("target", [b"../../etc", b"/etc/passwd", b".."])
def test_a_link_that_leads_outside_is_not_written(tmp_path: Path, target: bytes) -> None:
    assert lay_out({"l": link(target)}, CONTENTS.get, tmp_path / "at") == ("l",)
    assert list((tmp_path / "at").iterdir()) == []


def test_nothing_is_written_through_a_link_of_the_tree(tmp_path: Path) -> None:
    tree = {"a": regular(b"x"), "l": link(b"a"), "l/x": regular(b"x")}

    assert lay_out(tree, CONTENTS.get, tmp_path / "at") == ("l",)
    assert (tmp_path / "at" / "l" / "x").read_bytes() == b"x"


def test_what_is_unknown_or_no_file_is_named(tmp_path: Path) -> None:
    tree = {"gone": File(REGULAR, "0" * 40), "pipe": File(OTHER, ""), "no": File(REGULAR, ""),
            "n" * 300: regular(b"x"), "there": regular(b"x")}  # fmt: skip

    assert lay_out(tree, CONTENTS.get, tmp_path) == ("gone", "n" * 300, "no", "pipe")
    assert (tmp_path / "there").exists()


def test_with_a_template_comes_what_no_tree_shows_and_no_content_holds(tmp_path: Path) -> None:
    setup = "mkdir -p node_modules/.bin web/node_modules; echo 1 >node_modules/m; ln -s ../m "
    setup += "node_modules/.bin/m; echo 2 >web/node_modules/n; echo 3 >web/x"
    template = make_template(tmp_path / "t", {**SHOP, ".env": "KEY=1\n"}, setup=setup)
    at = tmp_path / "at"

    assert lay_out(template.tree, lambda blob: None, at, template=template) == ()
    assert snapshot(at).tree == template.tree
    assert (at / "node_modules" / ".bin" / "m").read_text() == "1\n"
    assert (at / "web" / "node_modules" / "n").exists()
    assert not (at / ".git").exists()


def test_a_folder_that_is_a_link_or_gone_gets_nothing_below_it(tmp_path: Path) -> None:
    made = make_template(
        tmp_path / "u", setup="mkdir -p web/node_modules; echo 1 >web/node_modules/n"
    )

    tree = {"lib/a": regular(b"x"), "web": link(b"a"), "lib/web": link(b"a")}

    for number, stored in enumerate(({}, {**tree, "web": File(LINK, blob_id(b"lib"))})):
        contents = {**CONTENTS, blob_id(b"lib"): b"lib"}
        at = tmp_path / str(number)
        assert lay_out(stored, contents.get, at, template=made) == ()
        assert list(at.rglob("node_modules")) == []


NAMES = st.lists(st.sampled_from(["a", "b", "..", ".", ""]), min_size=1, max_size=5).map("/".join)


@given(links=st.dictionaries(NAMES.filter(is_inside), NAMES, max_size=5))
@example(links={"d": ".", "e/f/g": "../../d/.."})
@example(links={"b": ".", "b/a": ".."})
def test_no_links_lead_outside_however_they_lead_into_each_other(
    tmp_path_factory: pytest.TempPathFactory, links: dict[str, str]
) -> None:
    root = tmp_path_factory.mktemp("outer")
    at = root / "deep" / "at"
    write(root, {f"{folder}{name}/a/b": "out" for folder in ("", "deep/") for name in "ab"})
    texts = {blob_id(text.encode()): text.encode() for text in links.values()}
    lay_out({path: link(text.encode()) for path, text in links.items()}, texts.get, at)
    for place in at.rglob("*"):
        try:
            real = place.resolve(strict=True)
        except (OSError, RuntimeError):
            continue  # it leads nowhere
        assert real.is_relative_to(at)


def test_a_link_may_climb_to_the_top_and_no_higher() -> None:
    assert stays_inside("a/b/c", "../../d")
    assert not stays_inside("a/b/c", "../../../d")
    assert stays_inside("a", "./b/c")


def test_a_copy_keeps_times_permissions_and_links(tmp_path: Path) -> None:
    source = write(tmp_path / "a", {"d/x": "1", "big": b"y" * 3_000_000})
    (source / "d" / "x").chmod(0o755)
    os.utime(source / "d" / "x", ns=(1, 1_234_567_890_123_456_789))
    (source / "l").symlink_to("/nowhere")
    os.mkfifo(source / "pipe")
    (source / "empty").mkdir()
    copy_folder(source, tmp_path / "b")
    copied = (tmp_path / "b" / "d" / "x").stat()

    assert copied.st_mtime_ns == 1_234_567_890_123_456_789
    assert copied.st_mode & 0o777 == 0o755
    assert (tmp_path / "b" / "big").read_bytes() == b"y" * 3_000_000
    assert str((tmp_path / "b" / "l").readlink()) == "/nowhere"
    assert names(tmp_path / "b") == ["big", "d", "empty", "l"]


def test_every_copy_of_an_original_is_the_same(tmp_path: Path) -> None:
    source = write(tmp_path / "a", {"d/x": "1", "d/run": "#!", "empty": "", "big": "y" * 70_000})
    (source / "d" / "run").chmod(0o775)
    (source / "d").chmod(0o700)
    (source / "l").symlink_to("d")
    wanted = statuses(source)
    umask = os.umask(0o077)
    try:
        original = Original(source)
        original.copy(tmp_path / "b")
        (tmp_path / "b" / "d" / "x").write_text("changed in a copy")
        original.copy(tmp_path / "c")
        Original(source, most_bytes=0).copy(tmp_path / "d")
    finally:
        os.umask(umask)

    assert statuses(tmp_path / "c") == wanted
    assert statuses(tmp_path / "d") == wanted


def statuses(root: Path) -> dict[str, tuple[int, int, bytes]]:
    """Permissions, time and content of everything in a folder."""
    return {
        str(path.relative_to(root)): (
            path.lstat().st_mode,
            path.lstat().st_mtime_ns,
            path.read_bytes() if path.is_file() else b"",
        )
        for path in [root, *root.rglob("*")]
    }


def test_a_copy_crosses_from_one_disk_to_another(tmp_path: Path) -> None:
    memory = Path("/dev/shm") / f"audition-test-{os.getpid()}"
    copy_folder(write(tmp_path / "a", {"x": "1" * 5000, "empty": ""}), memory)
    try:
        assert (memory / "x").read_text() == "1" * 5000
    finally:
        clear(memory)


def test_everything_can_be_removed(tmp_path: Path) -> None:
    root = write(tmp_path / "root", {"a/b/c": "1", "closed/x": "2"})
    (root / "closed").chmod(0)
    os.mkfifo(root / "pipe")
    (root / "out").symlink_to(write(tmp_path / "outside", {"kept": "3"}))
    script = "import os\nfor _ in range(300): os.mkdir('d'); os.chdir('d')\nopen(b'\\xff','w')"
    subprocess.run([sys.executable, "-c", script], cwd=root, check=True)
    descriptors = len(names(Path("/proc/self/fd")))
    clear(root)

    assert names(tmp_path) == ["outside"]
    assert (tmp_path / "outside" / "kept").exists()
    assert len(names(Path("/proc/self/fd"))) == descriptors


def test_what_takes_long_to_remove_is_left_to_whoever_has_the_time(tmp_path: Path) -> None:
    few = write(tmp_path / "few", {f"{number}/x": "1" for number in range(3)})
    many = write(tmp_path / "many", {f"{number}/x": "1" for number in range(10)})
    descriptors = len(names(Path("/proc/self/fd")))

    assert clear_at_once(few, most=6)
    assert not clear_at_once(many, most=15)
    assert many.exists()
    assert len(names(Path("/proc/self/fd"))) == descriptors
    clear(many)
    assert names(tmp_path) == []
