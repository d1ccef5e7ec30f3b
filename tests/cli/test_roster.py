import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from audition.cli.roster import roster
from audition.errors import InputError

DEFINITION = """---
name: api-maker
description: 'Makes servers. <example>user: "Add a route" assistant: "api-maker agent"</example>'
tools: Read, Write
---
Work.
"""


def make_setup(root: Path) -> Path:
    agents = root / ".claude" / "agents"
    agents.mkdir(parents=True)
    (agents / "api.md").write_text(DEFINITION)
    (agents / "broken.md").write_text("---\nname: x\n---\n")
    return root


def test_json_lists_agents_losses_and_findings(tmp_path: Path) -> None:
    result = CliRunner().invoke(roster, [str(make_setup(tmp_path)), "--format", "json"])

    assert result.exit_code == 0
    lost = {"path": ".claude/agents/broken.md", "line": 1, "what": "has no `description`"}
    assert json.loads(result.stdout) == {
        "agents": [
            {
                "name": "api-maker",
                "description": "Makes servers. "
                '<example>user: "Add a route" assistant: "api-maker agent"</example>',
                "model": None,
                "tools": ["Read", "Write"],
                "examples": [{"request": "Add a route", "agent": "api-maker"}],
                "path": ".claude/agents/api.md",
            }
        ],
        "not_loaded": [{"path": lost["path"], "line": 1, "why": lost["what"]}],
        "findings": [{**lost, "level": "not loaded", "do": "add one"}],
    }


def test_text_names_the_agents_and_what_was_lost(tmp_path: Path) -> None:
    result = CliRunner().invoke(roster, [str(make_setup(tmp_path))])

    assert result.exit_code == 0
    assert ": 1 agent\n" in result.stdout
    assert "api-maker  (.claude/agents/api.md)" in result.stdout
    assert "    Add a route\n" in result.stdout
    assert ".claude/agents/broken.md:1: has no `description`; add one" in result.stdout


def test_strict_fails_when_something_is_not_loaded(tmp_path: Path) -> None:
    folder = make_setup(tmp_path)

    assert CliRunner().invoke(roster, [str(folder), "--strict"]).exit_code == 1
    (folder / ".claude/agents/broken.md").unlink()
    assert CliRunner().invoke(roster, [str(folder), "--strict"]).exit_code == 0


def test_hostile_text_does_nothing_on_a_terminal(tmp_path: Path) -> None:
    hostile = '---\nname: "a\\e[2J\\u202e"\ndescription: "x\\a\\nnext"\nmodel: "\\e[31m"\n---\n'
    (tmp_path / "a.md").write_text(hostile)

    result = CliRunner().invoke(roster, [str(tmp_path)])

    assert result.exit_code == 0
    assert "a\\x1b[2J\\u202e" in result.stdout
    assert not set("\x1b\x07\u202e") & set(result.stdout)


def test_folder_that_is_not_there_is_an_input_error(tmp_path: Path) -> None:
    result = CliRunner().invoke(roster, [str(tmp_path / "none")])

    with pytest.raises(InputError, match="does not exist"):
        raise result.exception or AssertionError("no error")
