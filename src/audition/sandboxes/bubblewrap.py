"""Commands in namespaces of their own: no network, no file of yours, no process left behind.

Linux only. The program `bwrap` has to be installed by the system's package manager:

    apt-get install bubblewrap

A command sees the system's programs, its workspace, a home folder, and nothing else. It can neither
reach the network nor become another user; when it ends, everything that it started ends. Where root
runs Audition, commands run as a user id that nobody has.
"""

import asyncio
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from audition.sandboxes import (
    WORKSPACE,
    Finished,
    Limits,
    Place,
    RefusedError,
    Sandboxes,
    SandboxInfo,
)
from audition.sandboxes._probe import Installed, installed, probe
from audition.sandboxes._process import Program, finished, play
from audition.sandboxes._profile import (
    Descriptors,
    closed_paths,
    descriptors,
    handed_over,
    limited,
    moved,
    profile,
    spare_user,
    stage,
    variables,
)
from audition.sandboxes._refusals import TOO_SLOW, diagnose
from audition.sandboxes._status import Status

_OUTSIDE = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8"}
"""The environment of bubblewrap itself: commands can read it, so nothing of ours is in it."""


@dataclass(frozen=True)
class Bubblewrap:
    """Namespaces made by bubblewrap."""

    at_once: int = 0
    """How many commands run side by side in all sandboxes; 0 for two more than processors."""
    patience_s: float = 20.0
    """How long the probe may take."""

    async def open(self) -> Sandboxes:
        """Find bubblewrap, and prove from the inside that it holds; see `SandboxKind`."""
        program = installed()
        owner = spare_user()
        slots = asyncio.Semaphore(self.at_once or (os.cpu_count() or 1) + 2)

        def ready(info: SandboxInfo) -> Sandboxes:
            return Sandboxes(
                info=info,
                around=lambda place: _Bubble(place, info, program, owner, slots),
                owner=owner,
            )

        untried = SandboxInfo(
            kind="bubblewrap", version=program.version, strength="isolated", notes=program.notes
        )
        return ready(
            replace(untried, probe=await probe(ready(untried), patience_s=self.patience_s))
        )


@dataclass(frozen=True)
class _Bubble:
    """One workspace, and a fresh sandbox around it for every command."""

    place: Place
    info: SandboxInfo
    program: Installed
    owner: int | None
    slots: asyncio.Semaphore

    async def run(
        self,
        argv: Sequence[str],
        *,
        cwd: str = WORKSPACE,
        env: Mapping[str, str] | None = None,
        stdin: bytes = b"",
        limits: Limits | None = None,
    ) -> Finished:
        """Run one command; see `audition.sandboxes.Sandbox`."""
        limits = limits or Limits()
        async with self.slots:
            with Status() as status, descriptors(status.descriptor) as opened:
                inside = limited(moved(argv, cwd), limits)
                program = Program(
                    argv=[*self._outer(opened, env or {}), "--", *inside],
                    env=_OUTSIDE,
                    stdin=stdin,
                    descriptors=opened.numbers,
                )
                ended = await play(program, status, limits=limits, roots=self.place.written)
        if isinstance(ended, Finished):
            return ended
        code = status.exit_code
        if code is None and not (ended.limit and status.began):
            # Only bubblewrap's own words tell a command's failure from the sandbox's.
            said = ended.stderr.decode(errors="replace")
            raise RefusedError(TOO_SLOW if ended.limit else diagnose(said), retryable=True)
        return finished(ended, code or 0)

    def _outer(self, opened: Descriptors, env: Mapping[str, str]) -> list[str]:
        """Everything before the command."""
        argv, _ = self._entrance
        return [*argv, self.program.path, *handed_over(opened), *self._told, *variables(env)]

    @cached_property
    def _told(self) -> list[str]:
        """What is the same for every command."""
        _, staged = self._entrance
        return profile(self.place, staged=staged, disables=self.program.disables)

    @cached_property
    def _entrance(self) -> tuple[list[str], dict[Path, str]]:
        """For root: what starts bubblewrap as another user, and where that finds closed folders."""
        if self.owner is None:
            return [], {}
        argv, staged = stage(closed_paths(self.place))
        user = ("--reuid", str(self.owner), "--regid", str(self.owner))
        return [*argv, "setpriv", *user, "--clear-groups", "--"], staged
