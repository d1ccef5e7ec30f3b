"""What the commands share about writing to a terminal."""

import os
import sys
from pathlib import Path

import click

from audition.files import write_whole
from audition.runfile import Run, page_path
from audition.score import Verdict

EXIT_CODES: dict[Verdict, int] = {"pass": 0, "fail": 1, "skip": 3, "fault": 4}


def coloured() -> bool:
    """Whether standard output should be coloured: on a terminal, unless `NO_COLOR` says no."""
    if os.environ.get("NO_COLOR"):
        return False
    return sys.stdout.isatty() or bool(os.environ.get("FORCE_COLOR"))


def write_page(run: Run, page: Path) -> None:
    """Write the HTML report, whole or not at all."""
    from audition.report.as_html import render_html

    write_whole(page, render_html(run))


def conclude(run: Run) -> int:
    """Write the report beside the run file and print the summary; returns the exit code."""
    from audition.report.as_text import render_text
    from audition.summary import summarize

    page = page_path(run.path)
    write_page(run, page)
    click.echo(render_text(run, colour=coloured()), color=coloured())
    click.echo(f"Report: {page}")
    return EXIT_CODES[summarize(run.record, run.cases, run.trials, run.planned).verdict]
