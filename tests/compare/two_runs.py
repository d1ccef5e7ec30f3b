"""Two runs of the same cases for the tests of comparisons, as a run file would have them.

A trial is a letter: `p` passes, `f` breaks a check of the process, `r` goes to the wrong agent, `l`
reaches its limit, `s` cannot be judged, and `x` meets a fault after a check had failed already.
"""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from audition.compare.comparison import Comparison
from audition.compare.pairing import compare
from audition.record import AgentRecord, CaseRecord, RunRecord, RunState, Trial
from audition.runfile import Planned, Run
from audition.score import Kind, Score, Verdict

_VERDICTS: Mapping[str, Verdict] = {
    "p": "pass", "f": "fail", "r": "fail", "l": "fail", "s": "skip", "x": "fault",
}  # fmt: skip
REASON = "shop/orders.py was written before any test"


def make_side(
    trials: Mapping[str, str],
    side: str = "head",
    *,
    cases: Mapping[str, CaseRecord] | None = None,
    agents: Mapping[str, str] | None = None,
    wrong: str = "frontend",
    reason: str = REASON,
    state: RunState | None = None,
    **record: Any,
) -> Run:
    """A run: the letters of the trials of each case.

    Args:
        trials: By case.
        side: `base` or `head`; trials of one side are the other's only where this is the same.
        cases: What a case is, where that matters.
        agents: Definitions: the prompt of each agent.
        wrong: The agent that trials go to by mistake.
        reason: Why tests did not come first.
        state: How far the run has come.
        record: Other fields of the record of the run.
    """
    known = cases or {}
    listed = tuple(known.get(name) or make_case(name) for name in trials)
    plan = [
        Planned(name, number, f"{side} {name}#{number}")
        for name, letters in trials.items()
        for number in range(1, len(letters) + 1)
    ]
    played = tuple(
        make_trial(case, number, letter, side=side, wrong=wrong, reason=reason)
        for case in listed
        for number, letter in enumerate(trials[case.id], 1)
        if letter != " "
    )
    ended = state or RunState(ended_at="2026-11-24T07:49:10Z", ended_by="finished", spent_usd=0.5)
    path = Path(f"reports/{side}.run.db")
    return Run(path, make_record(agents, side, **record), ended, listed, played, tuple(plan))


def make_case(name: str, **fields: Any) -> CaseRecord:
    """A case that the back-end agent is to take, tests first."""
    case = CaseRecord(
        id=name,
        request=f"Please look after {name}",
        where="datasets/behavior.yaml:12",
        expects=("routes_to: backend", "tests_first"),
        agents=("backend",),
        tags=("clear",),
    )
    return replace(case, **fields)


def make_trial(
    case: CaseRecord, number: int, letter: str, *, side: str, wrong: str, reason: str
) -> Trial:
    """One trial, as its letter says."""
    scores = [
        _score("routes_to", "routing", "fail" if letter == "r" else "pass", f"went to {wrong}"),
        _score("tests_first", "process", _work(letter), reason),
    ]
    if letter == "l":
        scores.append(_score("limits", "budget", "fail", "the trial reached its limit of 9"))
    return Trial(
        case=case.id,
        number=number,
        key=f"{side} {case.id}#{number}",
        verdict=_VERDICTS[letter],
        scores=tuple(scores),
        delegated_to=wrong if letter == "r" else (case.agents or (None,))[0],
        served=("some-model-1",),
        turns=4,
        input_tokens=1_000,
        output_tokens=200,
        cost_usd=0.02 if side == "base" else 0.025,
        duration_s=12.0,
        started_at="2026-11-24T07:48:00Z",
    )


def make_record(agents: Mapping[str, str] | None, side: str, **fields: Any) -> RunRecord:
    """How a run was made, by a real model unless told otherwise."""
    texts = agents or {"backend": "Write tests first.", "frontend": "Mind the page."}
    record = RunRecord(
        suite="behavior",
        suite_path="evals/behavior.yaml",
        datasets=("datasets/behavior.yaml",),
        setup="main (1a2b3c4d5e)" if side == "base" else "the working tree",
        setup_digest="5f4dcc3b5aa765d61d8327deb882cf99",
        routing_digest="9e107d9d372bb6826bd81d3542a419d6",
        model="anthropic:some-model",
        nature="real",
        runtime="messages",
        loop_version=3,
        audition_version="0.1.0",
        trials=3,
        command="audition run evals/behavior.yaml",
        started_at="2026-11-24T07:48:00Z",
        limits={"turns": 20},
        agents=tuple(
            AgentRecord(
                name=name, description=f"Takes {name} work.", path=f"agents/{name}.md", body=body
            )
            for name, body in texts.items()
        ),
    )
    return replace(record, **fields)


def _work(letter: str) -> Verdict:
    if letter in "fx":
        return "fail"
    return "skip" if letter in "rs" else "pass"


def _score(check: str, kind: Kind, verdict: Verdict, reason: str) -> Score:
    value = None if verdict == "skip" else float(verdict == "pass")
    said = reason if verdict == "fail" else "as it should be"
    return Score(verdict=verdict, value=value, reason=said, check=check, kind=kind)


BEFORE = {
    "register-endpoint": "ppp", "paging": "ppp", "refunds": "ppf", "search": "fff",
    "login": "rrp", "audit-log": "ppp", "export": "ppp", "gone": "ppp", "old-one": "ppp",
}  # fmt: skip
AFTER = {
    "register-endpoint": "fff", "paging": "prr", "refunds": "pff", "search": "ppp",
    "login": "rpp", "audit-log": "ppp", "export": "ppp", "gone": "xxx", "new-one": "ppp",
}  # fmt: skip
LABELS = ("main (1a2b3c4d5e)", "the working tree")
FILES = ("reports/base.run.db", "reports/head.run.db")


def make_mixed(**record: Any) -> Comparison:
    """A comparison in which every change occurs, and a clause of the back-end agent went."""
    clauses = ["You build the server side.", "", "Write the test first.", "Commit what you did."]
    old = {"backend": "\n".join(clauses), "frontend": "Mind the page."}
    new = {**old, "backend": "\n".join([*clauses[:2], clauses[3]]), "reviewer": "Review it."}
    base = make_side(BEFORE, "base", agents=old, **record)
    return compare(base, make_side(AFTER, "head", agents=new, **record))


def make_hostile(text: str) -> Comparison:
    """A comparison with this text wherever somebody else's text can stand."""
    case = make_case(text, request=text, tags=(text,), agents=(text,), known=text)
    alone = make_case(f"alone {text}")
    base = make_side(
        {text: "ppp", alone.id: "p"},
        "base",
        cases={text: case, alone.id: alone},
        agents={"backend": "Old."},
        model=text,
    )
    head = make_side(
        {text: "ffr"},
        cases={text: case},
        agents={text: f"{text}\n```\n{text}", "backend": text},
        wrong=f"wrong {text}",
        reason=text,
        notes=(f"WITHOUT A SANDBOX {text}",),
    )
    return compare(base, head, untouched=[text])
