"""The plays of the behaviour suite: trials written by hand, and what the checks have to say.

`python -m tests.plays` writes them as the recordings of the suite, pinned to the prompts of today,
and the matrix of the documents.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import yaml

from audition.conversation import Block, Call, Text
from audition.dataset import Case
from audition.job import prepare
from audition.overrides import Overrides
from audition.recordings import RecordedTurn, Recording, write_recordings

ROOT = Path(__file__).parent.parent
PLAYS = ROOT / "evals" / "plays"
RECORDINGS = ROOT / "evals" / "recordings" / "behavior.jsonl"
MATRIX = ROOT / "docs" / "matrix.md"
WRITTEN = "2026-11-24"
ROUTING = frozenset({"routes_to", "delegates_in_order", "never_routes_to", "no_delegation"})
_SIGNS = {"pass": "✓", "fail": "✗", "skip": "–"}
_HEAD = """\
# The matrix of the behaviour suite

Every trial below was written by hand, as a file of `evals/plays/`. Its tools really run, in
a sandbox, and its checks judge what came of it: ✓ passes, ✗ fails, – is not asked, because it
went to somebody else. Some trials keep the rules, some break one in a way people complain of,
and some look wrong and are right. `python -m pytest tests/test_matrix.py` plays all of them and
asserts every sign; `audition explain CHECK` says what a check means.
"""


@dataclass(frozen=True)
class Play:
    """One trial written by hand."""

    case: str
    trial: int
    looks: Literal["kept", "broken", "odd"]
    note: str
    turns: Mapping[tuple[int, ...], list[list[dict[str, Any]]]]
    """The turns of each thread, and the actions of each turn."""
    expect: Mapping[str, str] = field(default_factory=dict)
    """What checks say that are named."""
    others: str = "pass"
    """What every other check says; those of the routing always pass."""

    @property
    def name(self) -> str:
        """As reports name the trial."""
        return f"{self.case}#{self.trial}"

    def verdict(self, check: str) -> str:
        """What a check comes to."""
        return self.expect.get(check, "pass" if check in ROUTING else self.others)

    def recording(self, pin: str) -> Recording:
        """The play as the model `recorded` replays it."""
        turns = {
            (thread, number): RecordedTurn(tuple(_blocks(thread, number, actions)), _stop(actions))
            for thread, written in self.turns.items()
            for number, actions in enumerate(written, start=1)
        }
        return Recording(self.case, self.trial, "hand", WRITTEN, pin, turns)


def read_plays() -> list[Play]:
    """Every play, by case and trial."""
    files = sorted(PLAYS.glob("*.yaml"))
    plays = [_play(yaml.safe_load(path.read_text(encoding="utf-8"))) for path in files]
    return sorted(plays, key=lambda play: (play.case, play.trial))


def _play(data: dict[str, Any]) -> Play:
    """A play with `turns` for its one thread, or `threads` by the place of their sub-agents."""
    data = dict(data)
    threads = data.pop("threads", None) or {"main": data.pop("turns")}
    turns = {
        _thread(name): _reference(data["case"]) if written == "reference" else written
        for name, written in threads.items()
    }
    return Play(turns=turns, **data)


def _reference(case: str) -> list[list[dict[str, Any]]]:
    """The case's own reference, one action a turn."""
    data = yaml.safe_load((ROOT / "datasets" / "behavior.yaml").read_text(encoding="utf-8"))
    return [
        [action] for entry in data["cases"] if entry["id"] == case for action in entry["reference"]
    ]


def _thread(name: str | int) -> tuple[int, ...]:
    return () if name == "main" else (int(name),)


def _blocks(thread: tuple[int, ...], number: int, actions: list[dict[str, Any]]) -> Iterator[Block]:
    for place, action in enumerate(actions):
        ((name, argument),) = action.items()
        if name == "say":
            yield Text(argument)
        else:
            yield Call("_".join(map(str, ("call", *thread, number, place))), name, argument)


def _stop(actions: list[dict[str, Any]]) -> Literal["tool_use", "end_turn"]:
    calls = [action for action in actions if "say" not in action]
    return "tool_use" if calls else "end_turn"


def matrix(plays: Sequence[Play], cases: Mapping[str, Case]) -> str:
    """The plays of every case, and what its checks come to, as Markdown."""
    parts = [_HEAD]
    for name in sorted({play.case for play in plays}):
        checks = list(dict.fromkeys(e.name for e in cases[name].expectations))
        heads = [f"`{check}`" for check in checks]
        parts.append(f"\n## {name}\n\n{cases[name].request.strip()}\n\n")
        parts.append(f"| | looks | what happens | {' | '.join(heads)} |\n")
        parts.append(f"|---|---|---|{'---|' * len(checks)}\n")
        for play in plays:
            if play.case == name:
                signs = " | ".join(_SIGNS[play.verdict(check)] for check in checks)
                parts.append(f"| {play.trial} | {play.looks} | {play.note} | {signs} |\n")
    return "".join(parts)


def main() -> None:
    """Write the recordings, pinned to the prompts of today, and the matrix."""
    suite = ROOT / "evals" / "behavior.yaml"
    job = prepare(suite, Overrides(), now=datetime.now(UTC), plays=False)
    pins = {entry.case.id: entry.scene.pin for entry in job.entries}
    plays = read_plays()
    write_recordings(RECORDINGS, [play.recording(pins[play.case]) for play in plays])
    MATRIX.write_text(matrix(plays, {e.case.id: e.case for e in job.entries}), encoding="utf-8")


if __name__ == "__main__":
    main()
