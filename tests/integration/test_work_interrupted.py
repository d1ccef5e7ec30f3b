"""A run may end at any moment while agents work: nothing is left, and it goes on where it was."""

import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from audition.runfile import load
from tests.conftest import Project
from tests.integration.jobs import (
    BRIEF,
    CANCEL,
    CHEAP_CALL_USD,
    KEY,
    MAIN_CALL_USD,
    OUT,
    Audition,
    bash,
    commit,
    delegate,
    make_job,
    verdicts,
    write,
)
from tests.servers import Play, answer, conversing, once, serving

CASE = f"""\
  - id: one
    request: {CANCEL}
    expect: [changes: shop/cancel.py, commits, suite_passes]
"""
ENDLESS = str(30_000 + os.getpid() % 10_000)
"""Seconds of a sleep that no other process sleeps."""
PATIENCE_S = 90
JOB_USD = 2 * MAIN_CALL_USD + 3 * CHEAP_CALL_USD
CALLS_OF_A_JOB, CALLS_BEFORE_THE_SLEEP = 5, 3


def scripts(second: Play) -> dict[str, list[Play]]:
    """The same job for every trial, but for what the agent of the second trial does at first."""
    committed = commit("feat: let an order be cancelled")
    return {
        CANCEL: [delegate(("backend", BRIEF)), answer("Done.")],
        BRIEF: [
            write("shop/cancel.py", "X = 1\n"),
            once(committed, then=once(second, then=committed)),
            answer("It is in."),
        ],
    }


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where this process and those that it starts keep their temporary files."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def left_behind(temporary: Path, pid: int) -> list[Path]:
    """What a process has not removed; workspaces may lie in memory."""
    return [*temporary.iterdir(), *Path("/dev/shm").glob(f"audition-*-{pid}-*")]


def start(project: Project, url: str, out: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [
            *(sys.executable, "-m", "audition", "run", "suite.yaml", "--base-url", url),
            *("--trials", "3", "--concurrency", "1", "--out", out),
        ],
        cwd=project.root,
        env={**os.environ, "ANTHROPIC_API_KEY": KEY},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def sleepers() -> list[int]:
    """Processes of this machine that sleep so long."""
    found = []
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = file.read_bytes().split(b"\0")
        except OSError:
            continue
        if words[:2] == [b"sleep", ENDLESS.encode()]:
            found.append(int(file.parent.name))
    return found


def wait_until(holds: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        if holds():
            return
        time.sleep(0.02)
    raise AssertionError(f"after {PATIENCE_S} s: {what}")


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL], ids=["ctrl-c", "kill -9"])
def test_a_run_that_ends_in_the_middle_of_a_job_leaves_nothing_and_goes_on(
    project: Project, play: Audition, temporary: Path, how: signal.Signals
) -> None:
    make_job(project, CASE)
    sleep = bash(f"touch left; sleep {ENDLESS} & sleep {ENDLESS}")
    with serving(conversing(scripts(sleep))) as server:
        process = start(project, server.url, OUT)
        wait_until(lambda: len(sleepers()) >= 2, "the agent's command does not run")
        assert left_behind(temporary, process.pid)
        process.send_signal(how)
        process.communicate(timeout=PATIENCE_S)
        wait_until(lambda: not sleepers(), "a process of the agent is left")
        if how == signal.SIGINT:
            assert process.returncode == 130
            assert left_behind(temporary, process.pid) == []
        asked = len(server.requests)
        finished = play(server.url, "--trials", "3", "--concurrency", "1")
        asked_in_all = len(server.requests)
        undisturbed = play(server.url, "--trials", "3", "--fresh", out="b/whole.run.db")
    run = load(OUT)

    assert (finished.code, undisturbed.code) == (0, 0), finished.out + finished.err
    assert left_behind(temporary, process.pid) == []
    assert verdicts() == verdicts("b/whole.run.db")
    assert asked == CALLS_OF_A_JOB + CALLS_BEFORE_THE_SLEEP
    assert asked_in_all == asked + 2 * CALLS_OF_A_JOB
    assert [trial.cost_usd for trial in run.trials] == [pytest.approx(JOB_USD)] * 3
    assert run.state.ended_by == "finished"


def test_what_a_killed_run_left_in_the_air_counts_against_the_budget(
    project: Project, play: Audition
) -> None:
    make_job(project, CASE)
    with serving(conversing(scripts(bash(f"sleep {ENDLESS}")))) as server:
        process = start(project, server.url, OUT)
        wait_until(lambda: bool(sleepers()), "the agent's command does not run")
        os.kill(process.pid, signal.SIGKILL)
        process.communicate(timeout=PATIENCE_S)
        asked = len(server.requests)
        paid = 3 * JOB_USD + MAIN_CALL_USD + 2 * CHEAP_CALL_USD
        said = play(server.url, "--trials", "3", "--budget-usd", str(paid))

    assert said.code == 3
    assert "With a larger --budget-usd it goes on" in said.out
    assert len(server.requests) < asked + 2 * CALLS_OF_A_JOB
    assert load(OUT).state.unpriced_trials == 1


def test_the_command_that_is_printed_resumes_the_job(project: Project, play: Audition) -> None:
    make_job(project, CASE)
    with serving(conversing(scripts(bash(f"sleep {ENDLESS}")))) as server:
        process = start(project, server.url, OUT)
        wait_until(lambda: bool(sleepers()), "the agent's command does not run")
        process.terminate()
        _, err = process.communicate(timeout=PATIENCE_S)
        command = err.strip().splitlines()[-1].split()
        again = subprocess.run(
            [sys.executable, "-m", *command],
            cwd=project.root,
            env={**os.environ, "ANTHROPIC_API_KEY": KEY},
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
            check=False,
        )

    assert re.match(r"audition run suite\.yaml", " ".join(command))
    assert again.returncode == 0, again.stdout + again.stderr
    assert [trial.verdict for trial in load(OUT).trials] == ["pass"] * 3
    assert sleepers() == []
