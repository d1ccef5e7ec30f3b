"""The jobs of docs/ci.md, each run in a clean clone, as a runner would."""

import json
import os
import re
import shutil
import subprocess
import sys
import venv
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.contest.gates import make_shop
from tests.revisions.repositories import git

ROOT = Path(__file__).parents[1]
NEEDS_MORE = {"Sandbox", "Comment"}
"""Steps that need root, or GitHub itself."""


def jobs() -> dict[str, Any]:
    """The workflows of the page, by name."""
    text = (ROOT / "docs/ci.md").read_text(encoding="utf-8")
    blocks = [yaml.safe_load(block) for block in re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)]
    return {block["name"]: block for block in blocks if "jobs" in block}


@pytest.fixture(scope="session")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Python of its own, into which the step Install installs; other packages are there."""
    folder = tmp_path_factory.mktemp("machine") / "python"
    venv.create(folder, with_pip=False)
    [packages] = folder.glob("lib/python*/site-packages")
    here = next(path for path in sys.path if path.endswith("site-packages"))
    (packages / "others.pth").write_text(f"{here}\n", encoding="utf-8")
    return folder / "bin"


class Runner:
    """A machine with a fresh clone of a repository, on which the steps of a job are run."""

    def __init__(self, origin: Path, folder: Path, machine: Path) -> None:
        git(origin.parent, "clone", "-q", str(origin), str(folder))
        self.folder = folder
        self.summary = folder.parent / f"{folder.name}-summary.md"
        kept = {name: os.environ[name] for name in ("HOME", "LANG", "TMPDIR") if name in os.environ}
        self.environment = {
            **kept,
            **{name: value for name, value in os.environ.items() if name.startswith("PIP_")},
            "PATH": f"{machine}:{os.environ['PATH']}",
            "AUDITION": str(ROOT),
            "GITHUB_BASE_REF": "main",
            "GITHUB_STEP_SUMMARY": str(self.summary),
            "BASE": "origin/main",
            "HEAD": "HEAD",
        }

    def shell(self, commands: str) -> subprocess.CompletedProcess[str]:
        """What the commands of a step say, and how they end."""
        return subprocess.run(
            ["bash", "-e", "-o", "pipefail", "-c", commands],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )

    def run(self, job: str) -> dict[str, subprocess.CompletedProcess[str]]:
        """What each step said and how it ended, by name."""
        [steps] = [found["steps"] for found in jobs()[job]["jobs"].values()]
        done = {}
        for step in steps:
            if "run" in step and step["name"] not in NEEDS_MORE:
                done[step["name"]] = self.shell(step["run"])
        return done


@pytest.fixture
def origin(tmp_path: Path) -> Path:
    """A repository with a suite on main, and on the branch `change` an edit of a description."""
    shop = make_shop(tmp_path / "origin")
    git(shop.root, "checkout", "-q", "-b", "change")
    shop.edit("evals/agents/writer.md", "Writes guides", "Writes manuals")
    shop.commit()
    return shop.root


def ends(done: dict[str, subprocess.CompletedProcess[str]]) -> dict[str, int]:
    failed = {name: step.stderr for name, step in done.items() if step.returncode not in (0, 1)}
    assert not failed
    return {name: step.returncode for name, step in done.items()}


def test_the_nightly_job_says_what_is_new_and_leaves_its_history(
    origin: Path, tmp_path: Path, machine: Path
) -> None:
    runner = Runner(origin, tmp_path / "runner", machine)
    done = runner.run("nightly")

    assert ends(done) == {"Install": 0, "Play the night": 0, "Say what is new": 0}
    assert "suite" in runner.summary.read_text(encoding="utf-8")
    assert (runner.folder / "reports/history.html").is_file()
    assert len(list(runner.folder.glob("reports/*-nightly-*.run.db"))) == 1


def test_the_gate_job_judges_a_branch_and_a_re_run_on_another_machine_is_no_second_chance(
    origin: Path, tmp_path: Path, machine: Path
) -> None:
    first = Runner(origin, tmp_path / "first", machine)
    done = first.run("gate")

    assert ends(done) == {"Install": 0, "What it would touch": 0, "Gate": 0}
    assert "✓ Pass: the head keeps what the base does" in done["Gate"].stdout
    assert "::notice file=evals/agents/writer.md,line=3" in done["Gate"].stdout
    assert "Pass" in (first.folder / "comment.md").read_text(encoding="utf-8")
    assert "Pass" in first.summary.read_text(encoding="utf-8")
    assert (first.folder / "gate.xml").is_file()

    again = Runner(origin, tmp_path / "again", machine)
    shutil.copytree(first.folder / "reports", again.folder / "reports")
    kept = again.run("gate")["Gate"]

    assert kept.returncode == 0
    assert "The same question is not asked twice" in " ".join(kept.stdout.split())
    names = {path.name for path in (first.folder / "reports").glob("*.run.db")}
    assert {path.name for path in (again.folder / "reports").glob("*.run.db")} == names


def test_the_comparison_job_shows_both_revisions(
    origin: Path, tmp_path: Path, machine: Path
) -> None:
    runner = Runner(origin, tmp_path / "runner", machine)
    done = runner.run("compare")

    assert ends(done) == {"Install": 0, "Compare": 0}
    assert "Writes manuals" in runner.summary.read_text(encoding="utf-8")


def test_a_baseline_in_the_repository_is_measured_against(
    origin: Path, tmp_path: Path, machine: Path
) -> None:
    text = (ROOT / "docs/ci.md").read_text(encoding="utf-8")
    [block] = re.findall(r"```console\n(.*?)```", text, re.DOTALL)
    commands = [line.removeprefix("$ ") for line in block.splitlines()]
    runner = Runner(origin, tmp_path / "runner", machine)
    runner.run("compare")  # installs
    git(runner.folder, "checkout", "-q", "main")
    for command in commands[:2]:
        assert runner.shell(command).returncode == 0
    git(runner.folder, "commit", "-q", "-m", "a baseline")
    git(runner.folder, "checkout", "-q", "change")
    git(runner.folder, "checkout", "main", "--", "evals/baselines")
    gate = f"{commands[2]} --format json"
    said = runner.shell(gate)
    verdict = json.loads(said.stdout)

    assert (verdict["verdict"], verdict["base_trials"], verdict["head_trials"]) == ("pass", 10, 5)
