"""What a job on GitHub is shown: annotations on lines of files, and a summary of the step.

A gate annotates the lines of the definitions that changed, a run the cases that did not pass.

The rules of workflow commands are GitHub's ("Workflow commands for GitHub Actions"): in the text of
an annotation `%`, CR and LF are written as `%25`, `%0D` and `%0A`, in a property `:` and `,` as
`%3A` and `%2C` as well; so nothing that a model or a definition says can begin another command. A
summary may hold 1 MiB.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from audition.compare.comparison import Comparison
from audition.contest.verdicts import GateRecord
from audition.gate.words import Verdict
from audition.inert import inert
from audition.report.case_view import CaseView
from audition.report.view import RunLike, page_view
from audition.score import Verdict as CaseVerdict

Level = Literal["error", "warning", "notice"]
SUMMARY_BYTES = 1024 * 1024
_ANNOTATED_MOST = 10
"""So many of each kind does GitHub show of a step."""
_LEVELS: dict[Verdict, Level] = {
    "fail": "error",
    "pass": "notice",
    "inconclusive": "warning",
    "invalid": "error",
    "nothing changed": "notice",
}
_RUN_LEVELS: dict[CaseVerdict, Level] = {
    "pass": "notice",
    "fail": "error",
    "skip": "warning",
    "fault": "error",
}
_CUT = "\n\n*Cut here.*\n"


@dataclass(frozen=True)
class Annotation:
    """A message beside a line of a file."""

    level: Level
    title: str
    message: str
    file: str = ""
    line: int = 1

    def __str__(self) -> str:
        """The workflow command."""
        place = {"file": self.file, "line": str(self.line)} if self.file else {}
        named = {**place, "title": self.title}
        properties = ",".join(f"{name}={_property(value)}" for name, value in named.items())
        return f"::{self.level} {properties}::{_escaped(self.message)}"


def annotations(record: GateRecord, comparison: Comparison | None) -> Iterator[Annotation]:
    """The verdict beside every definition that changed; by itself where none is known."""
    level, title = _LEVELS[record.verdict], f"audition gate: {record.suite}"
    message = "\n".join([record.reasons[0], *_broken(comparison)])
    definitions = comparison.definitions if comparison is not None else ()
    placed = [change for change in definitions if change.path and change.what != "removed"]
    for change in placed[:_ANNOTATED_MOST]:
        path = Path(record.setup_folder) / change.path
        added = [line[1:].strip() for line in change.diff if line.startswith("+")]
        yield Annotation(level, title, message, path.as_posix(), _line_of(path, added))
    if not placed:
        yield Annotation(level, title, message)


def run_annotations(run: RunLike) -> Iterator[Annotation]:
    """What came out, and each case that did not pass, beside its line of the dataset."""
    page = page_view(run)
    title = f"audition: {page.record.suite}"
    level = _RUN_LEVELS[page.banner.verdict]
    yield Annotation(level, title, f"{page.banner.headline}\n{page.banner.stamp}")
    failing = [view for view in page.cases if view.summary.verdict != "pass"]
    gated = [view for view in failing if not view.case.known]
    for view in gated[: _ANNOTATED_MOST - 1]:
        file, _, line = view.case.where.rpartition(":")
        number = int(line) if line.isdecimal() else 1
        yield Annotation(
            _RUN_LEVELS[view.summary.verdict], title, _case_message(view), file, number
        )


def within_summary(markdown: str, *, taken: int = 0) -> str:
    """The text as far as a summary may be long, cut at a line.

    Args:
        markdown: The text.
        taken: So many bytes of the summary are written already.
    """
    data, room = markdown.encode(), SUMMARY_BYTES - taken
    if len(data) <= room:
        return markdown
    if room <= len(_CUT.encode()):
        return ""
    kept = data[: room - len(_CUT.encode())].decode(errors="ignore")
    return kept.rpartition("\n")[0] + _CUT


def _case_message(view: CaseView) -> str:
    row = view.summary
    lines = [
        f"{view.case.id}: {row.passed} of {row.judged} trials passed",
        view.reason,
        f"expected {view.expected}",
        f"again: {view.command}",
    ]
    return "\n".join(line for line in lines if line)


def _broken(comparison: Comparison | None) -> list[str]:
    found = comparison.changed("broke", "worse") if comparison is not None else ()
    lines = [f"{case.case.id}: {case.base} → {case.head}" for case in found[:_ANNOTATED_MOST]]
    more = len(found) - _ANNOTATED_MOST
    return [*lines, f"and {more} more"] if more > 0 else lines


def _line_of(path: Path, added: list[str]) -> int:
    """The first line of the file that the change added; 1 where none can be found."""
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return 1
    wanted = {line for line in added if line}
    for number, line in enumerate(lines, start=1):
        if line.strip() in wanted:
            return number
    keys = tuple(f"{line.split(':', 1)[0]}:" for line in wanted if ":" in line)
    found = (n for n, line in enumerate(lines, start=1) if keys and line.startswith(keys))
    return next(found, 1)


def _escaped(text: str) -> str:
    harmless = inert(text, keep_layout=True)
    return harmless.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _escaped(text).replace(":", "%3A").replace(",", "%2C")
