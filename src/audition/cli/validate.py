"""`audition validate`: show that a suite can judge, before anybody spends money on it."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import click

from audition.dataset import CaseSelection
from audition.job import Overrides


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
    Exits with 0 if so, with 1 if not.
    """
    from audition.inert import inert
    from audition.rehearsal import rehearse

    overrides = Overrides(selection=CaseSelection(cases, tag), unsafe_no_sandbox=unsafe_no_sandbox)
    found = asyncio.run(rehearse(suite, overrides, now=datetime.now(UTC)))
    for line in found.lines:
        mark = click.style("ok   ", fg="green") if line.is_good else click.style("wrong", fg="red")
        click.echo(f"{mark}  {inert(line.subject)}: {inert(line.what)}")
        for detail in line.details:
            click.echo(f"         {inert(detail)}")
    wrong = sum(not line.is_good for line in found.lines)
    click.echo(
        f"{found.suite}: can judge" if not wrong else f"{found.suite}: {wrong} to mend first"
    )
    return 1 if wrong else 0
