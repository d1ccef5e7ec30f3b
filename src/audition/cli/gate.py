"""`audition gate`: may head take the place of base?"""

import json
import signal
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from audition.cli._forms import Form, FormOption, say_on_github
from audition.cli._output import coloured, say
from audition.cli._sides import command_line, playing, read_overrides, read_sides, sides
from audition.files import write_whole

if TYPE_CHECKING:
    from audition.compare.comparison import Comparison
    from audition.contest.gating import Held
    from audition.contest.verdicts import GateRecord

INTERRUPTED = 130
FORMS = ("text", "markdown", "json", "junit", "github")
NO_TESTS = '<?xml version="1.0" encoding="UTF-8"?>\n<testsuites />\n'
"""What JUnit has for a gate in which nothing was played."""


@click.command()
@click.argument("suite", metavar="SUITE", type=click.Path(path_type=Path))
@sides
@playing
@click.option(
    "--profile",
    type=click.Choice(["pr", "release"]),
    help="pr blocks only on a shown loss, release asks for proof; the suite says which.",
)
@click.option(
    "--margin",
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    help="The loss of the mean pass rate that a pass rules out.",
)
@click.option("--base-trials", type=click.IntRange(1, 10_000), help="Trials of every case in base.")
@click.option(
    "--fresh", is_flag=True, help="Play a question anew that was decided before, at half the level."
)
@click.option(
    "--format",
    "forms",
    type=FormOption(FORMS),
    multiple=True,
    default=("text",),
    show_default=True,
    help="How to say it; repeatable. github writes annotations and the step's summary.",
)
@click.pass_context
def gate(
    context: click.Context,
    /,
    suite: Path,
    profile: Any,
    margin: float | None,
    base_trials: int | None,
    fresh: bool,
    forms: tuple[Form, ...],
    **given: Any,
) -> int:
    """Decide whether a change of the definitions may go in, by the cases that it affects.

    Exits with 0 on pass, on nothing changed, and on inconclusive with the profile pr; 1 on fail;
    2 for wrong input; 3 on inconclusive with the profile release; 4 if there was too much trouble
    of the infrastructure to judge; 5 if nothing was selected.
    """
    from audition.cli._progress import progress
    from audition.contest.gating import hold_gate
    from audition.contest.question import Terms

    terms = Terms(profile=profile, margin=margin, base_trials=base_trials, is_fresh=fresh)
    command = command_line(context)
    # A polite end (systemd, a CI runner) is as good as Ctrl-C.
    signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
    try:
        held = hold_gate(
            read_sides(suite, given),
            read_overrides(given),
            terms,
            reports=Path("reports"),
            now=datetime.now(UTC),
            watching=progress,
            waiting=lambda: say("another gate is held here; waiting for it", err=True),
            command=command,
        )
    except KeyboardInterrupt:
        said = f"\ninterrupted; everything finished is kept. To go on:\n  {command}"
        say(said, err=True)
        return INTERRUPTED
    comparison = _comparison(held.record)
    for form in forms:
        _say(form, held, comparison)
    return held.record.exit_code


def _comparison(record: "GateRecord") -> "Comparison | None":
    """What the two runs say, where they are still there."""
    from audition.compare.pairing import compare
    from audition.results import load_either

    files = [Path(record.base_file), Path(record.head_file)]
    if not record.base_file or not all(path.is_file() for path in files):
        return None
    base, head = map(load_either, files)
    return compare(base, head, renamed=record.renamed, untouched=record.untouched)


def _say(form: Form, held: "Held", comparison: "Comparison | None") -> None:
    from audition.report.github import annotations

    if form.name == "github":
        summary = _rendered(replace(form, name="markdown"), held, comparison)
        say_on_github(annotations(held.record, comparison), summary, form.file)
        return
    text = _rendered(form, held, comparison)
    if form.file is not None:
        write_whole(form.file, text)
    elif form.name == "text":
        say(text, nl=False)
    else:
        click.echo(text, nl=False)


def _rendered(form: Form, held: "Held", comparison: "Comparison | None") -> str:
    from audition.report.as_junit import render_junit
    from audition.report.gate_markdown import render_gate_markdown
    from audition.report.gate_text import render_gate_text
    from audition.runfile import load

    record = held.record
    if form.name == "json":
        data = {**asdict(record), "is_kept": held.is_kept}
        return json.dumps(data, indent=2, ensure_ascii=False) + "\n"
    if form.name == "markdown":
        return render_gate_markdown(record, comparison)
    if form.name == "junit":
        is_there = record.head_file and Path(record.head_file).is_file()
        return render_junit(load(record.head_file)) if is_there else NO_TESTS
    colour = coloured() and form.file is None
    has_new = record.new_file and Path(record.new_file).is_file()
    new = load(record.new_file) if has_new else None
    return render_gate_text(record, comparison, is_kept=held.is_kept, colour=colour, new=new)
