"""The little of Markdown that decides what an `@path` in a file of instructions means."""

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

_CODE = "\x00"
"""Fills what was code, so that a word that touches it does not begin there."""


@dataclass(frozen=True)
class ImportLine:
    """One `@path`, and whether it stands where it can import anything."""

    path: str
    line: int
    where: str = ""
    """Why it imports nothing; empty where it does."""

    @property
    def is_inert(self) -> bool:
        """True where it stands in code, in a comment or inside a word."""
        return bool(self.where)


@dataclass(frozen=True)
class Page:
    """A file of instructions as it is sent."""

    text: str
    """Without its comments."""
    imports: tuple[ImportLine, ...]


def read_markdown(text: str) -> Page:
    """Cut the comments out of a text and find every `@path` in it."""
    hidden = list(_hidden(text))
    pieces, open_pieces, position = [], [], 0
    for start, end, filler in hidden:
        pieces.append(text[position:start] + (text[start:end] if filler == _CODE else ""))
        open_pieces.append(text[position:start] + re.sub(r"[^\n]", filler, text[start:end]))
        position = end
    visible = "".join([*pieces, text[position:]])
    return Page(visible, tuple(_imports(text, "".join([*open_pieces, text[position:]]))))


def _imports(text: str, outside: str) -> Iterator[ImportLine]:
    """Every `@path`; `outside` is the text with code and comments blotted out, same length."""
    line, position = 1, 0
    for found in re.finditer(r"@((?:[^\s\\@]|\\ )+)", text):
        line += text.count("\n", position, found.start())
        position = found.start()
        path = found[1].replace("\\ ", " ")
        if not re.match(r"[A-Za-z0-9._/~-]", path):
            continue
        before = outside[found.start() - 1 : found.start()]
        where = ""
        if outside[found.start()] != "@":
            where = "in code" if outside[found.start()] == _CODE else "in a comment"
        elif before and not before.isspace():
            where = "inside a word"
        yield ImportLine(path, line, where)


def _hidden(text: str) -> Iterator[tuple[int, int, str]]:
    """Fences, code spans and comments in order: begin, end, and what to blot them out with."""
    position = 0
    for start, end in _fences(text):
        yield from _inline(text, position, start)
        yield start, end, _CODE
        position = end
    yield from _inline(text, position, len(text))


def _fences(text: str) -> Iterator[tuple[int, int]]:
    opened, fence, position = 0, "", 0
    comment_end, last_comment = 0, text.rfind("-->")
    for line in text.splitlines(keepends=True):
        found = re.match(r"[ \t>]*(?:[-*+] +)?(`{3,}(?=[^`]*$)|~{3,})(.*)", line)
        if not fence and position >= comment_end:
            if found:
                opened, fence = position, found[1]
            elif "<!--" in line and position < last_comment:
                comment_end = text.find("-->", position + line.index("<!--"))
        elif fence and found and found[1].startswith(fence) and not found[2].strip():
            yield opened, position + len(line)
            fence = ""
        position += len(line)
    if fence:
        yield opened, len(text)


def _inline(text: str, begin: int, end: int) -> Iterator[tuple[int, int, str]]:
    """Code spans and comments, whichever opens first; a span does not cross an empty line."""
    runs: dict[int, list[int]] = defaultdict(list)
    for found in re.compile(r"`+").finditer(text, begin, end):
        runs[len(found[0])].append(found.start())
    breaks = [found.start() for found in re.compile(r"\n[ \t]*\n").finditer(text, begin, end)]
    position, last_comment = begin, text.rfind("-->", begin, end)
    for found in re.compile(r"`+|<!--").finditer(text, begin, end):
        start, size = found.start(), len(found[0])
        if start < position:
            continue
        if found[0] == "<!--":
            if start < last_comment:
                position = text.index("-->", start, end) + 3
                yield start, position, " "
            continue
        same = runs[size]
        closing = same[bisect_left(same, start + 1)] if same[-1] > start else -1
        limit = bisect_left(breaks, start)
        if closing > 0 and (limit == len(breaks) or closing < breaks[limit]):
            position = closing + size
            yield start, position, _CODE
