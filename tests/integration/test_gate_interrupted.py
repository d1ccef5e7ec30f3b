"""A gate that is killed half-way: the same command goes on, to the same verdict."""

import json
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from audition.errors import FileFormatError
from audition.runfile import load
from tests.contest.gates import PERFECT, Shop, make_shop

SLOW = f"{PERFECT},latency_s=0.05"
BROKEN = f"{SLOW},broken=case-01 case-05"
GATE = ("evals/suite.yaml", "--base-model", SLOW, "--head-model", BROKEN, "--format", "json")


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shop:
    made = make_shop(tmp_path / "shop")
    monkeypatch.chdir(made.root)
    return made


def command(*more: str) -> list[str]:
    return [sys.executable, "-m", "audition", "gate", *GATE, *more]


def gate(*more: str) -> dict[str, Any]:
    done = subprocess.run(command(*more), capture_output=True, text=True, check=False)
    verdict: dict[str, Any] = json.loads(done.stdout)
    assert done.returncode == verdict["exit_code"]
    return verdict


def finished() -> list[str]:
    """The keys of every trial that a run file of a gate holds, and that was played for it."""
    keys = []
    for path in Path("reports").glob("*.run.db"):
        with suppress(FileFormatError):  # it is being begun
            keys += [trial.key for trial in load(path).trials if not trial.reused_from]
    return keys


@pytest.mark.parametrize("blow", ["kill", "terminate"])
def test_a_gate_that_was_ended_goes_on_to_the_same_verdict_and_pays_for_nothing_twice(
    shop: Shop, blow: str
) -> None:
    process = subprocess.Popen(
        command("--concurrency", "2"), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    deadline = time.monotonic() + 60
    while len(finished()) < 20:
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.05)
    getattr(process, blow)()
    process.communicate()
    before = finished()
    assert 20 <= len(before) < 110
    assert not Path("reports/verdicts").exists()

    again = gate()
    played = finished()

    assert len(played) == len(set(played))
    assert set(before) < set(played)
    assert again["verdict"] == "fail"

    whole = gate("--fresh")
    counted = ("verdict", "exit_code", "affected")
    assert [whole[name] for name in counted] == [again[name] for name in counted]
    assert gate("--margin", "0.049")["verdict"] == "fail"
