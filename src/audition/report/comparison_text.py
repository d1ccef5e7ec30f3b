"""A comparison of two runs for a terminal of 80 columns."""

from audition.compare.comparison import CaseChange, Comparison, Delta
from audition.report.case_view import show_command
from audition.report.comparison_words import (
    LISTED,
    TITLES,
    TONES,
    amounts,
    case_words,
    certainty,
    check_words,
    definition_words,
    delta_groups,
    headline,
    interval,
    left_out,
    named,
    points,
    q_value,
    rates,
    route_words,
    shown,
    stamps,
    tone,
    unsafe,
)
from audition.report.figures import MARKS, count
from audition.report.sheet import QUIET, VERDICT_STYLES, Sheet

CASES_LISTED = 20
"""Of each kind of change."""
_CHECKS_LISTED = 8
_ROWS_LISTED = 30
_NAMES_LISTED = 8
_LONGEST_NAME = 26


def render_comparison_text(
    comparison: Comparison, *, labels: tuple[str, str], files: tuple[str, str], colour: bool
) -> str:
    """What head does otherwise than base: the cases that flipped first, then the numbers.

    Args:
        comparison: The comparison.
        labels: How base and head are called.
        files: Their run files.
        colour: With the colours of a terminal.
    """
    sheet = Sheet(colour=colour)
    for note in unsafe(comparison):
        sheet.paragraph(f"! {note}", hang=2, style=VERDICT_STYLES["fail"])
    for side, label, stamp in zip(("base", "head"), labels, stamps(comparison), strict=True):
        sheet.paragraph(f"{side}  {label} · {stamp}", hang=6, style=QUIET)
    for words in comparison.unlike:
        sheet.paragraph(f"! Not like for like: {words}", hang=2, style="yellow")
    sheet.gap()
    write_flips(sheet, comparison, files[1])
    _numbers(sheet, comparison)
    _amounts(sheet, comparison)
    _left_out(sheet, comparison)
    if comparison.definitions:
        sheet.heading("What differs in the definitions")
        words_of = definition_words(comparison)
        for words in words_of[:_ROWS_LISTED]:
            sheet.paragraph(words, indent=2, hang=2)
        _more(sheet, len(words_of) - _ROWS_LISTED)
    return sheet.text


def write_flips(sheet: Sheet, comparison: Comparison, head_file: str) -> None:
    """What happened, how sure that is, and the cases that flipped."""
    mark = tone(comparison)
    words = f"{MARKS[mark]} {headline(comparison)}"
    sheet.paragraph(words, hang=2, style=VERDICT_STYLES[mark])
    if comparison.overall:
        sheet.paragraph(certainty(comparison.overall), indent=2)
    for change in LISTED:
        found = comparison.changed(change)
        if found:
            sheet.heading(f"{TITLES[change]}")
            for case in found[:CASES_LISTED]:
                _case(sheet, case, head_file)
            _more(sheet, len(found) - CASES_LISTED)
    if comparison.taken:
        sheet.heading("Who takes what")
        for words in comparison.taken[:_ROWS_LISTED]:
            sheet.paragraph(words, indent=2, hang=2)
        _more(sheet, len(comparison.taken) - _ROWS_LISTED)


def _more(sheet: Sheet, more: int, *, indent: int = 2) -> None:
    if more > 0:
        sheet.paragraph(f"and {count(more)} more, on the page and in the JSON", indent=indent)


def _case(sheet: Sheet, change: CaseChange, head_file: str) -> None:
    verdict = TONES[change.change]
    style = VERDICT_STYLES[verdict] if verdict != "skip" else ""
    sheet.paragraph(f"{MARKS[verdict]} {case_words(change)}", indent=2, hang=2, style=style)
    if routed := route_words(change):
        sheet.paragraph(routed, indent=6, hang=2)
    for check in change.checks[:_CHECKS_LISTED]:
        sheet.paragraph(check_words(check), indent=6, hang=2)
    _more(sheet, len(change.checks) - _CHECKS_LISTED, indent=6)
    failed = next((check.trial for check in change.checks if check.trial is not None), None)
    if failed is not None:
        sheet.command(show_command(head_file, change.case.id, failed), indent=6)


def _numbers(sheet: Sheet, comparison: Comparison) -> None:
    groups = delta_groups(comparison)
    if not groups:
        return
    sheet.heading("Pass rates")
    head = f"{'':<{_LONGEST_NAME}}{'base':>5}{'head':>6}{'points':>8}{'95 %':>14}{'q':>10}"
    sheet.paragraph(head, style=QUIET)
    for title, rows in groups:
        if len(rows) > 1 or rows[0] is not comparison.overall:
            sheet.paragraph(title, style=QUIET)
        for row in rows[:_ROWS_LISTED]:
            sheet.paragraph(_row(row), style="bold" if row.is_shown else "")
        _more(sheet, len(rows) - _ROWS_LISTED)


def _row(row: Delta) -> str:
    name = f"  {row.name}"
    cut = name if len(name) < _LONGEST_NAME else f"{name[: _LONGEST_NAME - 2]}…"
    before, after = rates(row)
    moved = points(row.difference).removesuffix(" points")
    figures = f"{before:>5}{after:>6}{moved:>8}{interval(row):>14}{q_value(row):>10}"
    return f"{cut:<{_LONGEST_NAME}}{figures}  {shown(row)}"


def _amounts(sheet: Sheet, comparison: Comparison) -> None:
    sheet.heading("What they took")
    sheet.paragraph(f"{'':<20}{'base':>14}{'head':>14}", style=QUIET)
    for amount in amounts(comparison):
        figures = f"{amount.base:>14}{amount.head:>14}{amount.change:>8}"
        sheet.paragraph(f"  {amount.name:<18}{figures}")


def _left_out(sheet: Sheet, comparison: Comparison) -> None:
    rows = left_out(comparison)
    if rows:
        sheet.heading("The other cases")
    for why, names in rows:
        sheet.paragraph(f"{why}: {named(names, _NAMES_LISTED)}", indent=2, hang=2)
