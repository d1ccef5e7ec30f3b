"""Patterns of paths: matched name by name, so that no pattern takes longer than its length allows.

In a name, `*`, `?` and `[abc]` stand for what they always do, and `{a,b}` for either; the name `**`
is any number of folders, none included. A pattern that ends with it means every file below.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import translate

from audition.tools._given import MistakeError, shown

_CHARACTERS, _ALTERNATIVES, _EXPANDED = 500, 64, 4_000
_CHOICE = re.compile(r"\{([^{}]*,[^{}]*)\}")
_ANY = "**"

State = frozenset[tuple[int, int]]
"""How far a path has come in each alternative: its number, and the names that are behind it."""


@dataclass(frozen=True)
class Pattern:
    """A pattern, ready to be followed from folder to folder."""

    alternatives: tuple[tuple[str, ...], ...]
    matchers: dict[str, re.Pattern[str]]

    @property
    def start(self) -> State:
        """Before the first name."""
        return self._with_none_of_any((number, 0) for number in range(len(self.alternatives)))

    def after(self, state: State, name: str) -> State:
        """Where one more name leads; empty where nothing below can match."""
        further = set()
        for number, count in state:
            names = self.alternatives[number]
            if count == len(names):
                continue
            if names[count] == _ANY:
                further.add((number, count))
            elif self.matchers[names[count]].match(name):
                further.add((number, count + 1))
        return self._with_none_of_any(further)

    def is_whole(self, state: State) -> bool:
        """Whether a path that came this far matches."""
        return any(count == len(self.alternatives[number]) for number, count in state)

    def matches(self, path: str) -> bool:
        """Whether a relative path matches."""
        state = self.start
        for name in path.split("/"):
            state = self.after(state, name)
        return self.is_whole(state)

    def names(self, name: str) -> bool:
        """Whether this very name stands in the pattern."""
        return any(name in names for names in self.alternatives)

    def _with_none_of_any(self, places: Iterable[tuple[int, int]]) -> State:
        found = set()
        for number, count in places:
            names = self.alternatives[number]
            found.add((number, count))
            while count < len(names) and names[count] == _ANY:
                count += 1
                found.add((number, count))
        return frozenset(found)


def read_pattern(text: str) -> Pattern:
    """The pattern that was written.

    Raises:
        MistakeError: it is too long, has too many alternatives, or climbs with `..`.
    """
    alternatives = tuple(_names(one) for one in expanded(text))
    if any(".." in names for names in alternatives):
        raise MistakeError(f"`{shown(text)}` climbs out with `..`; name the folder as `path`.")
    matchers = {name: _matcher(name) for names in alternatives for name in names}
    return Pattern(alternatives, matchers)


def expanded(text: str) -> tuple[str, ...]:
    """The alternatives that braces stand for.

    Raises:
        MistakeError: there are too many, or they are too long.
    """
    if not text or len(text) > _CHARACTERS:
        raise MistakeError(f"A pattern has 1 to {_CHARACTERS} characters.")
    waiting, found = [text], []
    while waiting:
        one = waiting.pop()
        choice = _CHOICE.search(one)
        if choice is None:
            found.append(one)
        else:
            heads, tail = one[: choice.start()], one[choice.end() :]
            waiting += [f"{heads}{middle}{tail}" for middle in choice[1].split(",")]
        if len(waiting) + len(found) > _ALTERNATIVES or sum(map(len, found)) > _EXPANDED:
            raise MistakeError(f"`{shown(text)}` stands for too many patterns; search in parts.")
    return tuple(dict.fromkeys(found))


def _names(text: str) -> tuple[str, ...]:
    found: list[str] = []
    for name in text.split("/"):
        if name in ("", ".") or (name == _ANY and found[-1:] == [_ANY]):
            continue
        found.append(name)
    if found[-1:] == [_ANY]:
        found.append("*")
    return tuple(found)


def _matcher(name: str) -> re.Pattern[str]:
    # The standard library makes these without a way back, so that they cannot blow up.
    return re.compile(translate(name.replace("[^", "[!")))
