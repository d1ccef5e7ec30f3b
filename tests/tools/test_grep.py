"""Finding lines: the answers of the system's grep, in an order and in bounds."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pytest

from audition.errors import FaultError
from audition.sandboxes import WORKSPACE, Finished, Sandbox, SandboxInfo
from tests.tools.bench import Desk, desk_behind

NOTHING = "Nothing matches."


@pytest.fixture
def shop() -> Iterator[Desk]:
    with desk_behind("bubblewrap") as desk:
        desk.put("shop/orders.py", "import os\n\ndef first_page():\n    return 1\n")
        desk.put("shop/api/list.ts", "export function page() {}\n// Page\n")
        desk.put("tests/test_orders.py", "def test_page():\n    pass\n")
        desk.put("-e.md", "page 1\npage 2\n")
        yield desk


def found(desk: Desk, **given: object) -> list[str]:
    lines = desk.says("Grep", **given).split("\n")
    return [line.removeprefix(f"{WORKSPACE}/") for line in lines]


def test_it_names_the_files_that_match(shop: Desk) -> None:
    assert shop.says("Grep", pattern="page").split("\n") == [
        f"{WORKSPACE}/-e.md",
        f"{WORKSPACE}/shop/api/list.ts",
        f"{WORKSPACE}/shop/orders.py",
        f"{WORKSPACE}/tests/test_orders.py",
    ]
    assert shop.says("Grep", pattern="no such text") == NOTHING


def test_it_shows_lines_with_their_numbers(shop: Desk) -> None:
    assert found(shop, pattern=r"def \w+_page\(", output_mode="content") == [
        "shop/orders.py:3:def first_page():",
        "tests/test_orders.py:1:def test_page():",
    ]
    without = found(shop, pattern="^import", output_mode="content", **{"-n": False})
    assert without == ["shop/orders.py:import os"]


def test_it_counts(shop: Desk) -> None:
    assert found(shop, pattern="page", output_mode="count", glob="*.{md,ts}") == [
        "-e.md:2", "shop/api/list.ts:1",
    ]  # fmt: skip


def test_a_line_that_says_zero_is_a_line(shop: Desk) -> None:
    shop.put("zero.txt", "0\n")

    said = found(shop, pattern="^0$", output_mode="content", **{"-n": False})
    assert said == ["zero.txt:0"]


def test_it_shows_what_is_around_a_line(shop: Desk) -> None:
    before_and_after = {"-B": 1, "-A": 1}
    around = ["shop/orders.py:2-", "shop/orders.py:3:def first_page():"]
    around.append("shop/orders.py:4-    return 1")

    asked = {"pattern": "first", "output_mode": "content"}
    assert found(shop, **asked, **before_and_after) == around
    assert found(shop, **asked, **{"-C": 1}) == around
    assert found(shop, **asked, context=1) == around
    assert found(shop, **asked, **{"-C": 1, "-A": 0}) == around[:2]


def test_case_matters_unless_it_is_said_not_to(shop: Desk) -> None:
    assert found(shop, pattern="PAGE") == [NOTHING]
    assert len(found(shop, pattern="PAGE", **{"-i": True})) == 4
    assert len(found(shop, pattern="(?i)PAGE")) == 4


@pytest.mark.parametrize(
    ("chosen", "files"),
    [
        ({"glob": "*.py"}, ["shop/orders.py", "tests/test_orders.py"]),
        ({"glob": "shop/**/*.ts"}, ["shop/api/list.ts"]),
        ({"glob": "shop/**"}, ["shop/api/list.ts", "shop/orders.py"]),
        ({"glob": "*.{ts,md}"}, ["-e.md", "shop/api/list.ts"]),
        ({"glob": "!*.py"}, ["-e.md", "shop/api/list.ts"]),
        ({"type": "py"}, ["shop/orders.py", "tests/test_orders.py"]),
        ({"type": "py", "glob": "tests/*"}, ["tests/test_orders.py"]),
        ({"path": "shop"}, ["shop/api/list.ts", "shop/orders.py"]),
        ({"path": "shop", "glob": "api/*"}, ["shop/api/list.ts"]),
        ({"path": f"{WORKSPACE}/shop/orders.py"}, ["shop/orders.py"]),
        ({"path": "-e.md"}, ["-e.md"]),
    ],
    ids=str,
)
def test_files_can_be_chosen(chosen: dict[str, str], files: list[str], shop: Desk) -> None:
    assert found(shop, pattern="page", **chosen) == files


def test_an_unknown_type_is_named_with_one_that_is_near(shop: Desk) -> None:
    assert "There is no type `yml`; did you mean 'yaml'?" in shop.refuses(
        "Grep", pattern="x", type="yml"
    )


def test_what_nobody_wrote_is_left_out_unless_it_is_named(shop: Desk) -> None:
    for path in (".git/x", "node_modules/x/a.js", ".venv/a.py", "bin"):
        shop.put(path, "only here\n")
    shop.put("bin", b"only here\0\n")

    assert found(shop, pattern="only here") == [NOTHING]
    assert found(shop, pattern="only here", path="node_modules") == ["node_modules/x/a.js"]


def test_lines_that_are_not_utf8_are_not_shown(shop: Desk) -> None:
    shop.put("latin", b"only here \xe9\n")

    assert found(shop, pattern="only here", output_mode="content") == [NOTHING]


def test_home_is_searched_where_it_is_named(shop: Desk) -> None:
    (shop.home / "notes.md").write_text("page\n")

    assert shop.says("Grep", pattern="page", path="~") == "/user/notes.md"


def test_links_out_and_pipes_are_not_read(shop: Desk) -> None:
    (shop.workspace / "out").symlink_to("/etc")
    os.mkfifo(shop.workspace / "pipe")

    assert found(shop, pattern="root:") == [NOTHING]
    assert "leads out" in shop.refuses("Grep", pattern="root", path="out/passwd")
    assert "no regular file" in shop.refuses("Grep", pattern="root", path="pipe")
    assert "is not there" in shop.refuses("Grep", pattern="root", path="shpo")


def test_a_part_of_a_long_answer_can_be_asked_for(shop: Desk) -> None:
    shop.put("long.txt", "".join(f"line {number}\n" for number in range(1, 301)))
    asked = {"pattern": "^line", "output_mode": "content", "glob": "long.txt"}

    assert found(shop, **asked)[-1] == "[There are 300 lines; go on with offset 250.]"
    assert found(shop, **asked, offset=298) == ["long.txt:299:line 299", "long.txt:300:line 300"]
    assert len(found(shop, **asked, head_limit=0)) == 300
    assert found(shop, **asked, head_limit=1)[0] == "long.txt:1:line 1"
    assert "none after 300" in shop.says("Grep", **asked, offset=300)


def test_long_lines_and_long_answers_are_cut(shop: Desk) -> None:
    shop.put("long.txt", f"{'x' * 2_000}\n" * 200)
    said = shop.says("Grep", pattern="x{9}", output_mode="content", head_limit=0)

    assert ":1:xx" in said
    assert "xx[... 1502 more characters]" in said
    assert "characters left out ...]" in said
    assert len(said) < 30_200


def test_a_flood_of_matches_is_said_to_be_cut(shop: Desk) -> None:
    shop.put("long.txt", "x\n" * 3_000_000)
    said = shop.says("Grep", pattern="x", output_mode="content")

    assert said.endswith("[The search was stopped before its end; search a smaller folder.]")


@pytest.mark.parametrize(
    ("pattern", "said"),
    [
        ("(", "grep says: missing closing parenthesis"),
        ("[", "grep says: missing terminating ]"),
        ("a\nb", "one line"),
        ("a\0b", "zero byte"),
        ("x" * 20_000, "at most 10000 characters"),
    ],
    ids=["group", "set", "lines", "zero", "long"],
)
def test_a_pattern_that_cannot_be_searched_for_is_answered(
    pattern: str, said: str, shop: Desk
) -> None:
    assert said in shop.refuses("Grep", pattern=pattern)


def test_a_pattern_that_would_take_forever_does_not(shop: Desk) -> None:
    shop.put("long.txt", "a" * 5_000 + "b\n")

    assert "backtracking limit" in shop.refuses("Grep", pattern=r"^(a|a)+$")


def test_a_file_cannot_speak_for_grep(shop: Desk) -> None:
    shop.put("invalid option", "a" * 5_000 + "b\n")

    said = shop.refuses("Grep", pattern=r"^(a|a)+$", path="invalid option")
    assert said == "grep says: ./invalid option: exceeded PCRE's backtracking limit"


def test_a_machine_without_such_a_grep_is_no_mistake_of_the_model() -> None:
    with desk_behind("local") as desk:
        elsewhere = desk.changed(sandbox=_WithoutPrograms(desk.bench.sandbox))

        with pytest.raises(FaultError, match="grep does not work there"):
            elsewhere.use("Grep", pattern="page")


@dataclass(frozen=True)
class _WithoutPrograms:
    """A sandbox in which no program is found."""

    inner: Sandbox

    @property
    def info(self) -> SandboxInfo:
        return self.inner.info

    async def run(self, argv: Sequence[str], **options: Any) -> Finished:
        return await self.inner.run(["env", "-i", "PATH=/nowhere", *argv], **options)


@pytest.mark.parametrize("pattern", ["-e", "--help", "-r", r"\.md$", "", "page 1"])
def test_a_pattern_is_never_an_option(pattern: str, shop: Desk) -> None:
    assert not shop.use("Grep", pattern=pattern).is_error


def test_a_search_has_the_time_of_the_bench_at_most(shop: Desk) -> None:
    brief = shop.changed(limits=replace(shop.bench.limits, wall_s=0.001))

    assert "stopped before its end" in brief.says("Grep", pattern="page")


def test_several_lines_at_once_are_said_not_to_be_searched(shop: Desk) -> None:
    assert "not available" in shop.refuses("Grep", pattern="a", multiline=True)
    assert shop.says("Grep", pattern="page", multiline=False)


def test_names_that_act_on_a_terminal_are_written_out(shop: Desk) -> None:
    shop.put("red\x1b[31m\n.txt", "only here\n")

    assert found(shop, pattern="only here") == [r"red\x1b[31m\x0a.txt"]
