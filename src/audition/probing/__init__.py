"""Probes: the harness's own runs of a project's tests and linter, in a tree that was stored.

A `Laboratory` lays a tree out in a fresh folder, runs the command in a fresh sandbox, and reads
what the runner itself reports; twice, since a verdict may rest on it. Where the two disagree,
nothing can.

    tests:   python -m pytest -q        node --test        npx vitest run        npm test
    linter:  ruff check .               npx eslint src     make lint

**What a test run is.** pytest is asked for JUnit XML; `python -m unittest`, `node --test` (also
`tsx`), Vitest, Jest and Mocha for JSON. They are known behind `cd FOLDER &&`, assignments, `uv
run`, `npx` and their like; `npm test`, `npm run NAME` and `make NAME` where the tree says in one
plain command what that is. A command in which the shell does more (a pipe, `|| true`) hides what
was found: it is not run, and the failure is `usage`, with the reason as the output.

**What counts.** An exit code alone never does. A run passed if there is a report, it holds tests,
none of them failed, and the exit code is 0. A runner that ends without a report ran no tests,
whatever its exit code (`no_tests`). What a limit ended is a `timeout`, whichever limit it was;
the output says which. Files that cannot be loaded are failed tests, with the file alone for an
id.

**What it cannot see.** Python's tests and the runner share one process. Code of the tree that
means to can forge the report, or replace what `==` says: no option of the runner prevents that,
and an exit code that such code forges is caught only by the report. Node's runner keeps every
test file in a process of its own; Vitest, Jest and Mocha do not. A file that leaves early only has
fewer tests than it should. So whoever judges looks for the ids that must be there, and takes tests
and configuration from a tree that the agent did not write.

The environment is the sandbox's own: no network, no caches, no colours, 200 columns, no bytecode.
"""

import asyncio
import tempfile
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from audition.outcome import Probe, Probed
from audition.probing import _commands
from audition.probing._commands import Bench
from audition.project import DEFAULT_PROJECT, Project
from audition.sandboxes import Limits, Place, Sandboxes, remove_tree, running_python
from audition.trees import Tree

_GEAR = Path(__file__).parent


@dataclass(frozen=True, kw_only=True)
class Laboratory:
    """Everything that the probes of a run share."""

    sandboxes: Sandboxes
    lay_out: Callable[[Tree, Path], tuple[str, ...]]
    """Writes the files of a stored tree into an empty folder; returns the paths it could not."""
    project: Project = DEFAULT_PROJECT
    """Whose files are tests and whose are code: it decides where a failure lies."""
    toolchains: tuple[Path, ...] = field(default_factory=running_python)
    """Folders of this machine with the programs that the commands need."""
    limits: Limits = field(default_factory=Limits)
    environment: Mapping[str, str] = field(default_factory=dict)
    """More variables for the commands. With `PYTEST_DISABLE_PLUGIN_AUTOLOAD`, pytest starts several
    times as fast in a Python that holds plugins which the project does not use."""
    folder: Path | None = None
    """Where trees are laid out; the system's folder for temporary files where none is named."""

    async def probe(self, probe: Probe) -> Probed:
        """Run a probe twice, each time from nothing, and compare.

        A tree that cannot be laid out whole is not run: what is missing is named. Where the runs
        differ in a test, a finding or the exit code, the first is returned, not stable, and its
        output ends with what differs.

        Raises:
            FaultError: the sandbox failed, and the commands say nothing.
        """
        first, second = await _both(self._once(probe), self._once(probe))
        return _commands.compared(first, second)

    async def _once(self, probe: Probe) -> Probed:
        root = self._root()
        try:
            place = Place(
                workspace=root / "workspace", home=root / "home", toolchains=self.toolchains
            )
            missing = self._furnish(place, probe.tree)
            if missing:
                return _commands.incomplete(missing)
            bench = Bench(
                sandbox=self.sandboxes.around(place),
                place=place,
                tree=probe.tree,
                project=self.project,
                limits=self.limits,
                environment=self.environment,
            )
            run = _commands.tests if probe.kind == "tests" else _commands.lint
            return await run(probe.command, bench)
        finally:
            remove_tree(root)

    def _root(self) -> Path:
        return Path(tempfile.mkdtemp(prefix="audition-probe-", dir=self.folder)).resolve()

    def _furnish(self, place: Place, tree: Tree) -> tuple[str, ...]:
        """Lay out the tree and what runners need; returns the paths that are missing."""
        for written in place.written:
            written.mkdir()
        missing = self.lay_out(tree, place.workspace)
        for name in _commands.GEAR:
            for home in place.written[1:]:
                (home / name).write_bytes((_GEAR / name).read_bytes())
        self.sandboxes.hand_over(*place.written)
        return missing


async def _both(
    one: Coroutine[None, None, Probed], other: Coroutine[None, None, Probed]
) -> tuple[Probed, Probed]:
    """Both at once; the trouble of either ends the other."""
    try:
        async with asyncio.TaskGroup() as group:
            tasks = group.create_task(one), group.create_task(other)
    except* Exception as troubles:
        trouble = troubles.exceptions[0]
        raise trouble from None
    return tasks[0].result(), tasks[1].result()
