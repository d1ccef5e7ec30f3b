"""Tidy pandas tables of a run: the one place that imports pandas."""

from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from audition.record import CaseRecord
from audition.runfile import Run, load

if TYPE_CHECKING:
    import pandas as pd


class Frames(NamedTuple):
    """One row a trial, one row a score, one row an event."""

    trials: "pd.DataFrame"
    scores: "pd.DataFrame"
    events: "pd.DataFrame"


def frames(run: Run | Path | str) -> Frames:
    """The tables of a run, or of the run file at a path.

    Scores and events join trials by `case` and `trial`.

    Raises:
        FileFormatError: the run file has gone since it was loaded.
    """
    import pandas as pd

    run = run if isinstance(run, Run) else load(run)
    trials, scores, events = [], [], []
    cases = {case.id: _case_columns(case) for case in run.cases}
    for trial, trace in run.traces():
        place = {"case": trial.case, "trial": trial.number}
        row = {name: value for name, value in vars(trial).items() if name not in _NESTED}
        trials.append({**place, **cases[trial.case], **row, "tokens": trial.tokens})
        for score in trial.scores:
            scores.append({**place, **vars(score), "evidence": list(score.evidence)})
        for event in trace:
            events.append({**place, **{k: v for k, v in vars(event).items() if k != "input"}})
    return Frames(pd.DataFrame(trials), pd.DataFrame(scores), pd.DataFrame(events))


def _case_columns(case: CaseRecord) -> dict[str, Any]:
    return {
        "request": case.request,
        "expected": " > ".join(case.agents) if case.agents else "none",
        "tags": " ".join(case.tags),
        "origin": case.origin,
        "split": case.split,
        "copied": case.copied,
    }


_NESTED = frozenset({"case", "number", "scores", "faults", "labels"})
