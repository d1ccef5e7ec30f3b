"""View data of the strip: a trial at a glance, a row for each thread, a mark for each thing done.

Marks stand from left to right in the order of their events. What a mark says is told by its letter
and its look together, and in words; never by a colour alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from audition.events import (
    MAIN,
    AnyEvent,
    Change,
    Command,
    CommandOutcome,
    Commit,
    Delegation,
    End,
    Fault,
    Limit,
)
from audition.evidence import Evidence
from audition.outcome import Probed
from audition.project import Role
from audition.report.figures import counted
from audition.report.harness_runs import result_words

MOST_MARKS = 300
_FILES_NAMED = 4
_LETTERS: dict[Role, str] = {"tests": "T", "implementation": "I", "other": "o"}
_ROLE_WORDS: dict[Role, str] = {
    "tests": "a test file",
    "implementation": "implementation",
    "other": "another file",
}
_LONGEST_WORDS = 160

Look = Literal["passed", "failed", "unknown", "file", "commit", "delegation", "end", "trouble"]
_SIGNS: dict[Look, str] = {"passed": "✓", "failed": "✗", "unknown": "?"}


@dataclass(frozen=True)
class Mark:
    """One thing that was done."""

    event: int
    column: int
    row: int
    letter: str
    look: Look
    words: str
    is_probed: bool = False
    """The harness ran the same itself, and its run decides the look."""
    to_row: int | None = None
    """For a delegation: the row of the thread that it started."""


@dataclass(frozen=True)
class Thread:
    """One row."""

    name: str
    first: int
    last: int
    """Columns between which it acted."""


@dataclass(frozen=True)
class Legend:
    """What a letter with a look means."""

    letter: str
    look: Look
    words: str
    is_probed: bool = False


@dataclass(frozen=True)
class Strip:
    """The whole trial at a glance."""

    threads: tuple[Thread, ...]
    marks: tuple[Mark, ...]
    legend: tuple[Legend, ...]
    left_off: int = 0
    """Further marks, which are not shown."""

    @property
    def columns(self) -> int:
        """How many marks stand side by side."""
        return len(self.marks)


def strip_view(evidence: Evidence, probes: Mapping[int, Probed]) -> Strip:
    """The strip of a trial at work.

    Args:
        evidence: what happened.
        probes: what the harness found where an agent ran something, by the event of the command.
    """
    rows = _rows(evidence)
    marks: list[Mark] = []
    total = 0
    for event, letter, look, words in _happened(evidence, probes):
        total += 1
        if total > MOST_MARKS:
            continue
        marks.append(
            Mark(
                event=event.number,
                column=len(marks),
                row=rows[event.parent],
                letter=letter,
                look=look,
                words=words,
                is_probed=event.number in probes,
                to_row=rows.get(event.number) if isinstance(event, Delegation) else None,
            )
        )
    threads = tuple(_thread(name, row, marks) for row, name in enumerate(_names(evidence, rows)))
    return Strip(threads, tuple(marks), _legend(marks), total - len(marks))


def _rows(evidence: Evidence) -> dict[int | None, int]:
    """The row of each thread, by the delegation that started it; the main thread is first."""
    rows: dict[int | None, int] = {None: 0}
    for event in evidence.trace:
        started = event.number if isinstance(event, Delegation) else event.parent
        rows.setdefault(started, len(rows))
    return rows


def _names(evidence: Evidence, rows: Mapping[int | None, int]) -> list[str]:
    agents = {event.number: event.to for event in evidence.of(Delegation)}
    names: list[str] = []
    for parent in rows:
        name = MAIN if parent is None else agents.get(parent, "?")
        before = sum(known.partition(" (")[0] == name for known in names)
        names.append(f"{name} ({before + 1})" if before else name)
    return names


def _thread(name: str, row: int, marks: list[Mark]) -> Thread:
    columns = [mark.column for mark in marks if row in (mark.row, mark.to_row)]
    return Thread(name, min(columns, default=0), max(columns, default=0))


_Happened = tuple[AnyEvent, str, Look, str]


def _happened(evidence: Evidence, probes: Mapping[int, Probed]) -> list[_Happened]:
    found: list[_Happened] = []
    groups: dict[tuple[int, Role], list[Change]] = {}
    for event in evidence.trace:
        match event:
            case Change():
                # What one call did to files of one role is one mark, at the first of them.
                key = (event.call or -event.number, evidence.role(event.file.path))
                groups.setdefault(key, []).append(event)
                if len(groups[key]) == 1:
                    found.append((event, _LETTERS[key[1]], "file", ""))
            case Command() if event.role in ("test", "lint") and not event.recorded_by_git:
                found.append(_command(event, probes.get(event.number)))
            case Commit():
                message = event.message.partition("\n")[0]
                found.append((event, "C", "commit", _said(event, f"commits “{message}”")))
            case Delegation():
                found.append((event, "→", "delegation", _said(event, f"delegates to {event.to}")))
            case Limit():
                found.append((event, "!", "trouble", f"the limit on {event.limit} is reached"))
            case Fault():
                found.append((event, "!", "trouble", "the infrastructure failed"))
            case End():
                found.append((event, "■", "end", f"the trial ends: {event.reason}"))
            case _:
                pass
    words = {
        changes[0].number: _files_words(role, changes) for (_, role), changes in groups.items()
    }
    return [
        (event, letter, look, text or _said(event, words[event.number]))
        for event, letter, look, text in found
    ]


def _said(event: AnyEvent, words: str) -> str:
    short = words if len(words) <= _LONGEST_WORDS else f"{words[:_LONGEST_WORDS]}…"
    return f"{event.agent} {short}"


def _files_words(role: Role, changes: list[Change]) -> str:
    paths = [f"{change.file.what} {change.file.path}" for change in changes[:_FILES_NAMED]]
    more = f" and {len(changes) - _FILES_NAMED} more" if len(changes) > _FILES_NAMED else ""
    return f"({_ROLE_WORDS[role]}): {', '.join(paths)}{more}"


def _command(event: Command, probed: Probed | None) -> _Happened:
    look: Look = _look(event.outcome)
    by = "by its own output"
    if probed is not None:
        look = "unknown" if not probed.is_stable else "passed" if probed.passed else "failed"
        by = f"by the harness's own run: {result_words(probed)}"
    noun = "tests" if event.role == "test" else "the linter"
    told = {"passed": "passed", "failed": "failed", "unknown": "cannot tell how it ended"}[look]
    letter = "L" if event.role == "lint" else _SIGNS[look]
    return event, letter, look, _said(event, f"runs {noun}: {told}, {by}")


def _look(outcome: CommandOutcome) -> Look:
    looks: dict[CommandOutcome, Look] = {
        "passed": "passed",
        "failed": "failed",
        "unknown": "unknown",
    }
    return looks[outcome]


def _legend(marks: list[Mark]) -> tuple[Legend, ...]:
    """What occurs, each once, in the order of the table."""
    table = [
        *(Legend(sign, look, f"tests {told}") for sign, look, told in _TOLD),
        *(Legend("L", look, f"linter {told}") for _, look, told in _TOLD),
        *(Legend(letter, "file", f"changes {_ROLE_WORDS[r]}") for r, letter in _LETTERS.items()),
        Legend("C", "commit", "commits"),
        Legend("→", "delegation", "delegates"),
        Legend("!", "trouble", "limit or fault"),
        Legend("■", "end", "end"),
    ]
    seen = {(mark.letter, mark.look, mark.is_probed) for mark in marks}
    found = []
    for entry in table:
        ways = [way for way in (False, True) if (entry.letter, entry.look, way) in seen]
        for is_probed in ways:
            ran = entry.look in ("passed", "failed", "unknown")
            own = " (by its own output)" if ran else ""
            by = " (by the harness's own run)" if is_probed else own
            found.append(Legend(entry.letter, entry.look, f"{entry.words}{by}", is_probed))
    return tuple(found)


_TOLD: tuple[tuple[str, Look, str], ...] = (
    ("✓", "passed", "passed"),
    ("✗", "failed", "failed"),
    ("?", "unknown", "cannot tell"),
)


def strip_words(strip: Strip) -> str:
    """What the strip is, for who cannot see it."""
    threads = counted(len(strip.threads), "thread")
    return f"What was done, in order: {counted(strip.columns, 'mark')} in {threads}"
