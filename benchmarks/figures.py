"""Measure how fast and how large Audition is, beside the figures that it promises.

    python benchmarks/figures.py [--install] [--json FILE]

Prints a table, and exits with 1 if a target was missed. README.md says what each row measures.
"""

import argparse
import importlib.util
import json
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from measuring import Cost, cost_of, keep_bytecode
from project import write_project
from table import WIDTHS, Figure, line, load, machine

ROOT = Path(__file__).resolve().parent.parent
TASK = Path(__file__).with_name("task.py")
AUDITION = (sys.executable, "-m", "audition")
MODEL = "simulated:invented=0"
HEAVY = frozenset({"anthropic", "bm25s", "jinja2", "numpy", "pandas", "pydantic", "rich"})
"""What `--help` must not import."""
ROUNDS = 3
QUICK_ROUNDS = 9


def main() -> int:
    """Measure everything, print the table; 1 if a target was missed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument(
        "--install", action="store_true", help="also install into a fresh environment (minutes)"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the numbers there too")
    args = parser.parse_args()
    place = machine()
    print(f"{place}; load average {load()} at the start\n")
    for cells in (("work", "measured", "target", ""), tuple("-" * width for width in WIDTHS)):
        print(line(cells))
    figures = []
    with TemporaryDirectory(prefix="audition-figures-") as folder:
        for figure in _figures(Path(folder), with_install=args.install):
            figures.append(figure)
            print(line(figure.cells), flush=True)
    print(f"\nload average {load()} at the end")
    if args.json:
        rows = [{**vars(figure), "verdict": figure.verdict} for figure in figures]
        text = json.dumps({"machine": place, "load": load(), "figures": rows}, indent=2)
        args.json.write_text(text + "\n", encoding="utf-8")
    return int(any(figure.verdict == "MISSED" for figure in figures))


def _figures(folder: Path, *, with_install: bool) -> Iterator[Figure]:
    if with_install:
        yield from _install(folder / "installed")
    _compile_all(folder / "bytecode", folder / "10")
    yield from _help()
    suite = write_project(folder / "5000", 5_000)
    yield from _played(write_project(folder / "1000", 1_000), suite)
    yield from _read_back(_run_file(suite, 0))
    yield from _page(_run_file(suite, 0), folder / "page.html")
    yield from _compared(suite)
    yield from _whole_command(suite)
    yield _waiting(folder / "160", trials=160, concurrency=16)


def _install(venv: Path) -> Iterator[Figure]:
    """A fresh environment without pip, so that what lies in it is what Audition brought."""
    cost_of(sys.executable, "-m", "venv", "--without-pip", venv)
    pip = [sys.executable, "-m", "pip", "--python", venv / "bin" / "python", "install", "--quiet"]
    cost_of(*pip, "--disable-pip-version-check", ROOT)
    cost_of(venv / "bin" / "audition", "--version")
    (packages,) = venv.glob("lib/python*/site-packages")
    size = sum(path.lstat().st_size for path in packages.rglob("*") if path.is_file())
    yield Figure("install: size, with bytecode", size / 1e6, "MB", 250)
    yield Figure("install: packages", len(list(packages.glob("*.dist-info"))), "packages", 40)


def _compile_all(bytecode: Path, folder: Path) -> None:
    """Do everything once in small, so that no process that is measured has to compile a module."""
    keep_bytecode(bytecode)
    suite = write_project(folder, 10)
    _task(10, "play", suite, _run_file(suite, 0), MODEL, 8)
    _task(10, "stream", _run_file(suite, 0))
    _task(10, "summarize", _run_file(suite, 0))
    _task(10, "render", _run_file(suite, 0), folder / "page.html")
    _run_command(suite, 1)


def _help() -> Iterator[Figure]:
    costs = [cost_of(*AUDITION, "--help") for _ in range(QUICK_ROUNDS)]
    yield Figure("--help", _cpu_s(costs), "s CPU", 0.15)
    told = cost_of(sys.executable, "-X", "importtime", *AUDITION[1:], "--help").errors
    imported = set(re.findall(r"^import time:.*\|\s+(\w+)$", told, re.MULTILINE))
    heavy = sorted(HEAVY & imported)
    names = f" ({', '.join(heavy)})" if heavy else ""
    yield Figure(f"--help: heavy modules imported{names}", len(heavy), "modules", 0)


def _played(small: Path, large: Path) -> Iterator[Figure]:
    cpu_s: dict[int, float] = {}
    for trials, suite in ((1_000, small), (5_000, large)):
        costs = [
            _task(trials, "play", suite, _run_file(suite, number), MODEL, 8)
            for number in range(ROUNDS)
        ]
        cpu_s[trials] = _cpu_s(costs)
        work = f"{trials:,} trials into a run file"
        yield Figure(work, trials / cpu_s[trials], "per CPU s", 2_000, more_is_better=True)
        yield Figure(f"{work}: peak memory", _peak_mb(costs), "MB", 120)
    rate = 4_000 / (cpu_s[5_000] - cpu_s[1_000])
    yield Figure("4,000 trials more, no start-up", rate, "per CPU s", 2_000, more_is_better=True)


def _read_back(run: Path) -> Iterator[Figure]:
    for task, words in (("stream", "streamed back with traces"), ("summarize", "summarized")):
        costs = [_task(5_000, task, run) for _ in range(ROUNDS)]
        yield Figure(f"5,000 trials {words}", _cpu_s(costs), "s CPU", 1.0)


def _page(run: Path, page: Path) -> Iterator[Figure]:
    costs = [_task(5_000, "render", run, page) for _ in range(ROUNDS)]
    yield Figure("HTML of 5,000 trials: rendered", _cpu_s(costs), "s CPU", 3.0)
    yield Figure("HTML of 5,000 trials: peak memory", _peak_mb(costs), "MB", 120)
    yield Figure("HTML of 5,000 trials: size", page.stat().st_size / 1e6, "MB", 10)
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    ready_s = None
    if browser and importlib.util.find_spec("playwright"):
        ready_s = float(cost_of(sys.executable, TASK, "open", page, browser).output)
    yield Figure("HTML of 5,000 trials: ready in Chromium", ready_s, "s", 0.5)


def _compared(suite: Path) -> Iterator[Figure]:
    """Two runs of the same cases; the other model has a seed of its own, so every trial differs."""
    base, head = _run_file(suite, 0), _run_file(suite, 2 * ROUNDS)
    _task(5_000, "play", suite, head, f"{MODEL},seed=7", 8)
    costs = [_task(5_000, "compare", base, head) for _ in range(ROUNDS)]
    work = "two runs of 5,000 trials compared"
    yield Figure(work, _cpu_s(costs), "s CPU", 2.0)
    yield Figure(f"{work}: peak memory", _peak_mb(costs), "MB", 200)


def _whole_command(suite: Path) -> Iterator[Figure]:
    """What a user types: everything above in one process, report and summary included."""
    costs = [_run_command(suite, ROUNDS + number) for number in range(ROUNDS)]
    work = "audition run, 5,000 trials, with report"
    yield Figure(work, 5_000 / _cpu_s(costs), "per CPU s", 1_000, more_is_better=True)
    yield Figure(f"{work}: memory", _peak_mb(costs), "MB", 120)


def _waiting(folder: Path, *, trials: int, concurrency: int) -> Figure:
    suite = write_project(folder, trials)
    model = f"{MODEL},latency_s=1"
    cost = _task(trials, "play", suite, _run_file(suite, 0), model, concurrency)
    work = f"{trials} trials of 1 s each, {concurrency} at a time"
    return Figure(work, cost.wall_s, "s", 1.1 * trials / concurrency)


def _run_command(suite: Path, number: int) -> Cost:
    """It fails, since the simulated model takes wrong turns; with ten cases it may not."""
    out = _run_file(suite, number)
    return cost_of(*AUDITION, "run", suite, "--model", MODEL, "--out", out, exit_codes=(0, 1))


def _run_file(suite: Path, number: int) -> Path:
    """In a folder of its own: trials that lie beside a run file would be reused, not played."""
    return suite.parent / f"round-{number}" / "a.run.db"


def _task(trials: int, *words: object) -> Cost:
    """Do a piece of work on so many trials, and make sure that it was done on all of them."""
    cost = cost_of(sys.executable, TASK, *words)
    if cost.output.strip() != str(trials):
        raise RuntimeError(f"{words}: {trials} trials expected, {cost.output.strip()} found")
    return cost


def _cpu_s(costs: list[Cost]) -> float:
    return median(cost.cpu_s for cost in costs)


def _peak_mb(costs: list[Cost]) -> float:
    return max(cost.peak_mb for cost in costs)


if __name__ == "__main__":
    sys.exit(main())
