"""Unittest: `python -m unittest`.

python -m unittest discover -s tests
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from audition.commands import Purpose, Said


@dataclass(frozen=True)
class Unittest:
    """Test runs by Python's own runner."""

    programs: ClassVar[frozenset[str]] = frozenset({"unittest"})

    def purpose(self, argv: Sequence[str]) -> Purpose:
        """A test run; the whole one where no module and no pattern is named."""
        words = [word for word in argv[1:] if word not in ("-v", "-q", "-f", "-b", "discover")]
        return Purpose("unittest", "test", whole=not words or words in (["-s", "tests"], ["tests"]))

    def said(self, output: str, exit_code: int | None) -> Said:
        """What its last lines count."""
        ran = re.findall(r"^Ran (\d+) tests? in", output, re.MULTILINE)
        if not ran:
            return Said()
        count = int(ran[-1])
        if re.search(r"^FAILED \(", output, re.MULTILINE):
            return Said("failed", tests=count)
        if count == 0:
            return Said("failed", "no_tests", 0)
        is_green = re.search(r"^OK\b", output, re.MULTILINE) is not None
        return Said("passed" if is_green else "unknown", tests=count)
