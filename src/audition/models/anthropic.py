"""A model behind the Messages API: Anthropic's own, or any server that speaks it.

    model: anthropic:claude-sonnet-5-5
    model: {anthropic: {id: claude-sonnet-5-5, stall_s: 60}}

The key is read from `ANTHROPIC_API_KEY` (or `ANTHROPIC_AUTH_TOKEN`, or a profile of the Anthropic
tools). With `base_url` in the suite, `--base-url`, or `ANTHROPIC_BASE_URL` another server answers,
and a local one needs no key. A key that is set is sent to whichever server that is.

Fields:

    id        the model, as the server names it
    stall_s   seconds without a byte after which a call counts as dead (300)
    retries   how often a call is repeated that the server refused or the network lost (6)
    longest_s seconds after which an answer that still streams is given up (900)
    aliases   ids for the models that definitions name, such as {haiku: my-small-model}

A sub-agent whose definition names a model is answered by that one: `opus`, `sonnet`, `haiku` and
`fable` mean what they mean in Claude Code, a full id means itself. Where another server answers,
only what `aliases` lists is asked for; everything else is answered by the run's own model.

Answers are streamed. How many calls run at once follows the server's rate limits, up to
`concurrency`; the time that waiting takes is kept apart from the time of the answer.
"""

import asyncio
import json
import os
import re
import warnings
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from audition.conversation import (
    Answer,
    Ask,
    Call,
    Hindsight,
    Nature,
    Opening,
    Reply,
    Text,
    Wanted,
)
from audition.digests import digest
from audition.errors import FaultError, InputError, Problem
from audition.events import AnyEvent
from audition.inert import sound
from audition.models import _access, _wire
from audition.models._faults import OVERLOAD, Translation, is_too_long, status_of
from audition.models._limiter import PATIENCE_S, Limiter, Place, asked_wait_s, spent_wait_s
from audition.prices import Price, Usage, cost_usd, price_of

if TYPE_CHECKING:
    import anthropic
    from anthropic.resources.messages import AsyncMessages

_CONNECT_S = 10.0
MEANINGS = {
    "opus": "claude-opus-5-5",
    "best": "claude-opus-5-5",
    "sonnet": "claude-sonnet-5-5",
    "opusplan": "claude-sonnet-5-5",
    "haiku": "claude-haiku-5-5",
    "fable": "claude-fable-5-2",
}
"""What a definition's alias meant in Claude Code in November 2026."""

_place: ContextVar[Place] = ContextVar("place")
"""The place of the call in whose context the SDK runs its attempts."""


@dataclass(frozen=True)
class Anthropic:
    """A model of the Messages API."""

    id: str
    """The model, as the server names it."""
    stall_s: float = 300.0
    """Seconds without a byte after which a call counts as dead."""
    retries: int = 6
    """How often a call is repeated that the server refused or the network lost."""
    longest_s: float = 900.0
    """Seconds after which an answer that still streams is given up."""
    aliases: Mapping[str, str] = field(default_factory=dict)
    """Ids for the models that definitions name."""

    nature: ClassVar[Nature] = "real"

    @property
    def label(self) -> str:
        """The name as a user would write it."""
        return f"anthropic:{self.id}"

    def identity(self, opening: Opening, case: str, trial: int) -> str:
        """The model, the server that answers, and what else goes into its headers."""
        headers = os.environ.get("ANTHROPIC_CUSTOM_HEADERS", "")
        extra = f" with headers {digest(headers)[:16]}" if headers else ""
        extra += f" as {dict(sorted(self.aliases.items()))}" if self.aliases else ""
        return f"{self.label} at {_access.endpoint(opening)}{extra}"

    def endpoint(self, opening: Opening) -> str:
        """The address of the server that answers, without credentials: fit for a run file."""
        return _access.endpoint(opening)

    def price(self, opening: Opening, model: str | None = None) -> Price | None:
        """The suite's own price, else the table's."""
        return price_of(self._id(opening, model), opening.prices)

    def _id(self, opening: Opening, named: str | None) -> str:
        """The model that answers an agent whose definition names one."""
        if named is None:
            return self.id
        if named in self.aliases:
            return self.aliases[named]
        return MEANINGS.get(named, named) if _access.is_anthropic(opening) else self.id

    def notes(self, opening: Opening) -> tuple[str, ...]:
        """Nothing beyond what the model's name says."""
        return ()

    def problems(self, opening: Opening, wanted: Sequence[Wanted] = ()) -> tuple[Problem, ...]:
        """What would make every call fail, found without making one."""
        found = list(_access.problems(opening))
        if not self.id.strip():
            found.append(
                Problem("model", "anthropic has no model id", "write anthropic:claude-sonnet-5-5")
            )
        if self.stall_s <= 0 or self.longest_s <= 0 or self.retries < 0:
            found.append(
                Problem(
                    "model",
                    "stall_s, longest_s or retries is out of range",
                    "give positive numbers",
                )
            )
        return tuple(found)

    def hindsight(
        self, opening: Opening, case: str, trial: int, trace: Sequence[AnyEvent]
    ) -> Hindsight:
        """Nothing."""
        return Hindsight()

    def open(self, opening: Opening) -> AbstractAsyncContextManager[Answer]:
        """One client for all calls of a run.

        Raises:
            InputError: on entering, for every one of the `problems`.
        """
        return self._open(opening)

    @asynccontextmanager
    async def _open(self, opening: Opening) -> AsyncIterator[Answer]:
        if found := self.problems(opening):
            raise InputError(found)
        import anthropic

        line = _Line(
            model=self.id,
            named=partial(self._id, opening),
            prices=dict(opening.prices),
            limiter=Limiter(opening.concurrency),
            longest_s=self.longest_s,
            translation=Translation(
                _access.endpoint(opening), self.stall_s, _access.secrets(opening)
            ),
        )
        client = anthropic.AsyncAnthropic(
            **_access.arguments(opening),
            timeout=anthropic.Timeout(self.stall_s, connect=_CONNECT_S, pool=None),
            max_retries=self.retries,
            middleware=[line.attempt],
        )
        async with client:
            messages = client.messages  # loads half of the SDK: no part of the first call's time

            async def answer(ask: Ask) -> Reply:
                return await line.answer(messages, ask)

            yield answer


@dataclass(frozen=True)
class _Line:
    """What the calls of a run share."""

    model: str
    named: Callable[[str | None], str]
    prices: dict[str, Price]
    limiter: Limiter
    longest_s: float
    translation: Translation

    async def answer(self, messages: "AsyncMessages", ask: Ask) -> Reply:
        """One turn, or the fault that prevented it."""
        model = self.named(ask.model)
        arguments = _wire.request(model, ask.prompt)
        asked = asyncio.get_running_loop().time()
        place = Place(self.limiter)
        token = _place.set(place)
        try:
            message, label = await _streamed(messages, arguments, self.longest_s)
            self.limiter.went_well()
            return self._reply(model, message, label, asked, place)
        except FaultError:
            raise
        except TimeoutError:
            raise self.translation.endlessness(self.longest_s) from None
        except Exception as error:
            # A server can send anything, and the SDK then raises anything: none of it may pass for
            # something else than a fault. The cause is left out, since it may quote the key.
            if is_too_long(error):
                return Reply(
                    (),
                    "context_window",
                    served=model,
                    cost_usd=self._cost(model, model, Usage()),
                    latency_s=place.elapsed_s,
                    waited_s=place.began - asked,
                )
            if place.held and status_of(error) in OVERLOAD:
                self.limiter.was_refused(place.began, 0.0)
            raise self.translation.fault(error) from None
        finally:
            place.give_back()
            _place.reset(token)

    async def attempt(
        self,
        request: "anthropic.APIRequest",
        call_next: Callable[["anthropic.APIRequest"], Awaitable[Any]],
    ) -> Any:
        """Middleware of the SDK, which runs it once per HTTP attempt.

        A place is kept for as long as the answer streams in, and given back while the SDK waits
        before its next attempt.
        """
        import anthropic

        place = _place.get()
        await place.take()
        try:
            response = await call_next(request)
        except anthropic.APITimeoutError as error:
            if _was_silent(error):
                self.limiter.was_refused(place.began, 0.0)
            place.give_back()
            if _was_silent(error):
                # Once is enough: all retries together would take half an hour of silence.
                raise self.translation.silence() from None
            raise
        except BaseException:
            place.give_back()
            raise
        if response.status_code in OVERLOAD:
            await self._heed_refusal(response, place)
        elif 200 <= response.status_code < 300:
            self.limiter.pause(spent_wait_s(response.headers, datetime.now(UTC)))
            return response
        place.give_back()
        return response

    async def _heed_refusal(self, response: Any, place: Place) -> None:
        wait_s = asked_wait_s(response.headers, datetime.now(UTC))
        self.limiter.was_refused(place.began, wait_s)
        if wait_s > PATIENCE_S:
            place.give_back()
            await response.http_response.aclose()
            raise self.translation.impatience(wait_s)

    def _reply(self, model: str, message: Any, label: str, asked: float, place: Place) -> Reply:
        served = sound(message.model) if isinstance(message.model, str) else ""
        served = served or model
        usage = _wire.usage(message.usage)
        reply = Reply(
            blocks=_wire.blocks(message.content),
            stop=_wire.stop(message.stop_reason),
            served=served,
            usage=usage,
            cost_usd=self._cost(model, served, usage),
            latency_s=place.elapsed_s,
            waited_s=place.began - asked,
            label=label,
        )
        if _is_call_in_words(reply):
            said = "a tool call came as text: the server or its chat template does not read it"
            reply = replace(reply, label="; ".join(filter(None, (label, said))))
        return self.translation.secrets.hide_in_reply(reply)

    def _cost(self, model: str, served: str, usage: Usage) -> float | None:
        # A suite prices the model that it names; the table prices the one that answered.
        price = self.prices.get(model) or price_of(served, self.prices)
        price = price or price_of(model, self.prices)
        return cost_usd(usage, price) if price else None


async def _streamed(
    messages: "AsyncMessages", arguments: dict[str, Any], longest_s: float
) -> tuple[Any, str]:
    """The whole message, and what the SDK warns of: a model that is about to be switched off."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        call = messages.stream(**arguments)
    async with call as stream, asyncio.timeout(longest_s):
        pieces: dict[int, str] = {}
        async for event in stream:
            if event.type == "content_block_delta" and event.delta.type == "input_json_delta":
                pieces[event.index] = pieces.get(event.index, "") + event.delta.partial_json
        message = await stream.get_final_message()
        if message.stop_reason != "max_tokens":
            # The SDK completes half an input by itself, and half an input may name another agent.
            for piece in pieces.values():
                json.loads(piece or "{}")
    lines = (" ".join(str(warning.message).split()) for warning in caught)
    return message, "; ".join(dict.fromkeys(lines))


_CALL_IN_WORDS = re.compile(
    r'<tool_call>|"name"\s*:\s*"[^"]+"\s*,\s*"(?:arguments|parameters|input)"\s*:\s*\{'
)


def _is_call_in_words(reply: Reply) -> bool:
    """Whether the model called a tool, but only in words; answers with a real call never count."""
    if any(isinstance(block, Call) for block in reply.blocks):
        return False
    return any(isinstance(b, Text) and _CALL_IN_WORDS.search(b.text) for b in reply.blocks)


def _was_silent(error: Exception) -> bool:
    import httpx2

    return isinstance(error.__cause__, httpx2.ReadTimeout | httpx2.WriteTimeout)
