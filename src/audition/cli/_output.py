"""What the commands share about writing to a terminal, or to the log of a job on GitHub.

GitHub's runner obeys what it reads in a log: a line that begins with `::name` is a command, with
spaces before it or without, and so is `##[name` anywhere in a line. An agent's answer, the id of a
case or a path may hold either, and a line may be broken before it. There, and only there, a space
is put into both.
"""

import os
import re
import sys
from pathlib import Path

import click

from audition.files import write_whole
from audition.runfile import Run, page_path
from audition.score import Verdict

EXIT_CODES: dict[Verdict, int] = {"pass": 0, "fail": 1, "skip": 3, "fault": 4}
_OBEYED = re.compile(r"(?m)^(\s*:)(?=:)|(##)(?=\[)")


def say(text: str, *, nl: bool = True, err: bool = False) -> None:
    """Print a text for people, which is inert already.

    Args:
        text: What to print.
        nl: With a line feed after it.
        err: On standard error.
    """
    if os.environ.get("GITHUB_ACTIONS") == "true":
        text = _OBEYED.sub(lambda found: f"{found[1] or found[2]} ", text)
    click.echo(text, nl=nl, err=err, color=None if err else coloured())


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
    say(render_text(run, colour=coloured()))
    say(f"Report: {page}")
    return EXIT_CODES[summarize(run.record, run.cases, run.trials, run.planned).verdict]
