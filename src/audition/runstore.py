"""The database in a run file: its tables, how it is opened, and what can be wrong with one."""

import fcntl
import json
import sqlite3
import zlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from audition.codec import Packed, read_trial
from audition.errors import BusyError, FileFormatError
from audition.record import Trial

FILE_FORMAT = 2
SUFFIX = ".run.db"
_APPLICATION_ID = 0x41554449  # "AUDI": what `file` and a careful reader look at

_WORK_TABLES = """
CREATE TABLE outcome (key TEXT PRIMARY KEY, body BLOB NOT NULL, blobs TEXT NOT NULL);
CREATE TABLE content (blob TEXT PRIMARY KEY, body BLOB NOT NULL);
"""
"""What format 2 added: a file of format 1 that is written again gets them."""

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
{_WORK_TABLES}
CREATE TABLE lost (id INTEGER PRIMARY KEY, case_id TEXT NOT NULL, number INTEGER NOT NULL,
                   reason TEXT NOT NULL, cost_usd REAL, most_usd REAL NOT NULL);
CREATE TABLE flight (case_id TEXT NOT NULL, number INTEGER NOT NULL, most_usd REAL NOT NULL,
                     PRIMARY KEY (case_id, number));
"""


@contextmanager
def readable(path: Path) -> Iterator[None]:
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


def connect(path: Path, *, write: bool) -> sqlite3.Connection:
    """Open the database, or say in one sentence why it is none."""
    if not write and not (path.is_file() and path.stat().st_size):
        raise FileFormatError(f"{path}: no such run file; `audition run SUITE` makes one")
    mode = "rw" if write else "ro"
    try:
        database = sqlite3.connect(f"{path.resolve().as_uri()}?mode={mode}", uri=True)
        if write and not database.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
            database.executescript(f"BEGIN; {_SCHEMA} COMMIT;")
        version = _check_format(path, database)
        if write:
            if version < FILE_FORMAT:
                raised = f"PRAGMA user_version = {FILE_FORMAT};"
                database.executescript(f"BEGIN; {_WORK_TABLES} {raised} COMMIT;")
            database.execute("PRAGMA journal_mode = WAL")
            database.execute("PRAGMA synchronous = NORMAL")
    except sqlite3.DatabaseError as error:
        raise FileFormatError(f"{path}: is not a run file ({error})") from error
    return database


def _check_format(path: Path, database: sqlite3.Connection) -> int:
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
    return int(version)


def read_values(path: Path, database: sqlite3.Connection) -> Mapping[str, str]:
    """Record, state and cases as they are written.

    Raises:
        FileFormatError: no run ever began in this file.
    """
    values = dict(database.execute("SELECT name, value FROM run"))
    if "record" not in values:
        raise FileFormatError(f"{path}: the run in it never began; delete the file")
    return values


def spent(database: sqlite3.Connection) -> dict[str, Any]:
    """Dollars that were paid in this file, and how many plays have no known price."""
    total, unpriced = database.execute(
        "SELECT total(cost_usd), count(*) - count(cost_usd) FROM "
        "(SELECT cost_usd FROM trial WHERE NOT reused UNION ALL SELECT cost_usd FROM lost)"
    ).fetchone()
    return {"spent_usd": total, "unpriced_trials": unpriced}


def select_packed(database: sqlite3.Connection, key: str) -> Packed | None:
    """What is stored of a trial beside its scores; None where nothing is."""
    row = database.execute("SELECT body FROM trace WHERE key = ?", (key,)).fetchone()
    if row is None:
        return None
    work = None
    if has_work(database):
        query = "SELECT body, blobs FROM outcome WHERE key = ?"
        work = database.execute(query, (key,)).fetchone()
    if work is None:
        return Packed(row[0])
    return Packed(row[0], work[0], _contents(database, json.loads(work[1])))


def select_trials(
    database: sqlite3.Connection, keys: Collection[str]
) -> Iterator[tuple[Trial, Packed]]:
    """The finished, faultless trials among these keys, with all that is stored of them."""
    for key in sorted(keys):
        query = "SELECT body FROM trial WHERE key = ? AND NOT faulted"
        row = database.execute(query, (key,)).fetchone()
        packed = select_packed(database, key) if row else None
        if packed is not None:
            yield read_trial(row[0]), packed


def has_work(database: sqlite3.Connection) -> bool:
    """Whether the file is of a format that knows of agents at work."""
    (version,) = database.execute("PRAGMA user_version").fetchone()
    return bool(version >= 2)  # the format that brought them


def _contents(database: sqlite3.Connection, blobs: Iterable[str]) -> dict[str, bytes]:
    found = {}
    for blob in blobs:
        row = database.execute("SELECT body FROM content WHERE blob = ?", (blob,)).fetchone()
        if row is not None:
            found[blob] = row[0]
    return found


def seal(database: sqlite3.Connection) -> None:
    """Fold the journal back into one file; readers that are still there only delay it."""
    with suppress(sqlite3.OperationalError):
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        database.execute("PRAGMA journal_mode = DELETE")


@contextmanager
def only_writer(path: Path) -> Iterator[None]:
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
