"""A run of agents at work may be killed at any moment: nothing stays, and nothing is lost."""

import asyncio
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from audition.codec import pack
from audition.crew import probe_stored
from audition.errors import FaultError
from audition.grading import regraded
from audition.job import prepare
from audition.overrides import Overrides
from audition.runfile import Run, load
from audition.runwriter import open_writer
from audition.sandboxes import Place, Sandbox
from audition.studio import opened_studio
from tests.conftest import Cli
from tests.conftest import Project as Files
from tests.sandboxes.trying import opened, processes

KILLS = int(os.environ.get("AUDITION_KILLS", "4"))
MARK = "interrupted-mark-71ae"
OUT = "reports/killed.run.db"
OUT_PATH = Path(OUT)
WORKER = "---\nname: worker\ndescription: Works.\n---\n\nTests first. Commit. Never push.\n"
TEST = "from shop import twice\n\n\ndef test_twice():\n    assert twice(2) == 4\n"
CODE = "def twice(n):\n    return 2 * n\n"
REFERENCE: list[dict[str, Any]] = [
    {"Write": {"file_path": "tests/test_twice.py", "content": TEST}},
    {"Bash": {"command": "python -m pytest -q"}},
    {"Bash": {"command": f"setsid sh -c 'sleep 300; : {MARK}' & sleep 0.3"}},
    {"Write": {"file_path": "shop.py", "content": CODE}},
    {"Bash": {"command": "python -m pytest -q"}},
    {"Bash": {"command": "git add -A && git commit -qm 'feat: twice'"}},
    {"say": "Done."},
]
COMMITTED = {"commits": {"message": "conventional"}}
EXPECTED = ["tests_first", "red_before_green", "suite_passes", COMMITTED]
SUITE = {
    "setup": ".", "dataset": "cases.yaml", "trials": 2 * KILLS, "concurrency": 2,
    "model": {"simulated": {"code_first": 0.3, "no_commit": 0.3, "latency_s": 0.01}},
}  # fmt: skip
COMMAND = ("run", "suite.yaml", "--out", OUT)


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Files:
    opened("bubblewrap")
    made = Files(tmp_path / "project")
    made.write("agents/worker.md", WORKER)
    made.write("shop/shop.py", "")
    made.write("shop/tests/test_shop.py", "def test_nothing():\n    assert True\n")
    made.write("shop/pyproject.toml", "[tool.pytest.ini_options]\npythonpath = ['.']\n")
    made.write("cases.yaml", json.dumps(dataset()))
    made.write("suite.yaml", json.dumps(SUITE))
    monkeypatch.chdir(made.root)
    return made


def dataset() -> dict[str, Any]:
    cases = [
        {"id": name, "agent": "worker", "request": f"Add twice(n), {name}", "expect": EXPECTED,
         "reference": REFERENCE}
        for name in ("first", "second")
    ]  # fmt: skip
    project = {"environment": {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}}
    return {"workspace": "shop", "project": project, "cases": cases}


def start(files: Files) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "audition", *COMMAND],
        cwd=files.root,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )


def left_by(*numbers: int) -> list[Path]:
    """Folders that processes made for themselves."""
    places = [Path("/dev/shm"), Path(tempfile.gettempdir())]
    return [p for place in places for n in numbers for p in place.glob(f"audition-*-{n}-*")]


def wait_until_at_work(process: "subprocess.Popen[str]") -> None:
    """Until a trial has a workspace."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if any("-workspace-" in path.name for path in left_by(process.pid)):
            return
        if process.poll() is not None:
            return  # there was nothing left to play
        time.sleep(0.02)
    raise AssertionError("the run did not begin")


def verdicts(run: Run) -> list[tuple[str, int, str, tuple[tuple[str, str], ...]]]:
    return [
        (t.case, t.number, t.verdict, tuple((s.check, s.verdict) for s in t.scores))
        for t in run.trials
    ]


def test_a_killed_run_leaves_nothing_and_resumes_to_the_same_verdicts(
    files: Files, cli: Cli
) -> None:
    rng, killed, left = random.Random(7), list[int](), list[Path]()
    for _ in range(KILLS):
        process = start(files)
        wait_until_at_work(process)
        time.sleep(rng.uniform(0.0, 2.0))
        os.kill(process.pid, signal.SIGKILL)
        process.communicate(timeout=30)
        killed.append(process.pid)
        left += left_by(process.pid)
        deadline = time.monotonic() + 5
        while processes(MARK) and time.monotonic() < deadline:
            time.sleep(0.02)
        assert processes(MARK) == []  # commands end with who started them
    finished = cli(*COMMAND)

    assert finished.code == 1, finished.err
    assert left
    assert left_by(os.getpid(), *killed) == []
    resumed = load(files.root / OUT)
    cli(*COMMAND[:-1], "elsewhere/whole.run.db")
    whole = load(files.root / "elsewhere" / "whole.run.db")
    assert len(resumed.trials) == 2 * SUITE["trials"]  # type: ignore[operator]
    assert {trial.verdict for trial in whole.trials} == {"pass", "fail"}
    assert verdicts(resumed) == verdicts(whole)


@dataclass(frozen=True)
class Stored:
    """A trial as a run file holds it."""

    started_at: str
    trace: bytes


def stored(path: Path) -> dict[tuple[str, int], Stored]:
    with sqlite3.connect(path) as database:
        traces = dict(database.execute("SELECT key, body FROM trace"))
    return {(t.case, t.number): Stored(t.started_at, traces[t.key]) for t in load(path).trials}


def forget_probes(path: Path) -> None:
    """Make of a run file what a kill leaves between a trial's end and the harness's own runs."""
    run = load(path)
    with sqlite3.connect(path) as database:
        for trial, evidence in run.evidences():
            assert evidence.outcome is not None
            bare = replace(evidence, outcome=replace(evidence.outcome, probed={}))
            packed = pack(bare)
            database.execute(
                "UPDATE outcome SET body = ? WHERE key = ?", (packed.outcome, trial.key)
            )


def test_a_trial_whose_probes_were_not_run_is_probed_and_not_played_again(
    files: Files, cli: Cli
) -> None:
    files.edit("suite.yaml", f'"trials": {2 * KILLS}', '"trials": 2')
    cli(*COMMAND)
    path = files.root / OUT
    before, played = verdicts(load(path)), stored(path)
    forget_probes(path)
    cli("regrade", OUT)
    assert {t.verdict for t in load(path).trials} <= {"skip", "fail"}
    assert verdicts(load(path)) != before
    cli(*COMMAND)

    assert verdicts(load(path)) == before
    assert stored(path) == played


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (FaultError("sandbox", "the disk is full"), "sandbox: the disk is full"),
        (RecursionError("too deep"), "harness: RecursionError: too deep"),
    ],
)
def test_a_probe_that_cannot_be_run_is_a_fault_of_its_trial_until_the_run_is_resumed(
    files: Files, cli: Cli, error: Exception, told: str
) -> None:
    files.edit("suite.yaml", f'"trials": {2 * KILLS}', '"trials": 1')
    cli(*COMMAND, "--cases", "first")
    before = verdicts(load(OUT_PATH))
    forget_probes(OUT_PATH)
    asyncio.run(probe_in_vain(error))
    trial = load(OUT_PATH).trials[0]
    cli(*COMMAND, "--cases", "first")

    assert trial.verdict == "fault"
    assert {s.reason for s in trial.scores if s.verdict == "fault"} == {told}
    assert not trial.faulted
    assert verdicts(load(OUT_PATH)) == before


async def probe_in_vain(error: Exception) -> None:
    """What a run does with a stored trial whose probes are missing, on a broken machine."""

    def broken(place: Place) -> Sandbox:
        raise error

    job = prepare(Path("suite.yaml"), Overrides(), now=datetime(2026, 11, 24, tzinfo=UTC))
    entry = next(entry for entry in job.entries if entry.case.id == "first")
    assert entry.case.work is not None
    async with opened_studio(job.settings.sandbox, [entry.case.work]) as studio:
        studio = replace(studio, sandboxes=replace(studio.sandboxes, around=broken))
        trial, evidence = next(load(OUT_PATH).evidences())
        evidence = replace(evidence, project=entry.case.project)
        trial = regraded(trial, entry.case.expectations, evidence)
        with open_writer(OUT_PATH) as writer:
            await probe_stored(studio, entry, writer, trial, evidence)


def test_ctrl_c_leaves_nothing(files: Files) -> None:
    process = start(files)
    wait_until_at_work(process)
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)

    assert process.returncode == 130
    assert "everything finished is kept" in err
    assert left_by(process.pid) == []
    assert processes(MARK) == []
