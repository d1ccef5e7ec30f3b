"""Reuse of trials in which agents worked: each input is changed alone, and what follows is known.

A case that talks to an agent depends on that agent's file; one that goes through the main thread on
all that is listed of every agent, and on the files of the agents that its expectations name.
"""

import json
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from audition.job import prepare
from audition.overrides import Overrides
from audition.performance import outstanding
from audition.runfile import load
from audition.runtimes.messages import Messages
from tests.conftest import Cli
from tests.conftest import Project as Files
from tests.sandboxes.trying import opened

NOW = datetime(2026, 11, 24, tzinfo=UTC)
REFERENCE: list[dict[str, Any]] = [
    {"Bash": {"command": "echo 'twice = 2' > shop.py && git commit -qam 'feat: twice'"}},
    {"say": "Done."},
]
DATASET: dict[str, Any] = {
    "workspace": "shop",
    "project": {
        "test_command": "python -m pytest -q",
        "environment": {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
    },
    "cases": [
        {"id": "direct", "agent": "backend", "request": "Add twice", "reference": REFERENCE,
         "home": "homes/one", "expect": ["commits", "suite_passes"]},
        {"id": "routed", "request": "Give the pages a theme", "reference": REFERENCE,
         "expect": [{"routes_to": "frontend"}, "commits"]},
        {"id": "open", "request": "Add whatever is missing",
         "expect": [{"leaves_alone": ["README.md"]}]},
        {"id": "question", "request": "What does HTTP 409 mean?", "expect": ["no_delegation"]},
    ],
}  # fmt: skip
DIRECT = frozenset({"direct"})
ROUTED = frozenset({"routed"})
OPEN = frozenset({"open"})
"""Work in which any agent may take part."""
ROUTING = frozenset({"question"})
"""No agent works in it."""
ALL = DIRECT | ROUTED | OPEN | ROUTING
AT_WORK = ALL - ROUTING
NONE: frozenset[str] = frozenset()


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project of which everything was played."""
    import sys

    opened("bubblewrap")
    root = tmp_path_factory.mktemp("reuse")
    files = Files(root)
    for name, more in (("backend", ""), ("frontend", "memory: project\n"), ("writer", "")):
        front = f"name: {name}\ndescription: Does {name} work.\ntools: Read, Bash\n{more}"
        files.write(f"agents/{name}.md", f"---\n{front}---\n\nYou do it well.\n")
    files.write("CLAUDE.md", "Be brief.\n")
    files.write(".claude/settings.json", "{}")
    files.write("shop/shop.py", "")
    files.write("shop/README.md", "A shop.\n")
    files.write("shop/tests/test_shop.py", "def test_nothing():\n    assert True\n")
    files.write("homes/one/.notes", "one\n")
    files.write("cases.yaml", json.dumps(DATASET, indent=1))
    files.write("suite.yaml", json.dumps({
        "setup": ".", "dataset": "cases.yaml", "trials": 1, "model": "simulated:no_commit=0"
    }))  # fmt: skip
    command = [sys.executable, "-m", "audition", "run", "suite.yaml", "--out", "reports/a.run.db"]
    subprocess.run(command, cwd=root, check=False, capture_output=True)
    assert {trial.faulted for trial in load(root / "reports" / "a.run.db").trials} == {False}
    return root


@pytest.fixture
def played(once: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Files:
    """A copy of it for one test."""
    import shutil

    shutil.copytree(once, tmp_path / "project")
    monkeypatch.chdir(tmp_path / "project")
    return Files(tmp_path / "project")


def played_again(files: Files, **overrides: object) -> frozenset[str]:
    """The cases of which a run would play trials now."""
    job = prepare(files.root / "suite.yaml", Overrides(**overrides), now=NOW)  # type: ignore[arg-type] # as given
    out = files.root / "reports" / "next.run.db"
    return frozenset(entry.case.id for entry in outstanding(job, out, fresh=False).to_play)


Edit = Callable[[Files], object]


def case(number: int, **changed: object) -> Edit:
    """An edit of a case in the dataset; None takes a field out."""

    def edit(files: Files) -> None:
        data = json.loads((files.root / "cases.yaml").read_text())
        entry = {**data["cases"][number], **changed}
        data["cases"][number] = {k: v for k, v in entry.items() if v is not None}
        files.write("cases.yaml", json.dumps(data, indent=1))

    return edit


def project(**changed: object) -> Edit:
    """An edit of the project of the dataset."""

    def edit(files: Files) -> None:
        data = json.loads((files.root / "cases.yaml").read_text())
        data["project"] |= changed
        files.write("cases.yaml", json.dumps(data, indent=1))

    return edit


def agent(name: str, old: str, new: str) -> Edit:
    return lambda files: files.edit(f"agents/{name}.md", old, new)


def text(path: str, content: str) -> Edit:
    return lambda files: files.write(path, content)


OTHER_WAY = [{"Bash": {"command": "true"}}, {"say": "Done."}]
EDITS: list[tuple[str, Edit, frozenset[str]]] = [
    ("nothing", lambda files: None, NONE),
    # What agents are.
    ("its body", agent("backend", "You do it well", "You do it"), DIRECT | OPEN),
    ("a named agent's body", agent("frontend", "You do it well", "You do it"), ROUTED | OPEN),
    ("a third agent's body", agent("writer", "You do it well", "You do it"), OPEN),
    ("its model", agent("backend", "tools:", "model: haiku\ntools:"), DIRECT | OPEN),
    ("its tools", agent("backend", "Read, Bash", "Bash"), ALL),
    ("another's tools", agent("writer", "Read, Bash", "Bash"), ALL - DIRECT),
    ("its memory", agent("backend", "tools:", "memory: user\ntools:"), DIRECT | OPEN),
    ("another's memory", agent("frontend", "memory: project", "memory: user"), ROUTED | OPEN),
    ("its turns", agent("backend", "tools:", "maxTurns: 3\ntools:"), DIRECT | OPEN),
    ("its description", agent("backend", "Does backend", "Is for backend"), ALL - DIRECT),
    ("another's description", agent("writer", "Does writer", "Is for writer"), ALL - DIRECT),
    ("one agent more", text("agents/more.md", "---\nname: more\ndescription: More.\n---\n\nX\n"),
     ALL - DIRECT),
    # What shapes all of them.
    ("instructions", text("CLAUDE.md", "Be very brief.\n"), ALL),
    ("settings", text(".claude/settings.json", '{"env": {"A": "1"}}'), ALL),
    # Where they work.
    ("a file of the workspace", text("shop/README.md", "The shop.\n"), AT_WORK),
    ("a new file of the workspace", text("shop/new.py", ""), AT_WORK),
    ("a file that may be run", lambda files: (files.root / "shop/shop.py").chmod(0o755), AT_WORK),
    ("a cache in the workspace", text("shop/.pytest_cache/x", "1"), NONE),
    ("the home", text("homes/one/.notes", "two\n"), DIRECT),
    ("a home where there was none", case(1, home="homes/one"), ROUTED),
    ("a file beside them", text("notes.txt", "x"), NONE),
    ("the command of the tests", project(test_command="python -m pytest"), AT_WORK),
    ("the command of the linter", project(lint_command="ruff check ."), AT_WORK),
    ("a variable", project(environment={"A": "1"}), AT_WORK),
    ("what is a test", project(tests=["tests/**", "checks/**"]), NONE),
    ("what is implementation", project(implementation=["*.py"]), NONE),
    # What is asked and expected.
    ("a request", case(0, request="Add twice, please"), DIRECT),
    ("the agent", case(0, agent="writer"), DIRECT),
    ("a check", case(0, expect=["commits", "suite_passes", {"changes": {"paths": ["x"]}}]), NONE),
    ("a check's argument", case(0, expect=[{"commits": 2}, "suite_passes"]), NONE),
    ("a check less", case(0, expect=["commits"]), NONE),
    ("a critical check", case(0, expect=[{"commits": {"critical": True}}, "suite_passes"]), NONE),
    ("another agent expected", case(1, expect=[{"routes_to": "writer"}, "commits"]), ROUTED),
    ("an agent named where none was", case(2, expect=[{"routes_to": "writer"},
     {"leaves_alone": ["README.md"]}]), OPEN),
    ("an agent that must not take it", case(2, expect=[{"never_routes_to": "writer"},
     {"leaves_alone": ["README.md"]}]), NONE),
    ("a check of work where there was none", case(3, expect=["no_delegation", "asks_first"]),
     ROUTING),
    ("the reference", case(0, reference=OTHER_WAY), DIRECT),
    ("tags", case(0, tags=["x"]), NONE),
    ("a case renamed", case(0, id="renamed"), frozenset({"renamed"})),
    ("a limit", case(0, limits={"turns": 7}), DIRECT),
    # How it is played.
    ("more trials", lambda files: files.edit("suite.yaml", '"trials": 1', '"trials": 2'), ALL),
    ("the model", lambda files: files.edit("suite.yaml", "no_commit=0", "seed=3"), ALL),
]  # fmt: skip


@pytest.mark.parametrize(("edit", "again"), [e[1:] for e in EDITS], ids=[e[0] for e in EDITS])
def test_an_edit_plays_again_what_it_touches_and_nothing_else(
    played: Files, edit: Edit, again: frozenset[str]
) -> None:
    edit(played)

    assert played_again(played) == again


@pytest.mark.parametrize(
    "routing",
    [{"never_routes_to": "writer"}, {"routes_to": {"agent": "writer", "required": False}}],
)
def test_only_an_agent_that_has_to_take_it_is_the_only_one_that_counts(
    played: Files, cli: Cli, routing: dict[str, Any]
) -> None:
    case(2, expect=[routing, {"leaves_alone": ["README.md"]}])(played)
    cli("run", "suite.yaml", "--out", "reports/b.run.db")
    agent("backend", "You do it well", "You do it")(played)

    assert played_again(played) == DIRECT | OPEN


def test_a_sandbox_given_up_plays_again_only_where_commands_run(played: Files) -> None:
    assert played_again(played, unsafe_no_sandbox=True) == AT_WORK


def test_a_changed_loop_plays_everything_again(
    played: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Messages, "loop_version", Messages.loop_version + 1)

    assert played_again(played) == ALL


def test_a_new_check_is_probed_in_the_stored_workspace_and_nothing_is_played(
    played: Files, cli: Cli
) -> None:
    case(1, expect=[{"routes_to": "frontend"}, "suite_passes"])(played)
    cli("run", "suite.yaml", "--out", "reports/next.run.db")
    routed = next(t for t in load(Path("reports/next.run.db")).trials if t.case == "routed")

    assert routed.reused_from == "a.run.db"
    assert [(s.check, s.verdict) for s in routed.scores] == [
        ("routes_to", "pass"), ("suite_passes", "pass"),
    ]  # fmt: skip


def test_the_reference_is_nothing_to_a_model_that_never_sees_it(played: Files, cli: Cli) -> None:
    played.edit("suite.yaml", "simulated:no_commit=0", "lexical")
    cli("run", "suite.yaml", "--out", "reports/lexical.run.db")
    case(0, reference=OTHER_WAY)(played)

    assert played_again(played) == NONE
