import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audition.setups.settings import denied_agents, merged_settings, read_settings


def test_denied_agents_are_found_under_both_names_of_the_tool() -> None:
    deny = ["Agent(Explore)", "Task(Plan)", "Agent(a, b c)", "Bash(rm *)", 3, "Agent()"]

    assert denied_agents({"permissions": {"deny": deny}}) == {"Explore", "Plan", "a", "b c"}


@pytest.mark.parametrize("permissions", [None, [], "x", {"deny": None}, {"deny": "Agent(Plan)"}])
def test_permissions_of_another_shape_deny_nothing(permissions: object) -> None:
    assert denied_agents({"permissions": permissions}) == frozenset()


def test_what_is_not_modelled_is_named_at_its_line() -> None:
    text = """{
  "theme": "dark",
  "hooks": {"Stop": [{"env": 1}]},
  "permissions": {
    "allow": ["Read"],
    "deny": [
      "Agent(Explore)", "Bash(curl *)"
    ],
    "defaultMode": "plan"
  },
  "env": {"A": "{"},
  "enabledPlugins": {}
}"""

    settings, findings = read_settings("s.json", text.encode())

    assert settings["theme"] == "dark"
    assert {finding.level for finding in findings} == {"not modelled"}
    assert [(finding.line, finding.what.split("`")[1]) for finding in findings] == [
        (3, "hooks"),
        (5, "permissions.allow"),
        (6, "Bash(curl *)"),
        (9, "permissions.defaultMode"),
        (11, "env"),
    ]


def test_denial_of_agents_alone_is_no_finding() -> None:
    assert read_settings("s.json", b'\xef\xbb\xbf{"permissions":{"deny":["Task(Plan)"]}}') == (
        {"permissions": {"deny": ["Task(Plan)"]}},
        (),
    )


def test_denial_of_all_delegation_is_not_modelled() -> None:
    (finding,) = read_settings("s.json", b'{"permissions": {"deny": ["Agent"]}}')[1]

    assert "denies `Agent`" in finding.what


@pytest.mark.parametrize(
    ("data", "line", "what"),
    [
        (b'{\n  "a": 1,\n}', 3, "is not JSON"),
        (b"[1]", 1, "no JSON object"),
        (b"", 1, "is not JSON"),
        (b"[" * 100_000, 1, "cannot be read"),
        (b'{"a":' * 300 + b"1" + b"}" * 300, 1, "cannot be read"),
        (b'{"a": ' + b"9" * 5000 + b"}", 1, "cannot be read"),
    ],
)
def test_broken_file_is_a_finding_and_counts_as_empty(data: bytes, line: int, what: str) -> None:
    settings, (finding,) = read_settings("s.json", data)

    assert settings == {}
    assert (finding.line, finding.level) == (line, "not loaded")
    assert what in finding.what


def test_project_lies_over_the_user() -> None:
    user = {"a": 1, "permissions": {"deny": ["Agent(x)"], "allow": ["Read"]}}
    project = {"a": 2, "permissions": {"deny": ["Agent(y)", "Agent(x)"]}}

    assert merged_settings(user, project) == {
        "a": 2,
        "permissions": {"deny": ["Agent(x)", "Agent(y)"], "allow": ["Read"]},
    }


values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(["permissions", "hooks", "a"]) | st.text(), values))
def test_any_object_is_read_as_it_is(settings: dict[str, object]) -> None:
    text = json.dumps(settings, indent=1)

    read, findings = read_settings("s.json", text.encode())

    assert json.dumps(read) == json.dumps(settings)
    assert all(1 <= finding.line <= text.count("\n") + 1 for finding in findings)
    denied_agents(read)


@given(st.binary())
def test_no_bytes_ever_raise(data: bytes) -> None:
    read_settings("s.json", data)
