"""The JSON of a run, for programs: `{"unsafe": […], "run": …, "summary": …, "trials": […]}`.

`unsafe` holds the notes that come before everything else, where nothing kept commands in.
Texts are kept whole and are escaped to ASCII, so that nothing in them can act on a terminal. A cost
that is not known is `null`.
"""

import json
from dataclasses import asdict
from typing import Any

from audition.record import Trial
from audition.report.view import RunLike, unsafe_notes
from audition.score import Score
from audition.summary import summarize


def render_json(run: RunLike) -> str:
    """The run as JSON text."""
    summary = summarize(run.record, run.cases, run.trials, run.planned)
    document = {
        "unsafe": unsafe_notes(run.record),
        "run": {"path": str(run.path), **asdict(run.record), "state": asdict(run.state)},
        "summary": asdict(summary),
        "trials": [_trial(trial) for trial in run.trials],
    }
    # DEL is the one control character that JSON leaves as it is.
    return json.dumps(document, ensure_ascii=True, indent=2).replace("\x7f", "\\u007f") + "\n"


def _trial(trial: Trial) -> dict[str, Any]:
    return {
        "case": trial.case,
        "trial": trial.number,
        "verdict": trial.verdict,
        "delegated_to": trial.delegated_to,
        "asked_for": trial.asked_for,
        "scores": [_score(score) for score in trial.scores],
        "tokens": trial.tokens,
        "cost_usd": trial.cost_usd,
        "duration_s": trial.duration_s,
        "waited_s": trial.waited_s,
        "turns": trial.turns,
        "served": trial.served,
        "labels": list(trial.labels),
        "faults": list(trial.faults),
        "reused_from": trial.reused_from,
    }


def _score(score: Score) -> dict[str, Any]:
    return {
        "check": score.check,
        "kind": score.kind,
        "required": score.required,
        "critical": score.critical,
        "verdict": score.verdict,
        "value": score.value,
        "reason": score.reason,
        "expected": score.expected,
        "found": score.found,
        "evidence": list(score.evidence),
        "why": score.why,
    }
