"""Writing a run file: alone, trial by trial, sealed at the end."""

import json
import sqlite3
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from audition.codec import (
    Packed,
    cases_adapter,
    record_adapter,
    state_adapter,
    trial_adapter,
)
from audition.errors import FileFormatError
from audition.inert import sound
from audition.record import CaseRecord, RunRecord, RunState, Trial
from audition.results import write_results
from audition.runfile import SUFFIX, Planned, load
from audition.runstore import connect, only_writer, readable, seal, select_trials


class RunWriter:
    """The one writer of a run file."""

    def __init__(self, path: Path, database: sqlite3.Connection) -> None:
        self.path = path
        self._database = database
        self._stored: set[str] = set()
        """Contents that this writer has committed."""

    def begin(
        self, record: RunRecord, cases: Sequence[CaseRecord], plan: Iterable[Planned]
    ) -> None:
        """Say what the run is made of now; finished trials stay in the file whatever the plan."""
        with self._database as database:
            database.execute("DELETE FROM plan")
            # Trials that a killed process left in the air: nobody will ever know what they cost.
            database.execute(
                "INSERT INTO lost (case_id, number, reason, cost_usd, most_usd) "
                "SELECT case_id, number, 'the process was killed', NULL, most_usd FROM flight"
            )
            database.execute("DELETE FROM flight")
            database.executemany(
                "INSERT INTO plan (case_id, number, key) VALUES (?, ?, ?)",
                [(entry.case, entry.number, entry.key) for entry in plan],
            )
            self._set("record", json.dumps(sound(record_adapter().dump_python(record))))
            self._set("cases", json.dumps(sound(cases_adapter().dump_python(tuple(cases)))))
            self._set("state", "{}")

    def add(self, trial: Trial, packed: Packed, *, most_usd: float = 0.0) -> None:
        """Commit a finished trial; one with the same key is replaced.

        Args:
            trial: The trial.
            packed: All that is kept of it beside its scores.
            most_usd: What it can have cost at most, where its cost is not known for certain.
        """
        body = trial_adapter().dump_json(trial, exclude_defaults=True).decode()
        most = max(most_usd, trial.cost_usd or 0.0)
        place = (trial.case, trial.number)
        scalars = (trial.key, *place, trial.faulted, trial.cost_usd)
        with self._database as database:
            database.execute(
                "INSERT OR REPLACE INTO trial VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (*scalars, most, bool(trial.reused_from), body),
            )
            row = (trial.key, packed.trace)
            database.execute("INSERT OR REPLACE INTO trace VALUES (?, ?)", row)
            self._keep_work(database, trial, packed)
            database.execute("DELETE FROM flight WHERE case_id = ? AND number = ?", place)
        self._stored.update(packed.contents)

    def add_outcome(self, trial: Trial, packed: Packed) -> None:
        """Replace the scores of a trial and what is known of its workspace."""
        self.regrade(trial)
        with self._database as database:
            self._keep_work(database, trial, packed)
        self._stored.update(packed.contents)

    def regrade(self, trial: Trial) -> None:
        """Replace the scores of a trial; what it cost and what happened in it stay."""
        body = trial_adapter().dump_json(trial, exclude_defaults=True).decode()
        with self._database as database:
            database.execute("UPDATE trial SET body = ? WHERE key = ?", (body, trial.key))

    def _keep_work(self, database: sqlite3.Connection, trial: Trial, packed: Packed) -> None:
        if packed.outcome is not None:
            contents = [(b, c) for b, c in packed.contents.items() if b not in self._stored]
            database.executemany("INSERT OR IGNORE INTO content VALUES (?, ?)", contents)
            work = (trial.key, packed.outcome, json.dumps(sorted(packed.contents)))
            database.execute("INSERT OR REPLACE INTO outcome VALUES (?, ?, ?)", work)

    def add_lost(
        self, place: tuple[str, int], reason: str, cost_usd: float | None, most_usd: float
    ) -> None:
        """Commit a play that was thrown away, with what it cost and can have cost at most."""
        with self._database as database:
            database.execute(
                "INSERT INTO lost (case_id, number, reason, cost_usd, most_usd) "
                "VALUES (?, ?, ?, ?, ?)",
                (*place, reason, cost_usd, max(most_usd, cost_usd or 0.0)),
            )
            database.execute("DELETE FROM flight WHERE case_id = ? AND number = ?", place)

    def take_off(self, place: tuple[str, int], most_usd: float) -> None:
        """Note before a call what its trial can have cost at most, should nobody come back."""
        with self._database as database:
            database.execute("INSERT OR REPLACE INTO flight VALUES (?, ?, ?)", (*place, most_usd))

    def discard(self, keys: Iterable[str]) -> None:
        """Forget finished trials so that they are played again; their cost stays on the books."""
        with self._database as database:
            for key in keys:
                database.execute(
                    "INSERT INTO lost (case_id, number, reason, cost_usd, most_usd) "
                    "SELECT case_id, number, 'played again', cost_usd, most_usd FROM trial "
                    "WHERE key = ? AND NOT reused",
                    (key,),
                )
                database.execute("DELETE FROM trial WHERE key = ?", (key,))

    def finished_keys(self) -> set[str]:
        """The keys of the trials in this file that no fault broke off."""
        return {key for (key,) in self._database.execute("SELECT key FROM trial WHERE NOT faulted")}

    def trials(self, keys: Collection[str]) -> Iterator[tuple[Trial, Packed]]:
        """The finished, faultless trials among `keys`, with all that is stored of them."""
        with readable(self.path):
            yield from select_trials(self._database, keys)

    def most_usd(self) -> float:
        """Dollars that this file can have cost so far; a budget starts from it."""
        (most,) = self._database.execute(
            "SELECT total(most_usd) FROM (SELECT most_usd FROM trial WHERE NOT reused "
            "UNION ALL SELECT most_usd FROM lost UNION ALL SELECT most_usd FROM flight)"
        ).fetchone()
        return float(most)

    def set_state(self, state: RunState) -> None:
        """Write how far the run has come."""
        with self._database:
            self._set("state", state_adapter().dump_json(state, exclude_defaults=True).decode())

    def _set(self, name: str, value: str) -> None:
        self._database.execute("INSERT OR REPLACE INTO run VALUES (?, ?)", (name, value))


@contextmanager
def open_writer(path: Path) -> Iterator[RunWriter]:
    """Create or continue a run file, alone, and seal it on the way out.

    Raises:
        BusyError: another process is writing it; nothing was changed.
        FileFormatError: the file is something else, or of a newer format.
    """
    if path.exists() and not path.is_file():
        raise FileFormatError(f"{path}: is no file; give a file, such as x{SUFFIX}")
    path.parent.mkdir(parents=True, exist_ok=True)
    with only_writer(path), closing(connect(path, write=True)) as database:
        try:
            yield RunWriter(path, database)
        finally:
            seal(database)
            if database.execute("SELECT count(*) FROM run").fetchone()[0]:
                write_results(load(path))
