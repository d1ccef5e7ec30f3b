"""A verdict for a terminal of 80 columns."""

from audition.compare.comparison import Comparison
from audition.contest.verdicts import GateRecord
from audition.inert import inert
from audition.report.comparison_text import write_flips
from audition.report.figures import MARKS, counted
from audition.report.gate_words import TONES, paid, saved, stamp, title
from audition.report.sheet import QUIET, VERDICT_STYLES, Sheet
from audition.runfile import Run


def render_gate_text(
    record: GateRecord,
    comparison: Comparison | None,
    *,
    is_kept: bool,
    colour: bool,
    new: Run | None = None,
) -> str:
    """What the suite can see, the verdict, every number that led to it, and what flipped.

    Args:
        record: The verdict.
        comparison: Of the two runs that it was made of; None where there is none.
        is_kept: Whether it was decided before and nothing was played now.
        colour: With the colours of a terminal.
        new: The run of the cases that only head has.
    """
    sheet = Sheet(colour=colour)
    if record.sees:
        sheet.paragraph(record.sees, style=QUIET)
    if words := stamp(record):
        sheet.paragraph(f"! {words}", hang=2, style="yellow")
    sheet.gap()
    tone = TONES[record.verdict]
    sheet.paragraph(f"{MARKS[tone]} {record.reasons[0]}", hang=2, style=VERDICT_STYLES[tone])
    sheet.paragraph(title(record), indent=2, hang=2, style=QUIET)
    for words in record.reasons[1:]:
        sheet.paragraph(words, indent=2)
    for words in record.notes:
        sheet.paragraph(f"– {words}", indent=2, hang=2)
    _changes(sheet, record)
    if comparison is not None:
        sheet.gap()
        write_flips(sheet, comparison, record.head_file)
    _others(sheet, record, new)
    if is_kept:
        sheet.gap()
        sheet.paragraph(
            f"Decided on {record.decided_at}. The same question is not asked twice: a second try "
            "would be a second chance. --fresh plays it anew, at half the level."
        )
    return sheet.text


def _changes(sheet: Sheet, record: GateRecord) -> None:
    if record.changes:
        sheet.heading("What changed")
        for words in record.changes:
            sheet.paragraph(inert(words), indent=2, hang=2)  # a file's name may hold a line feed


def _came_to(new: Run | None, case: str) -> str:
    if new is None:
        return "; not played"
    verdicts = [trial.verdict for trial in new.trials if trial.case == case]
    return f": {verdicts.count('pass')}/{len(verdicts)} passed"


def _others(sheet: Sheet, record: GateRecord, new: Run | None) -> None:
    news = [each for each in record.excused if each.passed]
    known = [each for each in record.excused if not each.passed]
    if record.excused or record.new_cases:
        sheet.heading("Not gated")
    for each in news:
        words = f"{MARKS['pass']} {each.case} passed, though its failure is known: {each.reason}"
        sheet.paragraph(words, indent=2, hang=2)
    for each in known:
        sheet.paragraph(f"– {each.case}: {each.reason}", indent=2, hang=2)
    for case in record.new_cases:
        words = f"– {case}: a new case, which base does not have{_came_to(new, case)}"
        sheet.paragraph(words, indent=2, hang=2)
    if record.base_file:
        sheet.gap()
        for words in (paid(record), saved(record)):
            if words:
                sheet.paragraph(words, style=QUIET)
        sheet.paragraph(f"base  {record.base_file}", hang=6, style=QUIET)
        sheet.paragraph(f"head  {record.head_file}", hang=6, style=QUIET)
    if record.untouched:
        count = counted(len(record.untouched), "case")
        sheet.paragraph(f"{count} not affected and not played.", style=QUIET)
