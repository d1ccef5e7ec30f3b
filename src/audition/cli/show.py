"""`audition show`: a run on the terminal, for people and for programs."""

from pathlib import Path

import click

from audition.cli._output import coloured
from audition.errors import InputError, Problem
from audition.runfile import Run, load


@click.command()
@click.argument("run_file", metavar="RUN", type=click.Path(path_type=Path))
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "csv", "markdown", "junit"]),
    default="text",
    show_default=True,
    help="How to print it.",
)
@click.option(
    "--trial", metavar="CASE#N", help="The whole trace of one trial, as a person reads it."
)
@click.option("--full", is_flag=True, help="With --trial: long differences of files, too.")
def show(run_file: Path, form: str, trial: str | None, full: bool) -> None:
    """Print a run: its summary and failing cases, or everything of one trial."""
    run = load(run_file)
    if trial is not None:
        if form != "text":
            problem = Problem("--trial", f"prints no {form}", "leave --format out")
            raise InputError([problem])
        _show_trial(run, trial, full=full)
        return
    click.echo(_render(run, form), nl=False, color=coloured())


def _render(run: Run, form: str) -> str:
    if form == "json":
        from audition.report.as_json import render_json

        return render_json(run)
    if form == "csv":
        from audition.report.as_csv import render_csv

        return render_csv(run)
    if form == "junit":
        from audition.report.as_junit import render_junit

        return render_junit(run)
    if form == "markdown":
        from audition.report.as_markdown import render_markdown

        return render_markdown(run)
    from audition.report.as_text import render_text

    return render_text(run, colour=coloured())


def _show_trial(run: Run, name: str, *, full: bool) -> None:
    from audition.report.as_text import render_trial_text

    case, _, number = name.rpartition("#")
    if not case:  # the trial that somebody looks for is the one that did not pass
        case = name
        failing = (t.number for t in run.trials if t.case == name and t.verdict != "pass")
        number = str(next(failing, 1))
    if not number.isdecimal():
        problem = Problem("--trial", f"{name!r} names no trial", "write CASE#N, such as paging#1")
        raise InputError([problem])
    text = render_trial_text(run, case, int(number), colour=coloured(), full=full)
    click.echo(text, nl=False, color=coloured())
