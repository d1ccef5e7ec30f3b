"""A second evaluator of event patterns, written from the definition in `audition/patterns.py`.

It says the definition's sentences over again with nothing but `any`, `all` and lists of every
choice there is, and takes no thought for speed. Only tests use it.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from itertools import pairwise, product
from random import Random
from re import IGNORECASE, search
from typing import Any, Literal

from audition.checks.after_each import AfterEach
from audition.checks.before import Before
from audition.checks.count import Count
from audition.checks.happens import Happens
from audition.checks.never import Never
from audition.checks.order import Order
from audition.evidence import Evidence
from audition.patterns import Pattern
from audition.project import fits

Sure = Literal["yes", "perhaps", "no"]
Answer = Literal["proved", "refuted", "open"]
PatternCheck = Happens | Never | Count | Order | Before | AfterEach


def judge(check: PatternCheck, evidence: Evidence) -> Answer:
    """Whether what a check asks of the evidence is proved, refuted, or neither."""
    proved, refuted = _demands(check, Definition(evidence))
    assert not (proved and refuted)
    return "proved" if proved else "refuted" if refuted else "open"


def as_list(names: Any) -> list[str]:
    return [names] if isinstance(names, str) else list(names)


@dataclass(frozen=True)
class Definition:
    """The words of the definition, for one trial."""

    evidence: Evidence

    def precedes(self, a: Any, b: Any) -> bool:
        return bool(step(a) < step(b) and a.number < b.number)

    def sure(self, pattern: Pattern) -> list[Any]:
        return [e for e in self.evidence.trace if self.matches(pattern, e) == "yes"]

    def all(self, pattern: Pattern) -> list[Any]:
        return [e for e in self.evidence.trace if self.matches(pattern, e) != "no"]

    def matches(self, pattern: Pattern, event: Any) -> Sure:
        alone = self.alone(pattern, event)
        if pattern.within is None or alone == "no":
            return alone
        inside = self.inside(pattern.within, event)
        if "no" in (inside, alone):
            return "no"
        return "yes" if (alone, inside) == ("yes", "yes") else "perhaps"

    def named(self, pattern: Pattern) -> list[Any]:
        """The events that match or may match, windows left out of account."""
        return [e for e in self.evidence.trace if self.alone(pattern, e) != "no"]

    def after(self, window: Any, event: Any) -> Sure:
        if window.since is None:
            return "yes"
        opening = self.named(window.since)
        if any(self.alone(window.since, s) == "yes" and self.precedes(s, event) for s in opening):
            return "yes"
        if all(s == event or self.precedes(event, s) for s in opening):
            return "no"
        return "perhaps"

    def inside(self, window: Any, event: Any) -> Sure:
        closing = self.named(window.until) if window.until else []
        after = self.after(window, event)
        if after == "no":
            return "no"
        for end in closing:
            certain = self.alone(window.until, end) == "yes" and self.after(window, end) == "yes"
            if certain and (end == event or self.precedes(end, event)):
                return "no"
        later = [end for end in closing if self.after(window, end) != "no"]
        if after == "yes" and all(self.precedes(event, end) for end in later):
            return "yes"
        return "perhaps"

    def empty(self, pattern: Pattern) -> Sure:
        if not {"message", "tool_call"} & {event.kind for event in self.evidence.trace}:
            return "yes"
        since = pattern.within.since if pattern.within else None
        if since is None:
            return "no"
        found = {self.alone(since, event) for event in self.evidence.trace}
        return "no" if "yes" in found else "perhaps" if "perhaps" in found else "yes"

    def alone(self, pattern: Pattern, event: Any) -> Sure:
        """Whether an event matches a pattern, its window left out of account."""
        if pattern.by is not None and event.agent not in as_list(pattern.by):
            return "no"
        argument = getattr(pattern, pattern.verb)
        if pattern.verb == "ran":
            return self.ran(pattern, event)
        found: dict[str, Callable[[], bool]] = {
            "wrote": lambda: self.file(argument, event, {"created", "modified"}),
            "created": lambda: self.file(argument, event, {"created"}),
            "deleted": lambda: self.file(argument, event, {"deleted"}),
            "read": lambda: self.read(argument, event),
            "called": lambda: self.called(pattern, event),
            "delegated": lambda: event.kind == "delegation" and event.to in as_list(argument),
            "committed": lambda: (
                event.kind == "commit"
                and (argument is True or bool(search(argument, event.message)))
            ),
            "said": lambda: (
                event.kind == "message" and bool(search(argument, event.text, IGNORECASE))
            ),
        }
        return "yes" if found[pattern.verb]() else "no"

    def file(self, names: Any, event: Any, kinds: set[str]) -> bool:
        if event.kind != "change" or event.file.what not in kinds:
            return False
        return self.path(names, event.file.path)

    def path(self, names: Any, path: str) -> bool:
        roles = {"tests", "implementation", "other"}
        globs = [name for name in as_list(names) if name not in roles]
        return self.evidence.role(path) in as_list(names) or fits(path, tuple(globs))

    def read(self, names: Any, event: Any) -> bool:
        if event.kind != "tool_call" or event.tool != "Read" or event.cut:
            return False
        path = event.input["file_path"]
        outside = path.startswith("/") and not path.startswith("/workspace/")
        globs = tuple(n for n in as_list(names) if n not in ("tests", "implementation", "other"))
        if outside:
            return fits(path[1:], globs)
        return self.path(names, path.removeprefix("/workspace/"))

    def called(self, pattern: Pattern, event: Any) -> bool:
        if event.kind != "tool_call" or event.cut:
            return False
        fields = (pattern.input or {}).items()
        return any(fnmatchcase(event.tool, glob) for glob in as_list(pattern.called)) and all(
            fnmatchcase(event.input.get(name, "\0"), glob) for name, glob in fields
        )

    def ran(self, pattern: Pattern, event: Any) -> Sure:
        if event.kind != "command" or self.recorded_too(event):
            return "no"
        roles = {"tests": "test", "linter": "lint", "git": "git", "build": "build"}
        named = [
            event.role == roles[name]
            if name in roles
            else any(
                fnmatchcase(text, name) for text in (event.text, " ".join(event.argv), event.tool)
            )
            for name in as_list(pattern.ran)
        ]
        asked: list[Sure] = ["yes" if any(named) else "no"]
        if pattern.whole is not None:
            asked.append("yes" if event.whole == pattern.whole else "no")
        if pattern.outcome is not None:
            same: Sure = "yes" if event.outcome == pattern.outcome else "no"
            asked.append("perhaps" if event.outcome == "unknown" else same)
        if pattern.failure is not None:
            asked.append(self.failure(as_list(pattern.failure), event))
        return "no" if "no" in asked else "perhaps" if "perhaps" in asked else "yes"

    def failure(self, kinds: list[str], event: Any) -> Sure:
        if event.outcome == "passed":
            return "no"
        if event.failure is None:
            return "perhaps"
        return "yes" if event.failure in kinds else "no"

    def recorded_too(self, event: Any) -> bool:
        return not event.recorded_by_git and any(
            other.kind == "command"
            and other.recorded_by_git
            and other.call == event.call
            and list(other.argv) == event.text.split()
            for other in self.evidence.trace
        )


def step(event: Any) -> int:
    has_call = event.kind in ("command", "change", "commit", "delegation")
    return int(event.call) if has_call and event.call > 0 else int(event.number)


def _demands(check: PatternCheck, words: Definition) -> tuple[bool, bool]:
    """Whether what a check asks is proved, and whether it is refuted."""
    match check:
        case Happens(pattern):
            return bool(words.sure(pattern)), not words.all(pattern)
        case Never(pattern):
            empty = words.empty(pattern)
            proved = not words.all(pattern) and empty == "no"
            return proved, bool(words.sure(pattern)) or empty == "yes"
        case Count():
            return _count(check, words)
        case Order(steps):
            certain = product(*(words.sure(pattern) for pattern in steps))
            possible = product(*(words.all(pattern) for pattern in steps))
            proved = any(all(words.precedes(a, b) for a, b in pairwise(c)) for c in certain)
            return proved, not any(
                all(a != b and not words.precedes(b, a) for a, b in pairwise(c)) for c in possible
            )
        case Before(first, then):
            proved = bool(words.sure(then)) and all(
                any(words.precedes(f, t) for f in words.sure(first)) for t in words.all(then)
            )
            return proved, not words.all(then) or any(
                all(f == t or words.precedes(t, f) for f in words.all(first))
                for t in words.sure(then)
            )
        case AfterEach(every, then):
            proved = bool(words.sure(every)) and all(
                any(words.precedes(e, t) for t in words.sure(then)) for e in words.all(every)
            )
            return proved, not words.all(every) or any(
                all(t == e or words.precedes(t, e) for t in words.all(then))
                for e in words.sure(every)
            )


def _count(check: Count, words: Definition) -> tuple[bool, bool]:
    least = check.exactly if check.exactly is not None else check.min or 0
    most = check.exactly if check.exactly is not None else check.max
    certain, possible = len(words.sure(check.of)), len(words.all(check.of))
    empty = words.empty(check.of)
    bounded = most is None or possible <= most
    proved = certain >= least and bounded and empty == "no"
    return proved, possible < least or (most is not None and certain > most) or empty == "yes"


# ── What could have happened ─────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class World:
    """One way in which it can all have happened: a full order, and an answer to every "perhaps"."""

    words: Definition
    events: tuple[Any, ...]
    answers: dict[tuple[str, int], bool]

    @classmethod
    def drawn(cls, evidence: Evidence, random: Random) -> "World":
        """Any world in which what is known for certain is so."""
        words, left, events = Definition(evidence), list(evidence.trace), []
        while left:
            free = [e for e in left if not any(words.precedes(other, e) for other in left)]
            events.append(free[random.randrange(len(free))])
            left.remove(events[-1])
        return cls(words, tuple(events), {})

    def places(self, pattern: Pattern, random: Random) -> list[int]:
        """Where in the order the events stand that match."""
        found = self.plain(pattern, random)
        window = pattern.within
        if window is None:
            return found
        opening = self.plain(window.since, random)[:1] if window.since else [-1]
        if not opening:
            return []
        closing = self.plain(window.until, random) if window.until else []
        end = min((place for place in closing if place > opening[0]), default=len(self.events))
        return [place for place in found if opening[0] < place < end]

    def plain(self, pattern: Pattern, random: Random) -> list[int]:
        """The same, the window left out of account."""
        return [
            place for place, event in enumerate(self.events) if self._answer(pattern, event, random)
        ]

    def _answer(self, pattern: Pattern, event: Any, random: Random) -> bool:
        alone = self.words.alone(pattern, event)
        if alone != "perhaps":
            return alone == "yes"
        # In one world an event matches one pattern or not, wherever it is asked for.
        return self.answers.setdefault((str(pattern), event.number), random.random() < 0.5)

    def opened(self, pattern: Pattern, random: Random) -> bool:
        """Whether somebody acted, and the window that is looked into was opened."""
        since = pattern.within.since if pattern.within else None
        acted = {"message", "tool_call"} & {event.kind for event in self.events}
        return bool(acted) and (since is None or bool(self.plain(since, random)))


def holds_in(world: World, check: PatternCheck, random: Random) -> bool:
    """What a check asks, where everything is known."""

    def places(pattern: Pattern) -> list[int]:
        return world.places(pattern, random)

    match check:
        case Happens(pattern):
            return bool(places(pattern))
        case Never(pattern):
            return world.opened(pattern, random) and not places(pattern)
        case Count():
            number = len(places(check.of))
            least = check.exactly if check.exactly is not None else check.min or 0
            most = check.exactly if check.exactly is not None else check.max
            within = number >= least and (most is None or number <= most)
            return world.opened(check.of, random) and within
        case Order(steps):
            return _subsequence([places(pattern) for pattern in steps])
        case Before(first, then):
            return bool(places(then)) and any(f < places(then)[0] for f in places(first))
        case AfterEach(every, then):
            return bool(places(every)) and any(t > places(every)[-1] for t in places(then))


def _subsequence(places: Iterable[list[int]]) -> bool:
    reached = -1
    for found in places:
        later = [place for place in found if place > reached]
        if not later:
            return False
        reached = later[0]
    return True
