from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audition.evidence import Evidence
from audition.report.diffs import (
    LONGEST_DIFF_CHARACTERS,
    LONGEST_DIFF_LINES,
    FileDiff,
    Room,
    file_diff,
)
from audition.trees import EXECUTABLE, LINK, REGULAR, File, FileChange, blob_id

LINES = st.lists(st.sampled_from(["a", "b", "c", "", "+x", "\x0c"]), max_size=30)


def diff_of(before: bytes | None, after: bytes | None, room: Room | None = None) -> FileDiff:
    contents = {blob_id(body): body for body in (before, after) if body is not None}
    change = FileChange(
        "shop/cart.py",
        None if before is None else File(REGULAR, blob_id(before)),
        None if after is None else File(REGULAR, blob_id(after)),
    )
    return file_diff(Evidence((), contents=contents.get), change, room or Room())


def written(lines: list[str]) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode()


def applied(old: list[str], diff: FileDiff) -> list[str]:
    """The new version, made of the old one and the diff as `patch` would read it."""
    new: list[str] = []
    at = 0
    for line in diff.lines:
        if line.sign == "@":
            start, length = map(int, line.text.split()[0].removeprefix("-").split(","))
            place = start - 1 if length else start
            new += old[at:place]
            at = place
        elif line.sign == "+":
            new.append(line.text)
        else:
            assert old[at] == line.text
            at += 1
            new += [line.text] if line.sign == " " else []
    return new + old[at:]


@given(LINES, LINES)
def test_the_diff_applied_to_the_one_version_gives_the_other(
    old: list[str], new: list[str]
) -> None:
    diff = diff_of(written(old), written(new))

    assert applied(old, diff) == new
    assert diff.added - diff.removed == len(new) - len(old)


@given(LINES, LINES, st.integers(0, 20), st.integers(0, 20))
def test_a_diff_that_is_not_compared_line_by_line_is_right_as_well(
    old: list[str], new: list[str], start: int, end: int
) -> None:
    old = ["s"] * start + old + ["e"] * end
    new = ["s"] * start + new + ["e"] * end

    assert applied(old, diff_of(written(old), written(new), Room(compared=0))) == new


def test_a_created_and_a_deleted_file_are_all_of_one_sign() -> None:
    assert [(line.sign, line.text) for line in diff_of(None, b"x\ny\n").lines] == [
        ("@", "-0,0 +1,2 @@"),
        ("+", "x"),
        ("+", "y"),
    ]
    assert diff_of(b"x\n", None).what == "deleted"
    assert diff_of(b"x\n", None).size == "+0 −1"


def test_a_missing_line_feed_at_the_end_is_said() -> None:
    assert diff_of(b"x\n", b"x").lines[-1].text.endswith("no line feed at the end")


def test_what_was_not_kept_and_what_is_no_text_is_said_and_nothing_is_made_up() -> None:
    lost = FileChange("a.env", None, File(REGULAR, blob_id(b"secret")))
    binary = diff_of(b"\0\1", b"text\n")

    assert file_diff(Evidence(()), lost, Room()).facts == ("the content after was not kept",)
    assert file_diff(Evidence(()), lost, Room()).size == ""
    assert binary.facts == ("binary, 2 bytes before",)
    assert binary.lines == ()


@pytest.mark.parametrize(
    ("before", "after", "fact"),
    [(REGULAR, EXECUTABLE, "file → executable file"), (None, LINK, "link")],
)
def test_what_kind_of_file_it_became_is_said(before: int | None, after: int, fact: str) -> None:
    blob = blob_id(b"x")
    change = FileChange("x", File(before, blob) if before else None, File(after, blob))

    assert fact in file_diff(Evidence((), contents={blob: b"x"}.get), change, Room()).facts


def test_a_long_diff_ends_at_its_bounds_and_says_how_much_is_left_off() -> None:
    many = diff_of(None, b"x\n" * 5_000)
    wide = diff_of(None, (b"y" * 900 + b"\n") * 300)

    assert len(many.lines) == LONGEST_DIFF_LINES
    assert many.left_off == 5_001 - LONGEST_DIFF_LINES
    assert sum(len(line.text) for line in wide.lines) <= LONGEST_DIFF_CHARACTERS
    assert len(wide.lines) + wide.left_off == 301


def test_one_room_is_shared_by_all_that_stand_in_it() -> None:
    room = Room(characters=30)

    assert diff_of(None, b"0123456789\n", room).lines
    assert diff_of(None, b"9876543210\n", room).lines == ()


@pytest.mark.parametrize("period", [1, 7, 300, 100_000])
def test_hostile_contents_take_no_time(period: int) -> None:
    before = written([f"{n % period}" for n in range(40_000)])
    after = written([f"{n * 7 % period}" for n in range(40_000)])
    near = written([f"{n * 7 % period}" for n in range(990)])
    began = perf_counter()

    diff_of(before, after)
    diff_of(before[:2_000], near)

    assert perf_counter() - began < 5
