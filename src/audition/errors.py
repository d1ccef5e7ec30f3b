"""What can go wrong, as one tree.

AuditionError               anything that ends a command with a message instead of a traceback
├── InputError              files or options are wrong; carries every problem found, not the first
├── NothingSelectedError    the filters left no case
├── BusyError               another process is writing this run file
├── FileFormatError         a run file that this version cannot read
├── LimitReachedError      a trial reached a limit of its own, and is over
├── BudgetError             the next call could cost more than is left
└── FaultError              trouble of the infrastructure: never a failed check
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar, Literal

FaultSource = Literal["provider", "network", "sandbox", "harness", "recording", "check"]


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One mistake in somebody's input: where it is, what is wrong, and what to do about it."""

    where: str
    """`path:line:col`, `path`, or the name of an option."""
    what: str
    do: str
    excerpt: str = ""
    """The line in question with a caret under the place; may be empty."""

    def __str__(self) -> str:
        text = f"{self.where}: {self.what}; {self.do}"
        return f"{text}\n{self.excerpt}" if self.excerpt else text


class AuditionError(Exception):
    """The root: the command line prints the message and exits with `exit_code`."""

    slug: ClassVar[str] = "error"
    exit_code: ClassVar[int] = 2


class InputError(AuditionError):
    """Wrong input, all of it at once, found before anything was spent."""

    slug = "input"

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(set(problems), key=_reading_order))
        super().__init__("\n".join(str(problem) for problem in self.problems))


class NothingSelectedError(AuditionError):
    """Nothing was selected, which is not the same as nothing being wrong."""

    slug = "nothing-selected"
    exit_code = 5


class BusyError(AuditionError):
    """Another process holds the run file; nothing was changed."""

    slug = "busy"


class FileFormatError(AuditionError):
    """The file is no run file, or one of a newer format than this version reads."""

    slug = "file-format"


class LimitReachedError(AuditionError):
    """A limit of the trial itself was reached: the trial is over, and fails by it."""

    slug = "limit-reached"

    def __init__(self, limit: str, allowed: float | None) -> None:
        super().__init__(limit)
        self.limit = limit
        self.allowed = allowed


class BudgetError(AuditionError):
    """The budget does not cover the next call; raised before the call is made."""

    slug = "budget"
    exit_code = 3


class FaultError(AuditionError):
    """The infrastructure failed: the trial says nothing about the definitions."""

    slug = "fault"
    exit_code = 4

    def __init__(
        self,
        source: FaultSource,
        message: str,
        *,
        retryable: bool = True,
        may_be_billed: bool = False,
    ) -> None:
        self.source: FaultSource = source
        self.retryable = retryable
        self.may_be_billed = may_be_billed
        """True where the provider had begun to answer: unknown is not zero."""
        super().__init__(message)


def _reading_order(problem: Problem) -> tuple[str, tuple[int, ...], str]:
    path, *position = problem.where.split(":")
    numbers = tuple(int(part) for part in position if part.isdecimal())
    return path, numbers, problem.what
