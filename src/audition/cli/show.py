"""`audition show`: a run on the terminal, for people and for programs."""

from pathlib import Path

import click

from audition.cli._forms import Form, FormOption, say_on_github
from audition.cli._output import coloured, say
from audition.errors import InputError, Problem
from audition.files import write_whole
from audition.runfile import Run, load

FORMS = ("text", "json", "csv", "markdown", "junit", "github")


@click.command()
@click.argument("run_file", metavar="RUN", type=click.Path(path_type=Path))
@click.option(
    "--format",
    "forms",
    type=FormOption(FORMS),
    multiple=True,
    default=("text",),
    show_default=True,
    help="How to say it; repeatable. github writes annotations and the step's summary.",
)
@click.option(
    "--trial", metavar="CASE#N", help="The whole trace of one trial, as a person reads it."
)
@click.option("--full", is_flag=True, help="With --trial: long differences of files, too.")
def show(run_file: Path, forms: tuple[Form, ...], trial: str | None, full: bool) -> None:
    """Print a run: its summary and failing cases, or everything of one trial."""
    run = load(run_file)
    if trial is not None:
        for form in forms:
            if form != Form("text"):
                problem = Problem("--trial", f"prints no {form.name}", "leave --format out")
                raise InputError([problem])
        _show_trial(run, trial, full=full)
        return
    for form in forms:
        _show(run, form)


def _show(run: Run, form: Form) -> None:
    if form.name == "github":
        from audition.report.github import run_annotations

        say_on_github(run_annotations(run), _render(run, "markdown"), form.file)
        return
    text = _render(run, form.name, colour=coloured() and form.file is None)
    if form.file is not None:
        write_whole(form.file, text)
    elif form.name == "text":
        say(text, nl=False)
    else:
        click.echo(text, nl=False)


def _render(run: Run, form: str, *, colour: bool = False) -> str:
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

    return render_text(run, colour=colour)


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
    say(text, nl=False)
