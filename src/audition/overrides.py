"""What a command line says over a suite, and the command line that says it again."""

import shlex
from dataclasses import dataclass, field
from pathlib import Path

from audition.dataset import CaseSelection


@dataclass(frozen=True)
class Overrides:
    """What a command line says over the suite."""

    setup: Path | None = None
    model: str | None = None
    base_url: str | None = None
    trials: int | None = None
    concurrency: int | None = None
    budget_usd: float | None = None
    strict: bool = False
    series: str = ""
    unsafe_no_sandbox: bool = False
    """Commands of agents run on this machine as its user."""
    selection: CaseSelection = field(default_factory=CaseSelection)


def command(path: Path, overrides: Overrides, *flags: str, **more: str) -> str:
    """The command line that does this again."""
    words = ["audition", "run", str(path)]
    stated = {
        "--setup": overrides.setup,
        "--model": overrides.model,
        "--base-url": overrides.base_url,
        "--trials": overrides.trials,
        "--concurrency": overrides.concurrency,
        "--budget-usd": overrides.budget_usd,
    }
    for option, value in stated.items():
        if value is not None:
            words += [option, str(value)]
    for glob in overrides.selection.globs:
        words += ["--cases", glob]
    for tag in overrides.selection.tags:
        words += ["--tag", tag]
    if overrides.series:
        words += ["--series", overrides.series]
    words += ["--strict"] if overrides.strict else []
    words += ["--unsafe-no-sandbox"] if overrides.unsafe_no_sandbox else []
    words += flags
    for option, text in more.items():
        words += [f"--{option}", text]
    return shlex.join(words)
