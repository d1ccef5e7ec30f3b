"""A seeded policy with known fault rates: to test the harness and its statistics, not definitions.

    model: simulated
    model: {simulated: {seed: 7, misroute: 0.2, no_delegation: 0.1, invented: 0.05, fault: 0.01}}

It is told what a case expects, and does that, except at the stated rates: it picks another agent
(`misroute`; where nothing should be delegated, it delegates), answers by itself (`no_delegation`),
asks for an agent that does not exist and corrects itself (`invented`), or fails as a provider does
(`fault`, per call; a repeated play draws anew). In the cases named by `broken` it always picks
another agent. Where agents work, whoever has to take the request
does what the case's `reference` does, except at these rates:

    skip_plan      writes nothing to its plan (a Markdown file named TODO or plan)
    code_first     writes the code ahead of its tests
    weaken_test    takes a test out of the run after it was green: renamed, or skipped
    no_commit      does all but the commit
    push           pushes what it committed
    idle           does nothing at all

A rule that the reference gives no occasion to break stays kept. And it reads its prompt: one of the
five rules that no sentence of it states is broken at the rate `without_rule`, where that is more.
So an edited definition changes what it does. It knows a rule by plain words, wherever they stand in
the definition, in `CLAUDE.md` or in the request:

    skip_plan      write, make, create or keep a plan or a TODO
    code_first     tests first, a test before the code, test-driven, TDD, red-green, a failing test,
                   watch it fail; no code before a test
    weaken_test    never loosen, weaken, skip, disable, deselect, remove or delete a test
    no_commit      commit, as a demand: "Commit your work", "then commit"
    push           never push

It understands nothing else: a rule in other words is not there for it, and where one sentence goes
while another still states the rule, nothing changes. The same seed, case, trial and series give the
same choices in any order and after any interruption. `latency_s` is slept on every call.
"""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, fields
from typing import Annotated, Any, ClassVar

from pydantic import Field

from audition.conversation import (
    Address,
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
from audition.errors import FaultError, Problem
from audition.events import MAIN, AnyEvent
from audition.models._stated import RULES, Rule, stated
from audition.models._working import bent
from audition.prices import FREE, Price

Share = Annotated[float, Field(ge=0), Field(le=1)]


_POLICY = 4
"""Raised when the same seed comes to other choices."""


@dataclass(frozen=True)
class Simulated:
    """A policy with known rates."""

    seed: int = 0
    """Everything that is drawn follows from it."""
    misroute: Share = 0.1
    """Share of trials that go to another agent."""
    broken: str = ""
    """Ids of cases that always go to another agent, with blanks between them."""
    no_delegation: Share = 0.05
    """Share of trials that should delegate and do not."""
    invented: Share = 0.02
    """Share of trials that first ask for an agent that does not exist."""
    fault: Share = 0.0
    """Share of calls that fail as a provider does."""
    idle: Share = 0.0
    """Share of trials at work in which nothing is done."""
    skip_plan: Share = 0.1
    """Share of trials at work without the plan that was asked for."""
    code_first: Share = 0.1
    """Share of trials at work in which code is written before its tests."""
    weaken_test: Share = 0.05
    """Share of trials at work in which a test is taken out of the run."""
    no_commit: Share = 0.05
    """Share of trials at work that end without the commit."""
    push: Share = 0.02
    """Share of trials at work that try to push what they committed."""
    without_rule: Share = 0.7
    """Share of trials at work that break a rule which the prompt does not hold, where it is more
    than the rule's own."""
    latency_s: Annotated[float, Field(ge=0)] = 0.0
    """Seconds that every call takes."""

    nature: ClassVar[Nature] = "scripted"

    @property
    def label(self) -> str:
        """The name as a user would write it, with what differs from the defaults."""
        changed = [
            f"{field.name}={getattr(self, field.name)}"
            for field in fields(self)
            if getattr(self, field.name) != field.default
        ]
        return ":".join(["simulated", ",".join(changed)]) if changed else "simulated"

    def identity(self, opening: Opening, case: str, trial: int) -> str:
        """Its rates and its seed."""
        return f"simulated v{_POLICY} {vars(self)}"

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
        """Nothing beyond what a simulation is."""
        return ()

    def hindsight(
        self, opening: Opening, case: str, trial: int, trace: Sequence[AnyEvent]
    ) -> Hindsight:
        """Nothing."""
        return Hindsight()

    @asynccontextmanager
    async def open(self, opening: Opening) -> AsyncIterator[Answer]:
        """Start with no call asked."""
        asked: Counter[Address] = Counter()

        async def answer(ask: Ask) -> Reply:
            asked[ask.address] += 1
            place = (*ask.address.thread, ask.address.turn)
            if self.latency_s:
                await asyncio.sleep(self.latency_s)
            what = f"fault {place}"
            if self._happens(self.fault, ask.address, what, asked[ask.address]):
                raise FaultError("provider", "simulated overload (529)")
            return self._reply(ask)

        yield answer

    def _draw(self, address: Address, what: str, count: int = 0) -> float:
        """A number in 0..1 from the seed, the trial with its series, and what is drawn; no more."""
        series = f"/{address.series}" if address.series else ""
        key = f"{self.seed}/{address.case}/{address.trial}/{what}/{count}{series}"
        return random.Random(key).random()  # noqa: S311 # a simulation, not a secret

    def _happens(self, rate: float, address: Address, what: str, count: int = 0) -> bool:
        """Whether something that has a rate comes to pass; what has none is not drawn."""
        return rate > 0 and self._draw(address, what, count) < rate

    def _reply(self, ask: Ask) -> Reply:
        works = ask.reference[-1] if ask.reference else ask.agent
        if ask.actions and ask.agent == works:
            return self._act(ask)
        if ask.agent != MAIN:
            return self._say("I have looked at it, and changed nothing.")
        plan = self._plan(ask)
        step = ask.address.turn - 1
        if step < len(plan):
            return self._delegate(plan[step], ask)
        text = "All parts are done." if plan else f"In short: {ask.request}"
        return Reply((Text(text),), "end_turn", self.label, cost_usd=0.0, latency_s=self.latency_s)

    def _plan(self, ask: Ask) -> tuple[str, ...]:
        """The agents that this trial asks for, one a turn."""
        address, right = ask.address, ask.reference or ()
        names = [offer.name for offer in ask.offers]
        others = [name for name in names if name not in right]
        wrong = others[int(self._draw(address, "other") * len(others))] if others else ""
        choice = self._draw(address, "choice")
        if wrong and address.case in self.broken.split():
            return (wrong, *right[1:])
        if not right:
            return (wrong,) if wrong and choice < self.misroute else ()
        if choice < self.no_delegation:
            return ()
        if wrong and choice < self.no_delegation + self.misroute:
            return (wrong, *right[1:])
        if choice < self.no_delegation + self.misroute + self.invented:
            return (f"{right[0]}-pro", *right)
        return right

    def _act(self, ask: Ask) -> Reply:
        """The next action of the reference, as this trial bends it."""
        is_idle = self._happens(self.idle, ask.address, "idle")
        actions = () if is_idle else self._bent(ask)
        step = ask.address.turn - 1
        if step >= len(actions):
            return self._say("Done.")
        ((name, argument),) = actions[step].items()
        if name == "say":
            return self._say(argument)
        call = Call(f"call_{ask.address.turn}", name, argument)
        return Reply((call,), "tool_use", self.label, cost_usd=0.0, latency_s=self.latency_s)

    def _say(self, text: str) -> Reply:
        return Reply((Text(text),), "end_turn", self.label, cost_usd=0.0, latency_s=self.latency_s)

    def _bent(self, ask: Ask) -> tuple[Mapping[str, Any], ...]:
        return bent(ask.actions, {rule.rate for rule in RULES if self._breaks(rule, ask)})

    def _breaks(self, rule: Rule, ask: Ask) -> bool:
        rate: float = getattr(self, rule.rate)
        if rate < self.without_rule and rule not in stated(_told(ask)):
            rate = self.without_rule
        return self._happens(rate, ask.address, rule.rate)

    def _delegate(self, agent: str, ask: Ask) -> Reply:
        call_input = {"description": "Do the work", "subagent_type": agent, "prompt": ask.request}
        call = Call(f"call_{ask.address.turn}", "Agent", call_input)
        return Reply((call,), "tool_use", self.label, cost_usd=0.0, latency_s=self.latency_s)


def _told(ask: Ask) -> str:
    """All that the thread was told at its start."""
    first = ask.prompt.turns[0].blocks
    texts = [block.text for block in first if isinstance(block, Text)]
    return "\n".join([ask.prompt.system, *texts])
