"""The books of one playing of a trial: what it cost, and what it can have cost at most."""

from audition.budget import Pricing, worst_case_usd
from audition.conversation import Ask
from audition.prices import FREE


class Ledger:
    """What one playing of a trial has cost, and can have cost at most."""

    def __init__(self, pricing: Pricing) -> None:
        self._pricing = pricing
        self._is_free = pricing(None) == FREE
        self._settled: list[float | None] = []
        self._count = 0
        self._most_usd = 0.0
        self._open_usd: dict[int, float] = {}
        """The most that each call in flight can cost: sub-agents may call side by side."""

    @property
    def most_usd(self) -> float:
        """Dollars that the play can have cost at most."""
        return self._most_usd + sum(self._open_usd.values())

    @property
    def cost_usd(self) -> float | None:
        """Dollars that it did cost; None where a call is unpriced or was never settled."""
        if self._is_free:
            return 0.0
        known = [cost for cost in self._settled if cost is not None]
        is_known = not self._open_usd and len(known) == len(self._settled)
        return sum(known) if is_known else None

    def open(self, ask: Ask) -> int:
        """A call is about to be made; returns its number."""
        price = self._pricing(ask.model)
        self._count += 1
        most = worst_case_usd(ask.prompt, price) if price is not None and price != FREE else 0.0
        self._open_usd[self._count] = most
        return self._count

    def settle(self, call: int, cost_usd: float | None) -> None:
        """A call is over; None where what it cost will never be known."""
        most = self._open_usd.pop(call)
        self._most_usd += most if cost_usd is None else cost_usd
        self._settled.append(cost_usd)

    def drop(self, call: int) -> None:
        """A call was not made, or was refused: it costs nothing."""
        del self._open_usd[call]
