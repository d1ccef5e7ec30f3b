"""What a plan says about itself: its branch and when it was made, in whatever form.

Front matter, `key: value`, bullets, bold, headings with the value below, and tables either way
round are read; a key is known by its name or a synonym of it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Literal

Key = Literal["branch", "created"]
Unit = Literal["second", "minute", "day"]

_SYNONYMS: dict[Key, tuple[tuple[str, ...], ...]] = {
    "branch": (
        (
            "branch", "branch name", "branchname", "git branch", "git branch name",
            "current branch", "working branch", "feature branch", "ブランチ", "ブランチ名",
        ),
    ),
    "created": (
        (
            "created", "created at", "createdat", "created on", "created datetime", "created date",
            "created date time", "created time", "creation date", "creation datetime",
            "creation date time", "creation time", "creation timestamp", "date created",
            "datetime created", "作成日時", "作成日",
        ),
        ("datetime", "date time", "date", "timestamp", "time", "started", "started at", "日時"),
    ),
}  # fmt: skip
"""Names of a key; those of the second group count only where there is none of the first."""
_READ, _LINES, _WIDTH = 100_000, 2_000, 500
"""Characters and lines that are read from the beginning, and characters of each line."""

_LEADING = re.compile(r"(?:<!--[ \t]*|(?:[-*+•]|\d{1,3}[.)]|>|#{1,6})[ \t]+)(?:\[[ xX]\][ \t]+)?")
_PAIR = re.compile(r"([^:：=|]{1,60})[:：=][*_`]*[ \t]*(\S.*)")
_HEADING = re.compile(r"#{1,6}[ \t]+(.{1,60})")
_UNDERLINE = re.compile(r"={3,}|-{3,}")
_ASIDE = re.compile(r"\(([^()]{1,30})\)")
_MARKUP = "`*_\"'~ \t"

_DAY = (
    re.compile(r"(?<!\d)(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?!\d)"),
    re.compile(r"(?<!\d)(\d{4})(\d{2})(\d{2})(?=\D|$|(?:\d{4}|\d{6})(?!\d))"),
    re.compile(r"(\d{4})年(\d{1,2})月(\d{1,2})日"),
)
_MONTH_FIRST = re.compile(r"\b([A-Za-z]{3,9})\.?[ ]+(\d{1,2})(?:st|nd|rd|th)?\b")
_DAY_FIRST = re.compile(r"\b(\d{1,2})(?:st|nd|rd|th)?[ -]([A-Za-z]{3,9})\b")
_YEAR = re.compile(r"(?<!\d)(\d{4})(?![\d:])")
_TIME = re.compile(
    r"(?<!\d)(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d{1,9})?)?(?!\d)"
    r"[ ]?([AaPp]\.?[Mm]\.?(?![A-Za-z]))?[ ]?\(?([A-Z]{1,5}(?![a-z]))?"
    r"[ ]?([+-]\d{1,2}(?::?\d{2})?(?!\d))?"
)
_COMPACT = re.compile(r"(?<!\d)\d{8}[T_ -]?(\d{2})(\d{2})(\d{2})?(?!\d)(Z)?")
_EPOCH = re.compile(r"\d{10}")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_HOURS = {"Z": 0, "UTC": 0, "GMT": 0, "WET": 0, "BST": 1, "CET": 1, "CEST": 2, "EET": 2,
          "EEST": 3, "JST": 9, "KST": 9, "EST": -5, "EDT": -4, "CDT": -5, "MST": -7, "MDT": -6,
          "PST": -8, "PDT": -7}  # fmt: skip
"""Zones with one meaning; a letter code that is not here cannot be read, and so is not true."""
_YEARS = range(1990, 2200)
_UNIT_S = {"second": 1, "minute": 60, "day": 86_400}


@dataclass(frozen=True)
class Moment:
    """A time as somebody wrote it: it can be any instant within its unit."""

    at: datetime
    """The first instant; without a zone where none is written."""
    unit: Unit

    def lies_in(self, since: datetime, until: datetime) -> bool:
        """Whether it can be an instant between these two, which carry a zone.

        Without a zone it is read as UTC, and as local time where `since` was. A time that
        names seconds may be one off, since clocks round.
        """
        zones = [self.at.tzinfo] if self.at.tzinfo else [UTC, since.tzinfo]
        slack = timedelta(seconds=1 if self.unit == "second" else 0)
        length = timedelta(seconds=_UNIT_S[self.unit])
        starts = (self.at.replace(tzinfo=zone) for zone in zones)
        return any(start <= until + slack and start + length > since - slack for start in starts)


def stated(text: str, key: Key) -> str | None:
    """What a document says of itself under a key; None where it does not."""
    pairs = [(name, value) for name, value in _pairs(text) if value]
    for names in _SYNONYMS[key]:
        for name, value in pairs:
            if name in names:
                return value
    return None


def has_content(text: str) -> bool:
    """Whether there is more than headings, metadata, rulers and empty list items."""
    known = {name for groups in _SYNONYMS.values() for names in groups for name in names}
    _, body = _front_matter(text)
    lines = [line.strip() for line in body]
    for line, following in zip(lines, [*lines[1:], ""], strict=False):
        if line.startswith(("#", "<!--")) or _UNDERLINE.fullmatch(following):
            continue
        words = _LEADING.sub("", f"{line} ", count=1)
        is_said = any(character.isalnum() for character in words)
        if is_said and not any(name in known for name, _ in _of_line(line)):
            return True
    return False


def read_moment(written: str) -> Moment | None:
    """A time as people and programs write it; None where it cannot be told which one.

    ISO 8601 with its lax forms, what `date` and mail headers print, a month by its name, and
    seconds since 1970. `03/04/2026` is not read: it is two days.
    """
    written = written.strip(_MARKUP)[:100]
    try:
        if _EPOCH.fullmatch(written):
            return Moment(datetime.fromtimestamp(int(written), UTC), "second")
        day = _day(written)
        return _at(day, written) if day and day[0] in _YEARS else None
    except (ValueError, OverflowError):  # such as a 31st of February
        return None


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    """Every key with its value, in order."""
    front, body = _front_matter(text)
    lines = [line.strip() for line in (*front, *body)]
    for number, line in enumerate(lines):
        following = lines[number + 1 : number + 3]
        if line.startswith("|") and following and _is_ruler(following[0]):
            yield from zip(map(_name, _cells(line)), _columns(following), strict=False)
        yield from _of_line(line)
        heading = _HEADING.fullmatch(line)
        below = next((other for other in following if other), "")
        if heading and below and not below.startswith("#"):
            yield _name(heading[1]), below.strip(_MARKUP + "-")


def _of_line(line: str) -> Iterator[tuple[str, str]]:
    """The keys with their values that one line holds."""
    if line.startswith("|"):
        cells = _cells(line)
        if len(cells) == 2:  # a key and its value
            yield _name(cells[0]), cells[1].strip(_MARKUP)
        return
    for piece in re.split(r"[ \t]+[|·•][ \t]+", line):
        pair = _PAIR.match(_LEADING.sub("", piece, count=1))
        if pair:
            aside = _ASIDE.search(pair[1])  # as in `Created (UTC): …`
            value = pair[2].removesuffix("-->").strip(_MARKUP)
            yield _name(_ASIDE.sub("", pair[1])), f"{value} {aside[1]}" if aside else value


def _front_matter(text: str) -> tuple[list[str], list[str]]:
    """The lines between the two `---` at the very top, and all others."""
    every = text[:_READ].lstrip("\ufeff").splitlines()[:_LINES]
    lines = [line[:_WIDTH] for line in every]
    if not lines or lines[0].strip() != "---":
        return [], lines
    ends = [number for number, line in enumerate(lines[1:], 1) if line.strip() in ("---", "...")]
    return (lines[1 : ends[0]], lines[ends[0] + 1 :]) if ends else ([], lines)


def _name(text: str) -> str:
    """A key as it is compared: small letters, words parted by one space, no markup around."""
    return " ".join(re.sub(r"[_/&-]+", " ", text.strip(_MARKUP + ":：")).lower().split())


def _cells(row: str) -> list[str]:
    return [cell.strip() for cell in row.strip("| \t").split("|")]


def _columns(following: list[str]) -> list[str]:
    """The cells of the row below a ruler."""
    row = following[1] if len(following) > 1 else ""
    return [cell.strip(_MARKUP) for cell in _cells(row)] if row.startswith("|") else []


def _is_ruler(line: str) -> bool:
    return set(line) <= set("|:- \t") and "-" in line


def _day(written: str) -> tuple[int, int, int] | None:
    """Year, month and day."""
    for form in _DAY:
        if plain := form.search(written):
            return int(plain[1]), int(plain[2]), int(plain[3])
    year = _YEAR.search(written)
    for pattern, month, day in ((_MONTH_FIRST, 1, 2), (_DAY_FIRST, 2, 1)):
        for hit in pattern.finditer(written):
            if year and hit[month][:3].lower() in _MONTHS:
                return int(year[1]), _MONTHS.index(hit[month][:3].lower()) + 1, int(hit[day])
    return None


def _at(day: tuple[int, int, int], written: str) -> Moment | None:
    """The day with the time and the zone that are written beside it."""
    if compact := _COMPACT.search(written):
        hour, minute, second = int(compact[1]), int(compact[2]), compact[3]
        zone = UTC if compact[4] else None
    elif time := _TIME.search(written):
        hour, minute, second = _hour(int(time[1]), time[4]), int(time[2]), time[3]
        if time[5] and time[5] not in _HOURS:
            return None
        zone = _zone(time[5], time[6])
    else:
        return Moment(datetime(*day), "day")  # noqa: DTZ001  # what has no zone is read in several
    at = datetime(*day, hour, minute, int(second or 0), tzinfo=zone)
    return Moment(at, "second" if second else "minute")


def _hour(hour: int, half: str | None) -> int:
    """The hour of 24."""
    return hour if half is None else hour % 12 + (12 if half[0] in "Pp" else 0)


def _zone(name: str | None, offset: str | None) -> timezone | None:
    if name is None and offset is None:
        return None
    hours, minutes = _HOURS[name] if name else 0, 0
    if offset:
        digits = offset[1:].replace(":", "")
        sign = -1 if offset[0] == "-" else 1
        hours += sign * int(digits[:2])
        minutes = sign * int(digits[2:] or 0)
    return timezone(timedelta(hours=hours, minutes=minutes))
