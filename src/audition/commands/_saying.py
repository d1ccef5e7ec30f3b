"""What a file of this shelf answers: what a command line is for, and what its output says."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from audition.events import CommandOutcome, CommandRole, FailureKind


@dataclass(frozen=True, kw_only=True)
class Use:
    """What a command line is for."""

    tool: str
    role: CommandRole
    whole: bool = False
    """Nothing on it narrows what is tested or linted."""
    stream: Literal["output", "errors"] = "output"
    """Where the tool says what came of it."""
    form: str = ""
    """The name of its output, where that is another than the tool's."""


@dataclass(frozen=True, kw_only=True)
class Said:
    """What an output says about one run of a tool."""

    outcome: CommandOutcome = "unknown"
    failure: FailureKind | None = None
    tests: int | None = None


class Family(Protocol):
    """The one class of a file of this shelf."""

    def use(self, argv: Sequence[str]) -> Use | None:
        """What a command is for, the bare name of its program first; None for a stranger."""

    def said(self, form: str, output: str) -> tuple[Said, ...]:
        """What the output says about every run of the tool that it shows the end of, in order."""

    def failure(self, tool: str, exit_code: int) -> FailureKind | None:
        """What an exit code says by itself."""
