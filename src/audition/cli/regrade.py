"""`audition regrade`: the checks changed, the evidence did not."""

from datetime import UTC, datetime
from pathlib import Path

import click

from audition.cli._output import conclude, say
from audition.job import prepare
from audition.overrides import Overrides
from audition.runfile import load


@click.command()
@click.argument("run_file", metavar="RUN", type=click.Path(path_type=Path))
@click.option("--suite", type=click.Path(path_type=Path), help="The suite, if it has moved since.")
def regrade(run_file: Path, suite: Path | None) -> int:
    """Score the stored trials again with the suite's checks of today: no model, no sandbox.

    Rewrites the scores in the run file and the report, and exits as `audition run` does.
    """
    from audition.performance import regrade as regrade_run

    run = load(run_file)
    path = suite or Path(run.record.suite_path)
    job = prepare(path, Overrides(), now=datetime.now(UTC), plays=False)
    outcome = regrade_run(run, job)
    code = conclude(load(run_file))
    click.echo(f"\nScored again: {outcome.judged}. Verdicts changed: {len(outcome.changed)}.")
    for before, after in outcome.changed:
        say(f"  {before.case}#{before.number}: {before.verdict} -> {after.verdict}")
    for name in outcome.left_out:
        say(f"  not scored again: {name} is gone from the suite, or its request has changed")
    return code
