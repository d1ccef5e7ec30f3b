"""Recordings on disk: one JSON object a line, one line a trial, sorted by case and trial.

    {"case": "list-pagination", "trial": 1, "author": "hand", "date": "2026-11-24", "pin": "3f…",
     "turns": [{"thread": [], "turn": 1, "stop": "tool_use",
                "blocks": [{"text": "…"}, {"call": {"id": "…", "tool": "Agent", "input": {…}}}]}]}

`author` is `hand`, or the model that served the trial. `pin` is the digest of the prompt that it
was recorded against. A recording is made from a run file, so that nothing that was paid for has to
be recorded while it happens.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast, get_args

from audition.conversation import Block, Call, Stop, Text
from audition.digests import digest
from audition.errors import InputError, Problem
from audition.events import AnyEvent, Delegation, Message, ModelCall, ToolCall
from audition.files import write_whole
from audition.inert import sound


@dataclass(frozen=True)
class RecordedTurn:
    """What the model answered at one turn of one thread."""

    blocks: tuple[Block, ...]
    stop: Stop


@dataclass(frozen=True)
class Recording:
    """One recorded trial."""

    case: str
    trial: int
    author: str
    date: str
    pin: str
    turns: Mapping[tuple[tuple[int, ...], int], RecordedTurn]
    """By thread path and turn number, in the order in which the turns came."""

    @property
    def identity(self) -> str:
        """Digest of what it makes a trial do."""
        return digest(_to_json(self)["turns"])


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


def turns_of(trace: Iterable[AnyEvent]) -> dict[tuple[tuple[int, ...], int], RecordedTurn]:
    """The turns of every thread, read back out of a trace, in the order in which they came."""
    turns: dict[tuple[tuple[int, ...], int], RecordedTurn] = {}
    threads: dict[int | None, tuple[int, ...]] = {None: ()}
    numbers: dict[tuple[int, ...], int] = {}
    for event in trace:
        if isinstance(event, Delegation):
            threads[event.number] = (len(threads) - 1,)
        thread = threads.get(event.parent, ())
        number = numbers.get(thread, 0)
        if isinstance(event, ModelCall):
            number = numbers[thread] = number + 1
            turns[thread, number] = RecordedTurn((), cast("Stop", event.stop))
        elif isinstance(event, Message | ToolCall) and number:
            turn = turns[thread, number]
            block: Block = (
                Text(event.text)
                if isinstance(event, Message)
                else Call(f"call_{event.number}", event.tool, event.input)
            )
            turns[thread, number] = RecordedTurn((*turn.blocks, block), turn.stop)
    return turns


def _to_json(recording: Recording) -> dict[str, Any]:
    turns = [
        {
            "thread": list(thread),
            "turn": number,
            "stop": turn.stop,
            "blocks": [_block_to_json(block) for block in turn.blocks],
        }
        for (thread, number), turn in recording.turns.items()
    ]
    return {
        "case": recording.case,
        "trial": recording.trial,
        "author": recording.author,
        "date": recording.date,
        "pin": recording.pin,
        "turns": turns,
    }


def _block_to_json(block: Block) -> dict[str, Any]:
    if isinstance(block, Text):
        return {"text": block.text}
    if isinstance(block, Call):
        return {"call": {"id": block.id, "tool": block.tool, "input": dict(block.input)}}
    raise TypeError(f"a {type(block).__name__} is not part of a recording")


def _from_json(data: Mapping[str, Any]) -> Recording:
    turns = {
        (tuple(turn["thread"]), int(turn["turn"])): RecordedTurn(
            tuple(_block_from_json(block) for block in turn["blocks"]), _stop(turn["stop"])
        )
        for turn in data["turns"]
    }
    texts = {name: str(data[name]) for name in ("case", "author", "date", "pin")}
    return Recording(trial=int(data["trial"]), turns=turns, **texts)


def _stop(written: Any) -> Stop:
    if written not in get_args(Stop):
        raise ValueError(f"there is no stop {written!r}")
    return cast("Stop", written)


def _block_from_json(data: Mapping[str, Any]) -> Block:
    if "text" in data:
        return Text(str(data["text"]))
    call = data["call"]
    if not isinstance(call["input"], dict):
        raise TypeError("the input of a call is a mapping")
    return Call(str(call["id"]), str(call["tool"]), call["input"])
