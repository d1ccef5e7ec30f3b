from hypothesis import given
from hypothesis import strategies as st

from audition.setups.front_matter import (
    FrontMatter,
    Nested,
    Unreadable,
    read_front_matter,
    with_line_breaks,
)


def read(text: str) -> FrontMatter:
    matter = read_front_matter(text)
    assert isinstance(matter, FrontMatter)
    return matter


def refused(text: str) -> Unreadable:
    matter = read_front_matter(text)
    assert isinstance(matter, Unreadable)
    return matter


def test_fields_body_and_lines_are_read() -> None:
    matter = read("---\nname: a\n# why\ndescription: does a\n---\n\nWork.\n")

    assert matter.fields == {"name": "a", "description": "does a"}
    assert matter.lines == {"name": 2, "description": 4}
    assert (matter.body, matter.end) == ("Work.", 5)
    assert not matter.is_cut
    assert not matter.is_repaired


def test_byte_order_mark_and_windows_line_ends_make_no_difference() -> None:
    plain = read("---\nname: a\n---\nBody\ntwo\n")

    assert read("\ufeff---\r\nname: a\r\n---\r\nBody\r\ntwo\r\n") == plain


def test_value_that_is_no_yaml_is_quoted_on_the_second_attempt() -> None:
    matter = read("---\ntools:\n\t- Read\ndescription: when: it rains\n---\n")

    assert matter.is_repaired
    assert matter.fields == {"tools": ("Read",), "description": "when: it rains"}


def test_second_attempt_keeps_backslashes_and_quotes_of_the_value() -> None:
    matter = read('---\nname: a\ndescription: say \\"x\\": C:\\n\n---\n')

    assert matter.fields["description"] == 'say \\"x\\": C:\\n'


def test_second_attempt_leaves_quoted_values_and_flow_lists_alone() -> None:
    matter = read("---\ntools: [Read, Grep]\nname: 'a: b'\ndescription: c: d\n---\n")

    assert matter.fields == {"tools": ("Read", "Grep"), "name": "a: b", "description": "c: d"}


def test_text_that_spills_over_unindented_lines_is_refused_with_its_line() -> None:
    problem = refused("---\nname: a\ndescription: Use it when: so\nuser: hi\n<x>: [\n---\n")

    assert "not YAML" in problem.what
    assert problem.line >= 3
    assert not problem.is_missing


def test_front_matter_ends_at_the_first_dashes_wherever_they_stand() -> None:
    matter = read(
        "---\nname: a\ndescription: |\n  one\n  --- inner\n  two\nmodel: opus\n---\nBody\n"
    )

    assert matter.is_cut
    assert matter.end == 5
    assert str(matter.fields["description"]).strip() == "one"
    assert "model" not in matter.fields
    assert matter.body.startswith("inner\n  two\nmodel: opus\n---")


def test_dashes_inside_a_line_end_it_too() -> None:
    matter = read("---\nname: a\ndescription: one --- two\n---\n")

    assert matter.is_cut
    assert matter.fields["description"] == "one"


def test_words_that_an_old_yaml_takes_for_something_else_stay_words() -> None:
    matter = read("---\na: no\nb: 1:30\nc: 2024-01-01\nd: 1_000\n---\n")

    assert matter.fields == {"a": "no", "b": "1:30", "c": "2024-01-01", "d": "1_000"}


def test_numbers_truth_and_nothing_are_told_from_words() -> None:
    matter = read("---\na: 12\nb: 1.5\nc: TRUE\nd: ~\ne:\nf: '12'\ng: .inf\nh: 0x10\n---\n")

    assert matter.fields == {
        "a": 12,
        "b": 1.5,
        "c": True,
        "d": None,
        "e": None,
        "f": "12",
        "g": float("inf"),
        "h": 16,
    }


def test_inner_structure_is_marked_and_not_followed() -> None:
    matter = read("---\nhooks: {a: &x [1], b: *x}\ntools: [Read, {a: b}, [c]]\n---\n")

    assert matter.fields == {
        "hooks": Nested.MAPPING,
        "tools": ("Read", Nested.MAPPING, Nested.LIST),
    }


def test_aliases_that_would_multiply_cost_nothing() -> None:
    lines = ["a0: &a0 [x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 60)]

    matter = read("---\n" + "\n".join(lines) + "\n---\n")

    assert len(matter.fields) == 60


def test_brackets_without_end_are_refused_and_nothing_overflows() -> None:
    assert "nested too deeply" in refused("---\nname:\n " + "[" * 5_000 + "\n---\n").what


def test_emoji_written_as_two_escapes_becomes_one_character() -> None:
    matter = read('---\na: "\\ud83d\\ude00"\nb: "x\\ud800"\n---\n')

    assert matter.fields == {"a": "😀", "b": "x\ufffd"}


def test_repeated_key_is_named_and_the_last_one_counts() -> None:
    matter = read("---\nname: a\nname: b\n---\n")

    assert matter.fields == {"name": "b"}
    assert matter.repeated == {"name": 3}


def test_text_before_the_opener_is_told_from_a_plain_page() -> None:
    assert refused("\n---\nname: a\n---\n").line == 2
    assert refused("# Title\n\n---\nname: a\n---\n").line == 3
    assert "no `---` before" in refused("name: a\ndescription: b\n").what
    assert "never ends" in refused("---\nname: a\n").what
    assert refused("# Notes\n\nJust text.\n").is_missing
    assert refused("").is_missing


def test_spelled_out_line_breaks_become_real_ones() -> None:
    assert with_line_breaks("a\\nb\\\\nc") == "a\nb\\\nc"


@given(st.text())
def test_no_text_ever_raises(text: str) -> None:
    read_front_matter(text)
    read_front_matter(f"---\n{text}\n---\n{text}")


@given(st.text(alphabet="ab :#\"'\\n\n\t-[]{}&*!|>%@`<", max_size=60))
def test_second_attempt_reads_any_value_that_stands_on_one_line(value: str) -> None:
    line = f"x: y {' '.join(value.replace('-', '').split())}".strip()
    matter = read_front_matter(f"---\nname: {line}\n---\n")

    assert isinstance(matter, FrontMatter)
    assert matter.fields == {"name": line}
