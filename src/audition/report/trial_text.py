"""Lines about what agents at work left behind, for a terminal; harmless only once printed."""

from collections.abc import Iterator

from audition.report.diffs import FileDiff
from audition.report.figures import MARKS, count, counted
from audition.report.handed_over import HandedOver
from audition.report.harness_runs import HarnessRun


def handed_lines(handed: HandedOver) -> Iterator[str]:
    """Where HEAD is, and every changed file with its size."""
    yield from handed.states
    yield f"{counted(handed.files, 'file')} at the end, {count(handed.changed)} changed"
    yield from (diff_words(diff) for diff in handed.diffs)
    if handed.diffs_left_off:
        yield f"and {counted(handed.diffs_left_off, 'further file')}"
    for diff in handed.head_diffs:
        yield f"in HEAD otherwise: {diff_words(diff)}"


def diff_words(diff: FileDiff) -> str:
    """A changed file in one line."""
    sizes = (diff.role, *((diff.size,) if diff.size else ()), *diff.facts)
    return f"{diff.what} {diff.path} ({', '.join(sizes)})"


def harness_lines(run: HarnessRun) -> Iterator[str]:
    """A run of the harness: what, where and with which result; then what failed in it."""
    own = ", ".join(f"event {number}" for number in run.events)
    at = f" (an agent's own run here: {own})" if own else ""
    yield f"{MARKS[run.verdict]} {run.kind}, {run.tree}{at}: {run.result}"
    for entry in run.listed:
        yield f"{entry.where} {entry.kind}: {entry.words}".rstrip(": ")
    if run.left_off:
        yield f"and {count(run.left_off)} more"
    if run.output:
        yield run.output
