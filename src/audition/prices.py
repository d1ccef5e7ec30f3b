"""Tokens and what they cost: a table with a date, which prices stated by a suite overrule."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

PRICES_AS_OF = "2026-11"
"""The month in which the table was last compared with what Anthropic charges."""

_PER = 1_000_000
_DATE = re.compile(r"(?:[-@]\d{8}|-latest)$")


@dataclass(frozen=True)
class Usage:
    """Tokens, in the four kinds that are priced apart."""

    input: int = 0
    output: int = 0
    cache_read: int = 0
    cache_write: int = 0


@dataclass(frozen=True)
class Price:
    """US dollars per million tokens."""

    input: float
    output: float
    cache_read: float
    cache_write: float
    """For a cache entry that lives five minutes."""
    long_from: int | None = None
    """Prompts of more tokens than this cost `long_times` as much, their output included."""
    long_times: float = 1.0


FREE = Price(0.0, 0.0, 0.0, 0.0)
"""What a scripted model costs."""

_TABLE = {
    "claude-fable-5-2": Price(8.0, 40.0, cache_read=0.20, cache_write=10.0),
    "claude-opus-5-5": Price(4.0, 20.0, cache_read=0.20, cache_write=5.0),
    # An older price list says 0.20 for a cache read of this model; newer clients bill 0.10.
    "claude-sonnet-5-5": Price(2.0, 10.0, cache_read=0.10, cache_write=2.5),
    "claude-haiku-5-5": Price(
        0.10, 0.50, cache_read=0.01, cache_write=0.125, long_from=100_000, long_times=5.0
    ),
}


def price_of(model_id: str, own: Mapping[str, Price]) -> Price | None:
    """What tokens of this model cost, or None where nobody has said.

    Args:
        model_id: the id as asked for or as served; one with a date falls back on its family.
        own: prices that the suite states, by id; they win over the table.
    """
    family = _DATE.sub("", model_id)
    return own.get(model_id) or own.get(family) or _TABLE.get(family)


def cost_usd(usage: Usage, price: Price) -> float:
    """Dollars for one call; what counts as a long prompt is decided call by call."""
    prompt = usage.input + usage.cache_read + usage.cache_write
    is_long = price.long_from is not None and prompt > price.long_from
    dollars = (
        usage.input * price.input
        + usage.output * price.output
        + usage.cache_read * price.cache_read
        + usage.cache_write * price.cache_write
    )
    return dollars * (price.long_times if is_long else 1.0) / _PER
