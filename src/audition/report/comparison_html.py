"""The page of a comparison: one self-contained file that needs neither network nor JavaScript.

The cases that flipped stand first, and beside them what differs in the definitions.
"""

from dataclasses import dataclass

from audition.compare.comparison import CaseChange, Comparison, Delta
from audition.compare.definitions import DefinitionChange
from audition.report.as_html import asset, csp_hash, environment, trusted
from audition.report.case_view import show_command
from audition.report.comparison_words import (
    LISTED,
    TITLES,
    TONES,
    amounts,
    case_words,
    certainty,
    delta_groups,
    headline,
    interval,
    left_out,
    points,
    q_value,
    rates,
    route_words,
    shown,
    stamps,
    tone,
    tries,
    unsafe,
)
from audition.score import Verdict

CASES_LISTED = 200
"""Of each kind of change."""
_ROWS_LISTED = 300
_DIFF_LINES = 5_000
"""Of all definitions together; a run file may hold any number of them."""


@dataclass(frozen=True)
class _Line:
    """A line of a difference, and what it is."""

    text: str
    kind: str
    """`added`, `removed`, `place` or `same`."""


@dataclass(frozen=True)
class _Definition:
    change: DefinitionChange
    lines: tuple[_Line, ...]
    is_cut: bool


@dataclass(frozen=True)
class _Case:
    change: CaseChange
    words: str
    tone: Verdict
    routed: str
    command: str


@dataclass(frozen=True)
class _Row:
    """A difference, with its place and its interval on a line from −100 to +100 points."""

    name: str
    cells: tuple[str, ...]
    is_shown: bool
    words: str
    at: float
    low: float
    high: float


@dataclass(frozen=True)
class _Group:
    title: str
    tone: Verdict
    cases: tuple[_Case, ...]
    more: int


def render_comparison_html(
    comparison: Comparison, *, labels: tuple[str, str], files: tuple[str, str]
) -> str:
    """The whole page as text.

    Args:
        comparison: The comparison.
        labels: How base and head are called.
        files: Their run files, for the commands that show a trial.
    """
    style = asset("report.css") + asset("comparison.css")
    natures = (comparison.base.record.nature, comparison.head.record.nature)
    stamped = dict.fromkeys(zip(stamps(comparison), natures, strict=True))
    numbers = [
        (title, [_row(row) for row in rows[:_ROWS_LISTED]], max(0, len(rows) - _ROWS_LISTED))
        for title, rows in delta_groups(comparison)
    ]
    return (
        environment()
        .get_template("comparison.html.j2")
        .render(
            comparison=comparison,
            labels=labels,
            files=files,
            headline=headline(comparison),
            tone=tone(comparison),
            certainty=certainty(comparison.overall),
            stamps=[(stamp, nature == "real") for stamp, nature in stamped],
            unsafe=unsafe(comparison),
            groups=_groups(comparison, files[1]),
            definitions=_definitions(comparison),
            numbers=numbers,
            amounts=amounts(comparison),
            left_out=left_out(comparison),
            tries=tries,
            style=trusted(style),
            style_hash=csp_hash(style),
        )
    )


def _groups(comparison: Comparison, head_file: str) -> list[_Group]:
    groups = []
    for change in LISTED:
        found = comparison.changed(change)
        if found:
            cases = tuple(_case(case, head_file) for case in found[:CASES_LISTED])
            more = max(0, len(found) - CASES_LISTED)
            groups.append(_Group(TITLES[change], TONES[change], cases, more))
    return groups


def _case(change: CaseChange, head_file: str) -> _Case:
    failed = next((check.trial for check in change.checks if check.trial is not None), None)
    command = show_command(head_file, change.case.id, failed) if failed is not None else ""
    return _Case(change, case_words(change), TONES[change.change], route_words(change), command)


def _definitions(comparison: Comparison) -> list[_Definition]:
    kinds = {"+": "added", "-": "removed", "@": "place"}
    found, room = [], _DIFF_LINES
    for change in comparison.definitions:
        kept = change.diff[: max(0, room)]
        room -= len(change.diff)
        lines = tuple(_Line(line, kinds.get(line[:1], "same")) for line in kept)
        found.append(_Definition(change, lines, change.is_cut or len(kept) < len(change.diff)))
    return found


def _row(delta: Delta) -> _Row:
    return _Row(
        name=delta.name,
        cells=(
            str(delta.cases),
            *rates(delta),
            points(delta.difference).removesuffix(" points"),
            interval(delta),
            q_value(delta),
            shown(delta),
        ),
        is_shown=delta.is_shown,
        words=f"{points(delta.difference)}, 95 % interval {interval(delta)}",
        at=_place(delta.difference),
        low=_place(delta.low),
        high=_place(delta.high),
    )


def _place(difference: float) -> float:
    return round(100 + 98 * difference, 2)
