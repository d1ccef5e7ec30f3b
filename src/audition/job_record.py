"""What a run file says of a job: how the run was made, and what its cases asked."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

from audition.affected import Settings, reference_of
from audition.dataset import Case
from audition.overrides import Overrides, command
from audition.record import (
    AgentRecord,
    CaseRecord,
    FindingRecord,
    InstructionRecord,
    RunRecord,
)
from audition.setups.loader import SetupSpec
from audition.setups.setup import Setup
from audition.suite import Suite
from audition.version import __version__

_SHORTEST_QUOTE = 8
"""Characters; a shorter request is found in any text."""

NO_SANDBOX = "Commands of agents ran WITHOUT A SANDBOX, on the machine itself and as its user."


def run_record(
    path: Path, suite: Suite, settings: Settings, overrides: Overrides, now: datetime
) -> RunRecord:
    """How the run is made: enough to repeat it, and to say what it is evidence of."""
    setup, model, opening = settings.setup, settings.model, settings.opening
    notes = [*settings.runtime.notes, *model.notes(opening)]
    if overrides.unsafe_no_sandbox:
        notes.insert(0, NO_SANDBOX)
    return RunRecord(
        suite=suite.name,
        suite_path=str(path),
        datasets=tuple(_from_here(dataset) for dataset in suite.datasets),
        setup=setup.label,
        setup_digest=setup.digest,
        routing_digest=setup.routing_digest,
        model=model.label,
        nature=model.nature,
        runtime=suite.runtime,
        loop_version=settings.runtime.loop_version,
        audition_version=__version__,
        trials=suite.trials,
        command=command(path, overrides),
        started_at=now.isoformat(timespec="seconds"),
        series=settings.series,
        base_url=model.endpoint(opening),
        limits={name: value for name, value in vars(suite.limits).items() if value is not None},
        budget_usd=suite.budget_usd,
        agents=tuple(
            AgentRecord(
                name=agent.name,
                description=agent.description,
                path=agent.path,
                builtin=agent.builtin,
                body=agent.body,
                model=agent.model or "",
                tools=agent.listed_tools,
                memory=agent.memory or "",
                max_turns=agent.max_turns,
            )
            for agent in setup.roster
        ),
        instructions=tuple(
            InstructionRecord(path=instruction.path, text=instruction.text)
            for instruction in setup.instructions
        ),
        findings=tuple(
            FindingRecord(where=f"{f.path}:{f.line}", what=f.what, do=f.do, level=f.level)
            for f in setup.findings
        ),
        notes=tuple(notes),
        allow=suite.allow,
    )


def case_records(cases: Sequence[Case], setup: Setup, today: date) -> tuple[CaseRecord, ...]:
    """The cases as they are asked today; a request that a description quotes is marked."""
    quoted = [_plain(agent.description) for agent in setup.agents]
    quoted += [_plain(example.request) for agent in setup.agents for example in agent.examples]
    return tuple(_case_record(case, quoted, today) for case in cases)


def _case_record(case: Case, descriptions: Sequence[str], today: date) -> CaseRecord:
    request = _plain(case.request)
    copied = len(request) >= _SHORTEST_QUOTE and any(request in text for text in descriptions)
    excused = case.known is not None and case.known.excuses(today)
    return CaseRecord(
        id=case.id,
        request=case.request,
        where=case.where,
        expects=tuple(expectation.text for expectation in case.expectations),
        agents=reference_of(case),
        tags=case.tags,
        origin=case.origin,
        split=case.split,
        copied=copied,
        known=case.known.reason if case.known and excused else "",
        agent=case.work.agent if case.work else None,
        workspace=_workspace_label(case),
        project=replace(case.work.project, toolchains=()) if case.work else None,
    )


def _workspace_label(case: Case) -> str:
    if case.work is None:
        return ""
    source = case.work.source
    return f"{_from_here(source.folder)}{f' at {source.ref}' if source.ref else ''}"


def _plain(text: str) -> str:
    """The words alone: case, blanks, quotes and punctuation make no other request of it."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return " ".join(re.findall(r"\w+", folded))


def setup_label(place: Path | SetupSpec) -> str:
    """How the setup at a place is called."""
    if isinstance(place, Path):
        return _from_here(place)
    return ", ".join(_from_here(path) for path in vars(place).values() if path is not None)


def _from_here(path: Path) -> str:
    """The path as a user would write it: relative where it lies below the current folder."""
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)
