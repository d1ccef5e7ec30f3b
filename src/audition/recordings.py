"""Recordings on disk: one JSON object a line, one line a trial, sorted by case and trial.

    {"case": "list-pagination", "trial": 1, "author": "hand", "date": "2026-11-24", "pin": "3f…",
     "turns": [{"thread": [], "turn": 1, "stop": "tool_use",
                "blocks": [{"text": "…"}, {"call": {"id": "…", "tool": "Agent", "input": {…}}}]}]}

`author` is `hand`, or the model that served the trial. `pin` is the digest of the prompt that it
was recorded against. A recording is made from a run file, so that nothing that was paid for has to
be recorded while it happens.

A recording of agents at work also holds what a replay is compared with. All of it may be left out,
as it is where a recording was written by hand: then nothing is compared.

    {…, "began": "2026-11-24T09:00:00.000+00:00", "ended": "2026-11-24T09:01:30.000+00:00",
     "turns": [{…, "blocks": [{"call": {…}, "came_to": {"is_error": true, "commits": ["3f2a91c…"],
        "commands": [{"text": "pytest -q", "exit_code": 1, "outcome": "failed",
                      "failure": "assertion"}]}}]}]}

`began` and `ended` say when the trial was played; `came_to` says of a tool call whether it was
answered with an error, which commits it made, and what its commands came to.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, cast, get_args

from audition.conversation import Block, Call, Stop, Text
from audition.digests import digest
from audition.errors import InputError, Problem
from audition.events import (
    DELEGATING_TOOLS,
    AnyEvent,
    Command,
    CommandOutcome,
    Commit,
    Delegation,
    FailureKind,
    Message,
    ModelCall,
    ToolCall,
    ToolResult,
)
from audition.files import write_whole
from audition.inert import sound

TurnPlace = tuple[tuple[int, ...], int]
"""The path of a thread, and the number of its turn."""
_COMMAND_CAP = 200
"""Characters of a command that are kept to name it by: the call holds it whole."""


@dataclass(frozen=True)
class CommandEnd:
    """How a command of a recorded call ended, as far as could be told."""

    text: str
    exit_code: int | None = None
    outcome: CommandOutcome = "unknown"
    failure: FailureKind | None = None


@dataclass(frozen=True)
class CameTo:
    """What a recorded tool call came to."""

    is_error: bool = False
    commands: tuple[CommandEnd, ...] = ()
    commits: tuple[str, ...] = ()
    """The ids of the commits that it made, oldest first."""


@dataclass(frozen=True)
class RecordedTurn:
    """What the model answered at one turn of one thread."""

    blocks: tuple[Block, ...]
    stop: Stop
    came_to: tuple[CameTo | None, ...] = ()
    """Of its calls, in order, None for those of which it is not known; empty where of none is."""

    @property
    def calls(self) -> tuple[Call, ...]:
        """The tool calls among its blocks."""
        return tuple(block for block in self.blocks if isinstance(block, Call))


@dataclass(frozen=True)
class Recording:
    """One recorded trial."""

    case: str
    trial: int
    author: str
    date: str
    pin: str
    turns: Mapping[TurnPlace, RecordedTurn]
    """By thread path and turn number, in the order in which the turns came."""
    began: str = ""
    ended: str = ""
    """When agents were at work in it, ISO 8601; empty where that is not known."""

    @property
    def identity(self) -> str:
        """Digest of what it makes a trial do, and of what it makes of the trial."""
        data = _to_json(self)
        window = [data[name] for name in ("began", "ended") if name in data]
        return digest([data["turns"], *window] if window else data["turns"])


Recordings = dict[tuple[str, int], Recording]


def read_recordings(path: Path) -> Recordings:
    """All recordings of a file, by case and trial.

    Raises:
        InputError: the file is missing or a line of it is wrong; every wrong line is named.
    """
    if not path.is_file():
        raise InputError(
            [
                Problem(
                    str(path), "no such recordings", "make them with `audition run SUITE --record`"
                )
            ]
        )
    found: Recordings = {}
    problems = []
    # Only a line feed ends a line: the text of a model may hold other separators.
    for number, line in enumerate(path.read_bytes().split(b"\n"), start=1):
        if not line.strip():
            continue
        try:
            recording = _from_json(sound(json.loads(line)))
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            what = f"is not a recording ({type(error).__name__}: {error})"
            problems.append(Problem(f"{path}:{number}", what, "mend the line or record it again"))
            continue
        if (recording.case, recording.trial) in found:
            what = f"{recording.case}#{recording.trial} is recorded twice"
            problems.append(Problem(f"{path}:{number}", what, "delete one of the lines"))
        found[recording.case, recording.trial] = recording
    if problems:
        raise InputError(problems)
    return found


def write_recordings(path: Path, recordings: Iterable[Recording]) -> None:
    """Write a file of recordings, sorted; whole or not at all."""
    lines = [
        json.dumps(_to_json(recording), ensure_ascii=False, separators=(", ", ": "))
        for recording in sorted(recordings, key=lambda r: (r.case, r.trial))
    ]
    write_whole(path, "".join(f"{line}\n" for line in lines))


def turns_of(trace: Iterable[AnyEvent]) -> dict[TurnPlace, RecordedTurn]:
    """The turns of every thread, read back out of a trace, in the order in which they came.

    Where a tool really ran, they hold what its call came to.
    """
    events = tuple(trace)
    known = _came_to(events)
    turns: dict[TurnPlace, RecordedTurn] = {}
    for place, event in _placed(events):
        turn = turns.get(place, RecordedTurn((), "end_turn"))
        if isinstance(event, ModelCall):
            turns[place] = RecordedTurn((), cast("Stop", event.stop))
        elif isinstance(event, Message):
            turns[place] = replace(turn, blocks=(*turn.blocks, Text(event.text)))
        else:
            call = Call(f"call_{event.number}", event.tool, event.input)
            came_to = (*turn.came_to, known.get(event.number))
            turns[place] = replace(turn, blocks=(*turn.blocks, call), came_to=came_to)
    return {place: replace(turn, came_to=_known(turn.came_to)) for place, turn in turns.items()}


def _placed(
    events: Iterable[AnyEvent],
) -> Iterator[tuple[TurnPlace, ModelCall | Message | ToolCall]]:
    """What models answered, each with the turn that it belongs to."""
    threads: dict[int | None, tuple[int, ...]] = {None: ()}
    numbers: dict[tuple[int, ...], int] = {}
    for event in events:
        if isinstance(event, Delegation):
            threads[event.number] = (len(threads) - 1,)
        thread = threads.get(event.parent, ())
        if isinstance(event, ModelCall):
            numbers[thread] = numbers.get(thread, 0) + 1
        if isinstance(event, ModelCall | Message | ToolCall) and thread in numbers:
            yield (thread, numbers[thread]), event


def _came_to(events: Iterable[AnyEvent]) -> dict[int, CameTo]:
    """What the calls of a trace came to, by their number; a delegation is told by its own turns."""
    delegating: set[int] = set()
    ended: dict[int, bool] = {}
    commands: dict[int, list[CommandEnd]] = {}
    commits: dict[int, list[str]] = {}
    for event in events:
        if isinstance(event, ToolCall) and event.tool in DELEGATING_TOOLS:
            delegating.add(event.number)
        elif isinstance(event, ToolResult) and not event.stand_in:
            ended[event.call] = event.is_error
        elif isinstance(event, Command):
            end = CommandEnd(
                event.text[:_COMMAND_CAP], event.exit_code, event.outcome, event.failure
            )
            commands.setdefault(event.call, []).append(end)
        elif isinstance(event, Commit):
            commits.setdefault(event.call, []).append(event.id)
    return {
        call: CameTo(is_error, tuple(commands.get(call, ())), tuple(commits.get(call, ())))
        for call, is_error in ended.items()
        if call not in delegating
    }


def _known(came_to: Iterable[CameTo | None]) -> tuple[CameTo | None, ...]:
    """The same, or nothing at all where none of it is known."""
    found = tuple(came_to)
    return found if any(end is not None for end in found) else ()


def _to_json(recording: Recording) -> dict[str, Any]:
    turns = [
        {
            "thread": list(thread),
            "turn": number,
            "stop": turn.stop,
            "blocks": list(_blocks_to_json(turn)),
        }
        for (thread, number), turn in recording.turns.items()
    ]
    window = {"began": recording.began, "ended": recording.ended}
    return {
        "case": recording.case,
        "trial": recording.trial,
        "author": recording.author,
        "date": recording.date,
        "pin": recording.pin,
        **{name: at for name, at in window.items() if at},
        "turns": turns,
    }


def _blocks_to_json(turn: RecordedTurn) -> Iterator[dict[str, Any]]:
    ends = iter(turn.came_to)
    for block in turn.blocks:
        if isinstance(block, Text):
            yield {"text": block.text}
        elif isinstance(block, Call):
            call = {"id": block.id, "tool": block.tool, "input": dict(block.input)}
            end = next(ends, None)
            yield {"call": call} if end is None else {"call": call, "came_to": _end_to_json(end)}
        else:
            raise TypeError(f"a {type(block).__name__} is not part of a recording")


def _end_to_json(end: CameTo) -> dict[str, Any]:
    """What differs from the defaults: most calls end well and run no command."""
    told = {
        "is_error": end.is_error,
        "commands": [_told(vars(command)) for command in end.commands],
        "commits": list(end.commits),
    }
    return {name: value for name, value in told.items() if value}


def _told(command: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in command.items() if value not in (None, "unknown")}


def _from_json(data: Mapping[str, Any]) -> Recording:
    turns = {
        (tuple(turn["thread"]), int(turn["turn"])): RecordedTurn(
            tuple(_block_from_json(block) for block in turn["blocks"]),
            _one_of(Stop, turn["stop"]),
            _known(_end_from_json(block) for block in turn["blocks"] if "text" not in block),
        )
        for turn in data["turns"]
    }
    texts = {name: str(data[name]) for name in ("case", "author", "date", "pin")}
    window = {name: _moment(data.get(name, "")) for name in ("began", "ended")}
    return Recording(trial=int(data["trial"]), turns=turns, **texts, **window)


def _one_of(kind: Any, written: Any) -> Any:
    """The word, where it is one of those that the kind lists."""
    if written not in get_args(kind):
        raise ValueError(f"{written!r} is none of {', '.join(get_args(kind))}")
    return written


def _moment(written: Any) -> str:
    """A time as it stands there, if it is one."""
    if written == "":
        return ""
    datetime.fromisoformat(written)
    return str(written)


def _block_from_json(data: Mapping[str, Any]) -> Block:
    if "text" in data:
        return Text(str(data["text"]))
    call = data["call"]
    if not isinstance(call["input"], dict):
        raise TypeError("the input of a call is a mapping")
    return Call(str(call["id"]), str(call["tool"]), call["input"])


def _end_from_json(data: Mapping[str, Any]) -> CameTo | None:
    if "came_to" not in data:
        return None
    told = data["came_to"]
    commands = tuple(_command_from_json(command) for command in told.get("commands", ()))
    return CameTo(bool(told.get("is_error")), commands, tuple(map(str, told.get("commits", ()))))


def _command_from_json(data: Mapping[str, Any]) -> CommandEnd:
    code, failure = data.get("exit_code"), data.get("failure")
    return CommandEnd(
        str(data["text"]),
        None if code is None else int(code),
        _one_of(CommandOutcome, data.get("outcome", "unknown")),
        None if failure is None else _one_of(FailureKind, failure),
    )
