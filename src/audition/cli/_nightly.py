"""What a nightly run says at its end: what changed since the night before, then where to look."""

from dataclasses import replace
from typing import TYPE_CHECKING

from audition.cli._output import EXIT_CODES, coloured, conclude, say, write_page
from audition.runfile import Run, page_path

if TYPE_CHECKING:
    from audition.history.view import History, LineView


def conclude_night(run: Run) -> int:
    """Write the report and the page of the history, and print the news; returns the exit code.

    The code is that of any run: whether its cases passed. A drift does not change it.
    """
    from audition.cli.history import write_history_page
    from audition.history.reading import read_runs
    from audition.history.view import history_of
    from audition.report.history_as_text import render_news
    from audition.report.view import page_view

    found = history_of(read_runs(run.path.parent))
    line = _line_of(run, found)
    if line is None:
        say("No trial of this night was played that an earlier night does not have.")
        return conclude(run)
    page = page_path(run.path)
    write_page(run, page)
    view = page_view(run)
    warnings = view.warnings[run.record.nature != "real" :]  # the first says what the stamp says
    notes = [note for note in (view.banner.unfinished, *warnings) if note]
    text = render_news(line, found.skipped, colour=coloured(), notes=notes)
    say(text)
    say(f"Report: {page}\nHistory: {write_history_page(found)}")
    return EXIT_CODES[view.summary.verdict]


def _line_of(run: Run, found: "History") -> "LineView | None":
    """The line that this run is on, up to its night."""
    from audition.history.nights import Line
    from audition.history.view import line_view

    for line in found.lines:
        for place, night in enumerate(line.nights, start=1):
            if any(held.path.name == run.path.name for held in night.runs):
                if place == len(line.nights):
                    return replace(line, is_current=True)
                return line_view(Line(line.kin, line.nights[:place], line.copies))
    return None
