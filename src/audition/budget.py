"""A budget that is kept before the money is spent.

Every call reserves what it could cost at most: the estimated input and the whole of `max_tokens`,
at price. The reservation is replaced by the real cost when the answer comes. A call that does not
fit waits for the calls in flight to settle; when nothing is in flight and it still does not fit,
the budget is exhausted.
"""

import asyncio
import json
from collections.abc import Callable

from audition.conversation import Answer, Ask, Prompt, Reply
from audition.errors import BudgetError, FaultError
from audition.prices import Price

_CHARS_PER_TOKEN = 2.5
"""Of Latin letters; deliberately low (English has about 4): a reservation errs to the safe side."""
_TOKENS_PER_OTHER_CHAR = 2.0
"""Of other scripts, where a character can take more than one token."""
_MILLION = 1_000_000


Pricing = Callable[[str | None], Price | None]
"""What tokens of a model cost that a definition names; None stands for the run's own model."""


class Budget:
    """Dollars that may be spent, by one model or by several together."""

    def __init__(self, limit_usd: float, spent_usd: float) -> None:
        self.limit_usd = limit_usd
        self.spent_usd = spent_usd
        self._reserved_usd = 0.0
        self._in_flight = 0
        self._settled = asyncio.Condition()

    def guard(self, answer: Answer, pricing: Pricing) -> Answer:
        """The same model, asked only while the budget covers the call."""

        async def guarded(ask: Ask) -> Reply:
            price = pricing(ask.model)
            if price is None:
                raise BudgetError(f"no price is known for {ask.model}, and there is a budget")
            reservation = worst_case_usd(ask.prompt, price)
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
            while not self.spent_usd + self._reserved_usd + dollars <= self.limit_usd:
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
    texts = [str(block) for turn in prompt.turns for block in turn.blocks]
    texts += [tool.description + json.dumps(tool.schema) for tool in prompt.tools]
    tokens = sum(_most_tokens(text) for text in (prompt.system, *texts))
    dearer = price.long_times if price.long_from is not None and tokens > price.long_from else 1.0
    dearest_input = max(price.input, price.cache_write)
    return dearer * (tokens * dearest_input + prompt.max_tokens * price.output) / _MILLION


def _most_tokens(text: str) -> float:
    latin = len(text) if text.isascii() else sum(ord(char) < 0x250 for char in text)
    return latin / _CHARS_PER_TOKEN + (len(text) - latin) * _TOKENS_PER_OTHER_CHAR
