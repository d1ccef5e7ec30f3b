"""A run may be killed at any moment: the same command finishes the rest, and nothing is lost."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from audition.runfile import Run, load
from audition.runwriter import open_writer
from tests.conftest import Cli, Project

SLOW = "simulated:misroute=0.3,fault=0.02,latency_s=0.02"
OUT = "reports/killed.run.db"
KILLS = int(os.environ.get("AUDITION_KILLS", "4"))
"""How often a run is killed; the law is the same for a hundred times."""
TRIALS = 12 * KILLS
COMMAND = (
    *("run", "suite.yaml", "--model", SLOW, "--trials", str(TRIALS)),
    *("--concurrency", "2", "--out", OUT),
)


def start(project: Project) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "audition", *COMMAND],
        cwd=project.root,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def wait_for_trials(path: Path, least: int) -> None:
    """Until the run file holds at least so many trials."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        if path.exists() and _count(path) >= least:
            return
        time.sleep(0.02)
    raise AssertionError("the run did not begin")


def _count(path: Path) -> int:
    from audition.errors import AuditionError

    try:
        return len(load(path).trials)
    except AuditionError:
        return 0  # not begun yet


def outcome(run: Run) -> list[tuple[str, int, str, str | None]]:
    return [(t.case, t.number, t.verdict, t.delegated_to) for t in run.trials]


def test_ctrl_c_keeps_everything_and_prints_the_command_that_resumes(project: Project) -> None:
    process = start(project)
    wait_for_trials(project.root / OUT, 3)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=30)

    assert process.returncode == 130
    assert "everything finished is kept" in err
    resume = err.strip().splitlines()[-1].strip()
    assert resume.startswith("audition run suite.yaml")
    assert resume.endswith(f"--out {OUT}")
    run = load(project.root / OUT)
    assert run.state.ended_by == "interrupted"
    assert 3 <= len(run.trials) < 3 * TRIALS
    assert sorted(p.name for p in (project.root / "reports").glob("killed*")) == [
        "killed.results.jsonl",
        "killed.run.db",
    ]


def test_a_killed_run_resumes_to_what_an_undisturbed_run_gives(project: Project, cli: Cli) -> None:
    rng = random.Random(1)
    for _ in range(KILLS):
        before = _count(project.root / OUT)
        process = start(project)
        wait_for_trials(project.root / OUT, min(before + 1, 3 * TRIALS))
        time.sleep(rng.uniform(0.0, 0.15))
        os.kill(process.pid, signal.SIGKILL)
        process.communicate(timeout=30)
    finished = cli(*COMMAND)

    assert finished.code == 1
    resumed = load(project.root / OUT)
    cli(*COMMAND[:-1], "elsewhere/whole.run.db")
    whole = load(project.root / "elsewhere" / "whole.run.db")
    assert len(resumed.trials) == 3 * TRIALS
    assert outcome(resumed) == outcome(whole)


def test_a_second_process_on_the_same_run_file_is_told_so(project: Project, cli: Cli) -> None:
    with open_writer(project.root / OUT):
        second = start(project)
        _, err = second.communicate(timeout=30)

    assert second.returncode == 2
    assert "another process is writing this run file" in err


def test_sigterm_is_as_good_as_ctrl_c(project: Project) -> None:
    process = start(project)
    wait_for_trials(project.root / OUT, 1)
    process.terminate()
    _, err = process.communicate(timeout=30)

    assert process.returncode == 130
    assert "everything finished is kept" in err


@pytest.mark.parametrize("again", [(), ("--fresh",)])
def test_the_same_out_resumes_and_fresh_plays_it_all(
    project: Project, cli: Cli, again: tuple[str, ...]
) -> None:
    cli("run", "suite.yaml", "--out", "reports/a.run.db")
    before = load(project.root / "reports" / "a.run.db")
    cli("run", "suite.yaml", "--out", "reports/a.run.db", *again)
    after = load(project.root / "reports" / "a.run.db")

    assert outcome(after) == outcome(before)
    same = [a.started_at == b.started_at for a, b in zip(before.trials, after.trials, strict=True)]
    assert all(same) or again
