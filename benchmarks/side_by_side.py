"""Audition beside Inspect AI: the same work in pairs, one after the other, on the same machine.

Inspect AI is installed into an environment of its own, in a folder that is given; nothing of it is
ever part of Audition. Each side does its work in a process of its own that is warm when it is
measured, and says what that cost itself and what it cost its children.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from jobs import write_jobs, write_three_turns
from measuring import cost_of
from project import write_project
from script import write_workspace
from usage import Usage

INSPECT = "inspect-ai==0.3.285"
HERE = Path(__file__).resolve().parent
WARMUP = 2
PAIRS = 3
JOBS_AT_ONCE = 4
TRIALS_AT_ONCE = 8
FILES = (10, 500)


@dataclass(frozen=True)
class Work:
    """One kind of work, and how much of it each side does in a round."""

    name: str
    ours: int
    theirs: int
    concurrency: int
    files: int = 0
    """Of the workspace; 0 where no agent works."""

    @property
    def kind(self) -> str:
        """As `play_inspect.py` calls it."""
        return {"single-turn trials": "single", "three-turn trials": "three"}.get(self.name, "job")


WORKS = (
    Work("single-turn trials", 1_000, 200, TRIALS_AT_ONCE),
    Work("three-turn trials", 1_000, 200, TRIALS_AT_ONCE),
    *(Work(f"agent jobs, {files} files", 100, 12, JOBS_AT_ONCE, files) for files in FILES),
)


@dataclass(frozen=True)
class Side:
    """What one side used, round by round."""

    name: str
    usages: tuple[Usage, ...]

    @property
    def own_ms(self) -> float:
        """Of its own CPU, each trial."""
        return median(_own_ms(usage) for usage in self.usages)

    @property
    def children_ms(self) -> float:
        """CPU of the processes that it started, each trial."""
        return median(1000 * usage.children_cpu_s / usage.trials for usage in self.usages)

    @property
    def wall_ms(self) -> float:
        """By the clock, each trial."""
        return median(1000 * usage.wall_s / usage.trials for usage in self.usages)

    @property
    def start_s(self) -> float:
        """Its own CPU until it was warm."""
        return median(usage.start_cpu_s for usage in self.usages)

    @property
    def peak_mb(self) -> float:
        """The largest of all rounds."""
        return max(usage.peak_mb for usage in self.usages)

    def ratio(self, other: "Side") -> float:
        """How many times its own CPU the other needs: the middle of the pairs."""
        pairs = zip(self.usages, other.usages, strict=True)
        return median(_own_ms(theirs) / _own_ms(mine) for mine, theirs in pairs)


@dataclass(frozen=True)
class Row:
    """One kind of work, done by all sides."""

    work: Work
    sides: tuple[Side, ...]
    """Audition first; Inspect AI last, where it could be installed."""


def compare(folder: Path, inspect: Path | None) -> Iterator[Row]:
    """Do all the work, in interleaved rounds.

    Args:
        folder: An empty one, for everything that is written.
        inspect: The Python that has Inspect AI; None where there is none.
    """
    for place, work in enumerate(WORKS):
        yield _row(work, folder / str(place), inspect)


def probed_jobs(folder: Path) -> Side:
    """Agent jobs whose checks have the harness run tests of stored trees."""
    suites = [write_jobs(folder / f"probed-{n}", n, FILES[0], probed=True) for n in (WARMUP, 20)]
    return Side("probed", tuple(play_audition(suites, JOBS_AT_ONCE) for _ in range(PAIRS)))


def play_audition(suites: Sequence[Path], concurrency: int, *options: object) -> Usage:
    """What the second suite cost."""
    program = HERE / "play_audition.py"
    return _usage(cost_of(sys.executable, program, *suites, concurrency, *options).output)


def install_inspect(folder: Path) -> Path | str:
    """The Python that has Inspect AI now, or why there is none; takes half a minute."""
    python = folder / "bin" / "python"
    try:
        cost_of(sys.executable, "-m", "venv", folder)
        cost_of(python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", INSPECT)
    except RuntimeError as error:
        return str(error).strip().splitlines()[-1]
    return python


def _row(work: Work, folder: Path, inspect: Path | None) -> Row:
    suites = [_write(work, folder / str(count), count) for count in (WARMUP, work.ours)]
    ways: dict[str, tuple[str, ...]] = {"Audition": ()}
    if work.files:
        ways["Audition, no sandbox"] = ("--unsafe-no-sandbox",)
        template = _template(folder / "template", work.files)
    usages: dict[str, list[Usage]] = {}
    for _ in range(PAIRS):
        for name, options in ways.items():
            usage = play_audition(suites, work.concurrency, *options)
            usages.setdefault(name, []).append(usage)
        if inspect:
            extra = ("--template", template) if work.files else ()
            usage = _play_inspect(inspect, work, folder / "logs", *extra)
            usages.setdefault("Inspect AI", []).append(usage)
    return Row(work, tuple(Side(name, tuple(found)) for name, found in usages.items()))


def _write(work: Work, folder: Path, count: int) -> Path:
    if work.files:
        return write_jobs(folder, count, work.files)
    return {"single": write_project, "three": write_three_turns}[work.kind](folder, count)


def _template(folder: Path, files: int) -> Path:
    """The repository that every sandbox of Inspect AI gets a copy of."""
    write_workspace(folder, files)
    who = {"NAME": "A Person", "EMAIL": "person@example.org"}
    names = {f"GIT_{role}_{k}": v for role in ("AUTHOR", "COMMITTER") for k, v in who.items()}
    for words in (("init", "-q"), ("add", "-A"), ("commit", "-q", "-m", "chore: begin")):
        subprocess.run(["git", *words], cwd=folder, env={**os.environ, **names}, check=True)
    for key, value in who.items():
        words = ("config", f"user.{key.lower()}", value)
        subprocess.run(["git", *words], cwd=folder, check=True)
    return folder


def _play_inspect(python: Path, work: Work, logs: Path, *extra: object) -> Usage:
    program = HERE / "play_inspect.py"
    words = (python, program, work.kind, work.theirs, work.concurrency, logs, *extra)
    return _usage(cost_of(*words).output)


def _usage(output: str) -> Usage:
    return Usage(**json.loads(output.strip().splitlines()[-1]))


def _own_ms(usage: Usage) -> float:
    return 1000 * usage.own_cpu_s / usage.trials
