"""Finding files: what a pattern means, and how far a search goes."""

import os
import sys
import time
from pathlib import Path, PurePosixPath

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audition.sandboxes import WORKSPACE
from audition.tools.glob import MOST_FILES, MOST_NAMES
from tests.tools.bench import Desk, desk_in

NOTHING = "No file matches."


def found(desk: Desk, pattern: str, **more: str) -> set[str]:
    """The files, relative to the workspace."""
    lines = desk.says("Glob", pattern=pattern, **more).split("\n")
    return {line.removeprefix(f"{WORKSPACE}/") for line in lines if line != NOTHING}


@pytest.fixture
def shop(desk: Desk) -> Desk:
    for path in ("a.py", "shop/b.py", "shop/b.ts", "shop/api/c.py", "tests/test_c.py", ".env"):
        desk.put(path)
    return desk


@pytest.mark.parametrize(
    ("pattern", "files"),
    [
        ("*.py", {"a.py"}),
        ("./*.py", {"a.py"}),
        ("**/*.py", {"a.py", "shop/b.py", "shop/api/c.py", "tests/test_c.py"}),
        ("shop/**", {"shop/b.py", "shop/b.ts", "shop/api/c.py"}),
        ("shop/*", {"shop/b.py", "shop/b.ts"}),
        ("shop", set()),
        ("**/**/api/*", {"shop/api/c.py"}),
        ("shop/**/b.*", {"shop/b.py", "shop/b.ts"}),
        ("shop/*.{py,ts}", {"shop/b.py", "shop/b.ts"}),
        ("{shop,tests}/**/*c.py", {"shop/api/c.py", "tests/test_c.py"}),
        ("**/{a,{b,c}}.py", {"a.py", "shop/b.py", "shop/api/c.py"}),
        ("?.py", {"a.py"}),
        ("**/[ac].py", {"a.py", "shop/api/c.py"}),
        ("**/[!ac].py", {"shop/b.py"}),
        ("**/[^ac].py", {"shop/b.py"}),
        (".*", {".env"}),
        (f"{WORKSPACE}/shop/*.py", {"shop/b.py"}),
        (f"{WORKSPACE}/shop/b.ts", {"shop/b.ts"}),
        ("A.py", set()),
    ],
)
def test_a_pattern_finds(pattern: str, files: set[str], shop: Desk) -> None:
    assert found(shop, pattern) == files


def test_a_search_starts_where_it_is_told_to(shop: Desk) -> None:
    assert found(shop, "*.py", path="shop") == {"shop/b.py"}
    assert found(shop, "**/*.py", path=f"{WORKSPACE}/shop/api") == {"shop/api/c.py"}
    assert "a file, not a folder" in shop.refuses("Glob", pattern="*", path="a.py")
    assert "is not there" in shop.refuses("Glob", pattern="*", path="shpo")
    assert "lies outside" in shop.refuses("Glob", pattern="/etc/*")
    assert "climbs out" in shop.refuses("Glob", pattern="shop/../../*")


def test_the_newest_come_first(shop: Desk) -> None:
    for age, path in enumerate(("shop/b.py", "a.py", "shop/api/c.py", "tests/test_c.py")):
        os.utime(shop.workspace / path, (1_000_000 - age, 1_000_000 - age))

    assert shop.says("Glob", pattern="**/*.py").split("\n") == [
        f"{WORKSPACE}/{path}" for path in ("shop/b.py", "a.py", "shop/api/c.py", "tests/test_c.py")
    ]


def test_links_are_found_and_not_followed(shop: Desk) -> None:
    (shop.workspace / "link.py").symlink_to("a.py")
    (shop.workspace / "out").symlink_to("/etc")
    (shop.workspace / "loop").symlink_to(".")

    assert found(shop, "*") == {"a.py", ".env", "link.py", "out", "loop"}
    assert found(shop, "{out,loop}/**") == set()
    assert "leads out" in shop.refuses("Glob", pattern="*", path="out")
    assert found(shop, "*.py", path="loop/shop") == {"loop/shop/b.py"}


def test_what_nobody_wrote_is_left_out_unless_it_is_named(shop: Desk) -> None:
    for path in (".git/config.py", "node_modules/x/a.py", "web/node_modules/y.py"):
        shop.put(path)

    assert "web/node_modules/y.py" not in found(shop, "**/*.py")
    assert found(shop, "**/node_modules/*.py") == {"web/node_modules/y.py"}
    assert found(shop, "*.py", path="node_modules/x") == {"node_modules/x/a.py"}
    assert found(shop, ".git/*") == set()
    assert "is not searched" in shop.refuses("Glob", pattern="*", path=".git")


def test_of_many_files_the_newest_are_shown(desk: Desk) -> None:
    for number in range(MOST_FILES + 5):
        desk.put(f"{number}.txt")
    lines = desk.says("Glob", pattern="*").split("\n")

    assert len(lines) == MOST_FILES + 1
    assert lines[-1] == "[5 older files match too.]"


def test_a_search_through_too_much_says_that_it_did_not_reach_everything(desk: Desk) -> None:
    (desk.workspace / "many").mkdir()
    folder = os.open(desk.workspace / "many", os.O_RDONLY)
    desk.put("many/0").touch()
    for number in range(MOST_NAMES + 1):
        os.link("0", f"x{number}", src_dir_fd=folder, dst_dir_fd=folder)
    os.close(folder)

    assert desk.says("Glob", pattern="**/none").endswith(
        "[The search did not reach everything; search a smaller folder.]"
    )
    assert desk.says("Glob", pattern="none/*.py") == NOTHING


def test_a_tree_without_an_end_ends(desk: Desk) -> None:
    folder = desk.workspace
    descriptor = os.open(folder, os.O_RDONLY)
    for _ in range(300):
        os.mkdir("d" * 100, dir_fd=descriptor)
        below = os.open("d" * 100, os.O_RDONLY, dir_fd=descriptor)
        os.close(descriptor)
        descriptor = below
    os.close(descriptor)

    assert "did not reach everything" in desk.says("Glob", pattern="**/*.py")


@pytest.mark.parametrize(
    "pattern",
    ["**/" * 120 + "x", "*a" * 200, "**/a/" * 90 + "b", "{a,b}" * 6 + "**/" + "{*,*a}/" * 3,
     "[" * 400, "[a" * 200, "{" * 400, "{,}" * 5, "**/*a/**/*b" * 20],
)  # fmt: skip
def test_no_pattern_takes_long(pattern: str, desk: Desk) -> None:
    for depth in range(1, 40):
        desk.put(f"{'a/' * depth}{'a' * 200}")

    begun = time.process_time()
    desk.use("Glob", pattern=pattern)

    assert time.process_time() - begun < 5


@pytest.mark.parametrize("pattern", ["{a,b}" * 20, "x" * 501, "", "{" + "," * 200 + "}"])
def test_a_pattern_that_stands_for_too_much_is_refused(pattern: str, desk: Desk) -> None:
    assert desk.refuses("Glob", pattern=pattern)


NAME = st.text("ab.", min_size=1, max_size=3).filter(lambda name: set(name) != {"."})
PART = st.text("ab.*?", min_size=1, max_size=3).filter(
    lambda part: "**" not in part and set(part) != {"."}
)


@pytest.mark.skipif(sys.platform == "darwin", reason="its file systems fold the case of names")
@settings(max_examples=150, deadline=None)
@given(
    tree=st.lists(st.lists(NAME, min_size=1, max_size=4), max_size=10),
    parts=st.lists(st.one_of(PART, st.just("**")), min_size=0, max_size=3),
    last=PART,
)
def test_it_finds_what_the_standard_library_finds(
    tmp_path_factory: pytest.TempPathFactory, tree: list[list[str]], parts: list[str], last: str
) -> None:
    desk = desk_in(Path(tmp_path_factory.mktemp("glob")))
    for names in tree:
        place = desk.workspace.joinpath(*names)
        if not place.exists() and not any(parent.is_file() for parent in place.parents):
            desk.put("/".join(names))
    pattern = "/".join([*parts, last])
    expected = {
        PurePosixPath(path.relative_to(desk.workspace)).as_posix()
        for path in desk.workspace.glob(pattern)
        if path.is_file()
    }

    assert found(desk, pattern) == expected
