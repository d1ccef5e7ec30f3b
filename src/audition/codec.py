"""How records are written in a run file: JSON by pydantic, traces compressed.

A trial keeps only what differs from the defaults: a record may gain fields and old files are
still read.
"""

import zlib
from collections.abc import Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Annotated

from pydantic import Field, TypeAdapter

from audition.events import AnyEvent
from audition.evidence import Evidence
from audition.outcome import Outcome
from audition.project import Project
from audition.record import CaseRecord, RunRecord, RunState, Trial

MOST_BEGUN_BYTES = 64 << 20
"""Packed contents that are held in memory while a run is played."""


@dataclass(frozen=True)
class Packed:
    """All that is kept of a trial beside its scores, as it is stored."""

    trace: bytes
    outcome: bytes | None = None
    """None for a trial in which no agent worked."""
    contents: Mapping[str, bytes] = field(default_factory=dict)
    """Compressed, by blob."""

    def evidence(self, project: Project) -> Evidence:
        """The evidence in it, read for a project.

        Raises:
            ValueError: it is damaged.
            zlib.error: likewise.
        """
        trace = unpack_trace(self.trace)
        if self.outcome is None:
            return Evidence(trace, project=project)
        outcome = _outcome_adapter().validate_json(zlib.decompress(self.outcome))
        return Evidence(trace, outcome, project, self._content)

    def _content(self, blob: str) -> bytes | None:
        packed = self.contents.get(blob)
        return None if packed is None else zlib.decompress(packed)


def pack(evidence: Evidence, begun: MutableMapping[str, bytes] | None = None) -> Packed:
    """Evidence as it is stored, with the content of every file that it speaks of.

    Args:
        evidence: What to store.
        begun: Packed contents of what workspaces begin as, by blob; what is not in it is added, as
            far as there is room, so that the next trial's need not be read and packed again.
    """
    trace = pack_trace(evidence.trace)
    if evidence.outcome is None:
        return Packed(trace)
    outcome = zlib.compress(_outcome_adapter().dump_json(evidence.outcome), 1)
    known: MutableMapping[str, bytes] = {} if begun is None else begun
    base = {file.blob for file in evidence.outcome.base_tree.values()}
    room = MOST_BEGUN_BYTES - sum(map(len, known.values()))
    contents = {}
    for blob in evidence.blobs:
        packed = known.get(blob)
        if packed is None and (body := evidence.contents(blob)) is not None:
            packed = zlib.compress(body, 1)
            if blob in base and len(packed) <= room:
                known[blob] = packed
                room -= len(packed)
        if packed is not None:
            contents[blob] = packed
    return Packed(trace, outcome, contents)


def pack_trace(trace: Sequence[AnyEvent]) -> bytes:
    """A trace as it is stored."""
    return zlib.compress(_trace_adapter().dump_json(tuple(trace)), 1)


def unpack_trace(packed: bytes) -> tuple[AnyEvent, ...]:
    """The events of a stored trace."""
    return _trace_adapter().validate_json(zlib.decompress(packed))


def read_trial(body: str) -> Trial:
    """A stored trial.

    Raises:
        ValueError: it is not one.
    """
    return trial_adapter().validate_json(body)


@cache
def trial_adapter() -> TypeAdapter[Trial]:
    """Trials."""
    return TypeAdapter(Trial)


@cache
def _trace_adapter() -> TypeAdapter[tuple[AnyEvent, ...]]:
    return TypeAdapter(tuple[Annotated[AnyEvent, Field(discriminator="kind")], ...])


@cache
def _outcome_adapter() -> TypeAdapter[Outcome]:
    return TypeAdapter(Outcome)


@cache
def record_adapter() -> TypeAdapter[RunRecord]:
    """The record of a run."""
    return TypeAdapter(RunRecord)


@cache
def state_adapter() -> TypeAdapter[RunState]:
    """The state of a run."""
    return TypeAdapter(RunState)


@cache
def cases_adapter() -> TypeAdapter[tuple[CaseRecord, ...]]:
    """The cases of a run."""
    return TypeAdapter(tuple[CaseRecord, ...])
