"""`audition history`: what a folder of run files says together."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from audition.cli._output import coloured, say
from audition.files import write_whole

if TYPE_CHECKING:
    from audition.history.view import History

PAGE = "history.html"
_DRIFTED = 1


@click.command()
@click.argument("folder", metavar="[FOLDER]", default="reports", type=click.Path(path_type=Path))
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "markdown", "json", "html"]),
    default="text",
    show_default=True,
    help="How to print it.",
)
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), help="A file to write it to instead."
)
@click.option("--suite", default="", help="Only runs of the suite of this name.")
@click.option(
    "--since",
    type=click.DateTime(["%Y-%m-%d"]),
    help="Only runs from this day on: drift is measured anew from there.",
)
@click.option(
    "--fail-on-drift",
    is_flag=True,
    help="Exit with 1 where the newest night raised an alarm for a fall.",
)
def history(
    folder: Path,
    form: str,
    output: Path | None,
    suite: str,
    since: datetime | None,
    fail_on_drift: bool,
) -> int:
    """Say what the run files in FOLDER (reports/ by default) say together.

    What changed since the night before comes first, then the trends of each suite, agent and check,
    drift, and cases that came out both ways. Text is printed, and its page, history.html, written
    beside the run files; every other format is only printed, or written with -o.

    Exits with 0 whatever it finds, since looking is no verdict; with --fail-on-drift it exits with
    1 where the newest night of any line raised an alarm for a fall. 2 for wrong input, 5 if no run
    was found.
    """
    from audition.history.reading import read_runs
    from audition.history.view import history_of

    day = since.date().isoformat() if since else ""
    found = history_of(read_runs(folder, suite=suite, since=day))
    if output is not None:
        write_whole(output, _rendered(found, form, output.parent))
        click.echo(f"Written: {output}")
    elif form == "text":
        say(_rendered(found, form, folder), nl=False)
        say(f"\nPage: {write_history_page(found)}")
    else:
        click.echo(_rendered(found, form, folder), nl=False)
    return _DRIFTED if fail_on_drift and found.falls else 0


def write_history_page(found: "History") -> Path:
    """Write the page of a history beside its run files; returns where it lies."""
    page = found.folder / PAGE
    write_whole(page, _rendered(found, "html", found.folder))
    return page


def _rendered(found: "History", form: str, beside: Path) -> str:
    """The history in a format; `beside` is the folder from which a page leads to its runs."""
    if form == "markdown":
        from audition.report.history_as_markdown import render_history_markdown

        return render_history_markdown(found)
    if form == "json":
        from audition.report.history_as_json import render_history_json

        return render_history_json(found)
    if form == "html":
        from audition.report.history_as_html import render_history_html

        return render_history_html(found, beside=beside)
    from audition.report.history_as_text import render_history_text

    return render_history_text(found, colour=coloured())
