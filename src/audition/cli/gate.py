"""`audition gate`: may head take the place of base?"""

import json
import signal
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from audition.cli._output import coloured
from audition.cli._sides import command_line, playing, read_overrides, read_sides, sides

INTERRUPTED = 130


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
    "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True
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
    form: str,
    **given: Any,
) -> int:
    """Decide whether a change of the definitions may go in, by the cases that it affects.

    Exits with 0 on pass, on nothing changed, and on inconclusive with the profile pr; 1 on fail;
    2 for wrong input; 3 on inconclusive with the profile release; 4 if there was too much trouble
    of the infrastructure to judge; 5 if nothing was selected.
    """
    from audition.cli._progress import progress
    from audition.contest.gating import Terms, hold_gate
    from audition.report.gate_text import render_gate_text

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
            command=command,
        )
    except KeyboardInterrupt:
        said = f"\ninterrupted; everything finished is kept. To go on:\n  {command}"
        click.echo(said, err=True)
        return INTERRUPTED
    if form == "json":
        data = {**asdict(held.record), "is_kept": held.is_kept}
        click.echo(json.dumps(data, indent=2, ensure_ascii=False))
    else:
        click.echo(render_gate_text(held.record, is_kept=held.is_kept, colour=coloured()))
    return held.record.exit_code
