"""Asking the anthropic model over HTTP, as a run does."""

import asyncio
from collections.abc import Mapping
from pathlib import Path

from audition.conversation import Address, Ask, Opening, Prompt, Reply, Text, ToolSpec, Turn
from audition.errors import FaultError
from audition.models.anthropic import Anthropic
from audition.prices import Price

KEY = "key-0123456789-of-nobody"
AGENT = ToolSpec("Agent", "Starts an agent.", {"type": "object", "properties": {}})
SONNET = Anthropic("claude-sonnet-5-5")


def make_ask(request: str, *turns: Turn) -> Ask:
    first = Turn("user", (Text(request),))
    prompt = Prompt("You route requests.", (AGENT,), (first, *turns), 1000)
    return Ask(prompt, Address("case", 1), request)


def make_opening(
    url: str | None, *, concurrency: int = 8, prices: Mapping[str, Price] | None = None
) -> Opening:
    return Opening(Path(), "suite", concurrency, base_url=url, prices=prices or {})


def ask_all(
    url: str | None,
    *asks: Ask,
    model: Anthropic = SONNET,
    concurrency: int = 8,
    prices: Mapping[str, Price] | None = None,
) -> list[Reply | BaseException]:
    async def run() -> list[Reply | BaseException]:
        opening = make_opening(url, concurrency=concurrency, prices=prices)
        async with model.open(opening) as answer:
            return await asyncio.gather(*(answer(ask) for ask in asks), return_exceptions=True)

    return asyncio.run(run())


def answered(url: str | None, ask: Ask, model: Anthropic = SONNET) -> Reply:
    (reply,) = ask_all(url, ask, model=model)
    assert isinstance(reply, Reply), reply
    return reply


def faulted(url: str | None, ask: Ask, model: Anthropic = SONNET) -> FaultError:
    (fault,) = ask_all(url, ask, model=model)
    assert isinstance(fault, FaultError), fault
    return fault


def outcome(reply: Reply | BaseException) -> str:
    return reply.stop if isinstance(reply, Reply) else repr(reply)


def said(words: str) -> dict[str, str]:
    return {"type": "text", "text": words}
