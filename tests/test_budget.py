import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audition.budget import Budget, worst_case_usd
from audition.conversation import Address, Ask, Prompt, Reply, Text, Turn
from audition.errors import BudgetError, FaultError
from audition.prices import Price

PRICE = Price(input=2.0, output=10.0, cache_read=0.1, cache_write=2.5)
ASK = Ask(Prompt("system", (), (Turn("user", (Text("x" * 2000),)),), 1000), Address("a", 1), "x")
WORST = worst_case_usd(ASK.prompt, PRICE)


def reply(cost_usd: float | None) -> Reply:
    return Reply((), "end_turn", "model-x", cost_usd=cost_usd)


def test_a_call_reserves_all_of_its_input_and_of_max_tokens() -> None:
    assert (2000 / 4 * PRICE.cache_write + 1000 * PRICE.output) / 1_000_000 <= WORST


def test_a_call_that_does_not_fit_is_not_made() -> None:
    calls = 0

    async def answer(ask: Ask) -> Reply:
        nonlocal calls
        calls += 1
        return reply(WORST)

    async def spend() -> None:
        guarded = Budget(WORST * 2.5, 0.0).guard(answer, lambda model: PRICE)
        await guarded(ASK)
        await guarded(ASK)
        with pytest.raises(BudgetError, match="could cost"):
            await guarded(ASK)

    asyncio.run(spend())
    assert calls == 2


@given(
    share=st.floats(0.5, 20),
    costs=st.lists(st.floats(0, 1), min_size=1, max_size=40),
    workers=st.integers(1, 8),
)
def test_whatever_calls_cost_the_budget_is_never_exceeded(
    share: float, costs: list[float], workers: int
) -> None:
    """The law: however many calls run side by side, what is spent stays within the limit."""
    spent = 0.0
    queue = iter(costs)

    async def answer(ask: Ask) -> Reply:
        nonlocal spent
        cost = next(queue) * WORST
        await asyncio.sleep(0)
        spent += cost
        return reply(cost)

    async def work(budget: Budget) -> None:
        guarded = budget.guard(answer, lambda model: PRICE)
        try:
            for _ in range(len(costs) // workers):
                await guarded(ASK)
        except BudgetError:
            pass

    async def spend() -> None:
        budget = Budget(WORST * share, 0.0)
        await asyncio.gather(*(work(budget) for _ in range(workers)))

    asyncio.run(spend())
    assert spent <= WORST * share * (1 + 1e-9)


def test_a_call_waits_for_the_ones_in_flight_before_it_gives_up() -> None:
    in_flight, most, answered = 0, 0, 0

    async def answer(ask: Ask) -> Reply:
        nonlocal in_flight, most, answered
        in_flight += 1
        most = max(most, in_flight)
        await asyncio.sleep(0.01)
        in_flight -= 1
        answered += 1
        return reply(0.0)

    async def spend() -> None:
        guarded = Budget(WORST * 1.5, 0.0).guard(answer, lambda model: PRICE)
        await asyncio.gather(*(guarded(ASK) for _ in range(4)))

    asyncio.run(spend())
    assert (most, answered) == (1, 4)


@pytest.mark.parametrize(("billed", "left"), [(False, 0.0), (True, WORST)])
def test_a_call_that_broke_off_in_the_middle_may_have_been_billed(
    billed: bool, left: float
) -> None:
    async def answer(ask: Ask) -> Reply:
        raise FaultError("network", "dropped", may_be_billed=billed)

    async def spend() -> float:
        budget = Budget(1.0, 0.0)
        with pytest.raises(FaultError):
            await budget.guard(answer, lambda model: PRICE)(ASK)
        return budget.spent_usd

    assert asyncio.run(spend()) == left


def test_an_answer_without_a_price_keeps_its_reservation_spent() -> None:
    async def answer(ask: Ask) -> Reply:
        return reply(None)

    async def spend() -> float:
        budget = Budget(1.0, 0.0)
        await budget.guard(answer, lambda model: PRICE)(ASK)
        return budget.spent_usd

    assert asyncio.run(spend()) == WORST
