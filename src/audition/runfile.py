"""The run file: one SQLite database that survives anything, and its readable twin.

While a run goes on the file is in WAL mode and every trial is committed as it ends, so a kill at
any moment loses at most the trials in flight. At the end it is sealed into a single file, and a
sorted `results.jsonl` without traces is written beside it for diffs.

    run      name → JSON     the record, the state, the cases
    plan     position, case, number → key     what the run is made of now
    trial    key → scalars, scores            finished trials, also those no longer planned
    trace    key → zlib(JSON)                 their events
    lost     case, number → what it cost      plays thrown away: paid for, never counted
    flight   case, number → dollars at most   trials that are being played under a budget

Totals are recomputed from these rows by whoever reads; no total is stored.
"""

import fcntl
import json
import sqlite3
import zlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from audition.codec import (
    cases_adapter,
    pack_trace,
    read_trial,
    record_adapter,
    state_adapter,
    trial_adapter,
    unpack_trace,
)
from audition.errors import BusyError, FileFormatError
from audition.events import AnyEvent
from audition.files import write_whole
from audition.inert import sound
from audition.record import CaseRecord, RunRecord, RunState, Trial

FILE_FORMAT = 1
SUFFIX = ".run.db"
_APPLICATION_ID = 0x41554449  # "AUDI": what `file` and a careful reader look at

_SCHEMA = f"""
PRAGMA application_id = {_APPLICATION_ID};
PRAGMA user_version = {FILE_FORMAT};
CREATE TABLE run (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE plan (position INTEGER PRIMARY KEY, case_id TEXT NOT NULL, number INTEGER NOT NULL,
                   key TEXT NOT NULL);
CREATE TABLE trial (key TEXT PRIMARY KEY, case_id TEXT NOT NULL, number INTEGER NOT NULL,
                    faulted INTEGER NOT NULL, cost_usd REAL, most_usd REAL NOT NULL,
                    reused INTEGER NOT NULL, body TEXT NOT NULL);
CREATE TABLE trace (key TEXT PRIMARY KEY, body BLOB NOT NULL);
CREATE TABLE lost (id INTEGER PRIMARY KEY, case_id TEXT NOT NULL, number INTEGER NOT NULL,
                   reason TEXT NOT NULL, cost_usd REAL, most_usd REAL NOT NULL);
CREATE TABLE flight (case_id TEXT NOT NULL, number INTEGER NOT NULL, most_usd REAL NOT NULL,
                     PRIMARY KEY (case_id, number));
"""


@dataclass(frozen=True)
class Planned:
    """One trial that the run consists of."""

    case: str
    number: int
    key: str


@dataclass(frozen=True)
class Run:
    """A run as it stands in its file. Traces are read from the file when asked for."""

    path: Path
    record: RunRecord
    state: RunState
    cases: tuple[CaseRecord, ...]
    trials: tuple[Trial, ...]
    """Planned trials that were played, in the order of the plan."""
    plan: tuple[Planned, ...] = field(repr=False, default=())

    @property
    def planned(self) -> dict[str, int]:
        """How many trials were planned for each case."""
        counts: dict[str, int] = {}
        for entry in self.plan:
            counts[entry.case] = counts.get(entry.case, 0) + 1
        return counts

    def trace(self, trial: Trial) -> tuple[AnyEvent, ...]:
        """The events of a trial.

        Raises:
            FileFormatError: the file holds no trace of this trial.
        """
        with _readable(self.path), closing(_connect(self.path, write=False)) as database:
            row = database.execute("SELECT body FROM trace WHERE key = ?", (trial.key,)).fetchone()
            if row is None:
                raise FileFormatError(f"{self.path}: holds no trace of {trial.case}#{trial.number}")
            return unpack_trace(row[0])

    def traces(self) -> Iterator[tuple[Trial, tuple[AnyEvent, ...]]]:
        """Every played trial with its events, in one pass over the file."""
        with _readable(self.path), closing(_connect(self.path, write=False)) as database:
            for trial in self.trials:
                query = "SELECT body FROM trace WHERE key = ?"
                row = database.execute(query, (trial.key,)).fetchone()
                yield trial, unpack_trace(row[0]) if row else ()


def load(path: Path | str) -> Run:
    """Read a run file, finished or not.

    Raises:
        FileFormatError: not a run file, or one of a newer format.
    """
    path = Path(path)
    with _readable(path), closing(_connect(path, write=False)) as database:
        values = _read_values(path, database)
        plan = tuple(
            Planned(case, number, key)
            for case, number, key in database.execute(
                "SELECT case_id, number, key FROM plan ORDER BY position"
            )
        )
        bodies = dict(database.execute("SELECT key, body FROM trial"))
        spent = _spent(database)
        trials = tuple(read_trial(bodies[entry.key]) for entry in plan if entry.key in bodies)
        state = RunState(**{**json.loads(values.get("state", "{}")), **spent})
        cases = cases_adapter().validate_json(values["cases"])
        record = record_adapter().validate_json(values["record"])
    return Run(path, record, state, cases, trials, plan)


class RunWriter:
    """The one writer of a run file."""

    def __init__(self, path: Path, database: sqlite3.Connection) -> None:
        self.path = path
        self._database = database

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

    def add(self, trial: Trial, trace: Sequence[AnyEvent], *, most_usd: float = 0.0) -> None:
        """Commit a finished trial; one with the same key is replaced.

        Args:
            trial: The trial.
            trace: Its events.
            most_usd: What it can have cost at most, where its cost is not known for certain.
        """
        self.add_packed(trial, pack_trace(trace), most_usd=most_usd)

    def add_packed(self, trial: Trial, packed: bytes, *, most_usd: float = 0.0) -> None:
        """Commit a trial whose trace comes out of a run file as it is."""
        body = trial_adapter().dump_json(trial, exclude_defaults=True).decode()
        most = max(most_usd, trial.cost_usd or 0.0)
        place = (trial.case, trial.number)
        scalars = (trial.key, *place, trial.faulted, trial.cost_usd)
        with self._database as database:
            database.execute(
                "INSERT OR REPLACE INTO trial VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (*scalars, most, bool(trial.reused_from), body),
            )
            database.execute("INSERT OR REPLACE INTO trace VALUES (?, ?)", (trial.key, packed))
            database.execute("DELETE FROM flight WHERE case_id = ? AND number = ?", place)

    def regrade(self, trial: Trial) -> None:
        """Replace the scores of a trial; what it cost and what happened in it stay."""
        body = trial_adapter().dump_json(trial, exclude_defaults=True).decode()
        with self._database as database:
            database.execute("UPDATE trial SET body = ? WHERE key = ?", (body, trial.key))

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

    def trials(self, keys: Collection[str]) -> Iterator[tuple[Trial, bytes]]:
        """The finished, faultless trials of this file among `keys`, with their packed traces."""
        with _readable(self.path):
            yield from _select_trials(self._database, keys)

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
    with _only_writer(path), closing(_connect(path, write=True)) as database:
        try:
            yield RunWriter(path, database)
        finally:
            _seal(database)
            if database.execute("SELECT count(*) FROM run").fetchone()[0]:
                write_results(load(path))


def write_results(run: Run) -> Path:
    """Write `results.jsonl` beside the run file: sorted, canonical, without traces or times."""
    lines = [json.dumps({"run": _stable_record(run)}, sort_keys=True, ensure_ascii=True)]
    for trial in sorted(run.trials, key=lambda trial: (trial.case, trial.number)):
        row = trial_adapter().dump_python(trial, mode="json")
        for volatile in ("duration_s", "waited_s", "started_at", "reused_from"):
            del row[volatile]
        lines.append(json.dumps(row, sort_keys=True, ensure_ascii=True))
    target = results_path(run.path)
    write_whole(target, "\n".join(lines) + "\n")
    return target


def results_path(path: Path) -> Path:
    """`reports/x.run.db` has its readable twin in `reports/x.results.jsonl`."""
    return path.with_name(f"{_stem(path)}.results.jsonl")


def page_path(path: Path) -> Path:
    """`reports/x.run.db` has its page in `reports/x.html`."""
    return path.with_name(f"{_stem(path)}.html")


def _stem(path: Path) -> str:
    return path.name.removesuffix(SUFFIX).removesuffix(".db")


def stored_trials(path: Path, keys: Collection[str]) -> Iterator[tuple[Trial, bytes]]:
    """The finished, faultless trials of a run file among `keys`, with their packed traces.

    Raises:
        FileFormatError: not a run file.
    """
    with _readable(path), closing(_connect(path, write=False)) as database:
        _read_values(path, database)
        yield from _select_trials(database, keys)


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    """Say in one sentence what a file that is damaged, cut off or held by somebody else is."""
    try:
        yield
    except sqlite3.OperationalError as error:
        if "locked" in str(error):
            raise BusyError(f"{path}: another process holds this run file; wait for it") from error
        raise FileFormatError(f"{path}: cannot be read ({error})") from error
    except (sqlite3.Error, zlib.error, ValueError, TypeError, KeyError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise FileFormatError(f"{path}: is damaged ({reason}); play the suite again") from error


def _connect(path: Path, *, write: bool) -> sqlite3.Connection:
    """Open the database, or say in one sentence why it is none."""
    if not write and not (path.is_file() and path.stat().st_size):
        raise FileFormatError(f"{path}: no such run file; `audition run SUITE` makes one")
    mode = "rw" if write else "ro"
    try:
        database = sqlite3.connect(f"{path.resolve().as_uri()}?mode={mode}", uri=True)
        if write and not database.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
            database.executescript(f"BEGIN; {_SCHEMA} COMMIT;")
        _check_format(path, database)
        if write:
            database.execute("PRAGMA journal_mode = WAL")
            database.execute("PRAGMA synchronous = NORMAL")
    except sqlite3.DatabaseError as error:
        raise FileFormatError(f"{path}: is not a run file ({error})") from error
    return database


def _check_format(path: Path, database: sqlite3.Connection) -> None:
    (application,) = database.execute("PRAGMA application_id").fetchone()
    (version,) = database.execute("PRAGMA user_version").fetchone()
    if application != _APPLICATION_ID:
        database.close()
        raise FileFormatError(f"{path}: is an SQLite database, but not a run file")
    if version > FILE_FORMAT:
        database.close()
        raise FileFormatError(
            f"{path}: has file format {version}, this version reads up to {FILE_FORMAT}; "
            "install a newer audition"
        )


def _read_values(path: Path, database: sqlite3.Connection) -> Mapping[str, str]:
    values = dict(database.execute("SELECT name, value FROM run"))
    if "record" not in values:
        raise FileFormatError(f"{path}: the run in it never began; delete the file")
    return values


def _spent(database: sqlite3.Connection) -> dict[str, Any]:
    total, unpriced = database.execute(
        "SELECT total(cost_usd), count(*) - count(cost_usd) FROM "
        "(SELECT cost_usd FROM trial WHERE NOT reused UNION ALL SELECT cost_usd FROM lost)"
    ).fetchone()
    return {"spent_usd": total, "unpriced_trials": unpriced}


def _select_trials(
    database: sqlite3.Connection, keys: Collection[str]
) -> Iterator[tuple[Trial, bytes]]:
    for key in sorted(keys):
        row = database.execute(
            "SELECT trial.body, trace.body FROM trial JOIN trace USING (key) "
            "WHERE key = ? AND NOT faulted",
            (key,),
        ).fetchone()
        if row:
            yield read_trial(row[0]), row[1]


def _seal(database: sqlite3.Connection) -> None:
    """Fold the journal back into one file; readers that are still there only delay it."""
    with suppress(sqlite3.OperationalError):
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        database.execute("PRAGMA journal_mode = DELETE")


@contextmanager
def _only_writer(path: Path) -> Iterator[None]:
    """Hold the lock of a run file; the kernel releases it however the process ends.

    The lock sits on the database itself (SQLite's own locks are of another family), so that no lock
    file is left lying about.
    """
    with path.open("ab") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise BusyError(
                f"{path}: another process is writing this run file; "
                "wait for it, or give another --out"
            ) from None
        yield


def _stable_record(run: Run) -> Mapping[str, Any]:
    record = record_adapter().dump_python(run.record, mode="json")
    kept: tuple[Literal["suite", "model", "nature", "runtime", "loop_version"], ...]
    kept = ("suite", "model", "nature", "runtime", "loop_version")
    return {
        **{name: record[name] for name in kept},
        "file_format": FILE_FORMAT,
        "setup_digest": run.record.setup_digest,
        "routing_digest": run.record.routing_digest,
    }
