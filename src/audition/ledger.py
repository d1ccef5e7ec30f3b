"""The books of one playing of a trial: what it cost, and what it can have cost at most."""

from audition.budget import worst_case_usd
from audition.conversation import Prompt
from audition.prices import FREE, Price


class Ledger:
    """What one playing of a trial has cost, and can have cost at most."""

    def __init__(self, price: Price | None) -> None:
        self._price = price
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
        if self._price == FREE:
            return 0.0
        known = [cost for cost in self._settled if cost is not None]
        is_known = not self._open_usd and len(known) == len(self._settled)
        return sum(known) if is_known else None

    def open(self, prompt: Prompt) -> int:
        """A call is about to be made; returns its number."""
        is_priced = self._price is not None and self._price != FREE
        self._count += 1
        self._open_usd[self._count] = self._worst_case_usd(prompt) if is_priced else 0.0
        return self._count

    def settle(self, call: int, cost_usd: float | None) -> None:
        """A call is over; None where what it cost will never be known."""
        most = self._open_usd.pop(call)
        self._most_usd += most if cost_usd is None else cost_usd
        self._settled.append(cost_usd)

    def drop(self, call: int) -> None:
        """A call was not made, or was refused: it costs nothing."""
        del self._open_usd[call]

    def _worst_case_usd(self, prompt: Prompt) -> float:
        return worst_case_usd(prompt, self._price) if self._price else 0.0
