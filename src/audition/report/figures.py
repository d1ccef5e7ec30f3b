"""Numbers as people read them: one way to write a share, a price, a time, in every format."""

from math import floor, log10

from audition.score import Verdict
from audition.tally import Rate

MARKS: dict[Verdict, str] = {"pass": "✓", "fail": "✗", "skip": "–", "fault": "!"}
"""A shape for each verdict, so that none is told by its colour alone."""
NOTHING = "–"


def percent(rate: float | None) -> str:
    """`83%`; a rate that is not quite 0 or 1 never reads as if it were."""
    if rate is None:
        return NOTHING
    if 0.0 < rate < 0.01 or 0.99 < rate < 1.0:
        return f"{min(max(rate * 100, 0.1), 99.9):.1f}%"
    return f"{rate * 100:.0f}%"


def interval(rate: Rate) -> str:
    """`71% to 91%`, or nothing where nothing was counted."""
    if rate.low is None or rate.high is None:
        return ""
    return f"{percent(rate.low)} to {percent(rate.high)}"


def share(rate: Rate) -> str:
    """`55 of 60`."""
    return f"{count(rate.passed)} of {count(rate.of)}"


def dollars(cost_usd: float | None) -> str:
    """`$0.012`; `unknown` where no price is known, because unknown is not zero."""
    if cost_usd is None:
        return "unknown"
    if cost_usd == 0:
        return "$0"
    if cost_usd >= 1:
        return f"${cost_usd:,.2f}"
    places = min(6, max(2, 1 - floor(log10(cost_usd))))
    return f"${cost_usd:.{places}f}"


def seconds(duration_s: float) -> str:
    """`0.42 s`, `12 s`, `3 min 5 s`, `2 h 4 min`."""
    if duration_s < 10:
        return f"{duration_s:.2f} s"
    whole = round(duration_s)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def count(number: int) -> str:
    """`12,345`."""
    return f"{number:,}"


def counted(number: int, noun: str) -> str:
    """`1 trial`, `2 trials`."""
    return f"{count(number)} {noun}" if number == 1 else f"{count(number)} {noun}s"


def verdict_count(verdict: Verdict, number: int) -> str:
    """`56 passed`, `13 failed`, `2 skipped`, `1 fault`."""
    if verdict == "fault":
        return counted(number, "fault")
    words: dict[Verdict, str] = {"pass": "passed", "fail": "failed", "skip": "skipped"}
    return f"{count(number)} {words[verdict]}"


def moment(stamp: str) -> str:
    """`2026-11-24 07:48 UTC` out of an ISO 8601 time in UTC."""
    day, _, time = stamp.partition("T")
    return f"{day} {time[:5]} UTC" if time else stamp
