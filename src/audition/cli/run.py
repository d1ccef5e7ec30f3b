"""`audition run`: play suites, write run files and reports, say what came out."""

import asyncio
import signal
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import click

from audition.cli._output import conclude, say
from audition.crew import Pace
from audition.dataset import CaseSelection
from audition.errors import AuditionError, InputError, Problem
from audition.inert import inert
from audition.job import Job, prepare
from audition.overrides import Overrides, command
from audition.record import EndedBy
from audition.runfile import SUFFIX, Run, load

INTERRUPTED = 130
_WRONG_INPUT = AuditionError.exit_code
_WORST_FIRST = (INTERRUPTED, _WRONG_INPUT, 1, 4, 3, 0)


@dataclass(frozen=True)
class _Options:
    """What a command line says about playing, beside what goes over the suite."""

    overrides: Overrides
    record: bool
    fresh: bool
    nightly: bool
    out: Path | None


@click.command()
@click.argument(
    "suites", metavar="SUITE...", nargs=-1, required=True, type=click.Path(path_type=Path)
)
@click.option(
    "--setup", type=click.Path(path_type=Path), help="Folder of the setup, instead of the suite's."
)
@click.option("--model", help="recorded, lexical, simulated[:field=value,…] or anthropic:ID.")
@click.option("--base-url", help="A server that speaks the Messages API.")
@click.option("--trials", type=click.IntRange(1, 10_000), help="Trials of every case.")
@click.option(
    "--cases", multiple=True, metavar="GLOB", help="Only cases whose id fits; repeatable."
)
@click.option("--tag", multiple=True, help="Only cases with this tag; repeatable.")
@click.option("--concurrency", type=click.IntRange(1, 1_000), help="Trials at once.")
@click.option(
    "--budget-usd",
    type=click.FloatRange(min=0, min_open=True),
    help="For each suite.",
)
@click.option(
    "--record", is_flag=True, help="Write recordings of the trials for `--model recorded`."
)
@click.option(
    "--strict",
    is_flag=True,
    help="A recording made against another prompt, or replayed otherwise, is an error.",
)
@click.option(
    "--fresh", is_flag=True, help="Play everything, also what an earlier run already holds."
)
@click.option(
    "--unsafe-no-sandbox",
    is_flag=True,
    help="Run commands that a model wrote on this machine, as you; every report says so.",
)
@click.option(
    "--nightly",
    is_flag=True,
    help="Open a series of trials named by today's date (UTC); say what changed since the last.",
)
@click.option("--series", default="", help="Trials of this series only; --nightly names it.")
@click.option(
    "--dry-run", is_flag=True, help="Print the trials and the projected cost; play nothing."
)
@click.option(
    "--out", type=click.Path(path_type=Path), help="Run file; an existing one is resumed."
)
def run(  # noqa: PLR0913, PLR0917 # one argument for each option
    suites: tuple[Path, ...],
    setup: Path | None,
    model: str | None,
    base_url: str | None,
    trials: int | None,
    cases: tuple[str, ...],
    tag: tuple[str, ...],
    concurrency: int | None,
    budget_usd: float | None,
    record: bool,
    strict: bool,
    fresh: bool,
    unsafe_no_sandbox: bool,
    nightly: bool,
    series: str,
    dry_run: bool,
    out: Path | None,
) -> int:
    """Play the trials of one or more suites and write a report for each.

    Trials that an earlier run under the same folder already holds are reused; what an edit touches
    is played again. With --nightly everything is played anew once a day, into a run file of that
    day, and what changed since the night before is printed. Exits with 0 if every case passed, 1 if
    one failed, 2 for wrong input, 3 if the run is undecided, 4 for too much trouble of the
    infrastructure, 5 if nothing was selected.
    """
    now = datetime.now(UTC)
    overrides = Overrides(
        setup=setup,
        model=model,
        base_url=base_url,
        trials=trials,
        concurrency=concurrency,
        budget_usd=budget_usd,
        strict=strict,
        unsafe_no_sandbox=unsafe_no_sandbox,
        series=series or (now.date().isoformat() if nightly else ""),
        selection=CaseSelection(cases, tag),
    )
    if out is not None and len(suites) > 1:
        what = f"one run file cannot hold {len(suites)} suites"
        raise InputError([Problem("--out", what, "leave it out, or run the suites one by one")])
    jobs = _prepare_all(suites, overrides, now, plays=not dry_run)
    options = _Options(overrides, record, fresh, nightly, out)
    if dry_run:
        for job in jobs:
            _print_dry_run(job, _out(job, options, now), fresh)
        return 0
    codes = set()
    # A polite end (systemd, a CI runner) is as good as Ctrl-C.
    signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
    for path, job in zip(suites, jobs, strict=True):
        codes.add(_perform(path, job, options, now))
        if INTERRUPTED in codes:
            break
    return next(code for code in _WORST_FIRST if code in codes)


def _prepare_all(
    suites: Sequence[Path], overrides: Overrides, now: datetime, *, plays: bool
) -> list[Job]:
    """Every suite, validated before the first is played."""
    jobs: list[Job] = []
    problems: list[Problem] = []
    for path in suites:
        try:
            jobs.append(prepare(path, overrides, now=now, plays=plays))
        except InputError as error:
            problems.extend(error.problems)
    if problems:
        raise InputError(problems)
    return jobs


def _out(job: Job, options: _Options, now: datetime) -> Path:
    """The run file: the one asked for, that of the night, or a fresh one under `reports/`."""
    if options.out is not None:
        return options.out
    if options.nightly:
        from audition.performance import night_path

        return night_path(job, Path("reports"))
    stem = f"{job.suite.name}-{now:%Y%m%d-%H%M%S}"
    folder, tail, number = Path("reports"), "", 1
    while (folder / f"{stem}{tail}{SUFFIX}").exists():
        number += 1
        tail = f"-{number}"
    return folder / f"{stem}{tail}{SUFFIX}"


def _print_dry_run(job: Job, out: Path, fresh: bool) -> None:
    from audition.performance import outstanding

    work = outstanding(job, out, fresh=fresh)
    click.secho(f"{job.suite.name}: {len(work.to_play)} trials to play", bold=True)
    if work.kept or work.reused:
        click.echo(f"  {work.kept} are in the run file, {work.reused} are reused from earlier runs")
    for entry in work.to_play:
        say(f"  {entry.case.id}#{entry.scene.trial}")
    projection = job.projected_usd(work.to_play)
    if projection is None:
        click.echo(f"  cost unknown: no price for {job.record.model}")
    else:
        likely, most = projection
        click.echo(f"  projected cost ${likely:.2f}, at most ${most:.2f} ({job.record.model})")
        if job.suite.budget_usd is not None:
            click.echo(f"  the budget stops the run before ${job.suite.budget_usd:.2f} is spent")


def _perform(path: Path, job: Job, options: _Options, now: datetime) -> int:
    from audition.cli._progress import progress
    from audition.performance import Part, perform

    out = _out(job, options, now)
    pace = Pace(concurrency=job.suite.concurrency)
    try:
        with progress(job.suite.name) as audience:
            part = Part(job, out, audience)
            ended_by = asyncio.run(perform([part], pace, fresh=options.fresh))
    except KeyboardInterrupt:
        resume = _resume(path, options, out)
        click.echo(f"\ninterrupted; everything finished is kept. To go on:\n  {resume}", err=True)
        return INTERRUPTED
    if options.record:
        _write_recordings(job, out)
    return _conclude(path, options, out, ended_by)


def _resume(path: Path, options: _Options, out: Path) -> str:
    """The command that goes on where this one stopped."""
    stated = {"--record": options.record, "--nightly": options.nightly}
    flags = [flag for flag, is_set in stated.items() if is_set]
    return command(path, options.overrides, *flags, out=str(out))


def _conclude(path: Path, options: _Options, out: Path, ended_by: EndedBy) -> int:
    """Say what came out and how to go on, and choose the exit code."""
    run = load(out)
    code = _say(run, options)
    if options.overrides.strict and _complain_of_labels(run):
        return _WRONG_INPUT
    if ended_by == "budget":
        resume = _resume(path, options, out)
        click.echo(f"The budget ended the run. With a larger --budget-usd it goes on:\n  {resume}")
    if ended_by == "faults":
        click.echo("The run was ended: every call failed, and no retry can mend that.")
    return code if ended_by == "finished" or code == 1 else {"budget": 3}.get(ended_by, 4)


def _complain_of_labels(run: Run) -> bool:
    """Name the trials that are no faithful replay, which shows only once they are played."""
    told = [
        Problem(f"{trial.case}#{trial.number}", label, "record it again with --record")
        for trial in run.trials
        for label in trial.labels
    ]
    for problem in told:
        say(inert(str(problem)), err=True)
    return bool(told)


def _say(run: Run, options: _Options) -> int:
    if options.nightly:
        from audition.cli._nightly import conclude_night

        return conclude_night(run)
    return conclude(run)


def _write_recordings(job: Job, out: Path) -> None:
    from audition.recording import record_run

    written, count = record_run(load(out), job)
    click.echo(f"{count} recordings written to {written}", err=True)
