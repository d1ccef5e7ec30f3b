"""Evidence: all that a check, a report or a regrade ever learns about a trial.

A trace, and for a trial in which agents worked, the outcome: the workspace at the end and what the
harness ran in trees of it. A check that needs a run which is not there raises `NotRecordedError`;
while the trial is fresh that is how the harness learns what to run.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar, Literal, Protocol, cast

from audition.events import (
    DELEGATING_TOOLS,
    MAIN,
    AnyEvent,
    Change,
    Commit,
    Delegation,
    End,
    EventType,
    ModelCall,
    Request,
    ToolCall,
)
from audition.outcome import Outcome, Probe, Probed
from audition.project import DEFAULT_PROJECT, Project, Role, is_memory
from audition.score import Kind, Score
from audition.trees import File, FileChange, Tree, changed, differences

Need = Literal["delegation", "whole trial", "work", "linter"]
"""What a check has to be shown: the first delegation, all until the main thread is done, agents at
work in a workspace; and the linter of their project."""
Extent = Literal["first delegation", "whole trial", "work"]
"""How far a trial is played, which is all that the needs of its checks change about it."""


class NotRecordedError(Exception):
    """The evidence lacks something that a check needs: runs of the harness, or a content."""

    def __init__(self, what: str, probes: Iterable[Probe] = ()) -> None:
        super().__init__(what)
        self.probes = tuple(probes)


@dataclass(frozen=True)
class Evidence:
    """All that a check may look at."""

    trace: tuple[AnyEvent, ...]
    outcome: Outcome | None = None
    """None for a trial in which no agent worked."""
    project: Project = DEFAULT_PROJECT
    contents: Callable[[str], bytes | None] = field(
        default=lambda blob: None, repr=False, compare=False
    )
    """The content of a blob that was kept."""

    def of(self, kind: type[EventType]) -> tuple[EventType, ...]:
        """The events of one kind, in order."""
        known: tuple[EventType, ...] | None = self._of.get(kind)
        if known is None:
            known = tuple(event for event in self.trace if isinstance(event, kind))
            self._of[kind] = known
        return known

    @cached_property
    def _of(self) -> dict[type, Any]:
        """What was asked for already: checks ask for the same kinds again and again."""
        return {}

    @cached_property
    def delegations(self) -> tuple[Delegation, ...]:
        """Every sub-agent that was started by the main thread, in emission order."""
        return tuple(event for event in self.of(Delegation) if event.agent == MAIN)

    @cached_property
    def delegating_calls(self) -> tuple[ToolCall, ...]:
        """Every call of the main thread that tried to delegate, whether or not one was started."""
        calls = self.of(ToolCall)
        return tuple(c for c in calls if c.agent == MAIN and c.tool in DELEGATING_TOOLS)

    @cached_property
    def offered(self) -> tuple[str, ...]:
        """The agents that were on offer."""
        return tuple(name for event in self.of(Request) for name in event.offered)

    @cached_property
    def refused(self) -> bool:
        """The model refused to serve the request."""
        return any(end.reason == "refused" for end in self.of(End))

    @cached_property
    def cost_usd(self) -> float | None:
        """Dollars for all model calls; None as soon as one call has no known price."""
        costs = [call.cost_usd for call in self.of(ModelCall)]
        known = [cost for cost in costs if cost is not None]
        return sum(known) if len(known) == len(costs) else None

    @cached_property
    def duration_s(self) -> float:
        """Seconds that the trial itself took, waiting for a provider left out."""
        return self.trace[-1].at_s if self.trace else 0.0

    # ── The workspace ────────────────────────────────────────────────────────────────────────────

    @property
    def work(self) -> Outcome:
        """The outcome.

        Raises:
            NotRecordedError: no agent worked in this trial.
        """
        if self.outcome is None:
            raise NotRecordedError("no agent worked in a workspace in this trial")
        return self.outcome

    def role(self, path: str) -> Role:
        """What the file is to the project."""
        return self.project.role(path)

    @cached_property
    def changes(self) -> tuple[Change, ...]:
        """Every change of a file by a tool call, in order."""
        return self.of(Change)

    def tree_after(self, number: int) -> dict[str, File]:
        """The working tree after the event of this number; 0 for the base.

        Raises:
            NotRecordedError: no agent worked in this trial.
        """
        files = (change.file for change in self.changes if change.number <= number)
        return changed(self.work.base_tree, files)

    @cached_property
    def blobs(self) -> frozenset[str]:
        """Every content that the evidence speaks of."""
        if self.outcome is None:
            return frozenset()
        changes = [change.file for change in self.changes]
        changes += [file for commit in self.of(Commit) for file in commit.files]
        changes += self.outcome.head_files
        files = [*self.outcome.base_tree.values()]
        files += [file for change in changes for file in (change.before, change.after) if file]
        return frozenset(file.blob for file in files if file.blob)

    @cached_property
    def final_tree(self) -> dict[str, File]:
        """The working tree at the end."""
        return changed(self.work.base_tree, (change.file for change in self.changes))

    @cached_property
    def head_tree(self) -> dict[str, File]:
        """The tree of HEAD's commit at the end."""
        return changed(self.work.base_tree, self.work.head_files)

    @cached_property
    def commits(self) -> tuple[Commit, ...]:
        """The commits between base and HEAD at the end, oldest first."""
        by_id = {commit.id: commit for commit in self.of(Commit)}
        return tuple(by_id[name] for name in self.work.history if name in by_id)

    def delivered_tree(self, *, committed: bool) -> dict[str, File]:
        """What the trial hands over: HEAD where a commit is expected, else the working tree."""
        return self.head_tree if committed else self.final_tree

    def delivered(self, *, committed: bool) -> tuple[FileChange, ...]:
        """The change that the trial hands over; what agents remember is no part of it."""
        found = differences(self.work.base_tree, self.delivered_tree(committed=committed))
        return tuple(change for change in found if not is_memory(change.path))

    def content(self, file: File) -> bytes:
        """What a file held.

        Raises:
            NotRecordedError: its content was not kept (too large, or it looked like a secret).
        """
        found = self.contents(file.blob) if file.blob else None
        if found is None:
            raise NotRecordedError("the content of a file was not kept")
        return found

    def text(self, file: File) -> str:
        """What a file held, as text; bytes that are no UTF-8 are replaced.

        Raises:
            NotRecordedError: its content was not kept.
        """
        return self.content(file).decode("utf-8", errors="replace")

    def tests_in(self, *trees: Tree) -> tuple[Probed, ...]:
        """What the project's tests come to in these trees, run by the harness.

        Raises:
            NotRecordedError: one of them was not run; it names them all.
        """
        return self.probed(*(Probe.tests(self.project.test_command, tree) for tree in trees))

    def lint_in(self, *trees: Tree) -> tuple[Probed, ...]:
        """What the project's linter finds in these trees, run by the harness.

        Raises:
            NotRecordedError: one of them was not run; it names them all.
        """
        command = self.project.lint_command
        if command is None:
            raise NotRecordedError("the project states no lint_command")
        return self.probed(*(Probe.lint(command, tree) for tree in trees))

    def probed(self, *probes: Probe) -> tuple[Probed, ...]:
        """What the harness found when it ran these.

        Raises:
            NotRecordedError: one of them was not run, and it names them all; or one could not be
                run, because a file that is too large or looks like a secret was not kept.
        """
        known = self.work.probed
        missing = [probe for probe in probes if probe.key not in known]
        if missing:
            raise NotRecordedError("the harness did not run this", missing)
        found = tuple(known[probe.key] for probe in probes)
        gone = sorted({path for probed in found for path in probed.missing})
        if gone:
            names = ", ".join(gone[:3]) + (f" and {len(gone) - 3} more" if len(gone) > 3 else "")
            raise NotRecordedError(f"the content of {names} was not kept, so nothing could be run")
        return found


class Check(Protocol):
    """A named expectation: a frozen dataclass with one pure method."""

    kind: ClassVar[Kind]
    needs: ClassVar[frozenset[Need]]

    def score(self, evidence: Evidence) -> Score:
        """Judge the evidence.

        Raises:
            NotRecordedError: it lacks what the check needs.
        """
        ...


def extent_of(needs: Iterable[Need]) -> Extent:
    """How far a trial has to be played to meet these needs."""
    wanted = set(needs)
    if "work" in wanted:
        return "work"
    return "whole trial" if "whole trial" in wanted else "first delegation"


class NamesAgents(Protocol):
    """A check that speaks of agents: their names are validated before anything is spent."""

    @property
    def agents(self) -> tuple[str, ...]:
        """Every agent that the check mentions."""
        ...

    @property
    def reference(self) -> tuple[str, ...] | None:
        """The delegations that satisfy the check; None where it demands none in particular."""
        ...


def naming_agents(check: Check) -> NamesAgents | None:
    """The check as one that speaks of agents, if it does.

    Asking for the two attributes is what `isinstance` does, at a tenth of its cost.
    """
    speaks = hasattr(check, "agents") and hasattr(check, "reference")
    return cast(NamesAgents, check) if speaks else None
