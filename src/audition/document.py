"""A file that somebody wrote, read: its data, and where in the file everything stands.

Every message about a dataset or a suite is made here, so all of them look alike:

    datasets/routing.yaml:7:5: unknown key 'agnt'; did you mean 'agent'?
         7 |     agnt: x
           |     ^
"""

import re
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple
from unicodedata import combining, east_asian_width

from audition.errors import Problem
from audition.inert import inert

Loc = tuple[str | int, ...]
"""The way from the top of a file to a value: keys and indices."""

LINE_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
"""What YAML counts as the end of a line."""
_EXCERPT_WIDTH = 96
_QUOTED_WIDTH = 60


class Place(NamedTuple):
    """Where a value stands, counted from 0; the places of its keys, and of the values inside."""

    line: int
    column: int
    keys: dict[str, tuple[int, int]]
    inside: dict[str | int, "Place"]


TOP = Place(0, 0, {}, {})
"""The place of a file with nothing in it."""


@dataclass(frozen=True)
class Document:
    """One YAML file: its data, and the place of everything in it."""

    path: Path
    data: Any
    source: str = field(repr=False, default="")
    place: Place = field(repr=False, default=TOP)

    @cached_property
    def lines(self) -> list[str]:
        """The lines of the source, without their ends."""
        return LINE_BREAK.split(self.source)

    @cached_property
    def name(self) -> str:
        """The path as messages print it."""
        return shown(self.path)

    def at(self, loc: Loc) -> Any:
        """The value at a place; KeyError, IndexError or TypeError where there is none."""
        value = self.data
        for segment in loc:
            value = value[segment]
        return value

    def real(self, loc: Loc) -> Loc:
        """The segments of `loc` that exist; validators add names of types that the file lacks."""
        place, found = self.place, []
        for segment in loc:
            if segment in place.inside:
                found.append(segment)
                place = place.inside[segment]
        return tuple(found)

    def locate(self, loc: Loc, *, key: bool = False) -> tuple[int, int]:
        """Line and column, from 1, of the value at `loc`, or of its key."""
        place, at_key = self.place, (self.place.line, self.place.column)
        for segment in self.real(loc):
            inner = place.inside[segment]
            at_key = place.keys.get(str(segment), (inner.line, inner.column))
            place = inner
        line, column = at_key if key else (place.line, place.column)
        return self._clamped(line + 1, column + 1)

    def where(self, loc: Loc) -> str:
        """`path:line:col` of the value at `loc`."""
        line, column = self.locate(loc)
        return f"{self.name}:{line}:{column}"

    def problem(self, loc: Loc, what: str, do: str, *, key: bool = False) -> Problem:
        """A problem with the value at `loc`, or with its key."""
        return self.problem_at(*self.locate(loc, key=key), what, do)

    def problem_at(self, line: int, column: int, what: str, do: str) -> Problem:
        """A problem at a line and a column, counted from 1, with the excerpt."""
        line, column = self._clamped(line, column)
        where = f"{self.name}:{line}:{column}"
        return Problem(where, what, do, _excerpt(line, column, self.lines[line - 1]))

    def _clamped(self, line: int, column: int) -> tuple[int, int]:
        # libyaml puts the end of a file on a line of its own, also where there is none.
        if line > len(self.lines):
            return len(self.lines), len(self.lines[-1]) + 1
        return line, column


def shown(path: Path) -> str:
    """The path as messages print it: relative to the working directory where it lies inside."""
    try:
        return inert(str(path.resolve().relative_to(Path.cwd())))
    except (ValueError, OSError):
        return inert(str(path))


def quoted(text: str) -> str:
    """A text of somebody else's in quotes, escaped and not too long."""
    return repr(text if len(text) <= _QUOTED_WIDTH else text[: _QUOTED_WIDTH - 1] + "…")


def _excerpt(line: int, column: int, text: str) -> str:
    start = max(0, column - 1 - _EXCERPT_WIDTH // 2) if len(text) > _EXCERPT_WIDTH else 0
    end = start + _EXCERPT_WIDTH
    head, tail = "…" if start else "", "…" if len(text) > end else ""
    before = head + _visible(text[start : column - 1])
    after = _visible(text[column - 1 : end]) + tail
    return f"{line:6} | {before}{after}\n       | {' ' * _columns(before)}^"


def _visible(text: str) -> str:
    return inert(text.replace("\t", "→"))


def _columns(text: str) -> int:
    return sum(0 if combining(c) else 2 if east_asian_width(c) in "WF" else 1 for c in text)
