"""No walls: what that means is said, and never called a sandbox."""

import os

from audition.sandboxes import WORKSPACE
from tests.sandboxes.trying import Booth, booth_of


def test_it_says_that_it_is_none() -> None:
    with booth_of("local") as booth:
        info = booth.sandboxes.info

    assert (info.kind, info.strength, info.probe) == ("local", "none", ())
    assert any("without a sandbox" in note for note in info.notes)


def test_commands_run_as_you_where_your_files_are() -> None:
    with booth_of("local") as booth:
        beside = booth.workspace.parent / "beside"
        beside.write_text("yours")
        said = booth.says('id -u; cat "$0"', str(beside))

    assert said == f"{os.getuid()}\nyours"


def test_a_process_that_leaves_its_group_does_not_hold_us_up() -> None:
    with booth_of("local") as booth:
        ended = booth.bash("setsid sleep 5 & echo on")

    assert ended.stdout == b"on\n"
    assert ended.duration_s < 4


def test_nothing_is_handed_over(booth: Booth) -> None:
    (booth.workspace / "mine").touch()
    booth.sandboxes.hand_over(booth.workspace)
    owner = booth.sandboxes.owner

    assert (booth.workspace / "mine").stat().st_uid == (os.getuid() if owner is None else owner)
    assert booth.run("test", "-w", f"{WORKSPACE}/mine").exit_code == int(
        booth.sandboxes.info.kind == "local"
    )
