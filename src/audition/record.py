"""What a run file holds, as frozen records: the run, its cases, its trials.

Reports, comparisons and exports are functions of these and never of live objects.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from audition.conversation import Nature
from audition.project import Project
from audition.score import Score, Verdict

EndedBy = Literal["finished", "budget", "faults", "decided"]
"""How playing ended: all was played, the budget was spent, every call met a fault, or a verdict
could no longer change."""


@dataclass(frozen=True, kw_only=True)
class AgentRecord:
    """One agent that was on offer."""

    name: str
    description: str
    path: str = ""
    builtin: bool = False
    body: str = ""
    """The prompt; of built-in agents it is not known."""
    model: str = ""
    """As the definition has it; empty where it inherits."""
    tools: str = ""
    """As the roster lists them."""
    memory: str = ""
    max_turns: int | None = None


@dataclass(frozen=True, kw_only=True)
class InstructionRecord:
    """`CLAUDE.md` or one of its imports, as every thread was shown it."""

    path: str
    text: str


@dataclass(frozen=True, kw_only=True)
class FindingRecord:
    """A finding about the setup, kept for the report."""

    where: str
    what: str
    do: str
    level: str = "note"


@dataclass(frozen=True, kw_only=True)
class CaseRecord:
    """One case as the dataset had it when the run was made."""

    id: str
    request: str
    where: str
    """`path:line` in the dataset."""
    expects: tuple[str, ...]
    """Each expectation in one line, as a person would write it."""
    agents: tuple[str, ...] | None = None
    """The right delegations in order; empty for none; None where the case demands none."""
    tags: tuple[str, ...] = ()
    origin: str = "human"
    split: str = "tune"
    copied: bool = False
    """The request stands word for word in a description: the answer was in the prompt."""
    known: str = ""
    """Why a failure of this case is known, while that is to be excused."""
    agent: str | None = None
    """The agent that is talked to directly."""
    workspace: str = ""
    """Where its agents work, as the dataset names it; empty where none does."""
    project: Project | None = None
    """How that workspace is read."""


@dataclass(frozen=True, kw_only=True)
class Trial:
    """One attempt at one case, without its trace."""

    case: str
    number: int
    key: str
    verdict: Verdict
    scores: tuple[Score, ...]
    delegated_to: str | None = None
    """The first agent that the main thread started; None where it started none."""
    asked_for: str | None = None
    """The name in the first delegation attempt, also where no such agent exists."""
    served: tuple[str, ...] = ()
    """The model ids that the server named; more than one where they changed within the trial."""
    turns: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cache_read_tokens: int = 0
    cache_write_tokens: int = 0
    cost_usd: float | None = None
    duration_s: float = 0.0
    waited_s: float = 0.0
    started_at: str = ""
    """UTC, ISO 8601."""
    faulted: bool = False
    """A fault broke the trial off: it is played again, whatever the checks say of it."""
    faults: tuple[str, ...] = ()
    """What went wrong in the plays of this trial that were thrown away and repeated."""
    labels: tuple[str, ...] = ()
    """What has to be said beside every result of this trial, such as a broken pin."""
    reused_from: str = ""
    """The run file that it was copied from."""

    @property
    def tokens(self) -> int:
        """All tokens of the trial, cached ones included."""
        return (
            self.input_tokens
            + self.output_tokens
            + self.cache_read_tokens
            + self.cache_write_tokens
        )


@dataclass(frozen=True, kw_only=True)
class RunRecord:
    """How a run was made: enough to repeat it, and to say what it is evidence of."""

    suite: str
    suite_path: str
    datasets: tuple[str, ...]
    setup: str
    setup_digest: str
    routing_digest: str
    model: str
    nature: Nature
    runtime: str
    loop_version: int
    audition_version: str
    trials: int
    """How many trials a case has unless it says otherwise."""
    command: str
    """The command that repeats the run."""
    started_at: str
    series: str = ""
    base_url: str = ""
    limits: Mapping[str, float] = field(default_factory=dict)
    budget_usd: float | None = None
    agents: tuple[AgentRecord, ...] = ()
    instructions: tuple[InstructionRecord, ...] = ()
    findings: tuple[FindingRecord, ...] = ()
    notes: tuple[str, ...] = ()
    """What a reader has to know first: who made the recordings, what is not comparable."""
    allow: int = 0
    """How many trials of a case may fail before the case does."""
    side: Literal["", "base", "head", "confirm"] = ""
    """Which side of a comparison the run was played for; empty for a run by itself."""


@dataclass(frozen=True, kw_only=True)
class RunState:
    """How far a run has come; written as it goes on."""

    ended_at: str = ""
    ended_by: EndedBy | Literal["", "interrupted"] = ""
    """Empty while running."""
    spent_usd: float = 0.0
    """Everything that was paid in this file, thrown-away plays included; recomputed from rows."""
    unpriced_trials: int = 0
