"""A run as JUnit XML, for what collects results of tests.

One test case for each case: a failure holds what was expected and found, why, and the command that
plays it again. A trial that met a fault is an error, never a failure; a known failure, and what
could not be judged, is skipped. Counts and names are those of the run file, times the sums of its
trials. Characters that XML has no place for are written out.
"""

import re
from collections.abc import Iterable
from xml.etree import ElementTree as ET

from audition.inert import inert
from audition.record import CaseRecord, Trial
from audition.report.case_view import case_command
from audition.report.view import RunLike
from audition.summary import summarize
from audition.tally import CaseSummary

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render_junit(run: RunLike) -> str:
    """The document as text."""
    summary = summarize(run.record, run.cases, run.trials, run.planned)
    tried: dict[str, list[Trial]] = {}
    for trial in run.trials:
        tried.setdefault(trial.case, []).append(trial)
    suite = ET.Element("testsuite", name=_text(run.record.suite))
    counts = {"failures": 0, "errors": 0, "skipped": 0}
    for row in summary.cases:
        kind = _case(suite, run, row, tried.get(row.case.id, ()))
        if kind:
            counts[kind] += 1
    numbers = {"tests": len(summary.cases), **counts}
    suite.attrib |= {name: str(number) for name, number in numbers.items()}
    suite.attrib |= {"time": f"{summary.duration_s:.3f}", "timestamp": run.record.started_at[:19]}
    properties = ET.Element("properties")
    for name in ("model", "nature", "setup", "setup_digest"):
        value = _text(str(getattr(run.record, name)))
        ET.SubElement(properties, "property", name=name, value=value)
    suite.insert(0, properties)
    root = ET.Element("testsuites")
    root.append(suite)
    ET.indent(root)
    body = ET.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{body}\n'


def _case(suite: ET.Element, run: RunLike, row: CaseSummary, trials: Iterable[Trial]) -> str:
    """Add a case; returns what it counts as beside a test."""
    case = ET.SubElement(
        suite,
        "testcase",
        classname=_text(run.record.suite),
        name=_text(row.case.id),
        time=f"{row.duration_s:.3f}",
        file=_text(row.case.where.rsplit(":", 1)[0]),
    )
    said = f"{row.passed} of {row.judged} trials passed"
    if row.verdict == "pass":
        return ""
    if row.case.known:
        ET.SubElement(case, "skipped", message=_text(f"a known failure: {row.case.known}"))
        return "skipped"
    if row.verdict == "skip":
        ET.SubElement(case, "skipped", message="not judged: trials are missing or were skipped")
        return "skipped"
    kind, tag = ("failures", "failure") if row.verdict == "fail" else ("errors", "error")
    element = ET.SubElement(case, tag, message=_text(_message(trials) or said), type=row.verdict)
    element.text = _text("\n".join(_details(run, row.case, trials, said)))
    return kind


def _message(trials: Iterable[Trial]) -> str:
    return next((s.reason for t in trials for s in t.scores if s.verdict == "fail"), "")


def _details(run: RunLike, case: CaseRecord, trials: Iterable[Trial], said: str) -> Iterable[str]:
    yield said
    for trial in trials:
        for score in trial.scores:
            if score.verdict in ("fail", "fault"):
                yield f"#{trial.number} {score.check}: {score.reason}"
                if score.expected or score.found:
                    yield f"    expected {score.expected or '–'}"
                    yield f"    found    {score.found or '–'}"
        yield from (f"#{trial.number} fault: {words}" for words in trial.faults)
    yield f"again: {case_command(run.record, case.id)}"


def _text(words: str) -> str:
    return _NOT_XML.sub("�", inert(words, keep_layout=True))
