import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audition.setups.examples import finder, read_examples
from audition.setups.setup import Example


def pairs(text: str, *known: str) -> list[tuple[str, str]]:
    return [(e.request, e.agent) for e in read_examples(text, "own", finder({*known, "own"}))]


BLOCK = """Use this for servers.

<example>
Context: A service exists already.
user: "Add an endpoint for orders"
assistant: "I'll use the own agent for the endpoint"
<commentary>
Server work, so use the Task tool to launch the own agent.
</commentary>
</example>

<example>
user: "Make the button blue"
assistant: "I'll hand this to the page-painter agent."
</example>"""


def test_example_blocks_are_read() -> None:
    expected = [("Add an endpoint for orders", "own"), ("Make the button blue", "page-painter")]

    assert pairs(BLOCK, "page-painter") == expected


def test_line_breaks_may_be_missing_or_spelled_out() -> None:
    expected = [("Add an endpoint for orders", "own"), ("Make the button blue", "page-painter")]

    assert pairs(" ".join(BLOCK.split()), "page-painter") == expected
    assert pairs(BLOCK.replace("\n", "\\n").replace('"', '\\"'), "page-painter") == expected


def test_agent_that_nobody_knows_is_not_taken_for_one() -> None:
    assert pairs(BLOCK)[1] == ("Make the button blue", "own")


LIST = """Use it for pages.\\n\\nExamples:\\n\\n- User: "Make the header \\"sticky\\""
  Assistant: "Let me launch the own agent for that."
  <commentary>Since it is a page, use the Task tool.</commentary>\\n
- User: “Why is the site slow?”
  Assistant: "I'll ask the `Explore` agent first, then the own agent."

* **User**: Center the logo
  **Assistant**: I'll use the own agent"""


def test_list_of_user_lines_is_read() -> None:
    assert pairs(LIST, "Explore") == [
        ('Make the header "sticky"', "own"),
        ("Why is the site slow?", "Explore"),
        ("Center the logo", "own"),
    ]


def test_folded_list_on_one_line_is_read() -> None:
    text = 'Examples: - User: "One" Assistant: "own agent" - User: "Two" Assistant: "own agent"'

    assert pairs(text) == [("One", "own"), ("Two", "own")]


NUMBERED = """Examples:
- Example 1:
  Context: There is a bug.
  User: "The login is broken"
  Assistant: "I'll use the own agent."
- Example 2: "Rename the column" → use the data-keeper agent
- **Example 3**: Speed up the start page"""


def test_numbered_examples_are_read() -> None:
    assert pairs(NUMBERED, "data-keeper") == [
        ("The login is broken", "own"),
        ("Rename the column", "data-keeper"),
        ("Speed up the start page", "own"),
    ]


def test_conversation_of_several_turns_is_one_example_with_the_turn_handed_over() -> None:
    text = """<example>
    user: "Write a parser"
    assistant: "Here it is."
    user: "Now check it"
    assistant: "I'll use the own agent to check it."
    </example>"""

    assert pairs(text) == [("Now check it", "own")]


@pytest.mark.parametrize(
    ("written", "request_"),
    [
        ("user: 'I can't log in'", "I can't log in"),
        ("user: «Ouvre la porte»", "Ouvre la porte"),
        ("user: 「注文一覧を直して」", "注文一覧を直して"),
        ('user: "Add a "dark mode" switch"', 'Add a "dark mode" switch'),
        ('user: "Fix it" (after a failing build)', "Fix it"),
        ('user: "Two\n lines"', "Two lines"),
        ('user: "No end', "No end"),
        ('user: "The user: field is empty"', "The user: field is empty"),
        ("Human: plain words", "plain words"),
    ],
)
def test_quotes_of_all_kinds_are_taken_off(written: str, request_: str) -> None:
    text = f"<example>\n{written}\nassistant: I'll use the own agent\n</example>"

    assert pairs(text) == [(request_, "own")]


def test_example_cut_off_by_the_end_is_still_read() -> None:
    assert pairs('<example>\nuser: "Half of it"\nassist') == [("Half of it", "own")]


def test_prose_is_no_example() -> None:
    assert pairs("Use this agent when the user: wants a page, or proactively after edits.") == []
    assert pairs("Reviews code. MUST BE USED before every commit.") == []


def test_known_name_inside_a_longer_word_is_not_that_agent() -> None:
    text = '<example>user: "Go" assistant: "Calling the back-end agent"</example>'

    assert pairs(text, "end", "back") == [("Go", "own")]
    assert pairs(text, "end", "back", "back-end") == [("Go", "back-end")]


@pytest.mark.parametrize(
    "piece", ["user: ", 'user: "', "'`*", "Example ", "Example " + " " * 99, "\\", "<example>"]
)
def test_text_made_to_be_slow_is_not(piece: str) -> None:
    began = time.process_time()
    read_examples('<example>user: "a"' + piece * 200_000, "own", finder({"a", "b", "own"}))

    assert time.process_time() - began < 5


@given(
    st.lists(
        st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1),
        min_size=1,
        max_size=5,
        unique=True,
    )
)
def test_every_quoted_request_is_found_in_every_style(requests: list[str]) -> None:
    requests = [f"do {request} now" for request in requests]
    expected = tuple(Example(request, "own") for request in requests)

    blocks = "".join(f'<example>user: "{r}" assistant: "own agent"</example>' for r in requests)
    listed = "".join(f'- User: "{r}"\n  Assistant: "own agent"\n' for r in requests)
    numbered = "".join(f'- Example {n}: User: "{r}"\n' for n, r in enumerate(requests))

    assert read_examples(blocks, "own") == expected
    assert read_examples(listed, "own") == expected
    assert read_examples(numbered, "own") == expected


@given(st.text() | st.text(alphabet="user:Example 1<>/\"'“”\\n-*` \n"))
def test_no_text_ever_raises(text: str) -> None:
    for example in read_examples(text, "own", finder({"a b", "x-y", "own"})):
        assert example.request
