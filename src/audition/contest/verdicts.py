"""What gates decided, kept so that asking again is no second chance.

A verdict is kept under the digest of its question: the keys of all trials that it would be made of,
what their cases expect, and the design. It lies in `verdicts/` beside the run files, one JSON file
for each question with one entry for each attempt. Keep that folder between two runs of a CI job and
the verdict is kept too.
"""

import fcntl
import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from audition.conversation import Nature
from audition.errors import FileFormatError
from audition.files import write_whole
from audition.gate.words import Verdict

_FORMAT = 1
_REMEMBERED = timedelta(days=30)

Flake = tuple[str, str, str]
"""A check, its case, and the key of the trial in which it failed."""


@dataclass(frozen=True, kw_only=True)
class Excused:
    """A case with a known failure: played and shown, not gated."""

    case: str
    reason: str
    passed: bool
    """Every trial of head passed: news."""


@dataclass(frozen=True, kw_only=True)
class Saving:
    """What stopping early saved: trials that were planned and not played."""

    trials: int = 0
    calls: float = 0.0
    """At the mean of the trials that were played."""
    usd: float | None = None
    """Likewise; None where no cost is known."""


@dataclass(frozen=True, kw_only=True)
class GateRecord:
    """A verdict, with everything that is said about it: reports are functions of this alone."""

    question: str
    """The digest that it is kept under."""
    attempt: int
    """0 for the first verdict on this question."""
    decided_at: str
    """UTC, ISO 8601."""
    command: str
    suite: str
    suite_path: str
    suite_from: str
    """Where suite, datasets, workspaces and checks come from."""
    base: str
    head: str
    base_model: str
    head_model: str
    nature: Nature
    profile: str
    margin: float
    alpha: float
    base_trials: int
    """Of each case."""
    head_trials: int
    verdict: Verdict
    exit_code: int
    sees: str = ""
    """What a suite of this size can see; empty where nothing was affected."""
    reasons: tuple[str, ...] = ()
    """The first says what was decided."""
    notes: tuple[str, ...] = ()
    changes: tuple[str, ...] = ()
    """In what the two setups differ."""
    affected: tuple[str, ...] = ()
    untouched: tuple[str, ...] = ()
    excused: tuple[Excused, ...] = ()
    new_cases: tuple[str, ...] = ()
    """Cases that only head's own suite has: played and shown, not gated."""
    base_file: str = ""
    head_file: str = ""
    setup_folder: str = ""
    """The folder of the setup, from the top of the repository or the current folder."""
    new_file: str = ""
    """The run file of the new cases."""
    spent_usd: float | None = None
    """What this command spent on trials; None where a cost is not known."""
    saving: Saving = field(default_factory=Saving)
    renamed: Mapping[str, str] = field(default_factory=dict)
    """Agents of base that have another name in head."""
    flakes: tuple[Flake, ...] = ()
    """Critical checks that failed once and not again."""
    numbers: Mapping[str, float | int | str | None] = field(default_factory=dict)
    """Every count and p-value, by name."""


class Verdicts:
    """The folder of kept verdicts."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def attempts(self, question: str) -> tuple[GateRecord, ...]:
        """The verdicts on a question, first attempt first.

        Raises:
            FileFormatError: the file cannot be read; a verdict that is there is never made anew.
        """
        path = self._path(question)
        return _read(path) if path.exists() else ()

    def keep(self, record: GateRecord) -> Path:
        """Add a verdict to those on its question; returns the file."""
        path = self._path(record.question)
        path.parent.mkdir(parents=True, exist_ok=True)
        attempts = [*self.attempts(record.question), record]
        text = json.dumps({"format": _FORMAT, "attempts": [asdict(a) for a in attempts]}, indent=1)
        write_whole(path, text + "\n")
        return path

    def flakes(self, now: datetime, suite: str) -> Sequence[tuple[str, str]]:
        """Check and case of every flake of a suite in the last 30 days, one for each trial.

        Trials are reused, so that several questions can meet the same flake.
        """
        since = (now - _REMEMBERED).isoformat(timespec="seconds")
        recent = (r for r in self._all() if r.suite == suite and r.decided_at >= since)
        return [(check, case) for check, case, _ in {flake for r in recent for flake in r.flakes}]

    @contextmanager
    def alone(self, waiting: Callable[[], None]) -> Iterator[None]:
        """Hold one gate at a time beside these run files: two at once would be two throws.

        Another is waited for, after `waiting` was told; the kernel lets go however a process ends.
        """
        runs = self._folder.parent
        runs.mkdir(parents=True, exist_ok=True)
        opened = os.open(runs, os.O_RDONLY | os.O_DIRECTORY)
        try:
            try:
                fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                waiting()
                fcntl.flock(opened, fcntl.LOCK_EX)
            yield
        finally:
            os.close(opened)

    def _all(self) -> Iterator[GateRecord]:
        for path in sorted(self._folder.glob("*.json")):
            yield from _read(path)

    def _path(self, question: str) -> Path:
        return self._folder / f"{question}.json"


@cache
def _adapter() -> TypeAdapter[tuple[GateRecord, ...]]:
    return TypeAdapter(tuple[GateRecord, ...])


def _read(path: Path) -> tuple[GateRecord, ...]:
    try:
        found: Any = json.loads(path.read_text(encoding="utf-8"))
        if found["format"] > _FORMAT:
            raise FileFormatError(f"{path}: was written by a newer version of Audition")
        return _adapter().validate_python(found["attempts"])
    except (OSError, ValueError, KeyError, TypeError, ValidationError) as error:
        raise FileFormatError(f"{path}: holds no verdicts; move it away to ask anew") from error
