"""Folders that end with a trial or a run, named so that what a kill leaves can be swept."""

import os
import tempfile
from pathlib import Path

PREFIX = "audition-workspace-"


def scratch(parent: Path | None = None) -> Path:
    """A new folder of our own, with this process in its name; private to its user.

    Args:
        parent: Where; the system's folder for temporary files where none is given.
    """
    return Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-", dir=parent))
