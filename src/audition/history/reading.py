"""Every run in a folder, oldest first, and by name what could not be read."""

from dataclasses import dataclass
from pathlib import Path

from audition.errors import AuditionError, FileFormatError, NothingSelectedError
from audition.runfile import SUFFIX, Run, load


@dataclass(frozen=True)
class Skipped:
    """A run file that could not be read, and why."""

    name: str
    reason: str


@dataclass(frozen=True)
class Found:
    """What a folder holds."""

    folder: Path
    runs: tuple[Run, ...]
    """Oldest first."""
    skipped: tuple[Skipped, ...]


def read_runs(folder: Path, *, suite: str = "", since: str = "") -> Found:
    """The runs of a folder.

    Args:
        folder: Where the run files lie; folders in it are not looked into.
        suite: Only runs of the suite of this name.
        since: Only runs that began on this day or later, as `2026-11-24`, in UTC.

    Raises:
        NothingSelectedError: no run is left; it says why, with every file that could not be read.
    """
    runs, skipped = [], []
    for path in sorted(folder.glob(f"*{SUFFIX}")):
        try:
            run = load(path)
            _check_cases(run)
            runs.append(run)
        except (AuditionError, OSError) as error:
            skipped.append(Skipped(path.name, _reason(path, error)))
    chosen = [run for run in runs if _is_chosen(run, suite, since)]
    if not chosen:
        raise NothingSelectedError(_nothing(folder, runs, skipped))
    chosen.sort(key=lambda run: (began_at(run), run.path.name.removesuffix(SUFFIX)))
    return Found(folder, tuple(chosen), tuple(skipped))


def began_at(run: Run) -> str:
    """When the first trial was played in this run: a run that is gone on with tells a later time.

    UTC, ISO 8601. Where it played none itself, when the run began.
    """
    own = (trial.started_at for trial in run.trials if not trial.reused_from and trial.started_at)
    return min(own, default=run.record.started_at)


def _check_cases(run: Run) -> None:
    strangers = {trial.case for trial in run.trials} - {case.id for case in run.cases}
    if strangers:
        what = f"holds trials of cases that it does not hold ({min(strangers)})"
        raise FileFormatError(f"{run.path}: {what}; play the suite again")


def _is_chosen(run: Run, suite: str, since: str) -> bool:
    # What was played for a comparison is of definitions that may never have been in use.
    is_by_itself = not run.record.side
    return is_by_itself and suite in {"", run.record.suite} and began_at(run) >= since


def _reason(path: Path, error: Exception) -> str:
    text = (error.strerror if isinstance(error, OSError) else None) or str(error)
    return text.removeprefix(f"{path}: ")


def _nothing(folder: Path, runs: list[Run], skipped: list[Skipped]) -> str:
    lines = [f"{skip.name}: {skip.reason}" for skip in skipped]
    if runs:
        suites = ", ".join(sorted({run.record.suite for run in runs}))
        newest = max(began_at(run) for run in runs)[:10]
        what = f"none of {len(runs)} runs is left; they are of {suites}, the newest of {newest}"
        do = "choose another --suite or an earlier --since"
    elif skipped:
        what, do = "holds no run file that can be read", "mend or delete these"
    elif folder.is_dir():
        what, do = f"holds no run file (*{SUFFIX})", "`audition run --nightly SUITE` makes one"
    else:
        what, do = "is no folder", "`audition run --nightly SUITE` makes reports/"
    return "\n".join([f"{folder}: {what}; {do}", *lines])
