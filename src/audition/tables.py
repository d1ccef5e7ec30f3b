"""Tidy pandas tables of a run: the one place that imports pandas."""

from typing import TYPE_CHECKING, NamedTuple

from audition.runfile import Run

if TYPE_CHECKING:
    import pandas as pd


class Frames(NamedTuple):
    """One row a trial, one row a score, one row an event."""

    trials: "pd.DataFrame"
    scores: "pd.DataFrame"
    events: "pd.DataFrame"


def frames(run: Run) -> Frames:
    """The tables of a run; scores and events join trials by `case` and `trial`.

    Raises:
        FileFormatError: the run file has gone since it was loaded.
    """
    import pandas as pd

    trials, scores, events = [], [], []
    tags = {case.id: " ".join(case.tags) for case in run.cases}
    for trial, trace in run.traces():
        place = {"case": trial.case, "trial": trial.number}
        row = {name: value for name, value in vars(trial).items() if name not in _NESTED}
        trials.append({**place, "tags": tags.get(trial.case, ""), **row, "tokens": trial.tokens})
        for score in trial.scores:
            scores.append({**place, **vars(score), "evidence": list(score.evidence)})
        for event in trace:
            events.append({**place, **{k: v for k, v in vars(event).items() if k != "input"}})
    return Frames(pd.DataFrame(trials), pd.DataFrame(scores), pd.DataFrame(events))


_NESTED = frozenset({"case", "number", "scores", "faults", "labels"})
