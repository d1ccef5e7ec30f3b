"""An agent's memory in a trial: seeded, consulted, written, and gone with the trial."""

import pytest

from audition.runfile import load
from tests.conftest import Cli, Project
from tests.sandboxes.trying import opened

LESSON = "Prices are whole cents.\n"
AGENT = """\
---
name: keeper
description: Keeps the shop.
tools: Bash
memory: {memory}
---

Your notes lie in /data/jo/shop/.claude/agent-memory/keeper/ and you consult them first.
"""
CASES = """\
workspace: shop
cases:
  - id: price
    agent: keeper
    home: homes
    request: Note what you learned.
    expect:
      - {{never: {{wrote: "shop/**"}}}}
      - {{happens: {{wrote: ".claude/agent-memory/**", required: false}}}}
      - {{commits: {{count: 0, clean_tree: true}}}}
    reference:
      - Read: {{file_path: {folder}/MEMORY.md}}
      - Write: {{file_path: {folder}/lesson.md, content: Count twice.}}
      - Bash: {{command: "cat {shell}/*.md"}}
      - say: Noted.
"""


@pytest.mark.parametrize(
    ("memory", "folder", "shell"),
    [
        ("user", "~/.claude/agent-memory/keeper", "~/.claude/agent-memory/keeper"),
        ("project", ".claude/agent-memory/keeper", ".claude/agent-memory/keeper"),
    ],
)
def test_it_is_seeded_and_every_trial_begins_with_the_seed(
    project: Project, cli: Cli, memory: str, folder: str, shell: str
) -> None:
    opened("bubblewrap")
    seed = ".claude/agent-memory/keeper/MEMORY.md"
    project.write("agents/keeper.md", AGENT.format(memory=memory))
    project.write(f"homes/{seed}", LESSON)
    project.write(f"shop/{seed}", LESSON)
    project.write("shop/app.py", "PRICE = 100\n")
    project.write("cases.yaml", CASES.format(folder=folder, shell=shell))

    said = cli("run", "suite.yaml", "--model", "simulated:without_rule=0,push=0", "--out", "a.db")

    assert said.code == 0, said.out + said.err
    run = load("a.db")
    for _, evidence in run.evidences():
        results = [event.content for event in evidence.trace if event.kind == "tool_result"]
        assert LESSON.strip() in results[0]
        assert results[-1].splitlines() == [LESSON.strip(), "Count twice."]
    assert len(run.trials) == 2


def test_where_there_is_no_sandbox_by_wish_every_report_says_so(project: Project, cli: Cli) -> None:
    project.write("agents/keeper.md", AGENT.format(memory="project"))
    project.write("homes/empty.txt", "")
    project.write("shop/app.py", "PRICE = 100\n")
    folder = ".claude/agent-memory/keeper"
    project.write("cases.yaml", CASES.format(folder=folder, shell=folder))
    model = "simulated:without_rule=0,push=0"

    said = cli("run", "suite.yaml", "--model", model, "--out", "a.db", "--unsafe-no-sandbox")

    assert "WITHOUT A SANDBOX" in said.out
    assert "--unsafe-no-sandbox" in load("a.db").record.command
    for form in ("json", "markdown", "csv"):
        shown = cli("show", "a.db", "--format", form).out
        assert "WITHOUT A SANDBOX" in shown or "unsafe" in shown
    page = (project.root / "a.html").read_text(encoding="utf-8")
    assert "WITHOUT A SANDBOX" in page
