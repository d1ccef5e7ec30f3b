"""A run, or one of its trials, for a terminal of 80 columns.

Everything passes `inert` on its way out, in `Sheet`.
"""

import shlex

from audition.errors import InputError, Problem
from audition.parts import suggestion
from audition.record import CaseRecord, Trial
from audition.report.case_view import CaseView, case_command, show_command, trial_view
from audition.report.diffs import LONGEST_DIFF_LINES, FileDiff
from audition.report.figures import MARKS, counted, interval, percent, share
from audition.report.sheet import QUIET, VERDICT_STYLES, Sheet
from audition.report.timeline import EventView
from audition.report.trial_text import diff_words, handed_lines, harness_lines
from audition.report.view import Page, RunLike, page_view, unsafe_notes
from audition.report.work_view import Extent, Work, trace_view
from audition.score import Score

CASES_LISTED = 20
_DIFF_LINES = 40


def render_text(run: RunLike, *, colour: bool) -> str:
    """The run in short: verdict, warnings, figures, and what did not pass and why."""
    page = page_view(run)
    sheet = Sheet(colour=colour)
    _top(sheet, page)
    _figures(sheet, page)
    _cases(sheet, page, run)
    return sheet.text


def render_trial_text(
    run: RunLike, case: str, number: int, *, colour: bool = False, full: bool = False
) -> str:
    """One trial in full: its scores, what it hands over, and its trace with the evidence marked.

    Args:
        run: the run.
        case: the id of the case.
        number: the number of the trial.
        colour: with the colours of a terminal.
        full: differences of files to their end, as far as a report shows them at all.

    Raises:
        InputError: the run has no such case, or the trial was not played.
    """
    record, trial = _find(run, case, number)
    sheet = Sheet(colour=colour)
    title = f"{MARKS[trial.verdict]} {case}#{number}: {trial.verdict}"
    sheet.paragraph(title, style=VERDICT_STYLES[trial.verdict])
    for note in unsafe_notes(run.record):
        sheet.paragraph(f"! {note}", hang=2, style=VERDICT_STYLES["fail"])
    for label in trial.labels:
        sheet.paragraph(label, style="bold yellow")
    sheet.paragraph(f"expects {'; '.join(record.expects) or 'nothing'}", indent=2)
    sheet.paragraph(" · ".join(trial_view(trial).facts), indent=2, style=QUIET)
    for words in trial.faults:
        sheet.paragraph(f"played again after a fault: {words}", indent=2, style=QUIET)
    _scores(sheet, trial.scores)
    lines = LONGEST_DIFF_LINES if full else _DIFF_LINES
    trace = trace_view(run.evidence(trial), trial.scores, Extent(diff_lines=lines))
    if trace.work is not None:
        _sections(sheet, trace.work)
    sheet.heading("Trace")
    for event in trace.events:
        _event(sheet, event)
    sheet.heading("Again")
    sheet.command(case_command(run.record, case), indent=2)
    return sheet.text


def _top(sheet: Sheet, page: Page) -> None:
    banner = page.banner
    for note in page.unsafe:
        sheet.paragraph(f"! {note}", hang=2, style=VERDICT_STYLES["fail"])
    headline = f"{MARKS[banner.verdict]} {banner.headline}"
    sheet.paragraph(headline, hang=2, style=VERDICT_STYLES[banner.verdict])
    counts = ", ".join(words for _, words in banner.counts) or "no trial was played"
    sheet.paragraph(f"{page.record.suite} · {banner.stamp} · trials: {counts}", indent=2)
    sheet.paragraph(" · ".join(banner.made), indent=2, style=QUIET)
    if banner.unfinished:
        sheet.paragraph(banner.unfinished, indent=2, style="yellow")
    for warning in page.warnings:
        sheet.paragraph(f"! {warning}", hang=2, style="yellow")
    for note in page.notes:
        sheet.paragraph(f"– {note}", hang=2, style=QUIET)


def _figures(sheet: Sheet, page: Page) -> None:
    sheet.heading("Summary")
    for figure in page.figures:
        rate = figure.rate
        numbers = f"{percent(rate.rate):>6}   {interval(rate):<16} {share(rate)}"
        sheet.paragraph(f"{figure.name:<22}{numbers}", indent=2)
    for fact in page.totals:
        sheet.paragraph(f"{fact.name:<22}{fact.text:>6}", indent=2)
    for table in page.groups:
        if table.title == "By tag":
            sheet.heading(table.title)
            for row in table.rows:
                numbers = f"{percent(row.rate.rate):>6}   {interval(row.rate):<16} {row.counted}"
                sheet.paragraph(f"{row.name[:20]:<22}{numbers}", indent=2)
    if page.summary.unexpected_passes:
        names = ", ".join(page.summary.unexpected_passes)
        sheet.paragraph(f"Passed although known to fail: {names}", hang=2)


def _cases(sheet: Sheet, page: Page, run: RunLike) -> None:
    open_cases = [view for view in page.cases if view.summary.verdict != "pass"]
    if open_cases:
        sheet.heading("Cases that did not pass")
    for view in open_cases[:CASES_LISTED]:
        _case(sheet, view)
    if len(open_cases) > CASES_LISTED:
        more = counted(len(open_cases) - CASES_LISTED, "more case")
        sheet.paragraph(f"and {more}; all of them:", indent=2)
        sheet.command(f"audition show {shlex.quote(str(run.path))} --format csv", indent=4)
    example = next((view for view in page.cases if view.trials), None)
    if example is not None:
        number = next((t.number for t in example.trials if t.verdict != "pass"), 1)
        sheet.heading("A trial in full, and its case played again")
        sheet.command(show_command(str(run.path), example.case.id, number), indent=2)
        sheet.command(example.command, indent=2)


def _case(sheet: Sheet, view: CaseView) -> None:
    verdict = view.summary.verdict
    rate = f"{view.summary.passed}/{view.summary.judged} passed"
    title = " · ".join((view.case.id, rate, *view.marks))
    sheet.paragraph(f"{MARKS[verdict]} {title}", indent=2, hang=2, style=VERDICT_STYLES[verdict])
    found = ", ".join(f"{name} ×{number}" for name, number in view.found) or "nothing"
    met = view.expected if view.case.agent else f"expected {view.expected}, found {found}"
    sheet.paragraph(met, indent=4, hang=2)
    if view.reason:
        sheet.paragraph(view.reason, indent=4, hang=2)


def _find(run: RunLike, case: str, number: int) -> tuple[CaseRecord, Trial]:
    cases = {record.id: record for record in run.cases}
    if case not in cases:
        advice = suggestion(case, tuple(cases))
        raise InputError([Problem("--trial", f"the run has no case {case!r}", advice)])
    played = {trial.number: trial for trial in run.trials if trial.case == case}
    if number not in played:
        known = ", ".join(f"{case}#{known}" for known in sorted(played)) or "another case"
        problem = Problem("--trial", f"{case}#{number} was not played", f"choose {known}")
        raise InputError([problem])
    return cases[case], played[number]


def _scores(sheet: Sheet, scores: tuple[Score, ...]) -> None:
    if scores:
        sheet.heading("Checks")
    for score in scores:
        extent = score.kind if score.required else f"{score.kind}, not required"
        head = f"{MARKS[score.verdict]} {score.check} ({extent}): {score.reason or score.verdict}"
        sheet.paragraph(head, indent=2, hang=2, style=VERDICT_STYLES[score.verdict])
        if score.expected or score.found:
            sheet.paragraph(f"expected {score.expected or '–'}", indent=4, hang=2)
            sheet.paragraph(f"found    {score.found or '–'}", indent=4, hang=2)
        if score.evidence:
            items = (f"event {i}" if isinstance(i, int) else i for i in score.evidence)
            sheet.paragraph(f"evidence {', '.join(items)}", indent=4, hang=2)
        if score.why:
            sheet.paragraph(f"guards   {score.why}", indent=4, hang=2, style=QUIET)


def _sections(sheet: Sheet, work: Work) -> None:
    sheet.heading("Handed over")
    for line in handed_lines(work.handed):
        sheet.paragraph(line, indent=2, hang=2)
    if work.runs:
        sheet.heading("Run by the harness")
    for run in work.runs:
        head, *rest = harness_lines(run)
        sheet.paragraph(head, indent=2, hang=2, style=VERDICT_STYLES[run.verdict])
        for line in rest:
            sheet.paragraph(line, indent=4, hang=2)


def _event(sheet: Sheet, event: EventView) -> None:
    indent = 2 + 2 * event.depth
    chips = "".join(f"  [{MARKS[chip.verdict]} {chip.check}]" for chip in event.chips)
    worst = next((chip.verdict for chip in event.chips if chip.verdict != "pass"), None)
    style = VERDICT_STYLES[worst] if worst else "bold" if event.chips else ""
    head = f"{event.number:>3}  {event.actor} {event.title}{chips}"
    sheet.paragraph(head, indent=indent, hang=5, style="red" if event.is_trouble else style)
    facts = " · ".join((f"at {event.at}", *event.facts))
    sheet.paragraph(facts, indent=indent + 5, style=QUIET)
    if event.body:
        sheet.paragraph(event.body, indent=indent + 7)
    for diff in event.diffs:
        _diff(sheet, diff, indent=indent + 7, named=len(event.diffs) > 1 or bool(event.commit))


def _diff(sheet: Sheet, diff: FileDiff, *, indent: int, named: bool) -> None:
    if named:  # what a commit holds was shown where it was changed
        sheet.paragraph(diff_words(diff), indent=indent)
        return
    for line in diff.lines:
        sign = "@@ " if line.sign == "@" else line.sign
        style = {"+": "green", "-": "red", "@": QUIET, " ": ""}[line.sign]
        sheet.paragraph(f"{sign}{line.text}", indent=indent, hang=1, style=style)
    if diff.left_off:
        more = f"{counted(diff.left_off, 'further line')} not shown; --full shows more"
        sheet.paragraph(more, indent=indent, style=QUIET)
