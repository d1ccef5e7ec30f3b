import pytest
from hypothesis import given
from hypothesis import strategies as st

from audition.inert import inert


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred", "\\x1b[31mred"),
        ("a\rb\x00\x7f\x9b", "a\\x0db\\x00\\x7f\\x9b"),
        ("\u202eevil\u2066", "\\u202eevil\\u2066"),
        ("\ud800", "\\ud800"),
        ("\U000e0041", "\\U000e0041"),
        ("a\n\tb", "a\\x0a\\x09b"),
        ("näive 😀 [/rich] {{ x }}", "näive 😀 [/rich] {{ x }}"),
    ],
)
def test_characters_that_act_are_written_out(text: str, shown: str) -> None:
    assert inert(text) == shown


def test_line_feeds_and_tabs_stay_on_request() -> None:
    assert inert("a\n\tb\r\x1b", keep_layout=True) == "a\n\tb\\x0d\\x1b"


@given(st.text(st.characters()))
def test_result_can_always_be_encoded_and_is_settled(text: str) -> None:
    shown = inert(text)

    assert len(shown.encode()) >= len(text)
    assert inert(shown) == shown
