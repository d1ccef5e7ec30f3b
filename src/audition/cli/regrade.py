"""`audition regrade`: the checks changed, the evidence did not."""

from datetime import UTC, datetime
from pathlib import Path

import click

from audition.job import Overrides, prepare
from audition.runfile import load


@click.command()
@click.argument("run_file", metavar="RUN", type=click.Path(path_type=Path))
@click.option("--suite", type=click.Path(path_type=Path), help="The suite, if it has moved since.")
def regrade(run_file: Path, suite: Path | None) -> None:
    """Score the stored trials again with the suite's checks of today: no model, no sandbox."""
    from audition.performance import regrade as regrade_run

    run = load(run_file)
    overrides = Overrides(model="lexical")  # nothing is played, so no key may be asked for
    job = prepare(suite or Path(run.record.suite_path), overrides, now=datetime.now(UTC))
    changed = regrade_run(run, job)
    click.echo(f"{len(run.trials)} trials scored again; {changed} verdicts changed.")
