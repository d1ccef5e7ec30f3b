"""View data of the cases of a run, and of their trials without the traces."""

import shlex
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from glob import escape as escape_pattern

from audition.record import CaseRecord, RunRecord, Trial
from audition.report.figures import count, counted, dollars, seconds
from audition.score import Score, Verdict
from audition.summary import NONE
from audition.tally import CaseSummary, Summary

_WORST_FIRST: tuple[Verdict, ...] = ("fail", "fault", "skip", "pass")
_SELECTING_OPTIONS = frozenset({"--cases", "--tag", "--out"})


@dataclass(frozen=True)
class TrialView:
    """One attempt, without its trace."""

    number: int
    verdict: Verdict
    found: str
    reason: str
    """The first thing that kept it from passing; empty for a pass."""
    scores: tuple[Score, ...]
    facts: tuple[str, ...]
    labels: tuple[str, ...]
    lost: tuple[str, ...]
    """Faults of plays that were thrown away and repeated."""
    trial: Trial


@dataclass(frozen=True)
class CaseView:
    """One case with its trials."""

    position: int
    """Its place in the dataset, from 0."""
    case: CaseRecord
    summary: CaseSummary
    expected: str
    confused_as: str
    """The row of the confusion matrix it belongs to."""
    found: tuple[tuple[str, int], ...]
    """What was started, most frequent first, with the number of trials."""
    reason: str
    marks: tuple[str, ...]
    """Words about the case: flaky, copied, known to fail, not played."""
    command: str
    trials: tuple[TrialView, ...]


def case_views(
    record: RunRecord, summary: Summary, trials: Iterable[Trial]
) -> tuple[CaseView, ...]:
    """All cases: those that failed first, and in the order of the dataset among their like."""
    by_case: dict[str, list[Trial]] = {}
    for trial in trials:
        by_case.setdefault(trial.case, []).append(trial)
    views = [
        _case(record, position, entry, by_case.get(entry.case.id, []))
        for position, entry in enumerate(summary.cases)
    ]
    return tuple(
        sorted(views, key=lambda view: (_WORST_FIRST.index(view.summary.verdict), view.position))
    )


def case_command(record: RunRecord, case: str) -> str:
    """The command that plays one case again, made as the run was made."""
    pattern = shlex.quote(escape_pattern(case))
    base = _without_selection(record.command, record.suite_path)
    return f"{base} --cases {pattern} --fresh"


@lru_cache(maxsize=1)  # the same for every case of a run
def _without_selection(command: str, suite_path: str) -> str:
    try:
        words = shlex.split(command)
    except ValueError:
        words = []
    if words[:2] != ["audition", "run"]:
        return f"audition run {shlex.quote(suite_path)}"
    kept: list[str] = []
    rest = iter(words)
    for word in rest:
        if word in _SELECTING_OPTIONS:
            next(rest, None)
        elif word.partition("=")[0] not in _SELECTING_OPTIONS:
            kept.append(shlex.quote(word))
    return " ".join(kept)


def show_command(run_file: str, case: str, number: int) -> str:
    """The command that prints one trial in full."""
    return f"audition show {shlex.quote(run_file)} --trial {shlex.quote(f'{case}#{number}')}"


def found_of(trial: Trial) -> str:
    """What a trial started, in the words of the confusion matrix."""
    return trial.delegated_to or NONE


def _case(record: RunRecord, position: int, entry: CaseSummary, trials: list[Trial]) -> CaseView:
    case = entry.case
    views = tuple(trial_view(trial) for trial in trials)
    if case.agent is not None:  # the main thread, which alone is confused about agents, is absent
        views = tuple(replace(view, found="") for view in views)
    judged = [view.found for view in views if view.verdict in ("pass", "fail") and view.found]
    return CaseView(
        position=position,
        case=case,
        summary=entry,
        expected=_expected(case),
        confused_as=case.agents[0] if case.agents else NONE,
        found=tuple(Counter(judged).most_common()),
        reason=next(
            (
                view.reason
                for view in sorted(views, key=lambda view: view.trial.verdict != entry.verdict)
                if view.reason
            ),
            "",
        ),
        marks=_marks(entry),
        command=case_command(record, case.id),
        trials=views,
    )


def _expected(case: CaseRecord) -> str:
    if case.agent is not None:
        return f"{case.agent}, asked directly"
    if case.agents is None:
        return "any"
    return " → ".join(case.agents) or NONE


def _marks(entry: CaseSummary) -> tuple[str, ...]:
    marks = ["flaky"] if entry.flaky else []
    if entry.case.known:
        marks.append("known to fail")
    if entry.case.copied:
        marks.append("answer in the prompt")
    if entry.faults:
        marks.append(counted(entry.faults, "fault"))
    if entry.missing:
        marks.append(f"{count(entry.missing)} not played")
    return tuple(marks)


def trial_view(trial: Trial) -> TrialView:
    """One attempt, without its trace."""
    return TrialView(
        number=trial.number,
        verdict=trial.verdict,
        found=_found_words(trial),
        reason=_first_reason(trial),
        scores=trial.scores,
        facts=_trial_facts(trial),
        labels=trial.labels,
        lost=trial.faults,
        trial=trial,
    )


def _found_words(trial: Trial) -> str:
    if trial.delegated_to is None and trial.asked_for is not None:
        return f"{NONE} (asked for {trial.asked_for})"
    return found_of(trial)


def _first_reason(trial: Trial) -> str:
    if trial.verdict == "pass":
        return ""
    deciding = [s for s in trial.scores if s.required and s.verdict == trial.verdict]
    others = [score for score in trial.scores if score.verdict != "pass"]
    # A trial that was stopped by its limit fails its other checks for that reason.
    limits = [score for score in deciding if score.check == "limits"]
    every = (*limits, *deciding, *others)
    return next((f"{score.check}: {score.reason}" for score in every), "")


def _trial_facts(trial: Trial) -> tuple[str, ...]:
    facts = (
        counted(trial.turns, "turn"),
        counted(trial.tokens, "token"),
        dollars(trial.cost_usd) if trial.cost_usd is not None else "cost unknown",
        seconds(trial.duration_s),
        f"waited {seconds(trial.waited_s)}" if trial.waited_s else "",
        f"served by {', '.join(trial.served)}" if trial.served else "",
        f"reused from {trial.reused_from}" if trial.reused_from else "",
    )
    return tuple(fact for fact in facts if fact)
