"""The studio: all that agents at work need, made once for a run and taken away with it.

The sandbox is tried, every workspace is built once as a template, and then each trial gets a
workshop around a fresh copy. When a trial is over, the harness runs what its checks ask for in
trees that were stored: a check that lacks something says so, and is asked again.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from pathlib import Path

from audition.errors import InputError, Problem
from audition.evidence import Evidence
from audition.expectation import Expectation
from audition.grading import wanted_probes
from audition.outcome import Outcome, Probe, Probed
from audition.probing import Laboratory
from audition.project import Project
from audition.sandboxes import (
    HOME,
    WORKSPACE,
    RefusedError,
    Sandboxes,
    SandboxKind,
    remove_tree,
    running_python,
)
from audition.tools import Bench
from audition.tracer import Tracer
from audition.trees import EXECUTABLE, REGULAR, Tree
from audition.workplace import Work
from audition.workshop import Workshop
from audition.workspaces.laying import lay_out
from audition.workspaces.scratch import scratch
from audition.workspaces.template import Template, build
from audition.workspaces.workspace import opened, roomy_parent

_ROUNDS = 5
"""How often checks may ask for more: what one needs can follow from what another run found."""


@dataclass(frozen=True)
class Studio:
    """What the trials of one run share."""

    sandboxes: Sandboxes
    templates: Mapping[str, Template]
    """By the identity of their source."""
    probes: Path
    """Where trees are laid out for a probe."""
    _probed: dict[str, "asyncio.Task[Probed]"] = field(default_factory=dict)
    """Runs of the harness, so that the same tree is never run for two trials."""

    @asynccontextmanager
    async def workshop(
        self, work: Work, tracer: Tracer, now: Callable[[], datetime]
    ) -> AsyncIterator["Trial"]:
        """A fresh workspace with everything in it, until the trial is over."""
        template = self.template(work)
        tools = tuple(map(Path, work.project.toolchains))
        async with opened(template, self.sandboxes, home=work.home, toolchains=tools) as workspace:
            folders = {WORKSPACE: workspace.root}
            if workspace.home is not None:
                folders[HOME] = workspace.home
            bench = Bench(
                sandbox=workspace.sandbox,
                folders=folders,
                owner=self.sandboxes.owner,
                environment=work.project.environment,
            )
            hands = Workshop(workspace, bench, tracer)
            yield Trial(hands, template, now().isoformat(timespec="milliseconds"), now)

    async def probed(
        self, work: Work, expectations: Sequence[Expectation], evidence: Evidence
    ) -> Evidence:
        """The evidence with every run of the harness that its checks ask for.

        Raises:
            FaultError: the sandbox failed.
        """
        for _ in range(_ROUNDS):
            outcome = evidence.outcome
            wanted = wanted_probes(expectations, evidence)
            if outcome is None or not wanted:
                break
            found = await self._run_all(work, wanted, evidence.contents)
            evidence = replace(
                evidence, outcome=replace(outcome, probed={**outcome.probed, **found})
            )
        return evidence

    def template(self, work: Work) -> Template:
        """What the workspace of a case is copied from."""
        return self.templates[work.source.identity]

    async def try_once(self, work: Work, probe: Probe) -> Probed:
        """Run something in a tree of the workspace as it begins, whatever is known of it already.

        Raises:
            FaultError: the sandbox failed.
        """
        return await self._laboratory(work, lambda blob: None).probe(probe)

    def _laboratory(self, work: Work, contents: Callable[[str], bytes | None]) -> Laboratory:
        template = self.template(work)

        def content(blob: str) -> bytes | None:
            found = contents(blob)
            return template.content(blob) if found is None else found

        return Laboratory(
            sandboxes=self.sandboxes,
            lay_out=partial(_lay_out, template, content),
            toolchains=toolchains(work.project),
            project=work.project,
            environment=work.project.environment,
            folder=self.probes,
        )

    async def _run_all(
        self, work: Work, probes: Iterable[Probe], contents: Callable[[str], bytes | None]
    ) -> dict[str, Probed]:
        laboratory = self._laboratory(work, contents)
        mine: dict[str, asyncio.Task[Probed]] = {}
        for probe in probes:
            key = f"{work.source.identity} {probe.key}"
            if key not in self._probed or self._probed[key].cancelled():
                self._probed[key] = asyncio.create_task(laboratory.probe(probe))
            mine[probe.key] = self._probed[key]
        await asyncio.gather(*map(asyncio.shield, mine.values()))
        return {key: task.result() for key, task in mine.items()}


@dataclass(frozen=True)
class Trial:
    """A workshop while its trial is played."""

    hands: Workshop
    template: Template
    started_at: str
    now: Callable[[], datetime]

    async def finish(self) -> Outcome:
        """The workspace as it is now that the trial is over."""
        outcome = await self.hands.workspace.finish()
        ended_at = self.now().isoformat(timespec="milliseconds")
        return replace(outcome, started_at=self.started_at, ended_at=ended_at)

    def contents(self) -> Callable[[str], bytes | None]:
        """What files held at the beginning and in between."""
        kept = dict(self.hands.workspace.contents)

        def content(blob: str) -> bytes | None:
            found = kept.get(blob)
            return self.template.content(blob) if found is None else found

        return content


@asynccontextmanager
async def opened_studio(kind: SandboxKind, works: Sequence[Work]) -> AsyncIterator[Studio]:
    """Try the sandbox and build the workspaces.

    Raises:
        InputError: this machine has no sandbox, or a workspace cannot be built.
    """
    try:
        sandboxes = await kind.open()
    except RefusedError as error:
        refusal = error.refusal
        raise InputError([Problem("sandbox", refusal.verdict, refusal.cure)]) from error
    folder = scratch()
    try:
        sources = {work.source.identity: work.source for work in works}
        templates = {
            name: await build(source, folder / f"{place}")
            for place, (name, source) in enumerate(sources.items())
        }
        probes = scratch(roomy_parent(*templates.values()))
        studio = Studio(sandboxes, templates, probes)
        try:
            yield studio
        finally:
            await _end(studio._probed.values())
            remove_tree(studio.probes)
    finally:
        remove_tree(folder)


async def _end(tasks: Iterable["asyncio.Task[Probed]"]) -> None:
    running = [task for task in tasks if not task.done()]
    for task in running:
        task.cancel()
    await asyncio.gather(*running, return_exceptions=True)


def toolchains(project: Project) -> tuple[Path, ...]:
    """The folders with programs that a project needs, and the Python that runs us."""
    return (*map(Path, project.toolchains), *running_python())


def _lay_out(
    template: Template,
    contents: Callable[[str], bytes | None],
    tree: Tree,
    at: Path,
) -> tuple[str, ...]:
    """Lay out a tree for a probe; returns the files without which nothing should be run.

    What no clone of the repository could hold is not missed: pipes, names that are no text, links
    and paths that lead out.
    """
    missing = lay_out(tree, contents, at, template=template)
    files = [(path, tree[path]) for path in missing if tree[path].mode in (REGULAR, EXECUTABLE)]
    return tuple(path for path, file in files if contents(file.blob) is None)
