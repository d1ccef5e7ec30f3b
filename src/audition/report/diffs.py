"""View data of changed files: what differs between two versions, as lines of a unified diff.

Contents come from a run file, so nothing in them is trusted to be short, to be text, or to be there
at all. What is not shown is counted; why there is nothing to show is said in words.
"""

import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Literal

from audition.evidence import Evidence, NotRecordedError
from audition.project import Role
from audition.report.figures import count, counted
from audition.trees import EXECUTABLE, LINK, OTHER, REGULAR, ChangeKind, File, FileChange

LONGEST_DIFF_LINES = 400
LONGEST_DIFF_CHARACTERS = 64_000
_LONGEST_LINE = 1_000
_LONGEST_COMPARED = 1_000
"""Lines of a version that are compared one by one, after what both have at start and end alike."""
_CONTEXT = 3
_MODES = {REGULAR: "file", EXECUTABLE: "executable file", LINK: "link", OTHER: "no regular file"}

ENDLESS = 1_000_000_000
Sign = Literal["+", "-", " ", "@"]
_Opcode = tuple[str, int, int, int, int]


@dataclass(frozen=True)
class DiffLine:
    """One line of a diff; `@` heads a part of it."""

    sign: Sign
    text: str


@dataclass(frozen=True)
class FileDiff:
    """What differs between two versions of a file."""

    path: str
    what: ChangeKind
    role: Role
    facts: tuple[str, ...] = ()
    lines: tuple[DiffLine, ...] = ()
    added: int = 0
    removed: int = 0
    left_off: int = 0
    """Lines of the diff that are not shown."""
    is_counted: bool = False
    """Both versions are texts that were kept, so that `added` and `removed` are known."""

    @property
    def size(self) -> str:
        """`+12 −3`; empty where it is not known."""
        return f"+{count(self.added)} −{count(self.removed)}" if self.is_counted else ""


@dataclass
class Room:
    """How much may still be shown and compared; shared by what stands together on a page."""

    characters: int = ENDLESS
    packed: int = ENDLESS
    """Bytes that it may come to when it is compressed, as a page packs it."""
    compared: int = 100_000
    """Lines that may still be compared one by one, which is what takes time."""
    lines: int = LONGEST_DIFF_LINES
    """Of one diff."""
    known: dict[tuple[FileChange, Role], FileDiff] = field(default_factory=dict)

    def fitting(self, text: str, longest: int | None = None) -> str:
        """As much of the text as there is room for, which is then taken."""
        kept = text[: self.characters if longest is None else min(longest, self.characters)]
        if self.packed < ENDLESS and kept:
            size = _packed_size(kept)
            if size > self.packed:
                kept = kept[: len(kept) * self.packed // size]
            self.packed -= min(self.packed, size)
        self.characters -= len(kept)
        return kept


def file_diffs(
    evidence: Evidence, changes: Iterable[FileChange], room: Room
) -> tuple[FileDiff, ...]:
    """The diffs of these changes, as far as there is room."""
    return tuple(file_diff(evidence, change, room) for change in changes)


def file_diff(evidence: Evidence, change: FileChange, room: Room) -> FileDiff:
    """The diff of one change, as far as there is room."""
    role = evidence.role(change.path)
    whole = room.known.get((change, role))
    if whole is None:
        whole = room.known[change, role] = _whole(evidence, change, role, room)
    lines = _bounded(whole.lines, room)
    return FileDiff(
        path=whole.path,
        what=whole.what,
        role=whole.role,
        facts=whole.facts,
        lines=lines,
        added=whole.added,
        removed=whole.removed,
        left_off=whole.left_off + len(whole.lines) - len(lines),
        is_counted=whole.is_counted,
    )


def _bounded(lines: tuple[DiffLine, ...], room: Room) -> tuple[DiffLine, ...]:
    texts = "".join(f"{line.text}\n" for line in lines[: room.lines])
    most = len(room.fitting(texts, LONGEST_DIFF_CHARACTERS))
    kept = 0
    for line in lines[: room.lines]:
        most -= len(line.text) + 1
        if most < 0:
            break
        kept += 1
    return lines[:kept]


def _packed_size(text: str) -> int:
    return len(zlib.compress(text.encode("utf-8", "replace"), 6)) if text else 0


def _whole(evidence: Evidence, change: FileChange, role: Role, room: Room) -> FileDiff:
    before, after = _version(evidence, change.before), _version(evidence, change.after)
    facts = [*_mode_facts(change), *_unreadable(change, before, after)]
    if before is None or after is None or _is_binary(before) or _is_binary(after):
        return FileDiff(change.path, change.what, role, tuple(facts))
    if before == after:
        facts += ["the content is the same"] if change.before and change.after else ["empty"]
    old, new = _lines(before), _lines(after)
    lines, added, removed = _compared(old, new, room)
    return FileDiff(
        path=change.path,
        what=change.what,
        role=role,
        facts=tuple(facts),
        lines=tuple(lines[: room.lines]),
        added=added,
        removed=removed,
        left_off=max(0, len(lines) - room.lines),
        is_counted=True,
    )


def _version(evidence: Evidence, file: File | None) -> bytes | None:
    """The content; empty for a file that is not there; None where it was not kept."""
    if file is None:
        return b""
    try:
        return evidence.content(file)
    except NotRecordedError:
        return None


def _mode_facts(change: FileChange) -> list[str]:
    modes = [_MODES.get(file.mode, "?") for file in (change.before, change.after) if file]
    if len(set(modes)) > 1:
        return [f"{modes[0]} → {modes[1]}"]
    return [modes[0]] if modes and modes[0] != _MODES[REGULAR] else []


def _unreadable(change: FileChange, before: bytes | None, after: bytes | None) -> list[str]:
    versions = ((change.before, before, "before"), (change.after, after, "after"))
    facts = [
        f"the content {when} was not kept"
        for file, content, when in versions
        if file and content is None
    ]
    sizes = [
        f"binary, {counted(len(content), 'byte')} {when}"
        for file, content, when in versions
        if file and content is not None and _is_binary(content)
    ]
    return facts + sizes


def _is_binary(content: bytes) -> bool:
    """As git tells: a zero byte near the start."""
    return b"\0" in content[:8_000]


def _lines(content: bytes) -> list[str]:
    text = content.decode("utf-8", errors="replace")
    if not text:
        return []
    lines = text.split("\n")
    if lines[-1]:
        lines[-1] += "\n\\ no line feed at the end"
        return lines
    return lines[:-1]


def _compared(old: list[str], new: list[str], room: Room) -> tuple[list[DiffLine], int, int]:
    """The lines of the diff, and how many were added and removed."""
    start, end = _alike(old, new)
    first = max(0, start - _CONTEXT)
    last = max(0, end - _CONTEXT)
    a, b = old[first : len(old) - last], new[first : len(new) - last]
    added = removed = 0
    lines: list[DiffLine] = []
    for group in _parts(a, b, start - first, end - last, room):
        lines.append(DiffLine("@", _head(group, first)))
        for tag, a_from, a_to, b_from, b_to in group:
            if tag == "equal":
                lines += (DiffLine(" ", _cut(text)) for text in a[a_from:a_to])
                continue
            removed += a_to - a_from
            added += b_to - b_from
            lines += (DiffLine("-", _cut(text)) for text in a[a_from:a_to])
            lines += (DiffLine("+", _cut(text)) for text in b[b_from:b_to])
    return lines, added, removed


def _alike(old: list[str], new: list[str]) -> tuple[int, int]:
    """How many lines both have alike at the start, and at the end."""
    most = min(len(old), len(new))
    start = next((n for n in range(most) if old[n] != new[n]), most)
    rest = most - start
    end = next((n for n in range(rest) if old[-1 - n] != new[-1 - n]), rest)
    return start, end


def _parts(a: list[str], b: list[str], start: int, end: int, room: Room) -> Iterator[list[_Opcode]]:
    if a == b:
        return
    size = max(len(a), len(b))
    if size <= _LONGEST_COMPARED and size <= room.compared:
        room.compared -= size
        yield from SequenceMatcher(None, a, b).get_grouped_opcodes(_CONTEXT)
        return
    # Too much to compare one by one: everything between what is alike counts as replaced.
    replaced = ("replace", start, len(a) - end, start, len(b) - end)
    before = ("equal", 0, start, 0, start)
    after = ("equal", len(a) - end, len(a), len(b) - end, len(b))
    yield [part for part in (before, replaced, after) if part[1] < part[2] or part[3] < part[4]]


def _head(group: list[_Opcode], first: int) -> str:
    (_, a_from, _, b_from, _), (_, _, a_to, _, b_to) = group[0], group[-1]
    return f"-{_extent(a_from + first, a_to - a_from)} +{_extent(b_from + first, b_to - b_from)} @@"


def _extent(begins: int, length: int) -> str:
    return f"{begins + 1 if length else begins},{length}"


def _cut(text: str) -> str:
    if len(text) <= _LONGEST_LINE:
        return text
    return f"{text[:_LONGEST_LINE]}… [{len(text) - _LONGEST_LINE} cut]"
