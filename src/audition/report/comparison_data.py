"""A comparison for programs: JSON with every number, CSV with a row for each case and check.

Texts are kept whole in the JSON and are escaped to ASCII, so that nothing in them can act on a
terminal. What is not known is `null`.
"""

import csv
import json
from collections.abc import Sequence
from dataclasses import asdict
from io import StringIO
from typing import Any

from audition.compare.comparison import Arm, Comparison, Tries
from audition.report.as_csv import Cell, guarded
from audition.report.comparison_words import headline, unsafe

COLUMNS = (
    "case", "change", "check", "base_passed", "base_judged", "head_passed", "head_judged",
    "base_verdict", "head_verdict", "reason", "tags", "unsafe",
)  # fmt: skip
_RECORDED = (
    "suite", "setup", "setup_digest", "model", "nature", "runtime", "loop_version", "started_at",
)  # fmt: skip


def comparison_json(comparison: Comparison, *, labels: tuple[str, str]) -> str:
    """All of it as JSON; keys are those of the nouns in `compare/comparison.py`."""
    data: dict[str, Any] = {
        "unsafe": unsafe(comparison),
        "headline": headline(comparison),
        "not_like_for_like": comparison.unlike,
        "base": _arm(comparison.base, labels[0]),
        "head": _arm(comparison.head, labels[1]),
        "overall": asdict(comparison.overall) if comparison.overall else None,
        "by_kind": [asdict(row) for row in comparison.by_kind],
        "by_check": [asdict(row) for row in comparison.by_check],
        "by_tag": [asdict(row) for row in comparison.by_tag],
        "cases": [
            {
                "id": case.case.id,
                "change": case.change,
                "base": asdict(case.base),
                "head": asdict(case.head),
                "base_verdict": case.base_verdict,
                "head_verdict": case.head_verdict,
                "checks": [asdict(check) for check in case.checks],
                "steady_checks": [asdict(check) for check in case.steady],
                "base_routes": dict(case.base_routes),
                "head_routes": dict(case.head_routes),
                "tags": case.case.tags,
            }
            for case in comparison.cases
        ],
        "untouched": comparison.untouched,
        "taken": comparison.taken,
        "definitions": [asdict(change) for change in comparison.definitions],
    }
    # DEL is the one control character that JSON leaves as it is.
    return json.dumps(data, indent=2, ensure_ascii=True).replace("\x7f", "\\u007f") + "\n"


def _arm(arm: Arm, label: str) -> dict[str, Any]:
    return {
        "label": label,
        **{name: getattr(arm.record, name) for name in _RECORDED},
        "amounts": asdict(arm.amounts),
        "confusion": asdict(arm.confusion) if arm.confusion else None,
        "unpaired": arm.unpaired,
    }


def comparison_csv(comparison: Comparison) -> str:
    """A row for each case as a whole, its check empty, and one for each check of it."""
    notes = " ".join(unsafe(comparison))
    page = StringIO()
    writer = csv.writer(page, lineterminator="\n")
    writer.writerow(COLUMNS)
    for case in comparison.cases:
        tags = " ".join(case.case.tags)
        whole = (*_tries(case.base), *_tries(case.head), case.base_verdict, case.head_verdict)
        rows: list[Sequence[Cell]] = [(case.case.id, case.change, "", *whole, "", tags, notes)]
        for check in (*case.checks, *case.steady):
            moved = (*_tries(check.base), *_tries(check.head), "", "", check.reason, tags, notes)
            rows.append((case.case.id, case.change, check.check, *moved))
        writer.writerows([guarded(cell) for cell in row] for row in rows)
    return page.getvalue()


def _tries(tries: Tries) -> tuple[int, int]:
    return tries.passed, tries.judged
