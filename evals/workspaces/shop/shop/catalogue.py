"""What is on the shelf."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Tin:
    """One tea in one size."""

    sku: str
    tea: str
    grams: int
    price_cents: int
