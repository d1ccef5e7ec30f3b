"""Running a command: what it wrote, how it ended, and nothing that outlives it."""

from dataclasses import replace

import pytest

from audition.sandboxes import WORKSPACE
from audition.tools import Used
from tests.tools.bench import Desk, desk_behind


def test_a_command_runs_in_the_workspace(walled: Desk) -> None:
    used = walled.use("Bash", command="pwd; echo two > made.txt", description="Make a file")

    assert used.content == WORKSPACE
    assert not used.is_error
    assert used.ran is not None
    assert used.ran.text == "pwd; echo two > made.txt"
    assert (used.ran.exit_code, used.ran.timed_out) == (0, False)
    assert (walled.workspace / "made.txt").read_text() == "two\n"


def test_standard_error_follows_standard_output(walled: Desk) -> None:
    used = walled.use("Bash", command="echo wrong >&2; printf right; exit 3")

    assert used == Used(content="Exit code 3\nright\nwrong", is_error=True, ran=used.ran)
    assert used.ran is not None
    assert (used.ran.exit_code, used.ran.output) == (3, "right\nwrong\n")


def test_a_command_that_says_nothing_is_said_to(walled: Desk) -> None:
    assert walled.says("Bash", command="true") == "It wrote nothing."
    assert walled.refuses("Bash", command="false") == "Exit code 1\nIt wrote nothing."


def test_every_command_has_a_shell_of_its_own(walled: Desk) -> None:
    walled.says("Bash", command="mkdir deep; cd deep; export NAME=x; (sleep 60 &)")

    assert walled.says("Bash", command='pwd; echo "[$NAME]"; pgrep sleep; true') == (
        f"{WORKSPACE}\n[]"
    )


def test_it_is_bash_and_reads_no_input(walled: Desk) -> None:
    assert walled.says("Bash", command='[[ x == x ]] && read -r line; echo "$?"') == "1"


def test_a_command_is_stopped_when_its_time_is_over(walled: Desk) -> None:
    used = walled.use("Bash", command="echo begun; sleep 20", timeout=300)

    assert used.content == "It was stopped after 0.3 s, its time limit.\nbegun"
    assert used.is_error
    assert used.ran is not None
    assert (used.ran.exit_code, used.ran.timed_out, used.ran.output) == (None, True, "begun\n")


def test_without_a_time_it_has_that_of_the_bench(walled: Desk) -> None:
    brief = walled.changed(limits=replace(walled.bench.limits, wall_s=0.3))

    assert "stopped after 0.3 s" in brief.refuses("Bash", command="sleep 20")
    assert "over" in brief.says("Bash", command="sleep 0.5; echo over", timeout=10**9)


def test_the_background_is_the_foreground_and_said_to_be(walled: Desk) -> None:
    said = walled.says("Bash", command="sleep 0.1; echo over", run_in_background=True)

    assert said == "It ran in the foreground: there is no background here.\nover"


def test_of_a_long_output_head_and_tail_are_told(walled: Desk) -> None:
    used = walled.use("Bash", command="echo first; yes | head -c 300000; echo last")

    assert used.content.startswith("first\ny\n")
    assert used.content.endswith("y\nlast")
    assert "\n[... 270010 characters left out ...]\n" in used.content
    assert len(used.content) < 30_100
    assert used.ran is not None
    assert 100_000 > len(used.ran.output) > 50_000 > len(used.content)


def test_neither_stream_hides_the_end_of_the_other(walled: Desk) -> None:
    used = walled.use("Bash", command="yes | head -c 90000; echo 3 failed; yes | head -c 90000 >&2")

    assert used.ran is not None
    assert "3 failed" in used.ran.output


def test_an_output_without_end_is_stopped(walled: Desk) -> None:
    little = walled.changed(limits=replace(walled.bench.limits, output_bytes=1 << 20))
    used = little.use("Bash", command="yes")

    assert used.content.startswith("It was stopped: it wrote too much output.\ny\n")
    assert used.ran is not None
    assert not used.ran.timed_out


def test_bytes_that_are_no_text_are_replaced(walled: Desk) -> None:
    assert walled.says("Bash", command=r"printf 'a\xffb'") == "a\ufffdb"


def test_a_command_longer_than_an_argument_can_be_is_run_all_the_same(walled: Desk) -> None:
    lines = "".join(f"echo {number} >> lines.txt # {'x' * 100}\n" for number in range(2_000))
    used = walled.use("Bash", command=f"{lines}wc -l < lines.txt; read -r line || exit 4")

    assert used.content == "Exit code 4\n2000"


@pytest.mark.parametrize(
    "command", ["echo \0", "echo \ud800", "x" * (2 << 20)], ids=["1", "2", "3"]
)
def test_what_no_shell_can_be_given_is_refused(command: str, desk: Desk) -> None:
    used = desk.use("Bash", command=command)

    assert used.is_error
    assert used.ran is None


def test_a_command_that_a_signal_ends_says_so_as_a_shell_does(walled: Desk) -> None:
    assert walled.refuses("Bash", command="kill -TERM $$").startswith("Exit code 143")


def test_without_walls_it_works_the_same() -> None:
    with desk_behind("local") as desk:
        desk.says("Write", file_path="shop/a.txt", content="one\n")

        assert desk.says("Bash", command="cat shop/a.txt") == "one"
        assert desk.says("Grep", pattern="one") == f"{WORKSPACE}/shop/a.txt"
