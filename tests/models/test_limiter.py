import asyncio
from collections.abc import Coroutine
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audition.models._limiter import Limiter, Place, asked_wait_s, spent_wait_s

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)

steps = st.one_of(
    st.just(("arrive", 0.0)),
    st.tuples(st.just("succeed"), st.integers(0, 50)),
    st.tuples(st.just("be refused"), st.integers(0, 50)),
    st.tuples(st.just("give up"), st.integers(0, 50)),
    st.tuples(st.just("pause"), st.sampled_from([0.0, 0.001])),
)


class Crowd:
    """Calls that come, wait, and leave in any order, watched for the limiter's law."""

    def __init__(self, limiter: Limiter) -> None:
        self.limiter = limiter
        self.calls: list[asyncio.Task[None]] = []
        self.places: list[Place] = []
        self.entered = 0

    def arrive(self) -> None:
        self.calls.append(asyncio.create_task(self._enter()))

    async def _enter(self) -> None:
        place = Place(self.limiter)
        await place.take()
        self.places.append(place)
        self.entered += 1
        assert self.limiter.in_flight <= self.limiter.limit

    async def play(self, step: tuple[str, Any]) -> None:
        verb, argument = step
        if verb == "arrive":
            self.arrive()
        elif verb == "pause":
            self.limiter.pause(argument)
        elif verb == "give up" and self.calls:
            self.calls[int(argument) % len(self.calls)].cancel()
        elif self.places:
            place = self.places.pop(int(argument) % len(self.places))
            if verb == "succeed":
                self.limiter.went_well()
            else:
                self.limiter.was_refused(place.began, 0.0)
            place.give_back()
        await self._settle()

    async def _settle(self) -> None:
        for _ in range(3):  # whoever may go in goes in now
            await asyncio.sleep(0)
        for _ in range(10):
            if self.limiter.in_flight != len(self.places):  # a pause ended in this very moment
                await asyncio.sleep(0)

    def check(self) -> None:
        assert 1 <= self.limiter.limit <= self.limiter.maximum
        assert self.limiter.in_flight == len(self.places)

    async def drain(self) -> None:
        while not all(call.done() for call in self.calls):
            while self.places:
                self.places.pop().give_back()
            await asyncio.sleep(0.001)
        for call in self.calls:
            if not call.cancelled():
                call.result()


@settings(max_examples=150, deadline=None)
@given(
    maximum=st.integers(1, 12),
    start=st.integers(1, 12),
    script=st.lists(steps, max_size=60),
)
def test_the_limit_holds_whatever_happens_and_nobody_waits_for_ever(
    maximum: int, start: int, script: list[tuple[str, Any]]
) -> None:
    async def run() -> None:
        crowd = Crowd(Limiter(maximum, start=start))
        for step in script:
            await crowd.play(step)
            crowd.check()
        await asyncio.wait_for(crowd.drain(), 10)
        while crowd.places:
            crowd.places.pop().give_back()
        assert crowd.limiter.in_flight == 0

    asyncio.run(run())


@given(maximum=st.integers(-3, 50), start=st.integers(-3, 50))
def test_it_starts_between_one_and_the_maximum(maximum: int, start: int) -> None:
    limiter = Limiter(maximum, start=start)

    assert 1 <= limiter.limit <= max(1, maximum)


def test_it_doubles_per_round_until_the_first_refusal_and_then_grows_by_one() -> None:
    async def run() -> None:
        limiter = Limiter(100, start=4)
        _rounds(limiter, 1)
        assert limiter.limit == 8
        limiter.was_refused(_now(), 0.0)
        assert limiter.limit == 4
        _rounds(limiter, 2)
        assert limiter.limit in (5, 6)

    _run(run())


def test_requests_that_are_refused_together_cut_once() -> None:
    async def run() -> None:
        limiter = Limiter(16, start=16)
        began = _now()
        for _ in range(16):
            limiter.was_refused(began, 0.0)
        assert limiter.limit == 8

    _run(run())


def test_it_never_cuts_below_one() -> None:
    async def run() -> None:
        limiter = Limiter(16)
        for _ in range(10):
            limiter.was_refused(_now() + 1, 0.0)
        assert limiter.limit == 1
        await asyncio.wait_for(limiter.enter(), 1)

    _run(run())


def test_first_come_first_served() -> None:
    async def run() -> None:
        limiter, order = Limiter(1), []

        async def call(number: int) -> None:
            await limiter.enter()
            order.append(number)
            limiter.leave()

        await asyncio.gather(*(call(number) for number in range(20)))
        assert order == list(range(20))

    _run(run())


def test_a_place_given_to_a_call_that_just_gave_up_goes_to_the_next() -> None:
    async def run() -> None:
        limiter = Limiter(1)
        await limiter.enter()
        unlucky = asyncio.create_task(limiter.enter())
        await asyncio.sleep(0)
        limiter.leave()
        unlucky.cancel()
        await asyncio.wait_for(limiter.enter(), 1)
        assert limiter.in_flight == 1
        assert unlucky.cancelled()

    _run(run())


def test_nobody_goes_in_while_a_refusal_is_waited_out() -> None:
    async def run() -> None:
        limiter = Limiter(8)
        began = _now()
        limiter.was_refused(began, 0.05)
        await limiter.enter()
        assert _now() - began >= 0.049

    _run(run())


def test_a_pause_keeps_everybody_out_and_then_lets_them_in() -> None:
    async def run() -> None:
        limiter = Limiter(8)
        began = _now()
        limiter.pause(0.05)
        limiter.pause(0.01)  # a shorter one does not shorten it
        await asyncio.gather(*(limiter.enter() for _ in range(8)))
        assert _now() - began >= 0.049

    _run(run())


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, 0),
        ({"retry-after": "7"}, 7),
        ({"retry-after": "0.5"}, 0.5),
        ({"retry-after-ms": "250", "retry-after": "7"}, 0.25),
        ({"retry-after": format_datetime(NOW + timedelta(seconds=9))}, 9),
        ({"retry-after": format_datetime(NOW - timedelta(seconds=9))}, 0),
        ({"retry-after": "-3"}, 0),
        ({"retry-after": "soon"}, 0),
        ({"retry-after": "nan"}, 0),
        ({"retry-after": "1e999"}, 0),
        ({"retry-after": "Tue, 24 Nov 2026 08:00:00 +99999999"}, 0),
        ({"retry-after": "Tue, 24 Nov 9999999999 08:00:00 GMT"}, 0),
    ],
)
def test_a_refusal_says_how_long_to_wait(headers: dict[str, str], expected: float) -> None:
    assert asked_wait_s(headers, NOW) == expected


@pytest.mark.parametrize("budget", ["requests", "tokens", "input-tokens", "output-tokens"])
def test_a_spent_budget_is_waited_for(budget: str) -> None:
    headers = _budget(budget, "0", NOW + timedelta(seconds=12))

    assert spent_wait_s(headers, NOW) == 12


def test_a_budget_with_something_left_is_not_waited_for() -> None:
    assert spent_wait_s(_budget("tokens", "1", NOW + timedelta(seconds=12)), NOW) == 0


def test_the_budget_that_takes_longest_counts() -> None:
    headers = {
        **_budget("requests", "0", NOW + timedelta(seconds=2)),
        **_budget("output-tokens", "0", NOW + timedelta(seconds=30)),
        **_budget("tokens", "900", NOW + timedelta(seconds=59)),
    }

    assert spent_wait_s(headers, NOW) == 30


def test_the_clock_of_the_server_counts_where_it_tells_the_time() -> None:
    headers = {
        **_budget("requests", "0", NOW + timedelta(seconds=12)),
        "date": format_datetime(NOW + timedelta(seconds=10)),
    }

    assert spent_wait_s(headers, NOW - timedelta(days=1)) == 2


@given(
    values=st.lists(
        st.one_of(st.text(max_size=40), st.datetimes().map(str)), min_size=6, max_size=6
    )
)
def test_no_header_however_odd_breaks_the_arithmetic(values: list[str]) -> None:
    names = (
        "retry-after",
        "retry-after-ms",
        "date",
        "anthropic-ratelimit-tokens-reset",
        "anthropic-ratelimit-requests-reset",
        "anthropic-ratelimit-requests-remaining",
    )
    headers = {**dict(zip(names, values, strict=True)), "anthropic-ratelimit-tokens-remaining": "0"}

    assert asked_wait_s(headers, NOW) >= 0
    assert spent_wait_s(headers, NOW) >= 0


def _rounds(limiter: Limiter, rounds: int) -> None:
    for _ in range(rounds):
        for _ in range(limiter.limit):
            limiter.went_well()


def _budget(name: str, remaining: str, reset: datetime) -> dict[str, str]:
    return {
        f"anthropic-ratelimit-{name}-remaining": remaining,
        f"anthropic-ratelimit-{name}-reset": reset.isoformat().replace("+00:00", "Z"),
    }


def _now() -> float:
    return asyncio.get_running_loop().time()


def _run(coroutine: Coroutine[Any, Any, None]) -> None:
    asyncio.run(coroutine)
