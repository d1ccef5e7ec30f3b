"""Writing a file: what was given is there, and belongs to whom it should."""

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audition.sandboxes import WORKSPACE
from tests.tools.bench import Desk, desk_in


def test_a_new_file_is_made_with_the_folders_on_the_way(desk: Desk) -> None:
    said = desk.says("Write", file_path="shop/api/orders.py", content="PAGE = 20\n")

    assert said == f"Made {WORKSPACE}/shop/api/orders.py (10 bytes)."
    assert (desk.workspace / "shop/api/orders.py").read_text() == "PAGE = 20\n"


def test_modes_do_not_hang_on_the_user_who_runs_us(desk: Desk) -> None:
    before = os.umask(0o077)
    try:
        desk.says("Write", file_path="shop/orders.py", content="")
    finally:
        os.umask(before)

    assert (desk.workspace / "shop/orders.py").stat().st_mode & 0o777 == 0o644
    assert (desk.workspace / "shop").stat().st_mode & 0o777 == 0o755


def test_a_file_that_is_there_is_replaced_and_keeps_its_mode(desk: Desk) -> None:
    path = desk.put("run.sh", "echo a much longer script\n")
    path.chmod(0o755)
    said = desk.says("Write", file_path="run.sh", content="echo\r\n")

    assert said.startswith("Replaced the content of")
    assert path.read_bytes() == b"echo\r\n"
    assert path.stat().st_mode & 0o777 == 0o755


if os.geteuid() == 0:  # nobody else can give a file to another user

    def test_what_is_new_belongs_to_the_user_that_commands_run_as(desk: Desk) -> None:
        desk = desk.changed(owner=65533)
        theirs = desk.put("theirs.py")
        os.chown(theirs, 65532, 65532)
        desk.says("Write", file_path="shop/api/orders.py", content="")
        desk.says("Write", file_path="theirs.py", content="")
        made = [desk.workspace / path for path in ("shop", "shop/api", "shop/api/orders.py")]

        assert {path.stat().st_uid for path in made} == {65533}
        assert {path.stat().st_gid for path in made} == {65533}
        assert theirs.stat().st_uid == 65532


def test_a_command_can_change_what_was_written(walled: Desk) -> None:
    walled.says("Write", file_path="shop/a.py", content="one\n")
    walled.says("Bash", command="echo two >> shop/a.py && mv shop/a.py shop/b.py")

    assert walled.says("Read", file_path="shop/b.py") == "     1\tone\n     2\ttwo"


def test_what_is_too_much_is_refused(desk: Desk) -> None:
    path = desk.put("a.txt", "before")

    assert "more than the 10 MiB" in desk.refuses(
        "Write", file_path="a.txt", content="x" * (10 << 20) + "x"
    )
    assert path.read_text() == "before"
    assert "valid Unicode" in desk.refuses("Write", file_path="a.txt", content="\ud800")


PRINTABLE = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=40)


@settings(max_examples=60, deadline=None)
@given(st.lists(PRINTABLE, min_size=1, max_size=20).filter(lambda lines: any(lines)))
def test_what_was_written_is_what_is_read(
    tmp_path_factory: pytest.TempPathFactory, lines: list[str]
) -> None:
    desk = desk_in(Path(tmp_path_factory.mktemp("both")))
    content = "\n".join([*lines, ""])
    desk.says("Write", file_path="a.txt", content=content)
    shown = desk.says("Read", file_path="a.txt").split("\n")

    assert (desk.workspace / "a.txt").read_bytes() == content.encode()
    assert [line.partition("\t")[2] for line in shown] == content.removeprefix("\ufeff").split(
        "\n"
    )[:-1]
