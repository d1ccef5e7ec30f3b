import pytest

from audition.setups.definition import read_definition
from audition.setups.setup import Agent, Finding


def loaded(fields: str, body: str = "Work.") -> tuple[Agent, tuple[Finding, ...]]:
    text = f"---\nname: a\ndescription: Does a.\n{fields}\n---\n{body}\n"
    reading = read_definition("agents/a.md", text.encode())
    assert reading.agent is not None
    return reading.agent, reading.findings


def the_finding(fields: str) -> Finding:
    (finding,) = loaded(fields)[1]
    return finding


def test_plain_definition_loads_without_a_finding() -> None:
    agent, findings = loaded(
        "model: opus\ntools: Read, Grep\nmemory: user\ncolor: red\nmaxTurns: 9"
    )

    assert agent == Agent(
        name="a",
        description="Does a.",
        body="Work.",
        model="opus",
        tools=("Read", "Grep"),
        memory="user",
        max_turns=9,
        path="agents/a.md",
        line=3,
    )
    assert findings == ()


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        ("---\ndescription: b\n---\n", 1, "has no `name`"),
        ("---\nname: a\n---\n", 1, "has no `description`"),
        ("---\nname: a\ndescription:\n---\n", 3, "has no `description`"),
        ("---\ndescription: b\nname: 12\n---\n", 3, "has a `name` that is not text"),
        ("---\nname: a\ndescription: [x]\n---\n", 3, "has a `description` that is not text"),
        ("---\nname: -a\ndescription: b\n---\n", 2, "has a `name` with a leading `-`"),
        ("---\nname: a:b\ndescription: b\n---\n", 2, "has a `:` in its `name`"),
        (f"---\nname: {'x' * 257}\ndescription: b\n---\n", 2, "has a `name` of more than 256"),
        ("---\n---\n", 1, "without any field"),
        ("\n---\nname: a\ndescription: b\n---\n", 2, "before the first `---`"),
        ("Hi\n---\nname: a\ndescription: b\n---\n", 2, "before the first `---`"),
        ("---\nname: a\ndescription: b\n", 1, "never ends"),
        ("---\nname: a\ndescription: b\n  c: [\n---\n", 4, "not YAML"),
    ],
)
def test_file_that_claude_code_drops_in_silence_is_named(text: str, line: int, what: str) -> None:
    reading = read_definition("a.md", text.encode())

    assert reading.agent is None
    (finding,) = reading.findings
    assert (finding.path, finding.line, finding.level) == ("a.md", line, "not loaded")
    assert what in finding.what
    assert finding.do


def test_name_of_256_characters_with_spaces_loads() -> None:
    name = "TDD " * 63 + "Eng!"

    reading = read_definition("a.md", f"---\nname: {name}\ndescription: b\n---".encode())

    assert reading.agent is not None
    assert reading.agent.name == name


def test_page_without_front_matter_is_only_noted() -> None:
    (finding,) = read_definition("README.md", b"# About\n\nOur agents.\n").findings

    assert finding.level == "note"


def test_other_encoding_is_named() -> None:
    (finding,) = read_definition("a.md", "---\nname: a\n---".encode("utf-16")).findings

    assert finding.level == "not loaded"
    assert "UTF-16" in finding.what


@pytest.mark.parametrize(
    ("fields", "level", "what"),
    [
        ("model: gpt-9", "altered", "`model: gpt-9`"),
        ("memory: team", "altered", "`memory: team`"),
        ("color: teal", "altered", "`color: teal`"),
        ("maxTurns: 0", "altered", "`maxTurns: 0`"),
        ("maxTurns: true", "altered", "`maxTurns: True`"),
        ("tools: {a: b}", "altered", "no list"),
        ("tools:", "altered", "no tool at all"),
        ("category: web", "altered", "unknown key `category`"),
        ("model: opus\nmodel: opus", "altered", "`model` more than once"),
        ("hooks: {Stop: []}", "not modelled", "sets `hooks`"),
        ("skills: [x]", "not modelled", "sets `skills`"),
        ("mcpServers: [x]", "not modelled", "sets `mcpServers`"),
        ("permissionMode: plan", "not modelled", "sets `permissionMode`"),
        ("initialPrompt: hi", "not modelled", "sets `initialPrompt`"),
        ("isolation: worktree", "not modelled", "sets `isolation`"),
        ("effort: low", "not modelled", "sets `effort`"),
        ("background: true", "not modelled", "sets `background`"),
        ("observer: x", "not modelled", "sets `observer`"),
        ("tools: mcp__db__query, Read", "not modelled", "`mcp__db__query`"),
    ],
)
def test_what_is_changed_or_not_modelled_is_named_at_its_line(
    fields: str, level: str, what: str
) -> None:
    finding = the_finding(fields)

    assert finding.level == level
    assert what in finding.what
    assert finding.line == 4 + fields.count("\n")


@pytest.mark.parametrize(
    "fields",
    ["permissionMode: default", "background: false", "model: claude-opus-5-5", "model: inherit"],
)
def test_value_that_changes_nothing_is_no_finding(fields: str) -> None:
    assert loaded(fields)[1] == ()


def test_key_that_is_nearly_right_gets_a_suggestion() -> None:
    assert the_finding("tool: Read").do == "did you mean `tools`?"


def test_tools_are_split_outside_parentheses() -> None:
    agent, _ = loaded(
        "tools: Agent(a, b), Bash(git commit:*), Read\ndisallowedTools: [Write, Edit]"
    )

    assert agent.tools == ("Agent(a, b)", "Bash(git commit:*)", "Read")
    assert agent.disallowed_tools == ("Write", "Edit")


def test_star_allows_all_tools() -> None:
    assert loaded('tools: "*"')[0].tools is None


def test_spelled_out_line_breaks_are_read_and_broken_paths_are_named() -> None:
    text = '---\nname: a\ndescription: "Look in C:\\\\new.\\\\n\\\\nuser: \\"hi\\""\n---\n'

    reading = read_definition("a.md", text.encode())

    assert reading.agent is not None
    assert reading.agent.description == 'Look in C:\new.\n\nuser: "hi"'
    (finding,) = reading.findings
    assert (finding.line, finding.level) == (3, "altered")
    assert "C:\\new" in finding.what


def test_ordinary_spelled_out_line_breaks_are_no_finding() -> None:
    text = '---\nname: a\ndescription: "One.\\\\nuser: two\\\\n\\\\n- User: three"\n---\n'

    assert read_definition("a.md", text.encode()).findings == ()


def test_front_matter_cut_by_inner_dashes_is_named_where_it_was_cut() -> None:
    text = "---\nname: a\ndescription: |\n  one\n  --- two\nmodel: opus\n---\n"

    reading = read_definition("a.md", text.encode())

    assert reading.agent is not None
    assert reading.agent.model is None
    (finding,) = reading.findings
    assert (finding.line, finding.level) == (5, "altered")


def test_second_attempt_is_named() -> None:
    reading = read_definition("a.md", b"---\nname: a\ndescription: when: x\n---\n")

    assert reading.agent is not None
    assert reading.agent.description == "when: x"
    assert [finding.level for finding in reading.findings] == ["altered"]
