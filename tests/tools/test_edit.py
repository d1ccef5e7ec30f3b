"""Editing a file: one text becomes another, and not a byte beside it changes."""

from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.tools.bench import Desk, desk_in


def test_one_text_becomes_another(desk: Desk) -> None:
    path = desk.put("a.py", "PAGE = 20\nSIZE = 20\n")
    said = desk.says("Edit", file_path="a.py", old_string="SIZE = 20", new_string="SIZE = 50")

    assert path.read_text() == "PAGE = 20\nSIZE = 50\n"
    assert said.endswith("a.py at line 2.")


def test_a_text_that_is_not_there_changes_nothing(desk: Desk) -> None:
    path = desk.put("a.py", "if x:\n    y()\n")

    said = desk.refuses("Edit", file_path="a.py", old_string="z()", new_string="")
    assert said.startswith("`old_string` is not in")
    assert "white space" not in said
    said = desk.refuses("Edit", file_path="a.py", old_string="if x:\n\ty()", new_string="")
    assert "With other white space it is" in said
    assert path.read_text() == "if x:\n    y()\n"


@pytest.mark.parametrize(("text", "old"), [("a b a", "a"), ("aaa", "aa")])
def test_a_text_that_is_there_twice_needs_to_be_told_apart(text: str, old: str, desk: Desk) -> None:
    path = desk.put("a.py", text)

    assert "2 times" in desk.refuses("Edit", file_path="a.py", old_string=old, new_string="c")
    assert path.read_text() == text


def test_every_occurrence_is_replaced_where_that_is_asked_for(desk: Desk) -> None:
    path = desk.put("a.py", "x\na + a\n")
    said = desk.says("Edit", file_path="a.py", old_string="a", new_string="b", replace_all=True)

    assert path.read_text() == "x\nb + b\n"
    assert "in 2 places, first at line 2" in said


def test_the_same_text_is_no_edit(desk: Desk) -> None:
    desk.put("a.py", "a\r\nb\r\n")

    assert "are the same" in desk.refuses("Edit", file_path="a.py", old_string="a", new_string="a")
    assert "are the same" in desk.refuses(
        "Edit", file_path="a.py", old_string="a\n", new_string="a\r\n"
    )


def test_an_empty_text_makes_a_file_and_replaces_nothing(desk: Desk) -> None:
    desk.says("Edit", file_path="new/a.py", old_string="", new_string="x = 1\n")

    assert (desk.workspace / "new/a.py").read_text() == "x = 1\n"
    assert "holds something" in desk.refuses(
        "Edit", file_path="new/a.py", old_string="", new_string="y"
    )


def test_a_file_keeps_its_mode_its_mark_of_encoding_and_its_missing_line_end(desk: Desk) -> None:
    path = desk.put("run.sh", b"\xef\xbb\xbfecho \xc3\xa9\tone")
    path.chmod(0o755)
    desk.says("Edit", file_path="run.sh", old_string="one", new_string="two")

    assert path.read_bytes() == b"\xef\xbb\xbfecho \xc3\xa9\ttwo"
    assert path.stat().st_mode & 0o777 == 0o755


def test_a_file_with_mixed_line_ends_is_edited_to_the_byte(desk: Desk) -> None:
    path = desk.put("a.txt", b"one\r\ntwo\nthree\r\n")
    desk.says("Edit", file_path="a.txt", old_string="two\nthree", new_string="2\n3")

    assert path.read_bytes() == b"one\r\n2\n3\r\n"


def test_what_is_not_utf8_is_left_alone(desk: Desk) -> None:
    path = desk.put("a.txt", b"caf\xe9 one")

    assert "is not UTF-8" in desk.refuses(
        "Edit", file_path="a.txt", old_string="one", new_string="two"
    )
    assert path.read_bytes() == b"caf\xe9 one"


def test_what_would_grow_too_large_is_not_built(desk: Desk) -> None:
    path = desk.put("a.txt", "a" * (1 << 20))

    assert "would be over 10 MiB" in desk.refuses(
        "Edit", file_path="a.txt", old_string="a", new_string="b" * (1 << 20), replace_all=True
    )
    path.write_bytes(b"a" * (10 << 20) + b"bc")
    assert "too large to edit" in desk.refuses(
        "Edit", file_path="a.txt", old_string="b", new_string="c"
    )


TEXT = st.text("ab\né", max_size=12)


def once(text: str, part: str) -> bool:
    return text.find(part) >= 0 and text.find(part, text.find(part) + 1) < 0


@settings(max_examples=150, deadline=None)
@given(before=TEXT, old=st.text("ab\n", min_size=1, max_size=3), new=st.text("xyé\n", max_size=3),
       after=TEXT, ends=st.sampled_from(["\n", "\r\n"]))  # fmt: skip
def test_an_edit_and_its_reverse_leave_every_byte(
    tmp_path_factory: pytest.TempPathFactory,
    before: str, old: str, new: str, after: str, ends: str,
) -> None:  # fmt: skip
    # A line end before all of it, since a file without one has no kind of line end to keep.
    text, changed = f"\n{before}{old}{after}", f"\n{before}{new}{after}"
    assume(new and old != new and once(text, old) and once(changed, new))
    assume(text.index(old) == changed.index(new) == 1 + len(before))
    assume("\n" in changed[: 1 + len(before)])
    desk = desk_in(Path(tmp_path_factory.mktemp("edits")))
    path = desk.put("a.txt", text.replace("\n", ends))
    desk.says("Edit", file_path="a.txt", old_string=old, new_string=new)

    assert path.read_bytes() == changed.replace("\n", ends).encode()
    desk.says("Edit", file_path="a.txt", old_string=new, new_string=old)
    assert path.read_bytes() == text.replace("\n", ends).encode()
