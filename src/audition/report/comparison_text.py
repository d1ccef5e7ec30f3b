"""A comparison of two runs for a terminal of 80 columns."""

from collections.abc import Sequence

from audition.compare.comparison import CaseChange, Comparison
from audition.report.case_view import show_command
from audition.report.comparison_words import (
    LISTED,
    TITLES,
    TONES,
    amounts,
    case_words,
    certainty,
    definition_words,
    delta_groups,
    headline,
    interval,
    points,
    q_value,
    rates,
    route_words,
    tone,
)
from audition.report.figures import MARKS
from audition.report.sheet import QUIET, VERDICT_STYLES, Sheet

_CASES_LISTED = 20
_ROWS_LISTED = 30
_NAMES_LISTED = 8


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
    sheet.paragraph(f"base  {labels[0]}", hang=6, style=QUIET)
    sheet.paragraph(f"head  {labels[1]}", hang=6, style=QUIET)
    for words in comparison.unlike:
        sheet.paragraph(f"! Not like for like: {words}", hang=2, style="yellow")
    sheet.gap()
    write_flips(sheet, comparison, files[1])
    _numbers(sheet, comparison)
    _amounts(sheet, comparison)
    _left_out(sheet, comparison)
    if comparison.definitions:
        sheet.heading("What differs in the definitions")
        for words in definition_words(comparison):
            sheet.paragraph(words, indent=2, hang=2)
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
            for case in found[:_CASES_LISTED]:
                _case(sheet, case, head_file)
            if len(found) > _CASES_LISTED:
                sheet.paragraph(f"and {len(found) - _CASES_LISTED} more, on the page", indent=2)
    if comparison.taken:
        sheet.heading("Who takes what")
        for words in comparison.taken:
            sheet.paragraph(words, indent=2, hang=2)


def _case(sheet: Sheet, change: CaseChange, head_file: str) -> None:
    verdict = TONES[change.change]
    style = VERDICT_STYLES[verdict] if verdict != "skip" else ""
    sheet.paragraph(f"{MARKS[verdict]} {case_words(change)}", indent=2, hang=2, style=style)
    if routed := route_words(change):
        sheet.paragraph(routed, indent=6, hang=2)
    for check in change.checks:
        why = f": {check.reason}" if check.reason else ""
        sheet.paragraph(f"{check.check} {check.base} → {check.head}{why}", indent=6, hang=2)
    failed = next((check.trial for check in change.checks if check.trial is not None), None)
    if failed is not None:
        sheet.command(show_command(head_file, change.case.id, failed), indent=6)


def _numbers(sheet: Sheet, comparison: Comparison) -> None:
    groups = delta_groups(comparison)
    if not groups:
        return
    sheet.heading("Pass rates")
    head = f"{'':<30}{'base':>6}{'head':>7}{'difference':>15}{'95 %':>13}{'q':>9}"
    sheet.paragraph(head, style=QUIET)
    for name, rows in groups:
        for row in rows[:_ROWS_LISTED]:
            title = row.name if name == "trial" else f"{name} {row.name}"
            before, after = rates(row)
            cut = title if len(title) <= 29 else f"{title[:28]}…"
            figures = f"{before:>6}{after:>7}{points(row.difference):>15}{interval(row):>13}"
            sheet.paragraph(f"{cut:<30}{figures}{q_value(row):>9}")


def _amounts(sheet: Sheet, comparison: Comparison) -> None:
    sheet.heading("What they took")
    for amount in amounts(comparison):
        sheet.paragraph(f"  {amount.name:<18}{amount.base:>12}{amount.head:>12}")


def _left_out(sheet: Sheet, comparison: Comparison) -> None:
    same = [case.case.id for case in comparison.changed("same")]
    copied = [case.case.id for case in comparison.changed("no evidence")]
    rows = (
        ("As before", same),
        ("No evidence, the very same trials on both sides", copied),
        ("Not touched by the change, and not played", comparison.untouched),
        ("Only in base", comparison.base.unpaired),
        ("Only in head", comparison.head.unpaired),
    )
    if any(names for _, names in rows):
        sheet.heading("The other cases")
    for title, names in rows:
        if names:
            sheet.paragraph(f"{title}: {_some(names)}", indent=2, hang=2)


def _some(names: Sequence[str]) -> str:
    shown = ", ".join(names[:_NAMES_LISTED])
    more = len(names) - _NAMES_LISTED
    return f"{shown} and {more} more" if more > 0 else shown
