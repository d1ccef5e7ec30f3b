"""From evidence to scores and a verdict: pure, so that a stored trial is graded like a new one."""

from collections.abc import Sequence
from dataclasses import replace
from typing import get_args

from audition.events import End, Fault, Limit, ModelCall
from audition.evidence import Evidence, NotRecordedError, extent_of
from audition.expectation import Expectation
from audition.inert import sound
from audition.outcome import Probe
from audition.record import Trial
from audition.score import Score, Verdict, failed, skipped

_UNRECORDED = "not recorded: "
_SHOWN_NOTES = 3
"""What could not be looked at says why a workspace was too large; the last look ended the trial."""


def grade(expectations: Sequence[Expectation], evidence: Evidence) -> tuple[Score, ...]:
    """Every expectation's score, and one for a limit that the trial ran into.

    A fault in the trace decides nothing, so every score is a fault. Where a required routing check
    failed, process and outcome checks were not asked of the agent that they are about: skip.
    """
    faults = evidence.of(Fault)
    if faults:
        reason = f"{faults[0].source}: {faults[0].message}"
        blank = Score(verdict="fault", reason=reason, evidence=(faults[0].number,))
        return tuple(_complete(blank, expectation) for expectation in expectations)
    scores = [
        _complete(_unrecorded(judged) if isinstance(judged, NotRecordedError) else judged, e)
        for e, judged in zip(expectations, _judgements(expectations, evidence), strict=True)
    ]
    return (*scores, *_limits(evidence))


def verdict_of(scores: Sequence[Score]) -> Verdict:
    """A required fail is a fail; else any fault is a fault; else a required skip is a skip."""
    required = [score.verdict for score in scores if score.required]
    if "fail" in required:
        return "fail"
    if any(score.verdict == "fault" for score in scores):
        return "fault"
    return "pass" if required and "skip" not in required else "skip"


def regraded(trial: Trial, expectations: Sequence[Expectation], evidence: Evidence) -> Trial:
    """A stored trial, scored again by what is expected now."""
    scores = grade(expectations, evidence)
    return replace(trial, scores=scores, verdict=verdict_of(scores))


def wanted_probes(expectations: Sequence[Expectation], evidence: Evidence) -> tuple[Probe, ...]:
    """What the harness has to run before these expectations can be judged, each once."""
    wanted: dict[str, Probe] = {}
    for score in _judgements(expectations, evidence):
        if isinstance(score, NotRecordedError):
            wanted |= {probe.key: probe for probe in score.probes}
    return tuple(wanted.values())


def finished(trial: Trial, expectations: Sequence[Expectation], evidence: Evidence) -> Trial:
    """A played trial with its scores, and with its totals taken from the trace."""
    scores = grade(expectations, evidence)
    calls = evidence.of(ModelCall)
    delegations, tried = evidence.delegations, evidence.delegating_calls
    return replace(
        trial,
        scores=scores,
        verdict=verdict_of(scores),
        delegated_to=delegations[0].to if delegations else None,
        asked_for=str(tried[0].input.get("subagent_type", "")) if tried else None,
        faulted=bool(evidence.of(Fault)),
        served=tuple(sorted({call.served for call in calls})),
        turns=len(calls),
        input_tokens=sum(call.input_tokens for call in calls),
        output_tokens=sum(call.output_tokens for call in calls),
        cache_read_tokens=sum(call.cache_read_tokens for call in calls),
        cache_write_tokens=sum(call.cache_write_tokens for call in calls),
        cost_usd=evidence.cost_usd,
        duration_s=evidence.duration_s,
        waited_s=sum(call.waited_s for call in calls),
    )


def _judgements(
    expectations: Sequence[Expectation], evidence: Evidence
) -> list[Score | NotRecordedError]:
    """What each check says; where a required routing check failed, the others are not asked."""
    routing = {
        place: _judge(expectation, evidence)
        for place, expectation in enumerate(expectations)
        if expectation.check.kind == "routing"
    }
    misrouted = any(
        isinstance(score, Score) and score.verdict == "fail" and expectations[place].required
        for place, score in routing.items()
    )
    found: list[Score | NotRecordedError] = []
    for place, expectation in enumerate(expectations):
        if place in routing:
            found.append(routing[place])
        elif misrouted and expectation.check.kind != "budget":
            found.append(skipped("not asked of this trial: its routing check failed"))
        else:
            found.append(_judge(expectation, evidence))
    return found


def _judge(expectation: Expectation, evidence: Evidence) -> Score | NotRecordedError:
    """The check's score; a check that crashes is trouble of the harness, not of the agent."""
    if extent_of(expectation.check.needs) != "first delegation" and _is_cut_short(evidence):
        return skipped("not recorded: the trial was played to its first delegation only")
    try:
        score = expectation.check.score(evidence)
        if score.verdict not in get_args(Verdict):
            raise ValueError(f"{score.verdict!r} is no verdict")
    except NotRecordedError as missing:
        return missing
    except (Exception, SystemExit) as error:  # a check of the user's own may do anything
        reason = f"the check crashed: {type(error).__name__}: {error}"
        return Score(verdict="fault", reason=reason)
    return score


def is_unrecorded(score: Score) -> bool:
    """Whether it was skipped since the evidence lacks something."""
    return score.verdict == "skip" and score.reason.startswith(_UNRECORDED)


def _unrecorded(missing: NotRecordedError) -> Score:
    return skipped(f"{_UNRECORDED}{missing}")


def _is_cut_short(evidence: Evidence) -> bool:
    return any(end.reason == "delegated" for end in evidence.of(End))


def _complete(score: Score, expectation: Expectation) -> Score:
    """The score with what the expectation adds; a check of the user's own may hold anything."""
    return Score(
        verdict=score.verdict,
        reason=sound(str(score.reason)),
        value=score.value,
        expected=sound(str(score.expected)) or expectation.text,
        found=sound(str(score.found)),
        evidence=tuple(score.evidence),
        check=expectation.name,
        kind=expectation.check.kind,
        required=expectation.required,
        critical=expectation.critical,
        why=expectation.why,
    )


def _limits(evidence: Evidence) -> list[Score]:
    """A trial's own limit is a fail, with that reason."""
    scores = []
    for event in evidence.of(Limit):
        allowed = "" if event.allowed is None else f" of {event.allowed:g}"
        reason = f"the trial reached its limit{allowed} ({event.limit})"
        if event.limit == "workspace" and evidence.outcome is not None:
            reason = "; ".join([reason, *evidence.outcome.notes[-_SHOWN_NOTES:]])
        score = failed(reason, expected=f"within {event.limit}{allowed}", evidence=(event.number,))
        scores.append(replace(score, check="limits", kind="budget"))
    return scores
