"""A run with agents at work may be killed at any moment: what is kept stays, the rest goes."""

import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest
import yaml

from audition.runfile import Run, load
from audition.workspaces.scratch import PREFIX
from tests.conftest import Cli, Project
from tests.integration.test_interruption import wait_for_trials
from tests.sandboxes.trying import opened, processes

MARK = "mark-of-interrupted-work"
OUT = "reports/killed.run.db"
TRIALS = 6
COMMAND = (
    *("run", "suite.yaml", "--model", "simulated:no_commit=0.4,without_rule=0,latency_s=0.02"),
    *("--trials", str(TRIALS), "--concurrency", "2", "--out", OUT),
)


@pytest.fixture
def working(project: Project) -> Project:
    opened("bubblewrap")
    project.write("agents/maker.md", "---\nname: maker\ndescription: Makes.\n---\n\nCommit it.\n")
    project.write("shop/app.py", "PRICE = 100\n")
    project.write(
        "shop/test_app.py", "from app import PRICE\n\n\ndef test_it():\n    assert PRICE\n"
    )
    reference = [
        {"Bash": {"command": f"echo 'SIZE = 20' >> app.py; sleep 0.1 # {MARK}"}},
        {"Bash": {"command": "git commit -qam 'feat: size'"}},
        {"say": "Done."},
    ]
    cases = [
        {
            "id": name,
            "agent": "maker",
            "request": "Add the size.",
            "expect": ["suite_passes", "commits"],
            "reference": reference,
        }
        for name in ("one", "two")
    ]
    work = {"environment": {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}}
    file = {"workspace": "shop", "project": work, "cases": cases}
    project.write("cases.yaml", yaml.safe_dump(file))
    return project


def outcome(run: Run) -> list[tuple[str, int, list[tuple[str, str]]]]:
    return [(t.case, t.number, [(s.check, s.verdict) for s in t.scores]) for t in run.trials]


def left_by(*processes: int) -> list[Path]:
    """Folders of these processes that are still there."""
    places = [Path(tempfile.gettempdir()), Path("/dev/shm")]
    names = [f"{PREFIX}{process}-*" for process in processes]
    return [path for place in places for name in names for path in place.glob(name)]


def test_a_killed_run_resumes_to_what_an_undisturbed_run_gives_and_clears_up(
    working: Project, cli: Cli
) -> None:
    rng, killed = random.Random(3), list[int]()
    for least in (1, 4, 7):
        process = subprocess.Popen(
            [sys.executable, "-m", "audition", *COMMAND],
            cwd=working.root,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        wait_for_trials(working.root / OUT, least)
        time.sleep(rng.uniform(0.0, 0.3))
        os.kill(process.pid, signal.SIGKILL)
        process.wait(timeout=30)
        killed.append(process.pid)
        assert processes(MARK) == []
    kept = {trial.key for trial in load(working.root / OUT).trials}

    assert cli(*COMMAND).code == 1

    resumed = load(working.root / OUT)
    assert len(resumed.trials) == 2 * TRIALS
    assert kept <= {trial.key for trial in resumed.trials}
    assert left_by(*killed, os.getpid()) == []
    cli(*COMMAND[:-1], "elsewhere/whole.run.db")
    assert outcome(resumed) == outcome(load(working.root / "elsewhere" / "whole.run.db"))
    assert {v for _, _, scores in outcome(resumed) for _, v in scores} == {"pass", "fail"}


def test_trials_that_were_stored_before_they_were_probed_are_probed_and_not_played_again(
    working: Project, cli: Cli
) -> None:
    cli(*COMMAND)
    run = load(working.root / OUT)
    started = {trial.key: trial.started_at for trial in run.trials}
    text = (working.root / "cases.yaml").read_text(encoding="utf-8")
    working.write("cases.yaml", text.replace("- commits\n", "- commits\n  - tests_not_weakened\n"))

    said = cli(*COMMAND)

    again = load(working.root / OUT)
    assert {trial.key: trial.started_at for trial in again.trials} == started, said.err
    added = [s.verdict for t in again.trials for s in t.scores if s.check == "tests_not_weakened"]
    assert added == ["pass"] * (2 * TRIALS)


def test_ctrl_c_ends_every_command_and_clears_every_workspace(working: Project) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "audition", *COMMAND],
        cwd=working.root,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    wait_for_trials(working.root / OUT, 2)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=30)

    assert process.returncode == 130
    assert "everything finished is kept" in err
    assert left_by(process.pid) == []
    assert processes(MARK) == []
