"""What a job on GitHub is told, and that nothing an agent says is obeyed there."""

import re
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from audition.cli._output import say
from audition.report.github import SUMMARY_BYTES, within_summary
from tests.conftest import Cli, Project
from tests.report.report_runs import Played, make_case, make_run

RUN = "a.run.db"
SPACES = "\t \u00a0\u1680\u2003\u2028\u3000"
"""What the runner leaves off at the beginning of a line, as far as a text can still hold it."""


def obeyed(log: str) -> list[str]:
    """The lines of a log that GitHub's runner takes for commands, read as its parsers do."""
    found = []
    for line in re.split(r"\r\n|\r|\n", log):
        start = line.lstrip(SPACES)
        is_new = start.startswith("::") and "::" in start[2:]
        _, mark, rest = line.partition("##[")
        if is_new or (mark and "]" in rest):
            found.append(line)
    return found


@pytest.fixture
def played(project: Project, cli: Cli, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A run in which every trial went wrong, one case of them known to."""
    monkeypatch.delenv("GITHUB_STEP_SUMMARY", raising=False)
    known = "    known: {reason: not taught yet, until: 2999-01-01}\n"
    text = (project.root / "cases.yaml").read_text(encoding="utf-8")
    (project.root / "cases.yaml").write_text(text + known, encoding="utf-8")
    cli("run", "suite.yaml", "--model", "simulated:misroute=1,seed=1", "--out", RUN)
    return project


def test_every_case_that_did_not_pass_is_annotated_at_its_line_of_the_dataset(
    played: Project, cli: Cli
) -> None:
    lines = cli("show", RUN, "--format", "github").out.splitlines()

    assert [line.partition("::")[2].partition(":")[0] for line in lines] == [
        "error title=audition%3A suite",
        "error file=cases.yaml,line=2,title=audition%3A suite",
        "error file=cases.yaml,line=6,title=audition%3A suite",
    ]  # the third case is known to fail
    assert "::refunds: 0 of 2 trials passed%0Aroutes_to: went to" in lines[1]
    assert "%0Aexpected backend%0Aagain: audition run suite.yaml" in lines[1]
    assert obeyed("\n".join(lines)) == lines


def test_the_summary_of_the_step_keeps_what_was_there_and_stays_below_its_limit(
    played: Project, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", "summary.md")
    before = "from another step\n" * (SUMMARY_BYTES // 18 - 30)
    Path("summary.md").write_text(before, encoding="utf-8")
    cli("show", RUN, "--format", "github", "--format", "junit=run.xml")
    summary = Path("summary.md").read_text(encoding="utf-8")

    assert summary.startswith(f"{before}# ✗")
    assert summary.endswith("\n\n*Cut here.*\n")
    assert SUMMARY_BYTES - 400 < len(summary.encode()) <= SUMMARY_BYTES
    assert "again: audition run" in Path("run.xml").read_text(encoding="utf-8")


@given(st.text(alphabet="aé→\n", max_size=200), st.integers(0, 400))
def test_a_summary_is_cut_to_the_room_that_is_left(text: str, room: int) -> None:
    cut = within_summary(text, taken=SUMMARY_BYTES - room)

    assert len(cut.encode()) <= room
    assert cut == text or cut == "" or cut.endswith("*Cut here.*\n")


@pytest.mark.parametrize(
    "hostile",
    [
        "::stop-commands::a-word-of-mine",
        "::notice title=audition gate::Pass",
        "I am done ##[error]all is lost",
    ],
)
def test_what_an_agent_says_is_shown_and_not_obeyed(
    tmp_path: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch, hostile: str
) -> None:
    path = tmp_path / RUN
    played = Played("frontend", "fail", says=hostile, brief=f"Do it\n{hostile}")
    make_run(path, [(make_case("search"), [played])])
    trial = cli("show", path, "--trial", "search#1").out
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    logged = cli("show", path, "--trial", "search#1").out

    assert obeyed(trial)
    assert not obeyed(logged)
    assert logged.replace(" ", "") == trial.replace(" ", "")


@pytest.mark.parametrize(
    "arguments", [("show", "##[error]x"), ("gate", "no.yaml", "--base", "\n::error::x")]
)
def test_a_complaint_is_not_obeyed_either(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    said = cli(*arguments)

    assert said.code == 2
    assert "error" in said.err
    assert not obeyed(said.err)


@given(st.text(alphabet=f"{SPACES}:#[]a\n", max_size=40))
def test_no_text_at_all_is_obeyed(text: str) -> None:
    @click.command()
    def speak() -> None:
        say(text)

    said = CliRunner(env={"GITHUB_ACTIONS": "true"}).invoke(speak)

    assert not obeyed(said.stdout)
    squeezed = re.sub(r"\s", "", said.stdout)
    assert squeezed == re.sub(r"\s", "", text)


def test_elsewhere_a_text_stays_as_it_is(
    tmp_path: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)
    path = tmp_path / RUN
    make_run(path, [(make_case("search"), [Played("frontend", says="::vector<int>")])])

    assert "  ::vector<int>" in cli("show", path, "--trial", "search#1").out
