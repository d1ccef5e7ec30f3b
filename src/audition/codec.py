"""How records are written in a run file: JSON by pydantic, traces compressed.

A trial keeps only what differs from the defaults: a record may gain fields and old files are
still read.
"""

import zlib
from collections.abc import Sequence
from functools import cache
from typing import Annotated

from pydantic import Field, TypeAdapter

from audition.events import AnyEvent
from audition.record import CaseRecord, RunRecord, RunState, Trial


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
