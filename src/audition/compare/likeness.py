"""Whether two runs are like for like: what differs between them beside the definitions."""

from collections.abc import Iterator, Mapping
from typing import Any

from audition.models.recorded import BROKEN_PIN
from audition.record import RunRecord
from audition.runfile import Run

_NATURES = {
    "scripted": "is scripted: what it shows says nothing about a real model",
    "baseline": "is a baseline from word matching: it says nothing about a real model",
}
_NAMED_MOST = 5


def unlike(base: Run, head: Run) -> tuple[str, ...]:
    """Why a difference may come from something else than the definitions, in sentences."""
    return (
        *_made_otherwise(base.record, head.record),
        *_served_otherwise(base, head),
        *_asked_otherwise(base, head),
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


def _asked_otherwise(base: Run, head: Run) -> Iterator[str]:
    before, after = ({case.id: case for case in run.cases} for run in (base, head))
    both = [name for name in after if name in before]
    for what, field in (("request", "request"), ("set of expectations", "expects")):
        moved = [n for n in both if getattr(before[n], field) != getattr(after[n], field)]
        if moved:
            named = ", ".join(moved[:_NAMED_MOST])
            more = f" and {len(moved) - _NAMED_MOST} more" if len(moved) > _NAMED_MOST else ""
            yield f"The {what} is another in {named}{more}."


def _by_itself(side: str, run: Run) -> Iterator[str]:
    if run.record.nature in _NATURES:
        yield f"The run of {side} {_NATURES[run.record.nature]}."
    broken = sum(BROKEN_PIN in trial.labels for trial in run.trials)
    if broken:
        yield (
            f"{broken} of {len(run.trials)} trials of {side} replay answers to another prompt: "
            "they are no evidence about these definitions."
        )
    if run.state.ended_by not in ("finished", "decided"):
        how = run.state.ended_by or "it is still being played"
        yield f"The run of {side} is not complete ({how})."
