"""`audition doctor`: what works on this machine, and how to mend what does not."""

import asyncio
import importlib.util
import os
import platform
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Literal

import click

from audition.version import __version__

State = Literal["ok", "missing", "broken"]
_PACKAGES = (
    "anthropic", "pydantic", "pandas", "bm25s", "jinja2", "rich", "pathspec",
    "tree-sitter", "tree-sitter-bash", "tree-sitter-javascript", "tree-sitter-typescript",
)  # fmt: skip
_COLOURS: dict[State, str] = {"ok": "green", "missing": "yellow", "broken": "red"}


@dataclass(frozen=True)
class Reading:
    """One thing that was looked at."""

    what: str
    state: State
    found: str
    do: str = ""
    seen: tuple[str, ...] = ()
    """What there is to tell in lines of their own."""


@click.command()
def doctor() -> int:
    """Say what works on this machine, and how to mend what does not.

    Exits with 1 if something that every run needs is broken; a missing key or tool that only some
    runs need is no error.
    """
    readings = list(examine())
    for reading in readings:
        click.secho(f"{reading.state:<8}", fg=_COLOURS[reading.state], nl=False)
        click.echo(f"{reading.what:<23} {reading.found}")
        for line in (*reading.seen, *([reading.do] if reading.do else [])):
            click.echo(f"{'':<32}{line}")
    return int(any(reading.state == "broken" for reading in readings))


def examine() -> Iterator[Reading]:
    """Look at everything that a run may need."""
    yield Reading("audition", "ok", f"{__version__} on Python {platform.python_version()}")
    for package in _PACKAGES:
        if importlib.util.find_spec(package.replace("-", "_")) is None:
            yield Reading(package, "broken", "is not installed", "pip install audition")
        else:
            yield Reading(package, "ok", version(package))
    yield _run_files()
    yield _key()
    yield _git()
    yield _sandbox()


def _run_files() -> Reading:
    """A run file needs write-ahead logging, which network file systems lack."""
    folder = Path("reports") if Path("reports").is_dir() else Path()
    try:
        with tempfile.TemporaryDirectory(dir=folder, prefix=".audition-") as probe:
            database = sqlite3.connect(Path(probe) / "probe.db")
            (mode,) = database.execute("PRAGMA journal_mode = WAL").fetchone()
            database.close()
    except (OSError, sqlite3.Error) as error:
        do = "run in a folder that can be written to, or give --out elsewhere"
        return Reading("run files", "broken", f"cannot write in {folder.resolve()} ({error})", do)
    if mode != "wal":
        do = "give --out on a local disk"
        return Reading("run files", "broken", "no write-ahead logging here", do)
    return Reading("run files", "ok", f"SQLite {sqlite3.sqlite_version}, write-ahead logging")


def _key() -> Reading:
    """Whether a key is set; never which."""
    if os.environ.get("ANTHROPIC_API_KEY") or os.environ.get("ANTHROPIC_AUTH_TOKEN"):
        return Reading("API key", "ok", "set")
    do = "export ANTHROPIC_API_KEY, or use --model lexical, or --base-url with a local server"
    return Reading("API key", "missing", "not set: only --model anthropic:… needs one", do)


def _git() -> Reading:
    path = shutil.which("git")
    if path is None:
        do = "install git: agents work in a git repository, and ignored files are told by it"
        return Reading("git", "missing", "not found", do)
    return Reading("git", "ok", path)


def _sandbox() -> Reading:
    """Whether a sandbox holds, found by running one."""
    from audition.errors import FaultError
    from audition.sandboxes import RefusedError
    from audition.sandboxes.bubblewrap import Bubblewrap

    try:
        info = asyncio.run(Bubblewrap().open()).info
    except RefusedError as error:
        return Reading("sandbox", "missing", error.refusal.verdict, error.refusal.cure)
    except (FaultError, OSError) as error:
        return Reading("sandbox", "missing", f"it could not be tried: {error}")
    seen = tuple(f"seen from inside: {look.what}" for look in info.probe)
    return Reading("sandbox", "ok", f"{info.kind} {info.version}", seen=(*seen, *info.notes))
