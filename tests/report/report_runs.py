"""Run files for the tests of the reports, written by the writer that real runs use."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from audition.codec import pack
from audition.conversation import Nature
from audition.events import AnyEvent, Delegation, End, Fault, Message, ModelCall, Request, ToolCall
from audition.evidence import Evidence
from audition.record import (
    AgentRecord,
    CaseRecord,
    EndedBy,
    FindingRecord,
    RunRecord,
    RunState,
    Trial,
)
from audition.runfile import Planned, Run, load
from audition.runwriter import open_writer
from audition.score import Score, Verdict, failed, passed
from audition.tracer import Tracer

AGENTS = ("backend", "frontend", "investigator")


@dataclass(frozen=True)
class Played:
    """What happened in one trial."""

    started: str | None
    verdict: Verdict = "pass"
    says: str = "I will hand this over."
    brief: str = ""
    labels: tuple[str, ...] = ()


def make_case(case_id: str, agent: str | None = "backend", **fields: object) -> CaseRecord:
    """A case that expects one agent, or none."""
    case = CaseRecord(
        id=case_id,
        request=f"Please look after {case_id.replace('-', ' ')}",
        where="datasets/routing.yaml:12",
        expects=(f"routes_to: {agent}" if agent else "no_delegation",),
        agents=(agent,) if agent else (),
        tags=("clear",),
    )
    return replace(case, **fields)  # type: ignore[arg-type]  # whatever fields a test names


def make_trial(case: CaseRecord, number: int, played: Played) -> tuple[Trial, tuple[AnyEvent, ...]]:
    """A trial and its trace, alike in form to what the runner writes."""
    trace = _trace(case, played)
    trial = Trial(
        case=case.id,
        number=number,
        key=f"{case.id}#{number}",
        verdict=played.verdict,
        scores=(_score(case, played, trace),),
        delegated_to=played.started,
        served=("recorded:example",),
        turns=1,
        input_tokens=1203,
        output_tokens=88,
        cost_usd=0.0,
        duration_s=0.31,
        started_at="2026-11-24T07:48:00Z",
        labels=played.labels,
    )
    return trial, trace


def make_run(
    path: Path,
    plays: Iterable[tuple[CaseRecord, Sequence[Played | None]]],
    *,
    nature: Nature = "scripted",
    model: str = "recorded",
    ended_by: EndedBy | Literal["", "interrupted"] = "finished",
    notes: tuple[str, ...] = ("Recordings by hand, 24 November 2026.",),
    findings: tuple[FindingRecord, ...] = (),
) -> Run:
    """A run file at `path`, loaded; None stands for a planned trial that was not played."""
    entries = list(plays)
    plan = [
        Planned(case.id, number, f"{case.id}#{number}")
        for case, trials in entries
        for number in range(1, len(trials) + 1)
    ]
    with open_writer(path) as writer:
        record = make_record(nature=nature, model=model, notes=notes, findings=findings)
        writer.begin(record, [case for case, _ in entries], plan)
        for case, trials in entries:
            for number, played in enumerate(trials, start=1):
                if played is not None:
                    trial, trace = make_trial(case, number, played)
                    writer.add(trial, pack(Evidence(trace)))
        writer.set_state(RunState(ended_at="2026-11-24T07:49:10Z", ended_by=ended_by))
    return load(path)


def make_record(
    *,
    nature: Nature = "scripted",
    model: str = "recorded",
    notes: tuple[str, ...] = (),
    findings: tuple[FindingRecord, ...] = (),
) -> RunRecord:
    """How the run was made."""
    agents = tuple(
        AgentRecord(name=name, description=f"Takes {name} work.", path=f"agents/{name}.md")
        for name in AGENTS
    )
    return RunRecord(
        suite="routing",
        suite_path="evals/routing.yaml",
        datasets=("datasets/routing.yaml",),
        setup="evals",
        setup_digest="5f4dcc3b5aa765d61d8327deb882cf99",
        routing_digest="9e107d9d372bb6826bd81d3542a419d6",
        model=model,
        nature=nature,
        runtime="messages",
        loop_version=1,
        audition_version="0.1.0",
        trials=2,
        command=f"audition run evals/routing.yaml --model {model}",
        started_at="2026-11-24T07:48:00Z",
        limits={"turns": 6, "minutes": 2},
        agents=(*agents, AgentRecord(name="Plan", description="Plans a change.", builtin=True)),
        findings=findings,
        notes=notes,
    )


def _trace(case: CaseRecord, played: Played) -> tuple[AnyEvent, ...]:
    ticks = iter(range(1000))
    tracer = Tracer(lambda: next(ticks) / 100)
    tracer.add(Request, text=case.request, offered=(*AGENTS, "Plan"))
    if played.verdict == "fault":
        tracer.add(Fault, source="provider", message="503: overloaded")
        tracer.add(End, reason="fault")
        return tracer.trace
    tracer.add(
        ModelCall, served="recorded:example", stop="tool_use", input_tokens=1203, output_tokens=88,
        cost_usd=0.0, latency_s=0.3,
    )  # fmt: skip
    tracer.add(Message, text=played.says)
    if played.started is None:
        tracer.add(End, reason="answered")
        return tracer.trace
    brief = played.brief or f"Take care of this:\n{case.request}"
    call = tracer.add(
        ToolCall,
        tool="Agent",
        input={"description": "The work", "prompt": brief, "subagent_type": played.started},
    )
    tracer.add(Delegation, call=call.number, to=played.started, asked=played.started, brief=brief)
    tracer.add(End, reason="delegated")
    return tracer.trace


def _score(case: CaseRecord, played: Played, trace: tuple[AnyEvent, ...]) -> Score:
    expected = " or ".join(case.agents or ()) or "no delegation"
    found = played.started or "no delegation"
    last = next((event.number for event in trace if isinstance(event, Delegation)), len(trace))
    check = "routes_to" if case.agents else "no_delegation"
    if played.verdict == "fault":
        score = Score(verdict="fault", reason="provider: 503: overloaded", evidence=(2,))
    elif played.verdict == "pass":
        score = passed(f"went to {found}", expected=expected, found=found, evidence=(last,))
    else:
        reason = f"went to {found}, not to {expected}"
        score = failed(reason, expected=expected, found=found, evidence=(last,))
    return replace(score, check=check, kind="routing", why="server work is the backend's")
