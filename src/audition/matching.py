"""Matching: which events of a trace a pattern names, and which came before which.

Both are three-valued, as `patterns.py` defines them: an event matches, may match, or does not, and
two events are in this order, in the other, or in none that can be told. The work is near linear in
the length of a trace, since one command can change fifty thousand files.
"""

import json
import posixpath
import re
import shlex
from bisect import bisect_left
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from itertools import accumulate
from typing import Any

from audition.events import (
    AnyEvent,
    Change,
    Command,
    Commit,
    Delegation,
    Message,
    ToolCall,
)
from audition.evidence import Evidence
from audition.patterns import COMMAND_ROLES, FILE_ROLES, Names, Pattern, Window, several
from audition.project import Project, fits
from audition.sandboxes import WORKSPACE

Place = tuple[int, int]
"""Number and step of an event; what is smaller in both came before."""


@dataclass(frozen=True)
class Match:
    """An event that a pattern names."""

    event: AnyEvent
    is_sure: bool
    """False where the evidence cannot tell whether it does."""


def matches(pattern: Pattern, evidence: Evidence) -> tuple[Match, ...]:
    """The events that match a pattern or may match it, in the order of their numbers.

    Raises:
        NotRecordedError: no agent worked in this trial, and the pattern is about such work.
    """
    found = _without_window(pattern, evidence)
    if pattern.within is None or not found:
        return found
    return _inside(found, pattern.within, evidence)


def place(event: AnyEvent) -> Place:
    """Where an event stands: its number, and the number of the tool call that it belongs to."""
    match event:
        case Delegation() | Command() | Change() | Commit():
            return event.number, event.call or event.number
    return event.number, event.number


def precedes(event: AnyEvent, other: AnyEvent) -> bool:
    """Whether the event came before the other for certain."""
    (number, step), (other_number, other_step) = place(event), place(other)
    return number < other_number and step < other_step


class Places:
    """Some events of a trace, made ready to be asked for their order."""

    def __init__(self, events: Iterable[AnyEvent]) -> None:
        self._places = sorted(place(event) for event in events)
        self._numbers = [number for number, _ in self._places]
        steps = [step for _, step in self._places]
        self._least_up_to = list(accumulate(steps, min))
        self._most_from = list(accumulate(reversed(steps), max))[::-1]
        self._least_after_first = min(steps[1:], default=None)
        self._most_before_last = max(steps[:-1], default=None)

    def __contains__(self, event: AnyEvent) -> bool:
        index = bisect_left(self._numbers, event.number)
        return index < len(self._numbers) and self._numbers[index] == event.number

    def some_before(self, event: AnyEvent) -> bool:
        """Whether one of them precedes the event."""
        number, step = place(event)
        count = bisect_left(self._numbers, number)
        return count > 0 and self._least_up_to[count - 1] < step

    def some_after(self, event: AnyEvent) -> bool:
        """Whether the event precedes one of them."""
        number, step = place(event)
        index = bisect_left(self._numbers, number + 1)
        return index < len(self._numbers) and step < self._most_from[index]

    def all_others_after(self, event: AnyEvent) -> bool:
        """Whether the event precedes every one of them but itself."""
        number, step = place(event)
        if not self._numbers or number > self._numbers[0]:
            return not self._numbers
        if number == self._numbers[0]:
            return self._least_after_first is None or step < self._least_after_first
        return step < self._least_up_to[-1]

    def all_others_before(self, event: AnyEvent) -> bool:
        """Whether every one of them but itself precedes the event."""
        number, step = place(event)
        if not self._numbers or number < self._numbers[-1]:
            return not self._numbers
        if number == self._numbers[-1]:
            return self._most_before_last is None or self._most_before_last < step
        return self._most_from[0] < step


def sure(found: Iterable[Match]) -> tuple[AnyEvent, ...]:
    """The events that match for certain."""
    return tuple(match.event for match in found if match.is_sure)


def possible(found: Iterable[Match]) -> tuple[AnyEvent, ...]:
    """The events that match or may match."""
    return tuple(match.event for match in found)


def _without_window(pattern: Pattern, evidence: Evidence) -> tuple[Match, ...]:
    test = _TESTS[pattern.verb]
    shadowed = _recorded_twice(evidence) if pattern.ran is not None else frozenset()
    actors = None if pattern.by is None else several(pattern.by)
    found = []
    for event in evidence.trace:
        if event.number in shadowed or (actors is not None and event.agent not in actors):
            continue
        verdict = test(pattern, event, evidence.project)
        if verdict is not False:
            found.append(Match(event, verdict is True))
    return tuple(found)


# ── The window ───────────────────────────────────────────────────────────────────────────────────


def _inside(found: tuple[Match, ...], window: Window, evidence: Evidence) -> tuple[Match, ...]:
    is_after = _opening(window, evidence)
    closing = _without_window(window.until, evidence) if window.until else ()
    closing = tuple(match for match in closing if is_after(match.event) is not False)
    any_end = Places(possible(closing))
    sure_end = Places(match.event for match in closing if match.is_sure and is_after(match.event))
    kept = []
    for match in found:
        event, after = match.event, is_after(match.event)
        if after is False or event in sure_end or sure_end.some_before(event):
            continue
        is_in = after is True and event not in any_end and any_end.all_others_after(event)
        kept.append(Match(event, match.is_sure and is_in))
    return tuple(kept)


def _opening(window: Window, evidence: Evidence) -> Callable[[AnyEvent], bool | None]:
    """Whether an event is after the opening of the window; None for perhaps."""
    if window.since is None:
        return lambda event: True
    found = _without_window(window.since, evidence)
    certain, any_start = Places(sure(found)), Places(possible(found))

    def is_after(event: AnyEvent) -> bool | None:
        if certain.some_before(event):
            return True
        return False if any_start.all_others_after(event) else None

    return is_after


# ── One event, one verb: True, False, or None where it cannot be told ────────────────────────────


def _changed(pattern: Pattern, event: AnyEvent, project: Project) -> bool | None:
    if not isinstance(event, Change):
        return False
    asked = {
        "created": (pattern.wrote, pattern.created),
        "modified": (pattern.wrote,),
        "deleted": (pattern.deleted,),
    }[event.file.what]
    wanted = (names for names in asked if names is not None)
    return any(_names_path(names, event.file.path, project.role) for names in wanted)


def _read(pattern: Pattern, event: AnyEvent, project: Project) -> bool | None:
    if not isinstance(event, ToolCall) or event.tool != "Read" or event.cut:
        return False
    path = event.input.get("file_path")
    if not isinstance(path, str) or not path or pattern.read is None:
        return False
    whole = posixpath.normpath(posixpath.join(WORKSPACE, path))
    inside = whole.removeprefix(f"{WORKSPACE}/")
    if inside == whole:
        return _names_path(pattern.read, whole.lstrip("/"), lambda path: None)
    return _names_path(pattern.read, inside, project.role)


def _names_path(names: Names, path: str, role: Callable[[str], str | None]) -> bool:
    names = several(names)
    globs = tuple(name for name in names if name not in FILE_ROLES)
    if globs and fits(path, globs):
        return True
    return len(globs) < len(names) and role(path) in names


def _ran(pattern: Pattern, event: AnyEvent, project: Project) -> bool | None:
    if not isinstance(event, Command) or pattern.ran is None:
        return False
    if pattern.whole is not None and event.whole != pattern.whole:
        return False
    if not any(_names_command(name, event) for name in several(pattern.ran)):
        return False
    return _ended(pattern, event)


def _names_command(name: str, command: Command) -> bool:
    if name in COMMAND_ROLES:
        return command.role == COMMAND_ROLES[name]
    texts = (command.text, " ".join(command.argv), command.tool)
    return any(fnmatchcase(text, name) for text in texts if text)


def _ended(pattern: Pattern, command: Command) -> bool | None:
    known = command.outcome != "unknown"
    if pattern.outcome is not None and known and command.outcome != pattern.outcome:
        return False
    if pattern.failure is not None:
        if command.outcome == "passed":
            return False
        if command.failure is None:
            return None
        if command.failure not in several(pattern.failure):
            return False
    return True if known or pattern.outcome is None else None


def _called(pattern: Pattern, event: AnyEvent, project: Project) -> bool | None:
    if not isinstance(event, ToolCall) or event.cut or pattern.called is None:
        return False
    if not any(fnmatchcase(event.tool, glob) for glob in several(pattern.called)):
        return False
    wanted = (pattern.input or {}).items()
    return all(
        name in event.input and fnmatchcase(_as_text(event.input[name]), glob)
        for name, glob in wanted
    )


def _as_text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _delegated(pattern: Pattern, event: AnyEvent, project: Project) -> bool | None:
    return isinstance(event, Delegation) and event.to in several(pattern.delegated or ())


def _committed(pattern: Pattern, event: AnyEvent, project: Project) -> bool | None:
    if not isinstance(event, Commit):
        return False
    wanted = pattern.committed
    return wanted is True or (isinstance(wanted, str) and bool(re.search(wanted, event.message)))


def _said(pattern: Pattern, event: AnyEvent, project: Project) -> bool | None:
    if not isinstance(event, Message) or pattern.said is None:
        return False
    return re.search(pattern.said, event.text, re.IGNORECASE) is not None


_TESTS: dict[str, Callable[[Pattern, AnyEvent, Project], bool | None]] = {
    "wrote": _changed,
    "created": _changed,
    "deleted": _changed,
    "read": _read,
    "ran": _ran,
    "called": _called,
    "delegated": _delegated,
    "committed": _committed,
    "said": _said,
}


# ── Git's own record ─────────────────────────────────────────────────────────────────────────────


def _recorded_twice(evidence: Evidence) -> frozenset[int]:
    """Commands that were read from a text and that git recorded, too: numbers of the former."""
    commands = evidence.of(Command)
    recorded = {(c.call, _words(c)) for c in commands if c.recorded_by_git}
    if not recorded:
        return frozenset()
    from_text = (c for c in commands if not c.recorded_by_git and c.tool == "git")
    return frozenset(c.number for c in from_text if (c.call, _words(c)) in recorded)


def _words(command: Command) -> tuple[str, ...]:
    words = command.argv
    if not words:
        try:
            words = tuple(shlex.split(command.text))
        except ValueError:  # an open quote
            words = tuple(command.text.split())
    is_git = bool(words) and posixpath.basename(words[0]) == "git"
    return words[1:] if is_git else words
