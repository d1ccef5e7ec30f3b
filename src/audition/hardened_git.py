"""Git as we run it: on repositories of users and on our own, without running anything of theirs.

A repository can name programs in its configuration, its attributes and its hooks. None of that is
asked for here: plumbing commands alone, no configuration but the repository's own, and of that one
what starts programs is switched off.
"""

import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

SETTINGS = (
    "-c", "core.fsmonitor=false",
    "-c", f"core.hooksPath={os.devnull}",
    "-c", "core.commitGraph=false",
    "-c", "core.multiPackIndex=false",
    "-c", "safe.directory=*",
)  # fmt: skip
ENVIRONMENT: Mapping[str, str] = {
    "LC_ALL": "C",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_ALLOW_PROTOCOL": "none",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
}
"""All the variables that it starts with, but for `PATH`."""

FAILURES = (OSError, subprocess.SubprocessError)
"""What `run_git` raises: git is missing, fails, or takes too long."""

_PATIENCE_S = 60.0


def run_git(
    arguments: Sequence[str | bytes],
    *,
    cwd: Path,
    stdin: bytes = b"",
    patience_s: float = _PATIENCE_S,
) -> bytes:
    """Run one command on a folder and return what it writes.

    Raises:
        OSError: there is no git, or no such folder.
        subprocess.SubprocessError: it failed or took longer than `patience_s` seconds.
    """
    done = subprocess.run(  # noqa: S603 # no argument of a repository's is an option
        ["git", *SETTINGS, *arguments],  # noqa: S607 # the git of the user's own PATH
        cwd=cwd,
        env={"PATH": os.environ.get("PATH", os.defpath), **ENVIRONMENT},
        input=stdin,
        capture_output=True,
        timeout=patience_s,
        check=True,
    )
    return done.stdout


def listed_files(root: Path) -> frozenset[str] | None:
    """What git tracks in a folder or does not ignore; None where git has no say.

    A folder that git ignores whole yields nothing, and git has no say in it.
    """
    try:
        listing = run_git(
            ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=root
        )
    except FAILURES:
        return None
    return frozenset(map(os.fsdecode, filter(None, listing.split(b"\0")))) or None


def committed_below(folder: Path) -> tuple[str, ...]:
    """What git tracks in a folder, or instead of it, such as a link; nothing where it has no say.

    Whatever a checkout of somebody's change has put there is among it; what lies there beside,
    ignored or not, is not.
    """
    place = folder.absolute()
    arguments = ["--literal-pathspecs", "ls-files", "-z", "--cached", "--", place.name]
    try:
        listing = run_git(arguments, cwd=place.parent)
    except FAILURES:
        return ()
    return tuple(map(os.fsdecode, filter(None, listing.split(b"\0"))))
