"""Run files of older versions still load, show and report. The files are frozen: never made anew.

`format-1.run.db`: three cases of four trials by the simulated model, with retries, faults, an agent
that does not exist, a known failure and a check that is not required.
"""

import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from audition import frames, parts
from audition.events import Delegation, End, Fault, ModelCall
from audition.runfile import load
from audition.runstore import FILE_FORMAT
from tests.conftest import Cli

FILES = Path(__file__).parent / "files"
VERDICTS = {
    "refunds": ["pass", "pass", "fail", "fault"],
    "dark-mode": ["fault", "fail", "pass", "fail"],
    "question": ["fail", "fault", "pass", "pass"],
}


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A copy, since whoever reads must not write."""
    return Path(shutil.copy(FILES / "format-1.run.db", tmp_path))


def test_every_format_that_was_ever_written_has_a_frozen_file() -> None:
    formats = []
    for path in sorted(FILES.glob("*.run.db")):
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro&immutable=1", uri=True)) as database:
            formats += database.execute("PRAGMA user_version").fetchone()

    assert formats == list(range(1, FILE_FORMAT + 1))


def test_it_loads_with_everything_that_was_judged(old: Path) -> None:
    run = load(old)
    verdicts: dict[str, list[str]] = {}
    for trial in run.trials:
        verdicts.setdefault(trial.case, []).append(trial.verdict)

    assert verdicts == VERDICTS
    assert run.planned == dict.fromkeys(VERDICTS, 4)
    assert run.state.ended_by == "finished"
    assert run.record.model == "simulated:seed=4,misroute=0.3,invented=0.3,fault=0.5"
    assert {case.id: case.known for case in run.cases}["question"] == "nobody has looked yet"
    assert sum(len(trial.faults) for trial in run.trials) == 8


def test_its_traces_are_whole(old: Path) -> None:
    assert len(load(old).trials) == 12
    for trial, trace in load(old).traces():
        assert [event.number for event in trace] == list(range(1, len(trace) + 1))
        assert isinstance(trace[-1], End)
        assert (trial.verdict == "fault") == any(isinstance(event, Fault) for event in trace)
        assert sum(isinstance(event, ModelCall) for event in trace) == trial.turns
        started = (event.to for event in trace if isinstance(event, Delegation))
        assert next(started, None) == trial.delegated_to


@pytest.mark.parametrize("form", ["text", "csv", "markdown"])
def test_it_shows(old: Path, cli: Cli, form: str) -> None:
    said = cli("show", old, "--format", form)

    assert said.code == 0
    assert "dark-mode" in said.out


def test_it_shows_as_json_with_the_same_rate(old: Path, cli: Cli) -> None:
    shown = json.loads(cli("show", old, "--format", "json").out)

    assert shown["summary"]["verdict"] == "fail"
    assert (shown["summary"]["pass_rate"]["passed"], shown["summary"]["pass_rate"]["of"]) == (5, 9)


def test_one_of_its_trials_shows_in_full(old: Path, cli: Cli) -> None:
    said = cli("show", old, "--trial", "refunds#4")

    assert said.code == 0
    assert said.out.count("played again after a fault: provider: simulated overload (529)") == 2


def test_it_reports(old: Path, cli: Cli) -> None:
    said = cli("report", old)
    page = old.with_name("format-1.html").read_text(encoding="utf-8")

    assert said.code == 0
    assert all(case in page for case in VERDICTS)
    assert "SCRIPTED" in page.upper()


def test_it_becomes_tables(old: Path) -> None:
    tables = frames(load(old))

    assert len(tables.trials) == 12
    assert set(tables.scores["check"]) == {"routes_to", "says", "max_turns", "no_delegation"}


def test_reading_leaves_it_as_it_was(old: Path, cli: Cli) -> None:
    cli("show", old)
    cli("report", old)

    assert old.read_bytes() == (FILES / "format-1.run.db").read_bytes()


# ── Format 2: agents at work ──────────────────────────────────────────────────────────────────────


@pytest.fixture
def at_work(tmp_path: Path) -> Path:
    """Four cases of two recorded trials each, the first of which keeps the rules."""
    return Path(shutil.copy(FILES / "format-2.run.db", tmp_path))


def test_its_verdicts_load_with_every_check_that_judged_the_work(at_work: Path) -> None:
    trials = {(t.case, t.number): t for t in load(at_work).trials}
    failed = {s.check for t in trials.values() for s in t.scores if s.verdict == "fail"}

    assert [t.verdict for t in trials.values()] == ["pass", "fail"] * 4
    assert failed == {"tests_not_weakened", "brief_says", "never", "asks_first"}


def test_its_workspaces_load_with_every_tree_and_content(at_work: Path) -> None:
    run = load(at_work)
    for _, evidence in run.evidences():
        assert evidence.work.base_tree
        for file in evidence.final_tree.values():
            assert evidence.content(file) is not None

    evidence = run.evidence(next(t for t in run.trials if t.case == "vat-contained"))
    assert [commit.message.partition(":")[0] for commit in evidence.commits] == ["feat"]
    assert [c.file.path for c in evidence.changes][-1] == "shop/money.py"


def test_it_is_judged_again_without_a_sandbox(at_work: Path) -> None:
    judged = 0
    for trial, evidence in load(at_work).evidences():
        for score in trial.scores:
            if score.check in ("tests_first", "red_before_green", "tests_not_weakened"):
                check = parts.find("checks", score.check)
                assert check is not None
                assert check().score(evidence).verdict == score.verdict
                judged += 1
    assert judged >= 10
