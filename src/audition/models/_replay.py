"""How a replay keeps to what was recorded, and where it does not.

Git names a commit by its content and its second, so that every replay makes others than were
recorded. An id that the recording knew as a commit of its own, whole or its first seven characters
and more, stands for the commit that the same call made in the replay; every other word stays as it
is. A call that made another number of commits names none: which is which cannot be told.

What calls came to is compared as far as both sides know it: whether it was an error, and of each
command the exit code, the outcome and the kind of failure. A recording that does not say what a
call came to is compared with nothing.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import zip_longest
from typing import Any

from audition.conversation import Block, Call, Text
from audition.events import AnyEvent
from audition.recordings import CameTo, CommandEnd, RecordedTurn, TurnPlace, turns_of

Turns = Mapping[TurnPlace, RecordedTurn]

OTHERWISE = "replayed otherwise"
_ID = re.compile(r"(?:(?<![0-9A-Za-z])|(?<=-g))[0-9a-f]{7,40}(?![0-9A-Za-z])")
"""Git prints no id shorter than this; `git describe` puts `-g` before it."""
_SHOWN = 80
"""Characters of a command in a label."""


def renamed(
    blocks: tuple[Block, ...], recorded: Turns, happened: Callable[[], tuple[AnyEvent, ...]]
) -> tuple[Block, ...]:
    """The blocks of a recorded turn with the commits of the replay in place of the recorded ones.

    Args:
        blocks: What was recorded: words and calls are both read, or what an agent says of its
            work would name a commit that is nowhere.
        recorded: All turns of the recording.
        happened: The trace of the replay so far; asked for only where an id can be in the blocks.
    """
    if not _may_name_commits(blocks, recorded):
        return blocks
    ids = dict(_pairs(recorded, turns_of(happened())))
    return tuple(_block(block, lambda found: _now(found[0], ids)) for block in blocks)


def differences(recorded: Turns, trace: Iterable[AnyEvent]) -> tuple[str, ...]:
    """The label of a replay whose calls came to something else than recorded; none where none did.

    It tells the first difference, from which others usually follow, and how many more there are.
    """
    told = [words for words in _compared(recorded, turns_of(trace)) if words]
    if not told:
        return ()
    more = len(told) - 1
    others = f", and {more} more {'call' if more == 1 else 'calls'}" if more else ""
    return (f"{OTHERWISE}: {told[0]}{others}",)


# ── Commits ──────────────────────────────────────────────────────────────────────────────────────


def _may_name_commits(blocks: Iterable[Block], recorded: Turns) -> bool:
    made = any(end and end.commits for turn in recorded.values() for end in turn.came_to)
    return made and any(_ID.search(text) for block in blocks for text in _texts(block))


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Text):
        yield value.text
    elif isinstance(value, Call):
        yield from _texts(value.input)
    elif isinstance(value, Mapping | list):
        for inner in value.values() if isinstance(value, Mapping) else value:
            yield from _texts(inner)


def _pairs(recorded: Turns, now: Turns) -> Iterator[tuple[str, str]]:
    """Recorded commits, each with the one that the same call has made in the replay."""
    for _, before, after in _both(recorded, now):
        if len(before.commits) == len(after.commits):
            yield from zip(before.commits, after.commits, strict=True)


def _now(word: str, ids: Mapping[str, str]) -> str:
    """What a word of hexadecimal digits is in the replay: itself, unless it names one commit."""
    named = [new for old, new in ids.items() if old.startswith(word)]
    return named[0][: len(word)] if len(named) == 1 else word


def _block(block: Block, put: Callable[[re.Match[str]], str]) -> Block:
    if isinstance(block, Text):
        return Text(_ID.sub(put, block.text))
    if isinstance(block, Call):
        return Call(block.id, block.tool, _value(block.input, put))
    return block


def _value(value: Any, put: Callable[[re.Match[str]], str]) -> Any:
    if isinstance(value, str):
        return _ID.sub(put, value)
    if isinstance(value, Mapping):
        return {key: _value(inner, put) for key, inner in value.items()}
    return [_value(inner, put) for inner in value] if isinstance(value, list) else value


# ── What calls came to ───────────────────────────────────────────────────────────────────────────


def _both(recorded: Turns, now: Turns) -> Iterator[tuple[Call, CameTo, CameTo]]:
    """The calls of which both sides know what they came to, in the order of the recording."""
    for place, turn in recorded.items():
        after = now[place].came_to if place in now else ()
        for call, before, end in zip_longest(turn.calls, turn.came_to, after):
            if call is not None and before is not None and end is not None:
                yield call, before, end


def _compared(recorded: Turns, now: Turns) -> Iterator[str]:
    """For each call what is otherwise about it; empty where nothing is."""
    for call, before, after in _both(recorded, now):
        commands = zip(before.commands, after.commands, strict=False)
        told = next(filter(None, (_of_command(*ends) for ends in commands)), "")
        if not told and before.is_error != after.is_error:
            states = ("succeeded", "failed")
            told = _sentence(_name(call), states[before.is_error], states[after.is_error])
        yield told


def _of_command(before: CommandEnd, after: CommandEnd) -> str:
    """What is otherwise about a command, as far as both sides know it."""
    if before.text.split()[:2] != after.text.split()[:2]:
        return ""  # others ran: which of them is this one cannot be told
    name = f"`{_line(before.text)}`"
    kinds = (before.failure, after.failure)
    if "unknown" not in (before.outcome, after.outcome) and (
        before.outcome != after.outcome or (None not in kinds and before.failure != after.failure)
    ):
        return _sentence(name, _outcome(before), _outcome(after))
    codes = (before.exit_code, after.exit_code)
    if None not in codes and before.exit_code != after.exit_code:
        return _sentence(name, f"ended with {before.exit_code}", f"with {after.exit_code}")
    return ""


def _outcome(end: CommandEnd) -> str:
    return f"{end.outcome} ({end.failure.replace('_', ' ')})" if end.failure else end.outcome


def _sentence(what: str, before: str, after: str) -> str:
    return f"{what} {before} when recorded and {after} now"


def _name(call: Call) -> str:
    """A call as a reader knows it: a command by its text, another tool by its file."""
    if "command" in call.input:
        return f"`{_line(str(call.input['command']))}`"
    file = call.input.get("file_path")
    return _line(f"{call.tool} of {file}" if file else call.tool)


def _line(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _SHOWN else f"{line[: _SHOWN - 1]}…"
