"""`audition init`: from somebody's folder to a suite that runs at once, and nothing overwritten."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from audition.cli import audition
from audition.job import prepare
from audition.overrides import Overrides
from audition.runfile import load
from tests.conftest import Cli, Project

NOW = datetime(2026, 11, 24, tzinfo=UTC)
WRITTEN = (
    "datasets/routing.yaml",
    "evals/routing.yaml",
    "reports/.gitignore",
    "schemas/dataset.schema.json",
    "schemas/suite.schema.json",
)


@pytest.fixture
def folder(project: Project) -> Project:
    """Somebody's definitions, and nothing else."""
    (project.root / "suite.yaml").unlink()
    (project.root / "cases.yaml").unlink()
    return project


def test_what_it_wrote_runs_at_once_with_the_lexical_baseline(folder: Project, cli: Cli) -> None:
    said = cli("init")
    played = cli("run", "evals/routing.yaml", "--out", "a.run.db")
    run = load("a.run.db")

    assert said.code == 0
    assert "Agents found: 3. Examples in them: 1." in said.out
    assert said.out.endswith("audition run evals/routing.yaml\n")
    assert "BASELINE" in played.out
    assert {trial.verdict for trial in run.trials} <= {"pass", "fail"}
    assert {case.id for case in run.cases if case.copied} == {"add-an-endpoint-for-refunds"}
    assert [case.expects for case in run.cases if case.copied] == [("routes_to: backend",)]


def test_it_says_what_it_wrote_and_writes_nothing_else(folder: Project, cli: Cli) -> None:
    before = {path for path in folder.root.rglob("*") if path.is_file()}
    said = cli("init")
    new = {path for path in folder.root.rglob("*") if path.is_file()} - before

    assert {path.relative_to(folder.root).as_posix() for path in new} == set(WRITTEN)
    assert all(f"written  {name}" in said.out for name in WRITTEN)


def test_a_blank_case_for_each_agent_waits_in_a_comment(folder: Project, cli: Cli) -> None:
    cli("init")
    text = (folder.root / "datasets/routing.yaml").read_text(encoding="utf-8")
    start = text.index("  # - id: ")
    blank = "\n".join(line.replace("  # ", "  ", 1) for line in text[start:].splitlines())
    cases = yaml.safe_load(f"cases:\n{blank}")["cases"]

    assert [case["expect"] for case in cases] == [
        [{"routes_to": name}] for name in ("backend", "frontend", "writer")
    ]
    (folder.root / "datasets/routing.yaml").write_text(text[:start] + blank, encoding="utf-8")
    assert cli("run", "evals/routing.yaml", "--dry-run").code == 0


@pytest.mark.parametrize("kept", WRITTEN)
def test_what_is_there_is_never_overwritten(folder: Project, cli: Cli, kept: str) -> None:
    folder.write(kept, "# mine\n")
    said = cli("init")

    assert (folder.root / kept).read_text(encoding="utf-8") == "# mine\n"
    assert f"kept     {kept} (it was there)" in said.out
    assert said.out.count("written") == len(WRITTEN) - 1


def test_a_second_time_changes_nothing(folder: Project, cli: Cli) -> None:
    cli("init")
    before = {name: (folder.root / name).read_bytes() for name in WRITTEN}
    said = cli("init")

    assert said.code == 0
    assert "written" not in said.out
    assert {name: (folder.root / name).read_bytes() for name in WRITTEN} == before


def test_it_works_on_a_folder_elsewhere(folder: Project, cli: Cli) -> None:
    folder.write(
        "team/.claude/agents/poet.md", "---\nname: poet\ndescription: Sings.\n---\nSing.\n"
    )
    said = cli("init", "team")

    assert "Agents found: 1." in said.out
    assert cli("run", "team/evals/routing.yaml", "--dry-run").code == 0


def test_without_agents_there_is_still_something_to_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cli: Cli
) -> None:
    (tmp_path / "CLAUDE.md").write_text("Answer in rhymes.\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    said = cli("init")

    assert "Agents found: 0." in said.out
    assert cli("run", "evals/routing.yaml").code == 0


def test_files_that_do_not_load_are_mentioned(folder: Project, cli: Cli) -> None:
    folder.write("agents/lost.md", "---\ndescription: Nobody knows its name.\n---\nWork.\n")

    assert "Not loaded: 1. `audition roster .` says why." in cli("init").out


def test_a_folder_that_is_not_there_is_an_error(folder: Project, cli: Cli) -> None:
    said = cli("init", "nowhere")

    assert said.code == 2
    assert "nowhere" in said.err
    assert not (folder.root / "nowhere").exists()


hostile = st.one_of(
    st.text(max_size=40),
    st.sampled_from(
        [
            "{{ config }}", "yes", "1:30:00", "- a: [b", "# no comment", "'", '"', "\\", "\x1b[31m",
            "&a *a", "!!python/object:os.system", "\u202eright to left", "\x00", "\x85\u2028\ufeff",
            "...", "---", "\U0001f600 smile", "%YAML 9", "null", "~", "[/bold]", "a: b\n  c: d",
        ]
    ),
)  # fmt: skip


@settings(max_examples=50, deadline=None)
@given(
    requests=st.lists(hostile, min_size=1, max_size=4),
    style=st.sampled_from(['- User: "{}"', "<example>\nuser: '{}'\n</example>", "- Example 1: {}"]),
    name=st.one_of(st.just("poet"), hostile),
    ascii_only=st.booleans(),
)
def test_whatever_the_definitions_hold_the_draft_is_valid(
    tmp_path_factory: pytest.TempPathFactory,
    requests: list[str],
    style: str,
    name: str,
    ascii_only: bool,
) -> None:
    root = tmp_path_factory.mktemp("somebody")
    quoted = "\n".join(style.replace("{}", request) for request in requests)
    fields = {"name": name, "description": f"Sings.\n\nExamples:\n\n{quoted}"}
    lines = [f"{key}: {json.dumps(fields[key], ensure_ascii=ascii_only)}" for key in fields]
    agent = root / "agents" / "odd.md"
    agent.parent.mkdir()
    text = "\n".join(["---", *lines, "---", "Sing."])
    agent.write_bytes(text.encode("utf-8", "surrogatepass"))

    done = CliRunner().invoke(audition, ["init", str(root)])

    assert done.exception is None, done.output
    job = prepare(root / "evals" / "routing.yaml", Overrides(), now=NOW)
    assert len(job.cases) >= 2
