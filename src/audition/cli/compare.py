"""`audition compare`: what one revision of the definitions does otherwise than another."""

import signal
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from audition.cli._output import coloured, say
from audition.cli._sides import command_line, playing, read_overrides, read_sides, sides
from audition.errors import InputError, Problem
from audition.files import write_whole

if TYPE_CHECKING:
    from audition.compare.comparison import Comparison
    from audition.contest.playing import Sides
    from audition.runfile import Run

INTERRUPTED = 130


@click.command()
@click.argument("suite", metavar="[SUITE]", required=False, type=click.Path(path_type=Path))
@sides
@playing
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "markdown", "json", "csv", "html"]),
    default="text",
    show_default=True,
)
@click.option("-o", "--output", type=click.Path(path_type=Path), help="A file for it.")
@click.pass_context
def compare(
    context: click.Context,
    /,
    suite: Path | None,
    form: str,
    output: Path | None,
    **given: Any,
) -> int:
    """Compare two revisions of the definitions, case by case.

    Cases that the change can influence are played on both sides as far as no run file under
    reports/ holds their trials. Two run files are compared as they are, and need no SUITE. Exits
    with 0 whatever came out: `audition gate` is what judges. 2 is for wrong input, 3 for a spent
    budget, 4 where every call failed, 5 if nothing was selected.
    """
    from audition.cli._progress import progress
    from audition.contest.playing import played_sides, stored_sides

    asked = read_sides(suite or Path("suite.yaml"), given)
    found = stored_sides(asked)
    if found is None and suite is None:
        what = "a suite has to be played for this, and none is named"
        raise InputError([Problem("SUITE", what, "name it, or two run files with --base, --head")])
    # A polite end (systemd, a CI runner) is as good as Ctrl-C.
    signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
    try:
        found = found or played_sides(
            asked,
            read_overrides(given),
            reports=Path("reports"),
            now=datetime.now(UTC),
            watching=progress,
        )
    except KeyboardInterrupt:
        said = f"\ninterrupted; everything finished is kept. To go on:\n  {command_line(context)}"
        say(said, err=True)
        return INTERRUPTED
    if found.base is None or found.head is None:
        say("\n".join(_nothing(found)))
        return 0
    _show(found, found.base, found.head, form, output)
    return {"budget": 3, "faults": 4}.get(found.ended_by, 0)


def _nothing(found: "Sides") -> list[str]:
    cases = f"{len(found.untouched)} case{'' if len(found.untouched) == 1 else 's'}"
    if not found.changes:
        return ["Nothing changed: base and head are the same setup."]
    lines = [f"Nothing changed for the {cases} of this suite. What differs, none depends on:"]
    return [*lines, *(f"  {change}" for change in found.changes)]


def _show(found: "Sides", base: "Run", head: "Run", form: str, output: Path | None) -> None:
    from audition.compare.pairing import compare as compare_runs
    from audition.report.comparison_html import render_comparison_html

    comparison = compare_runs(base, head, renamed=found.renamed, untouched=found.untouched)
    labels = found.base_label, found.head_label
    files = str(base.path), str(head.path)
    if form != "html":
        text = _rendered(comparison, form, labels, files, colour=coloured() and output is None)
        if output is None and form == "text":
            say(text, nl=False)
        elif output is None:
            click.echo(text, nl=not text.endswith("\n"))
        else:
            write_whole(output, text)
        if form != "text":
            return
    page = output if form == "html" and output else _page(head.path)
    write_whole(page, render_comparison_html(comparison, labels=labels, files=files))
    click.echo(f"Report: {page}")


def _page(head: Path) -> Path:
    return head.with_name(head.name.replace(".run.db", "") + "-compared.html")


def _rendered(
    comparison: "Comparison",
    form: str,
    labels: tuple[str, str],
    files: tuple[str, str],
    *,
    colour: bool,
) -> str:
    from audition.report.comparison_data import comparison_csv, comparison_json
    from audition.report.comparison_markdown import render_comparison_markdown
    from audition.report.comparison_text import render_comparison_text

    if form == "markdown":
        return render_comparison_markdown(comparison, labels=labels)
    if form == "json":
        return comparison_json(comparison, labels=labels)
    if form == "csv":
        return comparison_csv(comparison)
    return render_comparison_text(comparison, labels=labels, files=files, colour=colour)
