"""A verdict as Markdown: a comment on a pull request with only what changed."""

from collections.abc import Iterator

from audition.compare.comparison import Comparison
from audition.contest.verdicts import GateRecord
from audition.report.as_markdown import plain
from audition.report.comparison_markdown import markdown_definitions, markdown_flips, within
from audition.report.figures import MARKS, dollars
from audition.report.gate_words import TONES, saved, stamp, title


def render_gate_markdown(record: GateRecord, comparison: Comparison | None) -> str:
    """The verdict, what broke and what it cost, below the limits of the services that show it."""
    mark = MARKS[TONES[record.verdict]]
    lines = [
        f"## {mark} {plain(record.reasons[0])}",
        "",
        f"{plain(_short(record, comparison))}",
        "",
    ]
    if words := stamp(record):
        lines += [f"> **!** {plain(words)}", ""]
    if comparison is not None:
        lines += markdown_flips(comparison)
    lines += _not_gated(record)
    lines += _why(record)
    if comparison is not None:
        lines += markdown_definitions(comparison)
    return within("\n".join(lines).rstrip("\n") + "\n")


def _short(record: GateRecord, comparison: Comparison | None) -> str:
    """`2 of 12 broke, $1.90`."""
    parts = []
    if comparison is not None and comparison.evidence:
        broke = len(comparison.changed("broke"))
        fixed = len(comparison.changed("fixed"))
        parts.append(f"{broke} of {len(comparison.evidence)} broke")
        parts += [f"{fixed} fixed"] if fixed else []
    if record.base_file:
        parts.append(dollars(record.spent_usd))
    return ", ".join(parts) or title(record)


def _not_gated(record: GateRecord) -> Iterator[str]:
    for each in record.excused:
        how = "passed, though its failure is known" if each.passed else "fails as known"
        yield f"- {plain(each.case)} {how}: {plain(each.reason)}"
    for case in record.new_cases:
        yield f"- {plain(case)} is a new case, shown and not gated"
    if record.excused or record.new_cases:
        yield ""


def _why(record: GateRecord) -> Iterator[str]:
    yield "<details><summary>How this was decided</summary>"
    yield ""
    yield plain(title(record))
    yield ""
    for words in (record.sees, *record.reasons[1:], *record.notes, saved(record)):
        if words:
            yield f"- {plain(words)}"
    yield ""
    yield f"Again: `{plain(record.command)}`" if record.command else ""
    yield ""
    yield "</details>"
    yield ""
