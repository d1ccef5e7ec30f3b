"""A budget that is kept before the money is spent.

Every call reserves what it could cost at most: the estimated input and the whole of `max_tokens`,
at price. The reservation is replaced by the real cost when the answer comes. A call that does not
fit waits for the calls in flight to settle; when nothing is in flight and it still does not fit,
the budget is exhausted.
"""

import asyncio
import json

from audition.conversation import Answer, Ask, Prompt, Reply
from audition.errors import BudgetError, FaultError
from audition.prices import Price

CHARS_PER_TOKEN = 2.5
"""Deliberately low (English has about 4), so that a reservation errs to the safe side."""
_MILLION = 1_000_000


class Budget:
    """Dollars that one run may spend."""

    def __init__(self, limit_usd: float, spent_usd: float, price: Price) -> None:
        self.limit_usd = limit_usd
        self.spent_usd = spent_usd
        self._price = price
        self._reserved_usd = 0.0
        self._in_flight = 0
        self._settled = asyncio.Condition()

    def guard(self, answer: Answer) -> Answer:
        """The same model, asked only while the budget covers the call."""

        async def guarded(ask: Ask) -> Reply:
            reservation = worst_case_usd(ask.prompt, self._price)
            await self._reserve(reservation)
            # A call that is cut off may have been billed: its reservation stays spent.
            cost = reservation
            try:
                reply = await answer(ask)
                cost = reservation if reply.cost_usd is None else reply.cost_usd
                return reply
            except FaultError as fault:
                cost = reservation if fault.may_be_billed else 0.0
                raise
            finally:
                await asyncio.shield(self._settle(reservation, cost))

        return guarded

    async def _reserve(self, dollars: float) -> None:
        async with self._settled:
            while self.spent_usd + self._reserved_usd + dollars > self.limit_usd:
                if not self._in_flight:
                    raise BudgetError(
                        f"${self.spent_usd:.4f} of ${self.limit_usd:.2f} is spent, and the next "
                        f"call could cost ${dollars:.4f}"
                    )
                await self._settled.wait()
            self._reserved_usd += dollars
            self._in_flight += 1

    async def _settle(self, reserved: float, cost: float) -> None:
        async with self._settled:
            self._reserved_usd -= reserved
            self._in_flight -= 1
            self.spent_usd += cost
            self._settled.notify_all()


def worst_case_usd(prompt: Prompt, price: Price) -> float:
    """The most that one call can cost: all input written to the cache, all of `max_tokens` used."""
    chars = len(prompt.system) + sum(
        len(str(block)) for turn in prompt.turns for block in turn.blocks
    )
    chars += sum(len(tool.description) + len(json.dumps(tool.schema)) for tool in prompt.tools)
    return projected_usd(chars, prompt.max_tokens, price)


def projected_usd(input_chars: float, output_tokens: int, price: Price) -> float:
    """Dollars for a call of this size, erring to the safe side."""
    dearest_input = max(price.input, price.cache_write)
    tokens = input_chars / CHARS_PER_TOKEN
    return (tokens * dearest_input + output_tokens * price.output) / _MILLION
