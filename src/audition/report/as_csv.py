"""A table for spreadsheets: one row for each score, and one for a trial that has no score.

Columns that belong to the trial stand in each of its rows. A text that a spreadsheet would take for
a formula gets an apostrophe in front; control characters are written out.
"""

import csv
from collections.abc import Iterator
from io import StringIO

from audition.inert import inert
from audition.record import CaseRecord, Trial
from audition.report.view import RunLike, unsafe_notes
from audition.score import Score

COLUMNS = (
    "case", "trial", "trial_verdict", "delegated_to", "check", "kind", "required", "critical",
    "verdict", "value", "reason", "expected", "found", "evidence", "tokens", "cost_usd",
    "duration_s", "tags", "origin", "split", "unsafe",
)  # fmt: skip
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")

Cell = str | int | float | None


def render_csv(run: RunLike) -> str:
    """The table as text, with a line of column names."""
    unsafe = " ".join(unsafe_notes(run.record))
    cases = {case.id: case for case in run.cases}
    page = StringIO()
    writer = csv.writer(page, lineterminator="\n")
    writer.writerow(COLUMNS)
    for trial in run.trials:
        for row in _rows(cases[trial.case], trial, unsafe):
            writer.writerow([guarded(cell) for cell in row])
    return page.getvalue()


def guarded(cell: Cell) -> Cell:
    """The cell as a spreadsheet may have it; numbers are left alone."""
    if not isinstance(cell, str):
        return cell
    harmless = inert(cell, keep_layout=True)
    return f"'{harmless}" if cell.startswith(_FORMULA_STARTS) else harmless


def _rows(case: CaseRecord, trial: Trial, unsafe: str) -> Iterator[tuple[Cell, ...]]:
    for score in trial.scores or (None,):
        yield (
            *(trial.case, trial.number, trial.verdict, trial.delegated_to),
            *(_score_cells(score) if score else ("",) * 10),
            *(trial.tokens, trial.cost_usd, trial.duration_s),
            *(" ".join(case.tags), case.origin, case.split, unsafe),
        )


def _score_cells(score: Score) -> tuple[Cell, ...]:
    return (
        *(score.check, score.kind, str(score.required).lower(), str(score.critical).lower()),
        *(score.verdict, score.value, score.reason, score.expected, score.found),
        " ".join(str(item) for item in score.evidence),
    )
