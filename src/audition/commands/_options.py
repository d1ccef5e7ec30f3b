"""Command lines taken apart: options, their values, and what stands alone."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Arguments:
    """What follows the name of a program."""

    options: tuple[tuple[str, str], ...]
    """Names with their dashes, and values; empty for an option that has none."""
    alone: tuple[str, ...]

    def has(self, names: Collection[str]) -> bool:
        """Whether one of these options is there."""
        return any(name in names for name, _ in self.options)


def read_arguments(
    words: Sequence[str], valued: Collection[str] = (), *, clusters: bool = True
) -> Arguments:
    """Options and the rest.

    `valued` are the options that take the next word. With `clusters`, `-qk x` is `-q` and `-k x`.
    """
    options: list[tuple[str, str]] = []
    alone: list[str] = []
    waiting = ""
    for number, word in enumerate(words):
        if waiting:
            options.append((waiting, word))
            waiting = ""
        elif word == "--":
            alone += words[number + 1 :]
            break
        elif word.startswith("--") or (word.startswith("-") and not clusters and len(word) > 1):
            name, equals, value = word.partition("=")
            waiting = name if name in valued and not equals else ""
            options += [] if waiting else [(name, value)]
        elif word.startswith("-") and len(word) > 1:
            waiting = _read_cluster(word, valued, options)
        else:
            alone.append(word)
    return Arguments((*options, *([(waiting, "")] if waiting else [])), tuple(alone))


def are_whole(paths: Sequence[str], roots: Collection[str]) -> bool:
    """Whether these paths are all there is: none, or the roots of everything."""
    return all(re.sub(r"^\./(?=.)|/$", "", path) in roots for path in paths)


def _read_cluster(word: str, valued: Collection[str], options: list[tuple[str, str]]) -> str:
    for number, letter in enumerate(word[1:], start=1):
        if f"-{letter}" in valued:
            rest = word[number + 1 :]
            if not rest:
                return f"-{letter}"
            options.append((f"-{letter}", rest.removeprefix("=")))
            return ""
        options.append((f"-{letter}", ""))
    return ""
