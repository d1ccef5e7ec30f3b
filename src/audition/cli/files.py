"""`audition files`: the workspace of a trial as it was after any event, laid out in a folder."""

from pathlib import Path

import click

from audition.cli._output import say
from audition.errors import InputError, Problem
from audition.record import Trial
from audition.runfile import Run, load


@click.command()
@click.argument("run_file", metavar="RUN", type=click.Path(path_type=Path))
@click.argument("trial", metavar="CASE#N")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--after", type=click.IntRange(0), help="Event; 0 for the beginning [default: end]")
def files(run_file: Path, trial: str, folder: Path, after: int | None) -> None:
    """Lay out the files of a trial in DIR, as they were at its end or after an event.

    Nothing in them is run, and no link leaves DIR. What was not kept (a large file, one that looks
    like a secret) is named.
    """
    from audition.evidence import NotRecordedError
    from audition.workspaces.laying import lay_out

    run = load(run_file)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise InputError([Problem(str(folder), "is no empty folder", "name a new one")])
    evidence = run.evidence(_found(run, trial))
    try:
        tree = evidence.final_tree if after is None else evidence.tree_after(after)
    except NotRecordedError as missing:
        raise InputError([Problem(trial, str(missing), "name a trial at work")]) from None
    folder.mkdir(parents=True, exist_ok=True)
    missing_paths = lay_out(tree, evidence.contents, folder)
    click.echo(f"{len(tree) - len(missing_paths)} files in {folder}")
    for path in missing_paths:
        from audition.inert import inert

        say(f"  not kept: {inert(path)}")


def _found(run: Run, name: str) -> Trial:
    for trial in run.trials:
        if f"{trial.case}#{trial.number}" == name:
            return trial
    what, do = f"the run holds no trial {name!r}", "write CASE#N, such as paging#1"
    raise InputError([Problem("CASE#N", what, do)])
