"""What a replay puts in the place of recorded commits, and how it tells what came otherwise."""

import re
from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audition.conversation import Call, Text
from audition.events import AnyEvent, Command, Commit, ModelCall, ToolCall, ToolResult
from audition.models._replay import differences, renamed
from audition.recordings import CameTo, CommandEnd, RecordedTurn, TurnPlace, turns_of
from audition.tracer import Tracer

OLD = ("3f2a91c" + "0" * 33, "88ad0e1" + "1" * 33, "abcdef0" + "2" * 33)
NEW = ("91bb0c4" + "3" * 33, "3f2a91d" + "4" * 33, "0badcab" + "5" * 33)
PAIRS = dict(zip(OLD, NEW, strict=True))
HEX = st.text("0123456789abcdef", min_size=1, max_size=41)


def ran(*calls: CameTo) -> tuple[AnyEvent, ...]:
    """A trace in which each turn makes one call, which comes to this."""
    tracer = Tracer(lambda: 0.0)
    for came_to in calls:
        tracer.add(ModelCall, served="x", stop="tool_use")
        call = tracer.add(ToolCall, tool="Bash", input={"command": "work"}).number
        for end in came_to.commands:
            tracer.add(Command, call=call, tool="x", role="test", **vars(end))
        for name in came_to.commits:
            tracer.add(Commit, call=call, id=name, parents=(), branch="main", message="m", files=())
        tracer.add(ToolResult, call=call, content="", is_error=came_to.is_error)
    return tuple(tracer.trace)


def made(*commits: Iterable[str]) -> tuple[AnyEvent, ...]:
    """A trace in which each call makes these commits."""
    return ran(*(CameTo(commits=tuple(names)) for names in commits))


RECORDED = turns_of(made(OLD[:1], OLD[1:]))


def said(text: str, now: tuple[AnyEvent, ...] | None = None) -> str:
    """A text of the recording as the replay says it."""
    happened = made(NEW[:1], NEW[1:]) if now is None else now
    (block,) = renamed((Text(text),), RECORDED, lambda: happened)
    assert isinstance(block, Text)
    return block.text


@pytest.mark.parametrize(
    ("text", "becomes"),
    [
        (OLD[0], NEW[0]),
        ("git show 3f2a91c", "git show 91bb0c4"),
        ("3f2a91c00..88ad0e1^", "91bb0c433..3f2a91d^"),
        ("HEAD is v1-2-g3f2a91c.", "HEAD is v1-2-g91bb0c4."),
        ("backup_3f2a91c.patch", "backup_91bb0c4.patch"),
        ("`abcdef0`, (88ad0e1)", "`0badcab`, (3f2a91d)"),
    ],
)
def test_a_commit_is_named_as_the_replay_has_it(text: str, becomes: str) -> None:
    assert said(text) == becomes


@pytest.mark.parametrize(
    "text",
    [
        "3f2a91",  # git prints none that is shorter than seven
        "3f2a91c1",
        f"{OLD[0]}0",
        "3F2A91C",
        "x3f2a91c",
        "3f2a91cx",
        "g3f2a91c",
        "#abcdef",
        "deadbeef 1234567",
    ],
)
def test_no_other_word_is_touched(text: str) -> None:
    assert said(text) == text


def test_every_text_of_a_call_is_read_and_no_key_of_it() -> None:
    given_input: dict[str, Any] = {
        "command": "git show 3f2a91c",
        "3f2a91c": ["88ad0e1", {"deep": ["abcdef0", 7, None, True]}],
    }
    call = Call("call_3f2a91c", "Bash", given_input)
    (found,) = renamed((call,), RECORDED, lambda: made(NEW[:1], NEW[1:]))

    assert found == Call(
        "call_3f2a91c",
        "Bash",
        {
            "command": "git show 91bb0c4",
            "3f2a91c": ["3f2a91d", {"deep": ["0badcab", 7, None, True]}],
        },
    )


def test_what_the_replay_has_not_made_yet_keeps_its_name() -> None:
    assert said("3f2a91c 88ad0e1", made(NEW[:1])) == "91bb0c4 88ad0e1"


def test_a_call_that_made_another_number_of_commits_names_none() -> None:
    assert said("3f2a91c 88ad0e1", made(NEW[:1], NEW[1:2])) == "91bb0c4 88ad0e1"


def test_a_word_that_two_commits_begin_with_is_left_alone() -> None:
    twins = ("3f2a91c" + "a" * 33, "3f2a91c" + "b" * 33)
    (block,) = renamed((Text("3f2a91c"),), turns_of(made(twins)), lambda: made(NEW[:2]))

    assert block == Text("3f2a91c")


def test_the_trace_is_not_asked_for_where_no_commit_can_be_named() -> None:
    def never() -> tuple[AnyEvent, ...]:
        raise AssertionError("nobody needs it")

    assert renamed((Text("git log"),), RECORDED, never) == (Text("git log"),)
    assert renamed((Text(OLD[0]),), turns_of(made(())), never) == (Text(OLD[0]),)


@given(st.lists(st.tuples(HEX | st.sampled_from(OLD), st.sampled_from(" .-/_:^~"))))
def test_only_words_that_begin_a_known_commit_ever_change(
    pieces: list[tuple[str, str]],
) -> None:
    text = "".join(word + mark for word, mark in pieces)
    expected = "".join(in_its_place(word) + mark for word, mark in pieces)

    assert said(text) == expected
    assert re.sub("[0-9a-f]", "", said(text)) == re.sub("[0-9a-f]", "", text)
    assert len(said(text)) == len(text)


def in_its_place(word: str) -> str:
    known = [new for old, new in PAIRS.items() if len(word) >= 7 and old.startswith(word)]
    return known[0][: len(word)] if known else word


# ── What calls came to ───────────────────────────────────────────────────────────────────────────

RED = CommandEnd("pytest -q", 1, "failed", "assertion")
GREEN = CommandEnd("pytest -q", 0, "passed")


def label(before: CameTo, after: CameTo) -> str:
    found = differences(turns_of(ran(before)), ran(after))
    assert len(found) <= 1
    return found[0] if found else ""


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        (RED, GREEN, "`pytest -q` failed (assertion) when recorded and passed now"),
        (GREEN, RED, "`pytest -q` passed when recorded and failed (assertion) now"),
        (
            RED,
            CommandEnd("pytest -q", 2, "failed", "collection_error"),
            "`pytest -q` failed (assertion) when recorded and failed (collection error) now",
        ),
        (
            CommandEnd("git show 3f2a91c", 0),
            CommandEnd("git show 91bb0c4", 128),
            "`git show 3f2a91c` ended with 0 when recorded and with 128 now",
        ),
    ],
)
def test_a_command_that_ends_otherwise_is_told(
    before: CommandEnd, after: CommandEnd, told: str
) -> None:
    assert label(CameTo(commands=(before,)), CameTo(commands=(after,))) == (
        f"replayed otherwise: {told}"
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (RED, CommandEnd("pytest -q", None, "failed")),
        (RED, CommandEnd("pytest -q")),
        (CommandEnd("git push"), CommandEnd("git push", 1)),
        (CommandEnd("git add -A", 0), CommandEnd("git commit", 1)),
    ],
    ids=["no kind of failure", "no outcome", "no exit code", "another command"],
)
def test_what_one_side_does_not_know_is_no_difference(
    before: CommandEnd, after: CommandEnd
) -> None:
    assert label(CameTo(commands=(before,)), CameTo(commands=(after,))) == ""


def test_a_call_that_fails_now_is_told_where_no_command_says_why() -> None:
    assert label(CameTo(), CameTo(is_error=True)) == (
        "replayed otherwise: `work` succeeded when recorded and failed now"
    )


def test_the_first_difference_is_told_and_the_others_are_counted() -> None:
    red, green = CameTo(True, (RED,)), CameTo(False, (GREEN,))
    (found,) = differences(turns_of(ran(green, red, red, red)), ran(green, green, green, green))

    assert found.startswith("replayed otherwise: `pytest -q` failed (assertion)")
    assert found.endswith("passed now, and 2 more calls")


def test_a_command_of_any_length_makes_a_short_label() -> None:
    long = CommandEnd(f"pytest {'a' * 9000}\n\n b", 0, "passed")
    other = CommandEnd(long.text, 1, "failed")

    assert len(label(CameTo(commands=(long,)), CameTo(commands=(other,)))) < 200


def test_a_replay_that_ends_early_is_compared_as_far_as_it_came() -> None:
    assert differences(turns_of(made((), (), ())), made(())) == ()


def test_a_recording_that_knows_nothing_is_compared_with_nothing() -> None:
    call = Call("c", "Bash", {"command": "work"})
    by_hand: dict[TurnPlace, RecordedTurn] = {((), 1): RecordedTurn((call,), "tool_use")}

    assert differences(by_hand, ran(CameTo(True, (RED,)))) == ()


ENDS = st.builds(
    CameTo,
    is_error=st.booleans(),
    commands=st.lists(st.sampled_from([RED, GREEN, CommandEnd("ls", 0)]), max_size=3).map(tuple),
    commits=st.lists(st.sampled_from(OLD), max_size=2).map(tuple),
)


@given(st.lists(ENDS, max_size=5))
def test_what_is_replayed_as_it_was_recorded_has_no_label(ends: list[CameTo]) -> None:
    assert differences(turns_of(ran(*ends)), ran(*ends)) == ()
