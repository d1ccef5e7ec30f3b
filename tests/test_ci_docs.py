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
TEXT = (ROOT / "docs/ci.md").read_text(encoding="utf-8")
NEEDS_MORE = {"Sandbox"}
"""Steps that need root."""
GH = """#!/bin/sh
# Keeps the one comment of a pull request as a file, as `gh pr comment` would on a page of GitHub.
case "$*" in
*--edit-last*) test -f "$PAGE" || { echo "no comments found for current user" >&2; exit 1; } ;;
esac
cp comment.md "$PAGE"
"""


def blocks(language: str) -> list[str]:
    """The blocks of the page in a language."""
    return re.findall(rf"```{language}\n(.*?)```", TEXT, re.DOTALL)


def jobs() -> dict[str, Any]:
    """The workflows of the page, by name."""
    read = [yaml.safe_load(block) for block in blocks("yaml")]
    return {block["name"]: block for block in read if "jobs" in block}


def steps_of(job: str) -> list[dict[str, Any]]:
    [steps] = [found["steps"] for found in jobs()[job]["jobs"].values()]
    return list(steps)


def is_install(step: dict[str, Any]) -> bool:
    """It takes long and is the same in every job: the machine is made with it."""
    return step.get("name") == "Install"


def commands(starting: str) -> str:
    """The block of a console that begins with these words, as a script."""
    [block] = [block for block in blocks("console") if block.startswith(f"$ {starting}")]
    return "".join(line.removeprefix("$ ") + "\n" for line in block.splitlines())


@pytest.fixture(scope="session")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Python of its own, into which the step Install has installed; other packages are there."""
    folder = tmp_path_factory.mktemp("machine") / "python"
    venv.create(folder, with_pip=False)
    [packages] = folder.glob("lib/python*/site-packages")
    here = next(path for path in sys.path if path.endswith("site-packages"))
    (packages / "others.pth").write_text(f"{here}\n", encoding="utf-8")
    (folder / "bin/gh").write_text(GH, encoding="utf-8")
    (folder / "bin/gh").chmod(0o755)
    [install] = {step["run"] for job in jobs() for step in steps_of(job) if is_install(step)}
    environment = {**os.environ, "PATH": f"{folder / 'bin'}:{os.environ['PATH']}"}
    environment["AUDITION"] = str(ROOT)
    subprocess.run(["bash", "-e", "-c", install], env=environment, capture_output=True, check=True)
    return folder / "bin"


class Runner:
    """A machine with a fresh clone of a repository, on which the steps of a job are run."""

    def __init__(self, origin: Path, folder: Path, machine: Path) -> None:
        git(origin.parent, "clone", "-q", str(origin), str(folder))
        self.folder = folder
        self.temp = folder.parent / f"{folder.name}-temp"
        self.temp.mkdir()
        self.summary = self.temp / "summary.md"
        self.page = origin.parent / "comment-on-the-page.md"
        kept = {name: os.environ[name] for name in ("HOME", "LANG", "TMPDIR") if name in os.environ}
        self.environment = {
            **kept,
            **{name: value for name, value in os.environ.items() if name.startswith("PIP_")},
            "PATH": f"{machine}:{os.environ['PATH']}",
            "AUDITION": str(ROOT),
            "GITHUB_ACTIONS": "true",
            "GITHUB_BASE_REF": "main",
            "GITHUB_REPOSITORY": "example/shop",
            "GITHUB_WORKSPACE": str(folder),
            "RUNNER_TEMP": str(self.temp),
            "PAGE": str(self.page),
            "PR": "7",
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
        done: dict[str, subprocess.CompletedProcess[str]] = {}
        for step in steps_of(job):
            is_due = not any(each.returncode for each in done.values()) or "if" in step
            if "run" in step and step["name"] not in NEEDS_MORE and is_due and not is_install(step):
                done[step["name"]] = self.shell(step["run"])
        return done

    def take_over(self, other: "Runner") -> None:
        """Restore the cache that another machine saved."""
        shutil.copytree(other.folder / "reports", self.folder / "reports")


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

    assert ends(done) == {"Play the night": 0, "Say what is new": 0}
    assert "suite" in runner.summary.read_text(encoding="utf-8")
    assert (runner.folder / "reports/history.html").is_file()
    assert len(list(runner.folder.glob("reports/*-nightly-*.run.db"))) == 1


def test_the_gate_job_judges_a_branch_and_a_re_run_on_another_machine_is_no_second_chance(
    origin: Path, tmp_path: Path, machine: Path
) -> None:
    first = Runner(origin, tmp_path / "first", machine)
    done = first.run("gate")

    assert ends(done) == {"What it would touch": 0, "Gate": 0, "Comment": 0}
    assert "✓ Pass: the head keeps what the base does" in done["Gate"].stdout
    assert "::notice file=evals/agents/writer.md,line=3" in done["Gate"].stdout
    assert "Pass" in first.page.read_text(encoding="utf-8")
    assert "Pass" in first.summary.read_text(encoding="utf-8")
    assert (first.temp / "gate.xml").is_file()

    again = Runner(origin, tmp_path / "again", machine)
    again.take_over(first)
    kept = again.run("gate")["Gate"]

    assert kept.returncode == 0
    assert "The same question is not asked twice" in " ".join(kept.stdout.split())
    names = {path.name for path in (first.folder / "reports").glob("*.run.db")}
    assert {path.name for path in (again.folder / "reports").glob("*.run.db")} == names


def test_a_change_that_fails_stays_failed_and_one_comment_tells_of_its_mending(
    origin: Path, tmp_path: Path, machine: Path
) -> None:
    git(origin, "rm", "-q", "evals/agents/writer.md")
    git(origin, "commit", "-q", "-m", "no writer")
    first = Runner(origin, tmp_path / "first", machine)
    done = first.run("gate")
    again = Runner(origin, tmp_path / "again", machine)
    again.take_over(first)
    kept = again.run("gate")

    assert (done["Gate"].returncode, kept["Gate"].returncode) == (1, 1)
    assert "::error title=audition gate%3A suite::Fail" in done["Gate"].stdout
    assert "The same question is not asked twice" in " ".join(kept["Gate"].stdout.split())
    assert "Fail" in first.page.read_text(encoding="utf-8")

    git(origin, "checkout", "-q", "main", "--", "evals")
    git(origin, "commit", "-q", "-m", "as it was")
    mended = Runner(origin, tmp_path / "mended", machine)
    mended.run("gate")

    assert "Nothing changed" in mended.page.read_text(encoding="utf-8")


def test_where_nothing_changed_no_comment_is_begun(
    origin: Path, tmp_path: Path, machine: Path
) -> None:
    git(origin, "checkout", "-q", "main")
    runner = Runner(origin, tmp_path / "runner", machine)

    assert ends(runner.run("gate"))["Comment"] == 0
    assert not runner.page.exists()


def test_python_that_a_change_brings_is_not_run_on_the_way_to_the_gate(
    origin: Path, tmp_path: Path, machine: Path
) -> None:
    for name in ("pip", "audition", "sitecustomize", "click"):
        (origin / f"{name}.py").write_text("open('ran', 'w').close()\n", encoding="utf-8")
    git(origin, "add", "--all")
    git(origin, "commit", "-q", "-m", "mine")
    runner = Runner(origin, tmp_path / "runner", machine)
    [install] = filter(is_install, steps_of("gate"))

    assert runner.shell(install["run"]).returncode == 0
    assert ends(runner.run("gate"))["Gate"] == 0
    assert not (runner.folder / "ran").exists()


@pytest.mark.parametrize("job", ["nightly", "gate"])
def test_what_was_played_is_saved_whatever_came_out(job: str) -> None:
    steps = steps_of(job)
    caches = [step for step in steps if "actions/cache" in step.get("uses", "")]
    [played] = [n for n, step in enumerate(steps) if "ANTHROPIC_API_KEY" in step.get("env", ())]

    assert [step["uses"] for step in caches] == [
        "actions/cache/restore@v4",
        "actions/cache/save@v4",
    ]
    restored, saved = caches
    assert steps.index(restored) < played < steps.index(saved)
    assert saved["if"] == "always()"
    assert saved["with"]["key"] == restored["with"]["key"]
    assert "github.run_attempt" in saved["with"]["key"]  # a cache is never written twice


def test_the_comparison_job_shows_both_revisions(
    origin: Path, tmp_path: Path, machine: Path
) -> None:
    runner = Runner(origin, tmp_path / "runner", machine)
    done = runner.run("compare")

    assert ends(done) == {"Compare": 0}
    assert "Writes manuals" in runner.summary.read_text(encoding="utf-8")


def test_a_baseline_in_the_repository_is_measured_against(
    origin: Path, tmp_path: Path, machine: Path
) -> None:
    maker = Runner(origin, tmp_path / "maker", machine)
    git(maker.folder, "checkout", "-q", "main")
    git(maker.folder, "config", "user.name", "A")
    git(maker.folder, "config", "user.email", "a@example.org")
    made = maker.shell(commands("audition run evals/suite.yaml --trials 10"))
    git(maker.folder, "push", "-q", "origin", "main")
    runner = Runner(origin, tmp_path / "runner", machine)
    script = commands("git worktree").rstrip("\n")
    verdict = json.loads(runner.shell(f"{script} --format json").stdout)

    assert made.returncode == 0
    assert (verdict["verdict"], verdict["base_trials"], verdict["head_trials"]) == ("pass", 10, 5)
    assert len(verdict["affected"]) == 12
    assert list((tmp_path / "base/reports/verdicts").iterdir())


def test_any_run_is_told_to_github_and_to_what_collects_results(
    origin: Path, tmp_path: Path, machine: Path
) -> None:
    runner = Runner(origin, tmp_path / "runner", machine)
    said = runner.shell(commands("audition run evals/suite.yaml --out"))

    assert said.returncode == 0
    assert "::notice title=audition%3A suite::" in said.stdout
    assert "# ✓" in runner.summary.read_text(encoding="utf-8")
    assert 'tests="12"' in (runner.folder / "run.xml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("script", "made"),
    [
        *zip(blocks("sh"), ["night.md", "gate.xml", "compared.md"], strict=True),
        (yaml.safe_load(blocks("yaml")[-1])["gate"]["script"][-1], "gate.xml"),
    ],
    ids=["a night", "a gate", "a comparison", "on GitLab"],
)
def test_in_a_shell_it_is_the_same(
    origin: Path, tmp_path: Path, machine: Path, script: str, made: str
) -> None:
    runner = Runner(origin, tmp_path / "runner", machine)
    runner.environment["CI_MERGE_REQUEST_DIFF_BASE_SHA"] = git(origin, "rev-parse", "main")
    said = runner.shell(script)

    assert said.returncode == 0
    assert (runner.folder / made).read_text(encoding="utf-8")
    assert list(runner.folder.glob("reports/*.run.db"))
