"""The shelf as a whole: what every tool is offered as, and what none of them can be made to do."""

import asyncio
import os
import socket
from contextlib import chdir
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from audition.sandboxes import WORKSPACE
from audition.tools import Tool, all_tools
from tests.tools.bench import TOOLS, Desk, desk_in

ON_FILES = [
    ("Read", {}),
    ("Write", {"content": "mine"}),
    ("Edit", {"old_string": "secret", "new_string": "mine"}),
]
EVERY_FILE_TOOL = pytest.mark.parametrize(("tool", "more"), ON_FILES, ids=[t for t, _ in ON_FILES])


def test_the_tools_are_those_that_an_agent_works_with() -> None:
    assert [tool.spec.name for tool in all_tools()] == [
        "Bash", "Edit", "Glob", "Grep", "Read", "Write",
    ]  # fmt: skip


@pytest.mark.parametrize("tool", all_tools(), ids=TOOLS)
class TestEveryTool:
    def test_is_offered_with_a_sound_schema(self, tool: Tool) -> None:
        schema = tool.spec.schema
        Draft202012Validator.check_schema(schema)

        assert set(schema["required"]) <= set(schema["properties"])
        assert all(field["description"] for field in schema["properties"].values())

    def test_tells_every_mistake_at_once(self, tool: Tool, desk: Desk) -> None:
        fields = tool.spec.schema["properties"]
        required = tool.spec.schema["required"]
        told = asyncio.run(tool.use({f"{required[0]}s": "x"}, desk.bench))

        assert told.is_error
        assert f"there is no field `{required[0]}s`, did you mean '{required[0]}'?" in told.content
        assert all(f"`{name}` is missing" in told.content for name in required)
        assert set(required) <= set(fields)

    @pytest.mark.parametrize("given", [{}, [], None, "ls", {"": {}}, {"command": {}, "pattern": 3}])
    def test_answers_whatever_it_is_given(self, tool: Tool, given: Any, desk: Desk) -> None:
        assert desk.give(tool.spec.name, given).is_error


def test_a_field_of_the_wrong_kind_is_named_with_what_it_should_be(desk: Desk) -> None:
    desk.put("a.txt", "1\n2\n")

    assert "`limit` must be a whole number" in desk.refuses("Read", file_path="a.txt", limit="few")
    assert "of at least 1" in desk.refuses("Read", file_path="a.txt", limit=0)
    assert "`file_path` must be text" in desk.refuses("Read", file_path=["a.txt"])
    assert "valid Unicode" in desk.refuses("Read", file_path="a\ud800.txt")
    assert "one of files_with_matches, content, count" in desk.refuses(
        "Grep", pattern="x", output_mode="all"
    )


def test_a_number_or_a_flag_that_comes_as_text_is_read_as_what_it_says(desk: Desk) -> None:
    desk.put("a.txt", "one\ntwo\nthree\n")

    assert desk.says("Read", file_path="a.txt", offset="2", limit=1.0).startswith("     2\ttwo")
    desk.says("Edit", file_path="a.txt", old_string="e", new_string="E", replace_all="true")
    assert (desk.workspace / "a.txt").read_text() == "onE\ntwo\nthrEE\n"


def test_null_is_the_same_as_left_out(desk: Desk) -> None:
    desk.put("a.txt", "one\n")

    assert desk.says("Read", file_path="a.txt", offset=None, limit=None, pages=None)
    assert "is missing" in desk.refuses("Read", file_path=None)


class TestPaths:
    @pytest.mark.parametrize("path", ["shop/a.py", f"{WORKSPACE}/shop/a.py", "./x/../shop//a.py"])
    def test_are_whole_or_relative_to_the_workspace(self, path: str, desk: Desk) -> None:
        desk.put("shop/a.py", "here\n")

        assert desk.says("Read", file_path=path) == "     1\there"

    @pytest.mark.parametrize("path", ["~/notes.md", "/user/notes.md"])
    def test_lead_home_too(self, path: str, desk: Desk) -> None:
        desk.says("Write", file_path=path, content="x")

        assert (desk.home / "notes.md").read_text() == "x"

    def test_that_a_definition_names_lead_where_they_are_meant_to(self, desk: Desk) -> None:
        named = "/home" + "/jo/.claude/agent-memory/backend"
        desk = desk.changed(aliases={named: "/user/memory", f"{named}/deep": "/user/deeper"})
        desk.says("Write", file_path=f"{named}/MEMORY.md", content="note")
        desk.says("Write", file_path=f"{named}/deep/a.md", content="note")

        assert (desk.home / "memory/MEMORY.md").read_text() == "note"
        assert (desk.home / "deeper/a.md").read_text() == "note"
        assert desk.says("Glob", pattern=f"{named}/*.md") == "/user/memory/MEMORY.md"
        assert "lies outside" in desk.refuses("Read", file_path=f"{named}-not/MEMORY.md")

    @EVERY_FILE_TOOL
    @pytest.mark.parametrize(
        "path",
        ["/etc/passwd", "../secret", "a/../../secret", f"{WORKSPACE}/../secret", "//etc/passwd",
         "/", f"{WORKSPACE}-not/a", "~root/a/../../../secret", "/proc/self/environ"],
    )  # fmt: skip
    def test_outside_are_refused(
        self, tool: str, more: dict[str, str], path: str, desk: Desk
    ) -> None:
        (desk.workspace.parent / "secret").write_text("secret")

        assert "lies outside" in desk.refuses(tool, file_path=path, **more)
        assert (desk.workspace.parent / "secret").read_text() == "secret"

    @EVERY_FILE_TOOL
    @pytest.mark.parametrize("path", ["", "a\0b", "x" * 300, f"{'d/' * 3000}a", ".", "shop"])
    def test_that_no_file_can_have_are_answers(
        self, tool: str, more: dict[str, str], path: str, desk: Desk
    ) -> None:
        (desk.workspace / "shop").mkdir()

        assert desk.refuses(tool, file_path=path, **more)

    def test_near_a_missing_one_are_named(self, desk: Desk) -> None:
        desk.put("shop/orders.py")
        desk.put("shop/order_test.py")

        said = desk.refuses("Read", file_path="shop/order.py")
        assert said.startswith(f"{WORKSPACE}/shop/order.py is not there")
        assert f"{WORKSPACE}/shop holds no `order.py`. Near it: orders.py" in said
        assert "holds no `shpo`. Near it: shop." in desk.refuses("Read", file_path="shpo/orders.py")
        assert "has a file in its way" in desk.refuses("Read", file_path="shop/orders.py/x")

    def test_with_names_that_act_on_a_terminal_are_written_out(self, desk: Desk) -> None:
        (desk.workspace / "red\x1b[31m.py").touch()
        with open(os.fsencode(desk.workspace) + b"/bad\xff.py", "wb"):  # noqa: PTH123
            pass

        assert r"red\x1b[31m.py" in desk.refuses("Read", file_path="red[31m.py")
        assert r"bad\udcff.py" in desk.says("Glob", pattern="*.py")


class TestLinks:
    def test_that_stay_in_their_folder_are_followed(self, desk: Desk) -> None:
        desk.put("shop/a.py", "old\n")
        (desk.workspace / "shop/near.py").symlink_to("a.py")
        (desk.workspace / "lib").symlink_to("shop")
        desk.says("Edit", file_path="lib/near.py", old_string="old", new_string="new")
        desk.says("Write", file_path="lib/deep/b.py", content="b")

        assert (desk.workspace / "shop/a.py").read_text() == "new\n"
        assert (desk.workspace / "shop/deep/b.py").read_text() == "b"

    @EVERY_FILE_TOOL
    @pytest.mark.parametrize(
        "target", ["../secret", "/etc/hostname", "/proc/self/fd/0", "/proc/self/root", "beside"]
    )
    def test_that_leave_it_are_not(
        self, tool: str, more: dict[str, str], target: str, desk: Desk
    ) -> None:
        secret = desk.workspace.parent / "secret"
        secret.write_text("secret")
        (desk.workspace / "link").symlink_to(secret if target == "beside" else target)

        assert "leads out of its folder" in desk.refuses(tool, file_path="link", **more)
        assert secret.read_text() == "secret"

    @EVERY_FILE_TOOL
    def test_of_folders_that_leave_it_are_not(
        self, tool: str, more: dict[str, str], desk: Desk
    ) -> None:
        (desk.workspace.parent / "secret").write_text("secret")
        (desk.workspace / "up").symlink_to("..")

        assert "leads out of its folder" in desk.refuses(tool, file_path="up/secret", **more)
        assert desk.use(tool, file_path="up/new/file", **more).is_error
        assert not (desk.workspace.parent / "new").exists()

    @EVERY_FILE_TOOL
    def test_in_a_circle_end(self, tool: str, more: dict[str, str], desk: Desk) -> None:
        (desk.workspace / "a").symlink_to("b")
        (desk.workspace / "b").symlink_to("a")

        assert "in a circle" in desk.refuses(tool, file_path="a", **more)

    def test_to_nothing_are_not_written_through(self, desk: Desk) -> None:
        (desk.workspace / "link").symlink_to("gone/away")

        assert "not there" in desk.refuses("Write", file_path="link", content="x")
        assert "not there" in desk.refuses("Read", file_path="link")
        assert "not there" in desk.refuses("Write", file_path="link/x", content="x")


class TestWhatIsNoFile:
    @EVERY_FILE_TOOL
    def test_a_pipe_holds_nobody_up(self, tool: str, more: dict[str, str], desk: Desk) -> None:
        os.mkfifo(desk.workspace / "pipe")

        assert "no regular file" in desk.refuses(tool, file_path="pipe", **more)

    @EVERY_FILE_TOOL
    def test_a_socket_is_not_opened(self, tool: str, more: dict[str, str], desk: Desk) -> None:
        with socket.socket(socket.AF_UNIX) as made, chdir(desk.workspace):
            made.bind("socket")  # its path has to be short

        assert "no regular file" in desk.refuses(tool, file_path="socket", **more)

    @EVERY_FILE_TOOL
    def test_a_device_is_not_opened(self, tool: str, more: dict[str, str], desk: Desk) -> None:
        try:
            os.mknod(desk.workspace / "device", 0o020666, os.makedev(1, 5))
        except PermissionError:
            (desk.workspace / "device").mkdir()  # an ordinary user cannot make one

        assert desk.refuses(tool, file_path="device", **more)

    def test_a_folder_is_said_to_be_one(self, desk: Desk) -> None:
        (desk.workspace / "shop").mkdir()

        assert "is a folder" in desk.refuses("Read", file_path="shop")
        assert "is a folder" in desk.refuses("Write", file_path="shop", content="")
        assert "names a folder" in desk.refuses("Write", file_path="new/", content="")


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@settings(max_examples=200, deadline=None)
@given(
    tool=st.sampled_from(["Read", "Write", "Edit", "Glob"]),
    given_=st.dictionaries(
        st.sampled_from(["file_path", "content", "old_string", "new_string", "offset", "limit",
                         "replace_all", "pattern", "path"]) | st.text(max_size=3),
        st.text(alphabet="./a*{},[]~\0\ud800-", max_size=12) | ANYTHING,
    ),
)  # fmt: skip
def test_no_input_at_all_raises_or_leaves_the_folders(
    tmp_path_factory: pytest.TempPathFactory, tool: str, given_: dict[str, Any]
) -> None:
    root = tmp_path_factory.mktemp("any")
    desk = desk_in(root)
    desk.give(tool, given_)

    assert sorted(path.name for path in root.iterdir()) == ["user", "workspace"]
