"""What is printed: the rows, and where and when they were measured."""

import os
import platform
import re
from dataclasses import dataclass
from pathlib import Path

WIDTHS = (47, 16, 17, 12)


@dataclass(frozen=True)
class Figure:
    """One measured number beside the one that was promised."""

    work: str
    value: float | None
    """None where it could not be measured here."""
    unit: str
    target: float
    more_is_better: bool = False

    @property
    def verdict(self) -> str:
        """`ok`, `MISSED`, or that it was not measured."""
        if self.value is None:
            return "not measured"
        met = self.value >= self.target if self.more_is_better else self.value <= self.target
        return "ok" if met else "MISSED"

    @property
    def cells(self) -> tuple[str, str, str, str]:
        """The row of the table."""
        measured = "–" if self.value is None else f"{short(self.value)} {self.unit}"
        sign = "≥" if self.more_is_better else "≤"
        return self.work, measured, f"{sign} {short(self.target)} {self.unit}", self.verdict


def machine() -> str:
    """Processor, system and Python."""
    information = Path("/proc/cpuinfo")
    text = information.read_text(encoding="utf-8") if information.exists() else ""
    named = re.search(r"model name\s*: (.+)", text)
    processor = named[1] if named else platform.machine()
    system = f"{platform.system()} {platform.release()}"
    return f"{processor}, {os.cpu_count()} cores, {system}, Python {platform.python_version()}"


def load() -> str:
    """The load averages of this moment."""
    return " ".join(f"{average:.2f}" for average in os.getloadavg())


def short(number: float) -> str:
    """Three digits, or all before the point."""
    return f"{number:,.0f}" if number >= 100 or number == int(number) else f"{number:.3g}"


def line(cells: tuple[str, ...], widths: tuple[int, ...] = WIDTHS) -> str:
    """A row of a table in Markdown."""
    padded = (cell.ljust(width) for cell, width in zip(cells, widths, strict=True))
    return f"| {' | '.join(padded)} |"
