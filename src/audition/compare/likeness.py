"""Whether two runs are like for like: what differs between them beside the definitions."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from audition.models.recorded import BROKEN_PIN
from audition.record import RunRecord
from audition.runfile import Run

_NATURES = {
    "scripted": "is scripted: what it shows says nothing about a real model",
    "baseline": "is a baseline from word matching: it says nothing about a real model",
}
_ENDS = {
    "": "it has not ended",
    "interrupted": "it was interrupted",
    "budget": "its budget was used up",
    "faults": "every call had met trouble of the infrastructure",
}
_NAMED_MOST = 5


def unlike(base: Run, head: Run, renamed: Mapping[str, str]) -> tuple[str, ...]:
    """Why a difference may come from something else than the definitions, in sentences.

    Args:
        base: One run.
        head: The other.
        renamed: Names of agents in base, to their names in head.
    """
    return (
        *_made_otherwise(base.record, head.record),
        *_served_otherwise(base, head),
        *_asked_otherwise(base, head, renamed),
        *_tried_otherwise(base, head),
        *_by_itself("base", base),
        *_by_itself("head", head),
    )


def _made_otherwise(base: RunRecord, head: RunRecord) -> Iterator[str]:
    for what, of in (
        ("model", lambda record: record.model),
        ("runtime", lambda record: record.runtime),
        ("version of the agent loop", lambda record: record.loop_version),
        ("server", lambda record: record.base_url),
        ("version of Audition", lambda record: record.audition_version),
        ("set of limits", lambda record: _listed(record.limits)),
        ("number of failures that a case may have", lambda record: str(record.allow)),
    ):
        before, after = of(base), of(head)
        if before != after:
            yield f"The {what} is another: {before or 'none'} in base, {after or 'none'} in head."


def _listed(limits: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {value:g}" for name, value in sorted(limits.items()))


def _served_otherwise(base: Run, head: Run) -> Iterator[str]:
    served = [sorted({name for t in run.trials for name in t.served}) for run in (base, head)]
    if served[0] != served[1] and base.record.model == head.record.model and all(served):
        before, after = (", ".join(names) for names in served)
        yield f"Others served the answers: {before} in base, {after} in head."


def _asked_otherwise(base: Run, head: Run, renamed: Mapping[str, str]) -> Iterator[str]:
    before, after = ({case.id: case for case in run.cases} for run in (base, head))
    both = [name for name in after if name in before]
    asked = [name for name in both if before[name].request != after[name].request]
    if asked:
        yield f"The request is another in {_few(asked)}."
    called = re.compile("|".join(rf"(?<![\w-]){re.escape(name)}(?![\w-])" for name in renamed))
    moved = []
    for name in both:
        expects = before[name].expects
        if renamed:
            expects = tuple(called.sub(lambda found: renamed[found[0]], line) for line in expects)
        if expects != after[name].expects:
            moved.append(name)
    if moved:
        yield f"The set of expectations is another in {_few(moved)}."


def _tried_otherwise(base: Run, head: Run) -> Iterator[str]:
    """A case passes only if all its trials do, so more of them are more chances to fail."""
    before, after = base.planned, head.planned
    moved = [name for name in after if name in before and before[name] != after[name]]
    if moved:
        numbers = sorted({(before[name], after[name]) for name in moved})
        told = ", ".join(f"{old} in base and {new} in head" for old, new in numbers[:_NAMED_MOST])
        yield (
            f"The number of trials is another in {_few(moved)} ({told}): a case with more trials "
            "has more chances to fail, so look at shares there and not at flips."
        )


def _few(names: Sequence[str]) -> str:
    more = len(names) - _NAMED_MOST
    return ", ".join(names[:_NAMED_MOST]) + (f" and {more} more" if more > 0 else "")


def _by_itself(side: str, run: Run) -> Iterator[str]:
    if run.record.nature in _NATURES:
        yield f"The run of {side} {_NATURES[run.record.nature]}."
    broken = sum(BROKEN_PIN in trial.labels for trial in run.trials)
    if broken:
        yield (
            f"{broken} of {len(run.trials)} trials of {side} replay answers to another prompt: "
            "they are no evidence about these definitions."
        )
    otherwise = sum(bool(set(trial.labels) - {BROKEN_PIN}) for trial in run.trials)
    if otherwise:
        yield (
            f"{otherwise} of {len(run.trials)} trials of {side} went otherwise than they were "
            "recorded: they are no evidence about these definitions."
        )
    if run.state.ended_by not in ("finished", "decided"):
        yield f"The run of {side} is not complete: {_ENDS[run.state.ended_by]}."
