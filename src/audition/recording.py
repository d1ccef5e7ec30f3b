"""Making recordings out of a run, and pinning the ones that were written by hand."""

from dataclasses import replace
from pathlib import Path

from audition.errors import InputError, Problem
from audition.evidence import Evidence
from audition.job import Job
from audition.record import Trial
from audition.recordings import (
    Recording,
    Recordings,
    read_recordings,
    turns_of,
    write_recordings,
)
from audition.runfile import Run

BY_HAND = "hand"


def record_run(run: Run, job: Job) -> tuple[Path, int]:
    """Write the run's trials as recordings of its suite; returns the file and how many there are.

    Recordings of trials that the run does not hold stay as they are. A run of recordings only
    renews the pins of those made by hand: what a model said to another prompt is never said to be
    its answer to this one.

    Raises:
        InputError: the run replayed what a model had answered to another prompt.
    """
    path = job.suite.recordings
    recordings: Recordings = read_recordings(path) if path.is_file() else {}
    pins = {(entry.case.id, entry.scene.trial): entry.scene.pin for entry in job.entries}
    problems, count = [], 0
    for trial, evidence in run.evidences():
        place = (trial.case, trial.number)
        if trial.verdict == "fault" or place not in pins:
            continue
        old = recordings.get(place)
        if run.record.model != "recorded":
            new = _recording(trial, evidence, run.record.model, pins[place])
        elif old is not None and old.author == BY_HAND:
            new = replace(old, pin=pins[place])
        elif old is not None and old.pin == pins[place]:
            new = old
        else:
            what = f"{trial.case}#{trial.number} is a model's answer to another prompt"
            problems.append(Problem(str(path), what, "record it again with that model"))
            continue
        recordings[place] = new
        count += 1
    if problems:
        raise InputError(problems)
    write_recordings(path, recordings.values())
    return path, count


def _recording(trial: Trial, evidence: Evidence, model: str, pin: str) -> Recording:
    author = ", ".join(trial.served) or model
    outcome = evidence.outcome
    return Recording(
        case=trial.case,
        trial=trial.number,
        author=f"model {author}" if author == BY_HAND else author,
        date=trial.started_at[:10],
        pin=pin,
        turns=turns_of(evidence.trace),
        began=outcome.started_at if outcome else "",
        ended=outcome.ended_at if outcome else "",
    )
