"""What was read in one source file."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from audition.digests import digest

_WORD = re.compile(r"\w")


@dataclass(frozen=True, kw_only=True)
class Reading:
    """The tests and the code of a file."""

    tests: Mapping[str, str] = field(default_factory=dict)
    """The digest of every test by its name."""
    assertions: tuple[str, ...] = ()
    skipped: frozenset[str] = frozenset()
    lines: tuple[str, ...] = ()


def source_digest(normalised: str) -> str:
    """The name of a test's source; surrogates of broken files are spelled out."""
    return digest(normalised.encode("utf-8", "backslashreplace").decode())[:32]


def lines_without(text: bytes, spans: Iterable[tuple[int, int]]) -> tuple[str, ...]:
    """The stripped lines of a text that hold a word once these spans of bytes are blanked out."""
    blanked = bytearray(text)
    for start, end in spans:
        for number in range(max(start, 0), min(end, len(blanked))):
            if blanked[number] != ord("\n"):
                blanked[number] = ord(" ")
    lines = (line.strip() for line in blanked.decode("utf-8", "replace").splitlines())
    return tuple(line for line in lines if _WORD.search(line))
