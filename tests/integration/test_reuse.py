"""Reuse can be trusted: each input of a trial is changed alone, and it is known what follows."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from audition.job import prepare
from audition.overrides import Overrides
from audition.performance import outstanding
from audition.runtimes.messages import Messages
from tests.conftest import Cli, Project

NOW = datetime(2026, 11, 24, tzinfo=UTC)
ALL = frozenset({"refunds", "dark-mode", "question"})
NONE: frozenset[str] = frozenset()


def played_again(suite: Path, **overrides: object) -> frozenset[str]:
    """The cases of which a run would play trials now."""
    job = prepare(suite, Overrides(**overrides), now=NOW)  # type: ignore[arg-type] # as given
    out = suite.parent / "reports" / "next.run.db"
    return frozenset(entry.case.id for entry in outstanding(job, out, fresh=False).to_play)


@pytest.fixture
def played(project: Project, cli: Cli) -> Project:
    project.write(".claude/settings.json", "{}")
    cli("run", "suite.yaml")
    return project


Edit = Callable[[Project], None]
ONE = frozenset({"dark-mode"})

EDITS: list[tuple[str, Edit, frozenset[str]]] = [
    ("nothing", lambda p: None, NONE),
    ("a description", lambda p: p.edit("agents/backend.md", "endpoints", "APIs"), ALL),
    ("the tools of an agent", lambda p: p.edit("agents/backend.md", "Read, ", ""), ALL),
    ("the name of an agent", lambda p: p.edit("agents/writer.md", "name: w", "name: W"), ALL),
    ("an agent's body", lambda p: p.edit("agents/backend.md", "Tests first.", ""), NONE),
    ("another's body", lambda p: p.edit("agents/frontend.md", "You build", "You style"), NONE),
    ("CLAUDE.md", lambda p: p.edit("CLAUDE.md", "yourself", "at once"), ALL),
    ("an import", lambda p: p.edit("docs/house.md", "small", "often"), ALL),
    ("settings", lambda p: _settings(p, '{"permissions": {"deny": ["Agent(Plan)"]}}'), ALL),
    ("other settings", lambda p: _settings(p, '{"env": {"A": "1"}}'), ALL),
    (
        "the text of a case",
        lambda p: p.edit("cases.yaml", "a dark theme", "a theme"),
        ONE,
    ),
    ("the tags of a case", lambda p: p.edit("cases.yaml", "tags: [server]", "tags: [x]"), NONE),
    ("a limit of all", lambda p: p.edit("suite.yaml", "trials", "limits: {turns: 3}\ntrials"), ALL),
    ("max_tokens", lambda p: p.edit("suite.yaml", "trials", "max_tokens: 99\ntrials"), ALL),
    ("more trials", lambda p: p.edit("suite.yaml", "trials: 2", "trials: 3"), ALL),
    ("fewer trials", lambda p: p.edit("suite.yaml", "trials: 2", "trials: 1"), NONE),
    ("concurrency", lambda p: p.edit("suite.yaml", "trials", "concurrency: 2\ntrials"), NONE),
    ("the model", lambda p: p.edit("suite.yaml", "simulated", "lexical"), ALL),
    (
        "an option of the model",
        lambda p: p.edit("suite.yaml", "simulated", "simulated:seed=9"),
        ALL,
    ),
    ("line endings", lambda p: _crlf(p), NONE),
    ("a file that is no part of the setup", lambda p: _write(p, "notes.txt"), NONE),
    # The simulated model is told what a case expects, so that an expectation is an input of it.
    (
        "what it is told",
        lambda p: p.edit("cases.yaml", "to: frontend", "to: backend"),
        ONE,
    ),
]


def _settings(project: Project, text: str) -> None:
    project.write(".claude/settings.json", text)


def _crlf(project: Project) -> None:
    path = project.root / "agents/backend.md"
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))


def _write(project: Project, name: str) -> None:
    project.write(name, "Something else.\n")


@pytest.mark.parametrize(("edit", "again"), [e[1:] for e in EDITS], ids=[e[0] for e in EDITS])
def test_an_edit_plays_again_what_it_touches_and_nothing_else(
    played: Project, edit: Edit, again: frozenset[str]
) -> None:
    edit(played)

    assert played_again(played.root / "suite.yaml") == again


def test_a_changed_loop_prompt_plays_everything_again(
    played: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Messages, "loop_version", Messages.loop_version + 1)

    assert played_again(played.root / "suite.yaml") == ALL


def test_a_new_series_plays_everything_again(played: Project) -> None:
    assert played_again(played.root / "suite.yaml", series="2026-11-25") == ALL


def test_a_changed_check_scores_again_and_plays_nothing(played: Project, cli: Cli) -> None:
    played.edit("suite.yaml", "simulated", "lexical")
    first = cli("run", "suite.yaml")
    played.edit("cases.yaml", "expect: [no_delegation]", "expect: [{routes_to: backend}]")

    assert played_again(played.root / "suite.yaml") == NONE
    second = cli("run", "suite.yaml")
    assert first.out != second.out


def test_a_check_that_needs_more_of_the_trial_plays_its_case_again(played: Project) -> None:
    played.edit("cases.yaml", "expect: [no_delegation]", "expect: [no_delegation, {says: x}]")

    assert played_again(played.root / "suite.yaml") == {"question"}


def test_fresh_ignores_what_is_there(played: Project) -> None:
    job = prepare(played.root / "suite.yaml", Overrides(), now=NOW)
    out = played.root / "reports" / "next.run.db"

    assert len(outstanding(job, out, fresh=True).to_play) == 6
