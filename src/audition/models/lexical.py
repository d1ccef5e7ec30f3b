"""A routing baseline from the descriptions alone, without a model: BM25, which may abstain.

    model: lexical
    model: {lexical: {abstain_below: 1.0}}

The request is compared with every description (its examples included) of the user's own agents; the
best match takes it. Built-in agents are described in our words and not in the user's, so they are
never chosen. Where even the best match scores below `abstain_below`, the main thread is taken to
answer by itself. It measures how far the words of the descriptions tell the agents apart, and says
nothing about what a real model does. BM25 as in Lucene (the default of bm25s), English stop words.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from typing import Annotated, Any, ClassVar

from pydantic import Field

from audition.conversation import (
    Answer,
    Ask,
    Call,
    Hindsight,
    Nature,
    Offer,
    Opening,
    Reply,
    Text,
    Wanted,
)
from audition.errors import Problem
from audition.events import AnyEvent
from audition.prices import FREE, Price

_ALGORITHM = 3
"""Raised when the same words come to another score."""


@dataclass(frozen=True)
class Lexical:
    """Routes by word overlap."""

    abstain_below: Annotated[float, Field(ge=0)] = 0.5
    """The lowest BM25 score that is worth a delegation."""

    nature: ClassVar[Nature] = "baseline"

    @property
    def label(self) -> str:
        """The name as a user would write it."""
        if self == Lexical():
            return "lexical"
        return f"lexical:abstain_below={self.abstain_below:g}"

    def identity(self, opening: Opening, case: str, trial: int) -> str:
        """Its options: the words are in the prompt."""
        return f"lexical v{_ALGORITHM} {asdict(self)}"

    def price(self, opening: Opening, model: str | None = None) -> Price:
        """Nothing."""
        return FREE

    def problems(self, opening: Opening, wanted: Sequence[Wanted]) -> tuple[Problem, ...]:
        """Nothing can be missing."""
        return ()

    def endpoint(self, opening: Opening) -> str:
        """No server is asked."""
        return ""

    def notes(self, opening: Opening) -> tuple[str, ...]:
        """Nothing beyond what a baseline is."""
        return ()

    def hindsight(
        self, opening: Opening, case: str, trial: int, trace: Sequence[AnyEvent]
    ) -> Hindsight:
        """Nothing."""
        return Hindsight()

    @asynccontextmanager
    async def open(self, opening: Opening) -> AsyncIterator[Answer]:
        """Index each roster once."""
        indexes: dict[tuple[Offer, ...], Index] = {}

        async def answer(ask: Ask) -> Reply:
            if ask.address.turn > 1:
                return _say("That is done.")
            index = indexes.get(ask.offers)
            if index is None:
                index = indexes[ask.offers] = Index(ask.offers)
            best = index.best(ask.request)
            if best is None or best[1] < self.abstain_below:
                return _say("I can answer that myself.")
            return _delegate(best[0], ask.request)

        yield answer


class Index:
    """The descriptions of a roster, ready to be searched.

    The built-in agents are never chosen, but their descriptions stand beside the others: a word is
    only telling where there is something to tell apart, also on a roster of one.
    """

    def __init__(self, offers: Sequence[Offer]) -> None:
        own = [offer for offer in offers if not offer.builtin]
        self._names = [offer.name for offer in own]
        self._bm25: Any = None
        if own:
            import bm25s

            self._tokenize = bm25s.tokenize
            every = [*own, *(offer for offer in offers if offer.builtin)]
            texts = [f"{offer.name.replace('-', ' ')} {offer.description}" for offer in every]
            self._bm25 = bm25s.BM25()
            self._bm25.index(self._words(texts), show_progress=False)

    def best(self, request: str) -> tuple[str, float] | None:
        """The agent that fits best and its score; the first by name where several fit alike."""
        if self._bm25 is None:
            return None
        (words,) = self._words([request])
        if not words:
            return None
        scores = self._bm25.get_scores(words)[: len(self._names)]
        position = int(scores.argmax())
        return self._names[position], float(scores[position])

    def _words(self, texts: list[str]) -> list[list[str]]:
        words: list[list[str]] = self._tokenize(
            texts, stopwords="en_plus", return_ids=False, show_progress=False
        )
        return [[_stem(word) for word in text] for text in words]


def _stem(word: str) -> str:
    """The word without its commonest English endings: enough for `endpoints` to meet `endpoint`."""
    for ending in ("ing", "ed", "es", "s", "e"):
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            return word[: -len(ending)]
    return word


def _say(text: str) -> Reply:
    return Reply((Text(text),), "end_turn", "lexical", cost_usd=0.0)


def _delegate(agent: str, request: str) -> Reply:
    call_input = {"description": "Serve the request", "subagent_type": agent, "prompt": request}
    return Reply((Call("call_1", "Agent", call_input),), "tool_use", "lexical", cost_usd=0.0)
