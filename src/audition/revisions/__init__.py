"""Revisions: what two runs of a comparison may be made of.

    --base main          a git revision of the repository that holds the suite
    --base ../release    a folder: a setup, or another checkout of the repository
    --base a.run.db      a run that was made before
    --base none          the setup without its agents
    (nothing)            the setup as the suite names it, as it lies there now

`resolving.py` tells which of them a text means, `reading.py` reads the setup there, `exporting.py`
lays out the suites and datasets of a git revision, and `arms.py` makes the two jobs of it.
"""

from dataclasses import dataclass
from pathlib import Path

from audition.git_objects import GitObjects

NONE = "none"
"""How the setup without its agents is written; a folder of that name is `./none`."""


@dataclass(frozen=True)
class WorkingTree:
    """The setup as the suite names it, as it lies there now."""

    @property
    def label(self) -> str:
        """How it is called."""
        return "the working tree"


@dataclass(frozen=True)
class Folder:
    """A folder: a setup, or another checkout of the repository."""

    path: Path
    """As the user named it."""

    @property
    def label(self) -> str:
        """The folder as the user named it."""
        return str(self.path)


@dataclass(frozen=True)
class GitRevision:
    """A commit of the repository that holds the suite."""

    text: str
    """As the user named it."""
    objects: GitObjects

    @property
    def label(self) -> str:
        """The revision as the user named it, with the commit where that is not the same."""
        short = self.objects.commit[:10]
        return self.text if self.objects.commit.startswith(self.text) else f"{self.text} ({short})"


@dataclass(frozen=True)
class RunFile:
    """A run that was made before."""

    path: Path

    @property
    def label(self) -> str:
        """The file."""
        return str(self.path)


@dataclass(frozen=True)
class NoAgents:
    """The setup of the other side without its agents: do they help at all?"""

    @property
    def label(self) -> str:
        """How it is called."""
        return f"{NONE}, the setup without its agents"


Revision = WorkingTree | Folder | GitRevision | RunFile | NoAgents
