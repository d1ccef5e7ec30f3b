"""Reading a file: its lines as they are, and never more than a model can take."""

from audition.sandboxes import WORKSPACE
from audition.tools.read import ANSWER_CHARACTERS, LINES
from tests.tools.bench import Desk


def test_lines_are_numbered(desk: Desk) -> None:
    desk.put("a.py", "import os\n\n\tprint(os)\n")

    assert desk.says("Read", file_path="a.py") == "     1\timport os\n     2\t\n     3\t\tprint(os)"


def test_a_part_is_shown_with_its_own_numbers(desk: Desk) -> None:
    desk.put("a.txt", "".join(f"line {number}\n" for number in range(1, 11)))

    assert desk.says("Read", file_path="a.txt", offset=4, limit=2) == (
        "     4\tline 4\n     5\tline 5\n[There are 10 lines; go on with offset 6.]"
    )
    assert desk.says("Read", file_path="a.txt", offset=10) == "    10\tline 10"
    assert desk.says("Read", file_path="a.txt", offset=0, limit=1).startswith("     1\tline 1\n")


def test_a_line_that_is_not_there_is_said_not_to_be(desk: Desk) -> None:
    desk.put("a.txt", "one\ntwo\n")

    assert "has 2 lines; there is no line 3" in desk.says("Read", file_path="a.txt", offset=3)


def test_an_empty_file_is_said_to_be_empty(desk: Desk) -> None:
    desk.put("a.txt")

    assert desk.says("Read", file_path="a.txt") == f"{WORKSPACE}/a.txt is there and empty."


def test_line_ends_and_marks_of_encoding_are_not_shown(desk: Desk) -> None:
    desk.put("a.txt", b"\xef\xbb\xbfone\r\ntwo\x0bstill two\r\n")

    assert desk.says("Read", file_path="a.txt") == "     1\tone\n     2\ttwo\x0bstill two"


def test_what_is_not_utf8_is_shown_as_far_as_it_can_be(desk: Desk) -> None:
    desk.put("a.txt", b"caf\xe9\n")

    assert desk.says("Read", file_path="a.txt") == "     1\tcaf\ufffd"


def test_a_binary_file_is_said_to_be_one(desk: Desk) -> None:
    desk.put("a.png", b"\x89PNG\0\0")

    assert "a.png is a binary file (6 bytes)" in desk.refuses("Read", file_path="a.png")


def test_only_the_first_lines_of_a_long_file_are_shown(desk: Desk) -> None:
    desk.put("a.txt", "x\n" * (LINES + 1))
    shown = desk.says("Read", file_path="a.txt").splitlines()

    assert len(shown) == LINES + 1
    assert shown[-1] == f"[There are {LINES + 1} lines; go on with offset {LINES + 1}.]"


def test_a_long_line_is_cut(desk: Desk) -> None:
    desk.put("a.txt", "x" * 5_000)

    assert desk.says("Read", file_path="a.txt").endswith("xx[... 3000 more characters]")


def test_an_answer_is_cut_at_a_line_and_says_where_to_go_on(desk: Desk) -> None:
    desk.put("a.txt", f"{'x' * 1_000}\n" * 1_000)
    shown = desk.says("Read", file_path="a.txt")

    assert ANSWER_CHARACTERS - 2_000 < len(shown) < ANSWER_CHARACTERS + 100
    following = shown.rpartition("offset ")[2].rstrip(".]")
    assert desk.says("Read", file_path="a.txt", offset=following, limit=1).startswith(
        f"{following:>6}\tx"
    )


def test_of_an_enormous_file_the_beginning_is_read(desk: Desk) -> None:
    path = desk.put("a.txt", "line\n" * 2_000_000)
    with path.open("r+b") as file:
        file.truncate(1 << 40)  # a terabyte that takes no room

    said = desk.says("Read", file_path="a.txt", limit=1)
    assert said.startswith("     1\tline\n")
    assert "Only the first 10485760 bytes can be read." in said
