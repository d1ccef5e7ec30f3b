"""Measure what agents at work cost Audition, beside what is promised and beside Inspect AI.

    python benchmarks/agents.py [--inspect PYTHON] [--json FILE]

Prints two tables, and exits with 1 if a target was missed. Unless a Python that has it is named,
Inspect AI is installed into a temporary folder, which takes half a minute and asks the package
index; where that fails, the tables say so. README.md says what each row measures.
"""

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from crowd import FILES, JOBS, watch_crowd
from measuring import keep_bytecode
from side_by_side import INSPECT, Row, Side, compare, install_inspect, probed_jobs
from table import WIDTHS, Figure, line, load, machine, short

COLUMNS = ("work", "by", "own CPU", "children", "wall", "peak", "start", "ratio")
SIDE_WIDTHS = (21, 20, 9, 9, 9, 7, 7, 7)
OWN_MS = {10: 8, 500: 25}
"""Of the harness's own CPU for a job, by files of the workspace."""
MOST_MB = 4_000
"""For 200 jobs at once."""


def main() -> int:
    """Measure everything, print the tables; 1 if a target was missed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--inspect", type=Path, metavar="PYTHON", help="one that has inspect-ai")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the numbers there too")
    args = parser.parse_args()
    place = machine()
    print(f"{place}; load average {load()} at the start\n", flush=True)
    with TemporaryDirectory(prefix="audition-agents-") as name:
        folder = Path(name)
        keep_bytecode(folder / "bytecode")
        rows = list(_side_by_side(folder, args.inspect or install_inspect(folder / "inspect")))
        figures = list(_targets(folder, rows))
    print(f"\nload average {load()} at the end")
    if args.json:
        found = {
            "machine": place,
            "figures": [{**vars(figure), "verdict": figure.verdict} for figure in figures],
            "rounds": [
                {"work": row.work.name, "by": side.name, **vars(usage)}
                for row in rows
                for side in row.sides
                for usage in side.usages
            ],
        }
        args.json.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    return int(any(figure.verdict == "MISSED" for figure in figures))


def _side_by_side(folder: Path, inspect: Path | str) -> Iterator[Row]:
    """The first table, row by row as it is measured."""
    if isinstance(inspect, str):
        print(f"NOT MEASURED: {INSPECT} could not be installed: {inspect}\n")
    print(line(COLUMNS, SIDE_WIDTHS))
    print(line(tuple("-" * width for width in SIDE_WIDTHS), SIDE_WIDTHS))
    for row in compare(folder / "pairs", inspect if isinstance(inspect, Path) else None):
        for side in row.sides:
            print(line(_cells(row, side), SIDE_WIDTHS), flush=True)
        yield row


def _cells(row: Row, side: Side) -> tuple[str, ...]:
    ours = row.sides[0]
    return (
        row.work.name,
        side.name,
        f"{side.own_ms:.2f} ms",
        f"{side.children_ms:.1f} ms",
        f"{side.wall_ms:.1f} ms",
        f"{side.peak_mb:.0f} MB",
        f"{side.start_s:.2f} s",
        "1" if side is ours else f"{ours.ratio(side):.1f}",
    )


def _targets(folder: Path, rows: Sequence[Row]) -> Iterator[Figure]:
    """The second table, row by row."""
    print(f"\n{line(('work', 'measured', 'target', ''))}")
    print(line(tuple("-" * width for width in WIDTHS)))
    for figure in _figures(folder, rows):
        print(line(figure.cells), flush=True)
        yield figure


def _figures(folder: Path, rows: Sequence[Row]) -> Iterator[Figure]:
    for row in rows:
        ours = row.sides[0]
        if row.work.kind == "three":
            rate = 1000 / ours.own_ms
            yield Figure("three-turn trials", rate, "per CPU s", 700, more_is_better=True)
        if row.work.files:
            yield Figure(row.work.name, ours.own_ms, "ms own CPU", OWN_MS[row.work.files])
    crowd = watch_crowd(folder)
    work = f"{JOBS} agent jobs at once, {FILES} files"
    yield Figure(f"{work}: at once", crowd.at_once, "jobs", JOBS, more_is_better=True)
    yield Figure(f"{work}: memory", crowd.all_mb, "MB", MOST_MB)
    own, tree, files = map(short, (crowd.own_mb, crowd.tree_mb, crowd.files_mb))
    print(f"  own process {own} MB, all processes {tree} MB, workspaces {files} MB")
    probed = probed_jobs(folder)
    own, children = short(probed.own_ms), short(probed.children_ms)
    print(f"  with probes, a job: {own} ms own CPU, {children} ms in children")


if __name__ == "__main__":
    sys.exit(main())
