"""`audition validate`: show that a suite can judge, before anybody spends money on it."""

import asyncio
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from audition.cli._output import say
from audition.dataset import CaseSelection
from audition.overrides import Overrides

if TYPE_CHECKING:
    from audition.rehearsal import Line, Rehearsal

LINE_EVERY_S = 30.0
_COLOURS = {"ok": "green", "wrong": "red", "open": "yellow"}


@click.command()
@click.argument("suite", type=click.Path(path_type=Path))
@click.option(
    "--cases", multiple=True, metavar="GLOB", help="Only cases whose id fits; repeatable."
)
@click.option("--tag", multiple=True, help="Only cases with this tag; repeatable.")
@click.option("--unsafe-no-sandbox", is_flag=True, help="Run commands on this machine, as you.")
def validate(
    suite: Path, cases: tuple[str, ...], tag: tuple[str, ...], unsafe_no_sandbox: bool
) -> int:
    """Show that a suite can judge: no model is asked, nothing is spent.

    Every workspace passes its own tests and linter, five times alike; an agent that does nothing
    fails every case that demands work; the reference of a case passes all its required checks.

    Exits with 0 if so, with 1 if something is wrong or left open, with 2 if the suite cannot be
    read or this machine has no sandbox, with 5 if no case has agents at work.
    """
    from audition.rehearsal import Onlooker, rehearse

    overrides = Overrides(selection=CaseSelection(cases, tag), unsafe_no_sandbox=unsafe_no_sandbox)
    progress = _Progress(suite.stem)
    onlooker = Onlooker(found=lambda line: _show(line, progress), step=progress.step)
    try:
        found = asyncio.run(rehearse(suite, overrides, now=datetime.now(UTC), onlooker=onlooker))
    finally:
        progress.clear()
    for line in _conclusion(found, suite):
        say(line)
    return 0 if found.passed else 1


class _Progress:
    """How far it is, on standard error: one line that changes, or one every so often."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._is_live = sys.stderr.isatty()
        self._said_at = time.monotonic()

    def step(self, done: int, of: int, what: str) -> None:
        """Say it, if it is time."""
        from audition.inert import inert

        text = f"{inert(self._name)}: {done}/{of}, {inert(what)}"
        if self._is_live:
            click.echo(f"\r\x1b[K{text[:100]}", err=True, nl=False, color=True)
        elif time.monotonic() - self._said_at >= LINE_EVERY_S:
            self._said_at = time.monotonic()
            say(text, err=True)

    def clear(self) -> None:
        """Make room for a line that stays."""
        if self._is_live:
            click.echo("\r\x1b[K", err=True, nl=False, color=True)


def _show(line: "Line", progress: _Progress) -> None:
    from audition.inert import inert

    progress.clear()
    mark = click.style(f"{line.mark:<5}", fg=_COLOURS[line.mark])
    say(f"{mark}  {inert(line.subject)}: {inert(line.what)}")
    for detail in line.details:
        say(f"         {inert(detail)}")


def _conclusion(found: "Rehearsal", suite: Path) -> list[str]:
    """The last lines: what it comes to, and what to do now."""
    from audition.inert import inert
    from audition.report.figures import counted

    name = inert(found.suite)
    lines = []
    if found.untried:
        are = "is" if found.untried == 1 else "are"
        lines.append(f"{counted(found.untried, 'case')} {are} about routing alone: not tried.")
    if found.passed:
        tried = [counted(found.count(kind), kind) for kind in ("workspace", "case")]
        lines.append(
            f"{name}: can judge ({', '.join(tried)}). Now: audition run {inert(str(suite))}"
        )
        return lines
    broken = [
        counted(number, kind)
        for kind in ("workspace", "case")
        if (number := found.count(kind, "wrong"))
    ]
    todo = [f"mend {' and '.join(broken)}"] if broken else []
    if number := found.count("case", "open"):
        todo.append(f"give {counted(number, 'case')} a reference")
    return [*lines, f"{name}: cannot be relied on yet. Now: {', '.join(todo)}, then validate again"]
