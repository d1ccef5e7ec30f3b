import json
import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audition.errors import InputError
from audition.setups.loader import SetupSpec, load_setup
from audition.setups.setup import Finding, Setup

GENERATED = (
    '---\nname: api-maker\ndescription: "Use this agent for servers.\\\\n\\\\nExamples:\\\\n\\\\n'
    '- User: \\"Add an endpoint\\"\\\\n  Assistant: \\"I\'ll use the api-maker agent.\\"\\\\n'
    '  <commentary>Server work.</commentary>\\\\n\\\\n- User: \\"Find the slow query\\"\\\\n'
    '  Assistant: \\"I\'ll use the Explore agent."\nmodel: sonnet\ncolor: orange\n'
    "memory: user\n---\n\nWork test first.\n"
).replace('agent."\nmodel', 'agent.\\""\nmodel')


def definition(name: str, description: str = "Does it.") -> str:
    return f"---\nname: {name}\ndescription: {description}\n---\nBody of {name}.\n"


def make_folder(root: Path, files: dict[str, str]) -> Path:
    root.mkdir(exist_ok=True)
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    return root


def names(setup: Setup) -> list[str]:
    return [agent.name for agent in setup.agents]


def lost(setup: Setup) -> list[Finding]:
    return [finding for finding in setup.findings if finding.level == "not loaded"]


def test_generated_definition_loads_with_its_examples(tmp_path: Path) -> None:
    setup = load_setup(make_folder(tmp_path, {".claude/agents/api.md": GENERATED}))

    (agent,) = setup.agents
    assert (agent.name, agent.model, agent.memory) == ("api-maker", "sonnet", "user")
    assert agent.path == ".claude/agents/api.md"
    assert "\n\n- User: " in agent.description
    assert [(e.request, e.agent) for e in agent.examples] == [
        ("Add an endpoint", "api-maker"),
        ("Find the slow query", "Explore"),
    ]
    assert setup.findings == ()


@pytest.mark.parametrize("folder", [".claude/agents", "agents", "."])
def test_definitions_are_found_in_three_places(tmp_path: Path, folder: str) -> None:
    files = {f"{folder}/a.md": definition("a"), "README.md": "# Read me"}

    setup = load_setup(make_folder(tmp_path, files))

    assert names(setup) == ["a"]
    assert lost(setup) == []
    assert setup.label == str(tmp_path)


def test_nearer_place_hides_the_next_one(tmp_path: Path) -> None:
    files = {
        ".claude/agents/deep/a.md": definition("a"),
        "agents/b.md": definition("b"),
        "c.md": definition("c"),
    }

    assert names(load_setup(make_folder(tmp_path, files))) == ["a"]


def test_folder_without_agents_is_fine_and_says_so(tmp_path: Path) -> None:
    setup = load_setup(make_folder(tmp_path, {"CLAUDE.md": "Be brief.", "README.md": "Hi"}))

    assert setup.agents == ()
    assert [text.text for text in setup.instructions] == ["Be brief."]
    (finding,) = setup.findings
    assert (finding.level, finding.path) == ("note", ".")


def test_later_file_wins_a_name_and_both_are_named(tmp_path: Path) -> None:
    files = {"agents/x.md": definition("same", "One."), "agents/y.md": definition("same", "Two.")}

    setup = load_setup(make_folder(tmp_path, files))

    assert [agent.description for agent in setup.agents] == ["Two."]
    levels = [(finding.path, finding.level) for finding in setup.findings]
    assert levels == [("agents/x.md", "not loaded"), ("agents/y.md", "note")]


def test_settings_take_agents_off_the_roster(tmp_path: Path) -> None:
    settings = json.dumps({"permissions": {"deny": ["Agent(Explore)", "Task(a)"]}})
    files = {"agents/a.md": definition("a"), "agents/b.md": definition("b")}

    setup = load_setup(make_folder(tmp_path, {**files, ".claude/settings.json": settings}))

    assert [agent.name for agent in setup.roster if agent.builtin] == [
        "claude",
        "general-purpose",
        "Plan",
        "statusline-setup",
    ]
    assert names(setup) == ["b"]
    assert [finding.path for finding in lost(setup)] == ["agents/a.md"]


def test_agent_in_the_place_of_a_built_in_one_is_noted(tmp_path: Path) -> None:
    setup = load_setup(make_folder(tmp_path, {"agents/p.md": definition("Plan", "Ours.")}))

    assert [agent.description for agent in setup.roster if agent.name == "Plan"] == ["Ours."]
    assert [finding.what for finding in setup.findings] == ["takes the place of a built-in agent"]


def test_home_lies_below_the_project(tmp_path: Path) -> None:
    home = make_folder(
        tmp_path / "home",
        {
            ".claude/agents/a.md": definition("a", "From home."),
            ".claude/agents/h.md": definition("h"),
            ".claude/CLAUDE.md": "Mine, and @~/more.md",
            "more.md": "More",
            ".claude/settings.json": '{"permissions": {"deny": ["Agent(Plan)"]}}',
        },
    )
    project = make_folder(tmp_path / "project", {"agents/a.md": definition("a", "Ours.")})
    (project / "CLAUDE.md").write_text("Ours.")
    (project / "settings.json").write_text('{"permissions": {"deny": ["Agent(Explore)"]}}')

    setup = load_setup(
        SetupSpec(
            agents=project / "agents",
            instructions=project / "CLAUDE.md",
            settings=project / "settings.json",
            home=home,
        )
    )

    assert [(a.name, a.path) for a in setup.agents] == [
        ("a", "agents/a.md"),
        ("h", "~/.claude/agents/h.md"),
    ]
    assert setup.agents[0].description == "Ours."
    assert [text.path for text in setup.instructions] == [
        "~/.claude/CLAUDE.md",
        "~/more.md",
        "CLAUDE.md",
    ]
    assert {"Plan", "Explore"} & {agent.name for agent in setup.builtins} == set()
    assert [(f.path, f.level) for f in setup.findings] == [("~/.claude/agents/a.md", "note")]


def test_parts_that_are_not_named_are_empty() -> None:
    setup = load_setup(SetupSpec(), label="nothing")

    assert (setup.label, setup.agents, setup.instructions) == ("nothing", (), ())
    assert len(setup.roster) == 5


def test_other_things_that_a_trial_does_not_use_are_named(tmp_path: Path) -> None:
    files = {
        "agents/a.md": definition("a"),
        ".mcp.json": "{}",
        ".claude/skills/s/SKILL.md": definition("s"),
        ".claude/settings.local.json": "{}",
    }

    findings = load_setup(make_folder(tmp_path, files)).findings

    assert {(finding.path, finding.level) for finding in findings} == {
        (".mcp.json", "not modelled"),
        (".claude/skills", "not modelled"),
        (".claude/settings.local.json", "not modelled"),
    }


def test_folder_or_file_that_is_not_there_is_an_input_error(tmp_path: Path) -> None:
    file = tmp_path / "a.md"
    file.write_text("x")

    for source in (
        tmp_path / "none",
        file,
        SetupSpec(agents=file),
        SetupSpec(instructions=tmp_path),
        SetupSpec(settings=tmp_path / "none"),
        SetupSpec(home=tmp_path / "none"),
    ):
        with pytest.raises(InputError) as caught:
            load_setup(source)
        assert str(tmp_path) in caught.value.problems[0].where


def test_digest_depends_on_the_content_and_not_on_the_place(tmp_path: Path) -> None:
    files = {
        ".claude/agents/a.md": definition("a"),
        "CLAUDE.md": "Do @docs/x.md",
        "docs/x.md": "X",
        ".claude/settings.json": '{"theme": "dark"}',
    }
    edits = {
        ".claude/agents/a.md": definition("a").replace("Body", "Soul"),
        "CLAUDE.md": "Please do @docs/x.md",
        "docs/x.md": "Y",
        ".claude/settings.json": '{"theme": "light"}',
    }
    windows = make_folder(tmp_path / "windows", files)
    for path, text in files.items():
        (windows / path).write_bytes(text.replace("\n", "\r\n").encode())
    one = load_setup(make_folder(tmp_path / "one", files))
    two = load_setup(make_folder(tmp_path / "two", dict(reversed(files.items()))))

    assert one.digest == two.digest == load_setup(windows).digest
    for path, text in edits.items():
        changed = load_setup(make_folder(tmp_path / "two", {**files, path: text}))
        assert changed.digest != one.digest, path


def test_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    folder = make_folder(tmp_path, {"agents/a.md": definition("a"), "agents/b.md": "x" * (2 << 20)})
    os.mkfifo(folder / "agents/c.md")
    (folder / "agents/d.md").symlink_to("nothing.md")

    setup = load_setup(folder)

    assert names(setup) == ["a"]
    assert [finding.path for finding in lost(setup)] == [
        "agents/b.md",
        "agents/c.md",
        "agents/d.md",
    ]


fields = st.sampled_from(
    ["name: a", "name: b", "name: 1", "description: x", "description: y: z", "tools: [", "model: q"]
)
files = st.binary(max_size=80) | st.text().map(str.encode)
matter = st.lists(fields, max_size=4).map(lambda f: "\n".join(["---", *f, "---", "Body"]).encode())


@given(st.dictionaries(st.sampled_from(["a", "b c", "d/e", "Ü"]), files | matter, max_size=4))
def test_every_file_is_loaded_or_named_whatever_it_holds(contents: dict[str, bytes]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for name, data in contents.items():
            path = Path(folder, ".claude/agents", f"{name}.md")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        setup = load_setup(Path(folder))

    accounted = {agent.path for agent in setup.agents} | {f.path for f in setup.findings}
    assert {f".claude/agents/{name}.md" for name in contents} <= accounted
    assert len(set(names(setup))) == len(setup.agents)
    assert len(setup.digest) == 64
