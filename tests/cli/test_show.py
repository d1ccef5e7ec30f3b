"""`audition show`: a run for people and for programs, and the run file is left alone."""

import csv
import json
import os
import pty
import sqlite3
import subprocess
import sys
from contextlib import closing, suppress
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from audition.runfile import load
from tests.conftest import Cli, Project

RUN = "a.run.db"


@pytest.fixture
def played(project: Project, cli: Cli) -> Project:
    """A finished run of six trials, some of them failed."""
    cli("run", "suite.yaml", "--model", "simulated:misroute=0.5,seed=1", "--out", RUN)
    assert {trial.verdict for trial in load(RUN).trials} == {"pass", "fail"}
    return project


def document(cli: Cli) -> dict[str, Any]:
    said = cli("show", RUN, "--format", "json")
    loaded: dict[str, Any] = json.loads(said.out)
    return loaded


class TestJson:
    def test_has_the_promised_shape(self, played: Project, cli: Cli) -> None:
        shown = document(cli)

        assert list(shown) == ["unsafe", "run", "summary", "trials"]
        for trial in shown["trials"]:
            assert _types(trial) >= {
                ("case", str), ("trial", int), ("verdict", str), ("scores", list), ("tokens", int),
                ("cost_usd", float), ("duration_s", float),
            }  # fmt: skip
            assert "delegated_to" in trial
            for score in trial["scores"]:
                assert _types(score) >= {
                    ("check", str), ("kind", str), ("verdict", str), ("value", float),
                    ("reason", str), ("evidence", list),
                }  # fmt: skip

    def test_agrees_with_the_run_file(self, played: Project, cli: Cli) -> None:
        run, shown = load(RUN), document(cli)

        assert [
            (t["case"], t["trial"], t["verdict"], t["delegated_to"]) for t in shown["trials"]
        ] == [(t.case, t.number, t.verdict, t.delegated_to) for t in run.trials]
        assert shown["run"]["suite"] == "suite"
        assert shown["run"]["nature"] == "scripted"
        assert shown["summary"]["planned"] == 6
        assert sum(shown["summary"]["verdicts"].values()) == 6

    def test_the_evidence_are_events_of_the_trace(self, played: Project, cli: Cli) -> None:
        run, shown = load(RUN), document(cli)

        assert len(run.trials) == 6
        for trial, entry in zip(run.trials, shown["trials"], strict=True):
            numbers = {event.number for event in run.trace(trial)}
            for score in entry["scores"]:
                assert score["evidence"]
                assert set(score["evidence"]) <= numbers

    def test_a_cost_that_nobody_knows_is_null(self, played: Project, cli: Cli) -> None:
        with closing(sqlite3.connect(RUN)) as database, database:
            database.execute("""UPDATE trial SET body = replace(body, '"cost_usd":0.0,', '')""")

        assert {trial["cost_usd"] for trial in document(cli)["trials"]} == {None}


def test_csv_is_a_row_for_each_score(played: Project, cli: Cli) -> None:
    rows = list(csv.DictReader(StringIO(cli("show", RUN, "--format", "csv").out)))
    run = load(RUN)

    assert len(rows) == sum(len(trial.scores) for trial in run.trials) == 6
    assert [(row["case"], row["trial_verdict"]) for row in rows] == [
        (trial.case, trial.verdict) for trial in run.trials
    ]
    assert {row["tags"] for row in rows if row["case"] == "refunds"} == {"server"}


def test_markdown_is_a_page_for_a_pull_request(played: Project, cli: Cli) -> None:
    said = cli("show", RUN, "--format", "markdown")

    assert said.out.startswith("# ✗ Failed")
    assert "## Cases that did not pass" in said.out
    assert "**SCRIPTED**" in said.out
    assert "\x1b" not in said.out


class TestTrial:
    def test_is_shown_with_its_scores_and_its_whole_trace(self, played: Project, cli: Cli) -> None:
        run = load(RUN)
        trial = next(trial for trial in run.trials if trial.verdict == "fail")
        said = cli("show", RUN, "--trial", f"{trial.case}#{trial.number}")

        assert f"✗ {trial.case}#{trial.number}: fail" in said.out
        assert trial.scores[0].reason in said.out
        for event in run.trace(trial):
            assert f"\n  {event.number:>3}  " in said.out
        assert "on offer: backend, claude, Explore" in said.out

    def test_without_a_number_is_the_first(self, played: Project, cli: Cli) -> None:
        assert cli("show", RUN, "--trial", "refunds").out == (
            cli("show", RUN, "--trial", "refunds#1").out
        )

    @pytest.mark.parametrize(
        ("name", "advice"),
        [
            ("refund#1", "did you mean 'refunds'?"),
            ("refunds#3", "choose refunds#1, refunds#2"),
            ("refunds#one", "write CASE#N"),
            ("refunds#", "write CASE#N"),
            ("", "the run has no case ''"),
        ],
    )
    def test_that_is_not_there_says_what_is(
        self, played: Project, cli: Cli, name: str, advice: str
    ) -> None:
        said = cli("show", RUN, "--trial", name)

        assert said.code == 2
        assert advice in said.err
        assert said.out == ""


def test_text_is_what_the_run_ended_with(project: Project, cli: Cli) -> None:
    ended = cli("run", "suite.yaml", "--out", RUN)

    assert cli("show", RUN).out.strip() in ended.out


@pytest.mark.parametrize(("no_color", "coloured"), [("", True), ("1", False)])
def test_colour_is_for_terminals_and_for_those_who_want_it(
    played: Project, no_color: str, coloured: bool
) -> None:
    ours, theirs = pty.openpty()
    environment = {**os.environ, "NO_COLOR": no_color, "TERM": "xterm"}
    subprocess.run(
        [sys.executable, "-m", "audition", "show", RUN], stdout=theirs, env=environment, check=True
    )
    os.close(theirs)
    shown = b""
    with suppress(OSError):  # how Linux says that nobody writes to the terminal any more
        while piece := os.read(ours, 65536):
            shown += piece
    os.close(ours)

    assert b"Failed" in shown
    assert (b"\x1b[" in shown) == coloured


def test_a_file_gets_no_colour(played: Project, cli: Cli) -> None:
    assert "\x1b" not in cli("show", RUN).out


@pytest.mark.parametrize("form", ["text", "json", "csv", "markdown"])
def test_showing_changes_nothing_and_says_the_same_twice(
    played: Project, cli: Cli, form: str
) -> None:
    before = {path.name: path.read_bytes() for path in played.root.iterdir() if path.is_file()}
    first, second = (cli("show", RUN, "--format", form).out for _ in range(2))

    assert first == second != ""
    after = {path.name: path.read_bytes() for path in played.root.iterdir() if path.is_file()}
    assert after == before


@pytest.mark.parametrize("content", [None, b"", b"no database", b"SQLite format 3\0" + b"x" * 200])
def test_what_is_no_run_file_is_said_in_one_sentence(
    tmp_path: Path, cli: Cli, content: bytes | None
) -> None:
    path = tmp_path / RUN
    if content is not None:
        path.write_bytes(content)
    said = cli("show", path)

    assert said.code == 2
    assert "run file" in said.err
    assert said.err.count("\n") == 1


def _types(entry: dict[str, Any]) -> set[tuple[str, type]]:
    return {(name, type(value)) for name, value in entry.items()}
