"""The page of a comparison: one self-contained file that needs neither network nor JavaScript.

The cases that flipped stand first, and beside them what differs in the definitions.
"""

from dataclasses import dataclass

from audition.compare.comparison import CaseChange, Comparison
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
    points,
    q_value,
    rates,
    route_words,
    tone,
)
from audition.report.view import STAMPS
from audition.score import Verdict

_CASES_LISTED = 200


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


@dataclass(frozen=True)
class _Case:
    change: CaseChange
    words: str
    tone: Verdict
    routed: str
    command: str


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
    natures = {comparison.base.record.nature, comparison.head.record.nature} - {"real"}
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
            stamps=sorted(STAMPS[nature] for nature in natures),
            groups=_groups(comparison, files[1]),
            definitions=[_definition(change) for change in comparison.definitions],
            rows=_rows(comparison),
            amounts=amounts(comparison),
            same=[case.case.id for case in comparison.changed("same")],
            copied=[case.case.id for case in comparison.changed("no evidence")],
            style=trusted(style),
            style_hash=csp_hash(style),
        )
    )


def _groups(comparison: Comparison, head_file: str) -> list[_Group]:
    groups = []
    for change in LISTED:
        found = comparison.changed(change)
        if found:
            cases = tuple(_case(case, head_file) for case in found[:_CASES_LISTED])
            more = max(0, len(found) - _CASES_LISTED)
            groups.append(_Group(TITLES[change], TONES[change], cases, more))
    return groups


def _case(change: CaseChange, head_file: str) -> _Case:
    failed = next((check.trial for check in change.checks if check.trial is not None), None)
    command = show_command(head_file, change.case.id, failed) if failed is not None else ""
    return _Case(change, case_words(change), TONES[change.change], route_words(change), command)


def _definition(change: DefinitionChange) -> _Definition:
    kinds = {"+": "added", "-": "removed", "@": "place"}
    lines = tuple(_Line(line, kinds.get(line[:1], "same")) for line in change.diff)
    return _Definition(change, lines)


def _rows(comparison: Comparison) -> list[tuple[str, ...]]:
    return [
        (
            row.name if name == "trial" else f"{name} {row.name}",
            str(row.cases),
            *rates(row),
            points(row.difference),
            interval(row),
            q_value(row),
        )
        for name, group in delta_groups(comparison)
        for row in group
    ]
