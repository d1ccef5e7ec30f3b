import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from audition.errors import InputError, Problem
from audition.yamlfile import parse_yaml, read_yaml

PATH = Path("x.yaml")

signs = st.sampled_from([*"[]{}:,-?&*!|>'\"%@`#~<\\ \t\n\r0aé\x00\x85\u2028\ufeff", "a: ", "\n- "])
texts = st.text(st.characters()) | st.lists(signs, max_size=60).map("".join)
scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text()
    | st.from_regex(r"[-+]?[0-9][0-9_.:eE+-]{0,9}", fullmatch=True)
)
values = st.recursive(
    scalars, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=20
)


@given(texts)
@example("---")
@example("\ud800")
@example("a: !<")
@example("%YAML 9.9\n---\n")
def test_any_text_is_read_or_is_a_problem_with_a_position(text: str) -> None:
    problems: Sequence[Problem] = ()
    try:
        document = parse_yaml(text, PATH)
        line, column = document.locate(())
        assert 1 <= column <= len(document.lines[line - 1]) + 1
    except InputError as error:
        problems = error.problems or [Problem("", "an error without a problem", "")]

    assert all(re.fullmatch(r"x\.yaml:\d+:\d+", problem.where) for problem in problems)


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_are_a_problem_with_a_position(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    path = tmp_path_factory.mktemp("bytes") / "x.yaml"
    path.write_bytes(content)
    problems: Sequence[Problem] = ()
    try:
        read_yaml(path)
    except InputError as error:
        problems = error.problems or [Problem("", "an error without a problem", "")]

    assert all(re.search(r"x\.yaml:\d+:\d+$", problem.where) for problem in problems)


@given(st.dictionaries(st.text(), values), st.booleans())
def test_what_pyyaml_writes_is_read_back_equal(value: dict[str, Any], flow: bool) -> None:
    text = yaml.safe_dump(value, default_flow_style=flow)

    assert parse_yaml(text, PATH).data == value
