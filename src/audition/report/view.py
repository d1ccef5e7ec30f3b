"""View data of a run: what every report says, before anybody decides how it looks.

Frozen, computed from the run file alone, worst cases first. Texts are as the run file has them:
making them harmless is the business of whoever writes to a page or a terminal, in one place each.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from audition.evidence import Evidence
from audition.record import CaseRecord, FindingRecord, RunRecord, RunState, Trial
from audition.report.case_view import CaseView, case_views
from audition.report.check_matrix import CheckMatrix, check_matrix
from audition.report.figures import (
    count,
    counted,
    dollars,
    moment,
    seconds,
    share,
    verdict_count,
)
from audition.score import Verdict
from audition.summary import summarize
from audition.tally import Confusion, Rate, Summary

STAMPS = {"scripted": "SCRIPTED", "baseline": "BASELINE"}
_UNSAFE = "WITHOUT A SANDBOX"
"""What a note says of a run whose commands nothing kept in."""


class RunLike(Protocol):
    """What a report needs of a run."""

    @property
    def path(self) -> Path:
        """Where the run file lies."""
        ...

    @property
    def record(self) -> RunRecord:
        """How the run was made."""
        ...

    @property
    def state(self) -> RunState:
        """How far it has come."""
        ...

    @property
    def cases(self) -> tuple[CaseRecord, ...]:
        """Its cases, in the order of the dataset."""
        ...

    @property
    def trials(self) -> tuple[Trial, ...]:
        """Its trials, by case and number."""
        ...

    @property
    def planned(self) -> Mapping[str, int]:
        """How many trials each case was to have."""
        ...

    def evidence(self, trial: Trial) -> Evidence:
        """All that is stored of a trial."""
        ...


@dataclass(frozen=True)
class Banner:
    """What is read first."""

    verdict: Verdict
    headline: str
    stamp: str
    """`SCRIPTED`, `BASELINE`, or the name of the real model."""
    is_real: bool
    counts: tuple[tuple[Verdict, str], ...]
    """Trials by verdict in words, those that occur."""
    made: tuple[str, ...]
    """Model, runtime, setup and time, in short."""
    unfinished: str
    """Why trials are missing; empty for a run that came to its end."""


@dataclass(frozen=True)
class Fact:
    """One line of how the run was made."""

    name: str
    text: str
    is_code: bool = False


@dataclass(frozen=True)
class Figure:
    """One number with its interval."""

    name: str
    meaning: str
    rate: Rate


@dataclass(frozen=True)
class GroupRow:
    """One rate among its like."""

    name: str
    rate: Rate
    counted: str
    """What the rate was counted over, in words."""


@dataclass(frozen=True)
class GroupTable:
    """Pass rates side by side."""

    title: str
    rows: tuple[GroupRow, ...]


@dataclass(frozen=True)
class Page:
    """Everything that a report of a run says."""

    title: str
    banner: Banner
    made: tuple[Fact, ...]
    unsafe: tuple[str, ...]
    """Notes that come before everything else: nothing kept the commands of the agents in."""
    warnings: tuple[str, ...]
    notes: tuple[str, ...]
    summary: Summary
    figures: tuple[Figure, ...]
    totals: tuple[Fact, ...]
    groups: tuple[GroupTable, ...]
    confusion: Confusion | None
    cases: tuple[CaseView, ...]
    checks: CheckMatrix | None
    """Cases against checks; None where no agent works."""
    findings: tuple[FindingRecord, ...]
    record: RunRecord


def page_view(run: RunLike) -> Page:
    """The view data of a run."""
    summary = summarize(run.record, run.cases, run.trials, run.planned)
    cases = case_views(run.record, summary, run.trials)
    return Page(
        title=f"{run.record.suite}: {summary.verdict}",
        banner=_banner(run.record, run.state, summary),
        made=_made(run),
        unsafe=unsafe_notes(run.record),
        warnings=summary.warnings,
        notes=tuple(note for note in run.record.notes if _UNSAFE not in note),
        summary=summary,
        figures=_figures(summary),
        totals=_totals(run.state, summary),
        groups=_groups(summary),
        confusion=summary.confusion,
        cases=cases,
        checks=check_matrix(cases, summary),
        findings=run.record.findings,
        record=run.record,
    )


def unsafe_notes(record: RunRecord) -> tuple[str, ...]:
    """The notes that say that nothing kept the commands of the agents in."""
    return tuple(note for note in record.notes if _UNSAFE in note)


def _banner(record: RunRecord, state: RunState, summary: Summary) -> Banner:
    return Banner(
        verdict=summary.verdict,
        headline=summary.headline,
        stamp=STAMPS.get(record.nature, record.model),
        is_real=record.nature == "real",
        counts=tuple((v, verdict_count(v, n)) for v, n in summary.verdicts.items() if n),
        made=(
            f"model {record.model}",
            f"runtime {record.runtime}",
            f"setup {record.setup} at {record.setup_digest[:12]}",
            moment(record.started_at),
        ),
        unfinished=_unfinished(state, summary),
    )


def _unfinished(state: RunState, summary: Summary) -> str:
    missing = summary.planned - summary.played
    if not missing:
        return ""
    played = f"{count(summary.played)} of {count(summary.planned)} trials were played"
    reasons = {
        "": "the run has not ended",
        "interrupted": "the run was interrupted",
        "budget": "the budget was used up",
        "faults": "every call had met trouble of the infrastructure",
        "finished": "the rest is missing from the file",
    }
    return f"{played}: {reasons[state.ended_by]}."


def _made(run: RunLike) -> tuple[Fact, ...]:
    record = run.record
    natures = {"real": "a real model", "baseline": "a baseline", "scripted": "scripted"}
    served = sorted({name for trial in run.trials for name in trial.served} - {record.model})
    agents = ", ".join(agent.name for agent in record.agents) or "none"
    facts = [
        Fact("Command that repeats it", record.command, is_code=True),
        Fact("Model", f"{record.model} ({natures[record.nature]})"),
        Fact("Served by", ", ".join(served)),
        Fact("Server", record.base_url),
        Fact("Runtime", f"{record.runtime}, loop version {record.loop_version}"),
        Fact("Suite", record.suite_path),
        Fact("Datasets", ", ".join(record.datasets)),
        Fact("Setup", f"{record.setup} at {record.setup_digest[:12]}"),
        Fact("Routing digest", record.routing_digest[:12], is_code=True),
        Fact("Agents on offer", agents),
        Fact("Trials of a case", _trials_words(record)),
        Fact("Limits", _limits_words(record)),
        Fact("Series", record.series),
        Fact("Started", moment(record.started_at)),
        Fact("Ended", moment(run.state.ended_at) or "not yet"),
        Fact("Run file", run.path.name),
        Fact("Audition", record.audition_version),
    ]
    return tuple(fact for fact in facts if fact.text)


def _trials_words(record: RunRecord) -> str:
    if not record.allow:
        return f"{record.trials}, all of which must pass"
    return f"{record.trials}, of which {record.allow} may fail"


def _limits_words(record: RunRecord) -> str:
    words = [
        f"{dollars(value)} a trial" if name == "cost_usd" else f"{value:g} {name.replace('_', ' ')}"
        for name, value in record.limits.items()
    ]
    if record.budget_usd is not None:
        words.append(f"{dollars(record.budget_usd)} the run")
    return ", ".join(words)


def _figures(summary: Summary) -> tuple[Figure, ...]:
    figures = [Figure("Pass rate", "trials that passed every required check", summary.pass_rate)]
    if summary.delegated is not None:
        meaning = "of the trials that should delegate, those that did"
        figures.append(Figure("Delegated", meaning, summary.delegated))
    if summary.right is not None:
        meaning = "of those that delegated, those that went where the case accepts it"
        figures.append(Figure("Right agent", meaning, summary.right))
    return tuple(figures)


def _totals(state: RunState, summary: Summary) -> tuple[Fact, ...]:
    reused = f", {count(summary.reused)} reused" if summary.reused else ""
    totals = [
        Fact("Cases passed", f"{count(summary.cases_passed)} of {count(summary.cases_judged)}"),
        Fact("Trials", f"{count(summary.played)} of {count(summary.planned)}{reused}"),
        Fact("Cost of the trials", dollars(summary.cost_usd)),
        Fact("Tokens", count(summary.tokens)),
        Fact("Time of the trials", seconds(summary.duration_s)),
    ]
    if state.spent_usd or state.unpriced_trials:
        unknown = f" and {counted(state.unpriced_trials, 'play')} of unknown cost"
        paid = dollars(state.spent_usd) + (unknown if state.unpriced_trials else "")
        totals.insert(3, Fact("Paid in this file", paid))
    if summary.macro_f1 is not None:
        totals.insert(1, Fact("Macro-F1", f"{summary.macro_f1:.2f}"))
    return tuple(totals)


def _groups(summary: Summary) -> tuple[GroupTable, ...]:
    titled = {
        "By kind of check": summary.by_kind,
        "By check": summary.by_check,
        "By tag": summary.by_tag,
        "By origin": summary.by_origin,
        "By split": summary.by_split,
        "Answer in the prompt": summary.by_copied,
    }
    tables = [
        GroupTable(
            title, tuple(GroupRow(group.name, group.rate, share(group.rate)) for group in groups)
        )
        for title, groups in titled.items()
        if groups
    ]
    if len(summary.repeats) > 1:
        tables += _repeat_tables(summary)
    return tuple(tables)


def _repeat_tables(summary: Summary) -> list[GroupTable]:
    at: list[GroupRow] = []
    every: list[GroupRow] = []
    for repeats in summary.repeats:
        cases = counted(repeats.cases, "case")
        at.append(GroupRow(f"k = {repeats.k}", repeats.pass_at, cases))
        every.append(GroupRow(f"k = {repeats.k}", repeats.pass_all, cases))
    return [
        GroupTable("pass@k: at least one of k trials passes", tuple(at)),
        GroupTable("pass^k: all of k trials pass", tuple(every)),
    ]
