"""What git itself noted that it was asked to do, whoever asked: a shell, an alias or a program.

Git writes one JSON object a line where `GIT_TRACE2_EVENT` says. What git starts for itself, as
`git maintenance run --auto` after a commit, is left out. The file can be written by the commands of
the agent: a line that git would not have written is skipped, and a record that is gone proves
nothing.
Source: git's manual, api-trace2.
"""

import json
import os
import re
import stat
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from audition.inert import sound

FILE = "git.jsonl"
MAX_READ_BYTES = 8 << 20
"""Of one tool call."""
MAX_COMMANDS = 1000
"""Of one tool call."""
_MAX_LINE_BYTES = 1 << 16
_MAX_ARGUMENTS = 1000
_HIGHEST_CODE = 255
_ASKED_FOR = frozenset({"shell_alias", "git_alias", "hook", "editor", "pager", "dashed"})
"""Kinds of children that run what somebody wrote."""
_OTHER_ENDS = frozenset({"upload-pack", "receive-pack", "upload-archive"})
"""What the git at the other end of a fetch or push is started as."""
_TELLING = re.compile(rb'"event"[ \t]*:[ \t]*"(?:start|child_start|exit|atexit)"')
"""What is looked for in a line before it is read: most lines say how long something took."""


@dataclass(frozen=True)
class GitCommand:
    """One command of git's."""

    argv: tuple[str, ...]
    """With `git` first; options come as they were given."""
    exit_code: int | None
    """None where git did not live to tell."""


@dataclass(frozen=True)
class Recorded:
    """What was recorded since the last time."""

    commands: tuple[GitCommand, ...]
    seen: int
    """How many bytes have been read, to begin with the next time."""
    notes: tuple[str, ...] = ()


def git_commands(trace_folder: Path, seen: int = 0) -> Recorded:
    """Read on in git's own record.

    Args:
        trace_folder: What the sandbox shows as its place for traces.
        seen: What the last reading came to.
    """
    try:
        opened = os.open(trace_folder / FILE, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except FileNotFoundError:
        return Recorded((), 0, ("git's own record is gone",) if seen else ())
    except OSError as error:
        return Recorded((), seen, (f"git's own record cannot be read ({error.strerror})",))
    try:
        status = os.fstat(opened)
        if not stat.S_ISREG(status.st_mode):
            return Recorded((), seen, ("git's own record is no regular file",))
        was_cut = status.st_size < seen
        start = 0 if was_cut else seen
        text = os.pread(opened, MAX_READ_BYTES, start)
    finally:
        os.close(opened)
    found = _commands(_events(text))
    said = {
        "git's own record was cut by a command": was_cut,
        "git's own record is longer than is read": status.st_size - start > MAX_READ_BYTES,
        f"of the git commands the first {MAX_COMMANDS} are kept": len(found) > MAX_COMMANDS,
    }
    notes = tuple(note for note, is_so in said.items() if is_so)
    return Recorded(tuple(found[:MAX_COMMANDS]), status.st_size, notes)


def _events(text: bytes) -> Iterator[Mapping[str, Any]]:
    for line in _telling_lines(text):
        if len(line) > _MAX_LINE_BYTES:
            continue
        try:
            event = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(event, dict) and isinstance(event.get("sid"), str):
            yield event


def _telling_lines(text: bytes) -> Iterator[bytes]:
    position = 0
    while found := _TELLING.search(text, position):
        start = text.rfind(b"\n", 0, found.start()) + 1
        end = text.find(b"\n", found.end())
        position = len(text) if end < 0 else end
        yield text[start:position]


def _commands(events: Iterable[Mapping[str, Any]]) -> list[GitCommand]:
    started: dict[str, tuple[str, ...]] = {}
    codes: dict[str, int] = {}
    own: defaultdict[str, list[tuple[str, ...]]] = defaultdict(list)
    for event in events:
        process, argv = event["sid"], _argv(event)
        match event.get("event"):
            case "start" if argv and process not in started:
                if not _is_own(process, argv, own):
                    started[process] = argv
            case "child_start" if argv and event.get("child_class") not in _ASKED_FOR:
                own[process].append(argv[1:])
            case "exit" | "atexit" if type(event.get("code")) is int:
                if abs(event["code"]) <= _HIGHEST_CODE:
                    codes.setdefault(process, event["code"])
            case _:
                pass
    return [GitCommand(argv, codes.get(process)) for process, argv in started.items()]


def _is_own(process: str, argv: tuple[str, ...], own: Mapping[str, list[tuple[str, ...]]]) -> bool:
    """Whether git started this for itself, as its parent has said before."""
    parent, _, _ = process.rpartition("/")
    if not parent:
        return False
    return argv[1:] in own.get(parent, []) or not _OTHER_ENDS.isdisjoint(argv[1:2])


def _argv(event: Mapping[str, Any]) -> tuple[str, ...]:
    """The command line, `/usr/lib/git-core/git-push` read as `git push`; empty if there is none."""
    argv = event.get("argv")
    if not isinstance(argv, list) or not 0 < len(argv) <= _MAX_ARGUMENTS:
        return ()
    if not all(isinstance(argument, str) for argument in argv):
        return ()
    argv = sound(argv)  # whoever writes the record can put half a character into it
    name, dash, command = argv[0].rpartition("/")[2].partition("-")
    return (name, command, *argv[1:]) if dash else (name, *argv[1:])
