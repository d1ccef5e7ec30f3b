import os
import time
from pathlib import Path
from typing import Any

import pytest
import yaml

from audition import yamlfile
from audition.errors import InputError
from audition.yamlfile import parse_yaml, read_yaml

PATH = Path("x.yaml")


@pytest.fixture(params=["C", "Python"])
def parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Both parsers of PyYAML: a wheel without libyaml has only the slow one."""
    if request.param == "Python":
        monkeypatch.setattr(yamlfile, "_LOADER", yaml.SafeLoader)
    return str(request.param)


def data(text: str) -> Any:
    return parse_yaml(text, PATH).data


def complaint(text: str) -> str:
    with pytest.raises(InputError) as caught:
        parse_yaml(text, PATH)
    return str(caught.value)


@pytest.mark.parametrize(
    "word",
    [
        *("no", "yes", "on", "off", "y", "012", "089", "0o14", "0x1f", "1_000", "1e5", "12e4567"),
        *(
            "12:30:45",
            "2026-12-01",
            "2026-12-01 10:00:00",
            ".inf",
            ".nan",
            "1.0e+999",
            "=",
            "0.1.2",
        ),
    ],
)
@pytest.mark.usefixtures("parser")
def test_what_yaml_versions_read_differently_stays_text(word: str) -> None:
    assert data(f"key: {word}") == {"key": word}
    assert data(f"{word}: value") == {word: "value"}


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("12", 12),
        ("-7", -7),
        ("0", 0),
        ("+3", 3),
        ("0.80", 0.8),
        (".5", 0.5),
        ("-1.5e+3", -1500.0),
        ("true", True),
        ("False", False),
        ("null", None),
        ("~", None),
        ("", None),
        ("'12'", "12"),
        ('"true"', "true"),
        ("!!str 12", "12"),
        ("|\n  two\n  lines\n", "two\nlines\n"),
    ],
)
@pytest.mark.usefixtures("parser")
def test_plain_values_have_the_type_that_all_versions_agree_on(written: str, value: Any) -> None:
    found = data(f"key: {written}")["key"]

    assert found == value
    assert type(found) is type(value)


def test_keys_are_always_text() -> None:
    assert data("1: a\ntrue: b\nnull: c") == {"1": "a", "true": "b", "null": "c"}


def test_an_empty_file_holds_nothing() -> None:
    assert data("") is None
    assert data("# a comment\n") is None


def test_an_alias_stands_for_its_anchor() -> None:
    assert data("a: &x [1, {b: 2}]\nc: *x") == {"a": [1, {"b": 2}], "c": [1, {"b": 2}]}


def test_every_duplicate_key_is_reported_with_its_first_line() -> None:
    assert complaint("a: 1\nb: {c: 1, c: 2}\na: 3\n").splitlines() == [
        "x.yaml:2:11: the key 'c' stands twice; it is also on line 2",
        "     2 | b: {c: 1, c: 2}",
        "       |           ^",
        "x.yaml:3:1: the key 'a' stands twice; it is also on line 1",
        "     3 | a: 3",
        "       | ^",
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: 'x\nb: 1", "x.yaml:1:4: a quote is opened and never closed"),
        ("a:\n\t- b", "x.yaml:2:1: a tab stands where YAML wants spaces; indent with spaces"),
        ("a: @x", "x.yaml:1:4: a value cannot begin with '@'; put the value in quotes"),
        ("a: b: c", "x.yaml:1:5: a key cannot stand here"),
        ("a: [1, 2\nb: 2", "x.yaml:1:4: this list is never closed"),
        ("a: {b: 1", "x.yaml:1:4: this mapping is never closed"),
        ("a: *nobody", "x.yaml:1:4: the alias '*nobody' names nothing above"),
        ("a: &x [*x]", "x.yaml:1:8: the alias '*x' names nothing above"),
        ("a: !!python/object:os.system x", "x.yaml:1:4: the tag 'tag:yaml.org,2002:python/"),
        ("a: !mine {b: 1}", "x.yaml:1:4: the tag '!mine' is not read"),
        ("<<: {a: 1}", "x.yaml:1:1: merge keys ('<<') are not read; write the keys out"),
        ("--- a\n--- b", "x.yaml:2:1: a second document begins here"),
        ("? [a]\n: b", "x.yaml:1:3: a list or mapping cannot be a key"),
        ("a: &x y\n*x : b", "x.yaml:2:1: an alias cannot be a key"),
        ("a: 1\n...\nb", "x.yaml:3:1: something stands after the end of the document"),
        ("a: x\x07y", "x.yaml:1:5: the character U+0007 is not allowed in YAML"),
        ("a: x\n\ufeffb: y", "x.yaml:2:1: the character U+FEFF is not allowed in YAML"),
        ("a: \ud800", "x.yaml:1:4: the character U+D800 is not allowed in YAML"),
    ],
)
@pytest.mark.usefixtures("parser")
def test_every_mistake_is_told_in_plain_words_at_its_place(text: str, message: str) -> None:
    assert complaint(text).startswith(message)


@pytest.mark.parametrize("opening", ["[", "{a: ", "- "])
@pytest.mark.usefixtures("parser")
def test_nesting_without_end_is_a_problem_and_no_crash(opening: str) -> None:
    assert "nested deeper than 64 levels" in complaint(opening * 20_000)


@pytest.mark.usefixtures("parser")
def test_a_bomb_of_aliases_is_a_problem_within_a_second() -> None:
    lines = ["l0: &l0 [x, x, x, x, x, x, x, x, x]"]
    for level in range(1, 30):
        lines.append(f"l{level}: &l{level} [{', '.join([f'*l{level - 1}'] * 9)}]")
    began = time.process_time()

    assert "aliases repeat more than 10,000 values" in complaint("\n".join(lines))
    assert time.process_time() - began < 1.0


def test_aliases_cannot_hide_nesting() -> None:
    lines = ["l0: &l0 [x]", *(f"l{n}: &l{n} [*l{n - 1}]" for n in range(1, 100))]

    assert "nested deeper than 64 levels" in complaint("\n".join(lines))


def test_a_flood_of_values_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(yamlfile, "MAX_EVENTS", 1_000)

    assert "more than 1,000 keys and values; split the file" in complaint("- a\n" * 1_100)


def test_only_the_first_hundred_mistakes_are_listed() -> None:
    with pytest.raises(InputError) as caught:
        data("\n".join(["a: 1"] * 5_000))

    assert len(caught.value.problems) == 100


def test_a_line_of_a_hundred_megabytes_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "big.yaml"
    with path.open("wb") as file:
        file.write(b"cases: [")
        file.truncate(100 * 2**20)
    began = time.process_time()

    with pytest.raises(InputError, match="is larger than 16 MB; split it into several files"):
        read_yaml(path)
    assert time.process_time() - began < 1.0


def test_a_file_that_is_not_utf8_is_a_problem_with_its_position(tmp_path: Path) -> None:
    path = tmp_path / "latin.yaml"
    path.write_bytes("a: 1\nname: Zoë".encode("latin-1"))

    with pytest.raises(InputError, match=r"latin\.yaml:2:9: is not UTF-8 text: byte 0xeb"):
        read_yaml(path)


@pytest.mark.parametrize("name", ["missing.yaml", "."])
def test_what_cannot_be_read_is_a_problem(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match=r"there is no such file|is no file"):
        read_yaml(tmp_path / name)


def test_a_byte_order_mark_and_windows_line_ends_do_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "windows.yaml"
    path.write_bytes(b"\xef\xbb\xbfa: 1\r\nb:\r\n  c: 2\r\n")

    document = read_yaml(path)

    assert document.data == {"a": 1, "b": {"c": 2}}
    assert document.locate(("b", "c")) == (3, 6)


def test_the_path_is_printed_relative_to_the_working_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sets").mkdir()
    (tmp_path / "sets" / "d.yaml").write_text("a: [")
    monkeypatch.chdir(tmp_path / "sets")
    inside = Path("../sets/d.yaml")
    monkeypatch.chdir(tmp_path)

    with pytest.raises(InputError, match=rf"^sets{os.sep}d\.yaml:"):
        read_yaml(tmp_path / "sets" / inside)


def test_places_of_keys_and_values_are_known() -> None:
    document = parse_yaml("cases:\n  - id: a\n    expect: [x, {y: z}]\n", PATH)

    assert document.locate(()) == (1, 1)
    assert document.locate(("cases", 0)) == (2, 5)
    assert document.locate(("cases", 0, "id")) == (2, 9)
    assert document.locate(("cases", 0, "id"), key=True) == (2, 5)
    assert document.locate(("cases", 0, "expect", 1, "y")) == (3, 21)
    assert document.locate(("cases", 0, "union member", "expect", 9)) == (3, 13)


def test_the_caret_stands_under_the_place_also_after_wide_characters() -> None:
    lines = complaint("漢字: *x").splitlines()

    assert lines[1:] == ["     1 | 漢字: *x", "       |       ^"]


def test_a_value_missing_at_the_end_is_reported_on_the_last_line() -> None:
    assert complaint("a: [").startswith("x.yaml:1:5: a value is missing here; write one")


def test_a_long_line_is_cut_around_the_place() -> None:
    line, caret = complaint(f"a: {'y' * 5_000}: {'z' * 5_000}").splitlines()[1:]

    assert len(line) < 120
    assert line[caret.index("^")] == ":"
    assert line.count("…") == 2


def test_control_characters_in_an_excerpt_are_made_visible() -> None:
    text = complaint("a: \x1b[31mred")

    assert "\x1b" not in text
    assert "a: \\x1b[31mred" in text
    assert "\u202e" not in complaint("a: \u202eb: c")
