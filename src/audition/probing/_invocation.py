"""How a command of the dataset is read: what runs it, where, and where more options can go.

The text stays as it was written, since a shell runs it: only words are put between its own.
"""

import re
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

_TOKEN = re.compile(
    r"""(?: [^\s'"\\;&|<>()] | \\. | '[^']*' | "(?:\\.|[^"\\])*" )+ | && | \|\| | [;&|<>()\n]""",
    re.VERBOSE,
)
_OPERATORS = frozenset({"&&", "||", ";", "&", "|", "<", ">", "(", ")", "\n"})
_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*=")
_PYTHON = re.compile(r"python[\d.]*|py")

_WRAPPERS = {
    ("uv", "run"), ("uvx",), ("poetry", "run"), ("pdm", "run"), ("pipenv", "run"), ("hatch", "run"),
    ("npx",), ("bunx",), ("pnpm", "exec"), ("pnpm", "dlx"), ("npm", "exec"), ("yarn", "exec"),
    ("coverage", "run"), ("env",), ("time",), ("nice",),
}  # fmt: skip
_WITH_VALUE = frozenset(
    {"--with", "--extra", "--group", "--python", "--package", "--from", "--project", "-p", "-n"}
)


class UnclearError(Exception):
    """A command that cannot be asked for a result that a program can read."""


@dataclass(frozen=True)
class Invocation:
    """One program with its words, as the shell is given them."""

    before: tuple[str, ...]
    """Words of the shell before it: `cd packages/a &&`, assignments."""
    words: tuple[str, ...]
    """As written, with their quotes."""
    program: str
    """Without its folder; for `python -m NAME` that name."""
    start: int
    """Where the words that name the program begin."""
    at: int
    """Where they end."""
    cwd: str = ""
    """The folder that it starts in, relative to the workspace."""

    @property
    def values(self) -> list[str]:
        """The words after the program, without their quotes."""
        return [plain(word) for word in self.words[self.at :]]

    def text(self, *, first: Sequence[str] = (), last: Sequence[str] = ()) -> str:
        """The command for a shell, with words of ours right after the program, or at the end."""
        words = [*self.words[: self.at], *map(shlex.quote, first), *self.words[self.at :]]
        end = words.index("--", self.at) if "--" in words[self.at :] else len(words)
        return " ".join([*self.before, *words[:end], *map(shlex.quote, last), *words[end:]])

    def without(self, *options: str) -> "Invocation":
        """The same without these options and their values: ours are told in their place."""
        words = list(self.words[: self.at])
        is_value = False
        for word in self.words[self.at :]:
            if is_value or word.partition("=")[0] in options:
                is_value = not is_value and word in options
            else:
                words.append(word)
        return replace(self, words=tuple(words))

    def instead(self, *words: str) -> str:
        """The command for a shell, with other words where it names the program."""
        rest = self.words[self.at :]
        return " ".join([*self.before, *self.words[: self.start], *map(shlex.quote, words), *rest])


def invocations(command: str) -> list[Invocation]:
    """The programs of a command, in order.

    Raises:
        UnclearError: the shell does more with them than run one after the other.
    """
    tokens = tuple(_tokens(command))
    parts: list[list[str]] = [[]]
    for token in tokens:
        if token in ("&&", ";", "\n"):
            parts.append([])
        elif token in _OPERATORS:
            raise UnclearError(f"`{token}` in the command hides what the program itself found")
        else:
            parts[-1].append(token)
    return list(_programs([part for part in parts if part]))


def _tokens(command: str) -> Iterator[str]:
    at = 0
    for match in _TOKEN.finditer(command):
        if command[at : match.start()].strip():
            raise UnclearError("a quote in the command is never closed")
        at = match.end()
        yield match[0]
    if command[at:].strip():
        raise UnclearError("a quote in the command is never closed")


def _programs(parts: list[list[str]]) -> Iterator[Invocation]:
    before: tuple[str, ...] = ()
    cwd = ""
    for part in parts:
        name = plain(part[0])
        if name == "cd" and len(part) == 2:
            cwd = below(cwd, plain(part[1]))
            before = (*before, *part, "&&")
        elif name == "export" or all(_ASSIGNMENT.match(word) for word in part):
            before = (*before, *part, "&&")
        else:
            yield replace(_program(tuple(part)), before=before, cwd=cwd)


def below(folder: str, path: str) -> str:
    """A path, from a folder of the workspace.

    Raises:
        UnclearError: it leads out of the workspace.
    """
    parts: list[str] = []
    for part in PurePosixPath(folder, path).parts:
        if part == "..":
            if not parts:
                raise UnclearError(f"{path} is not in the workspace")
            parts.pop()
        elif part == "/":
            raise UnclearError(f"{path} is not in the workspace")
        else:
            parts.append(part)
    return "/".join(parts)


def plain(word: str) -> str:
    """A word without its quotes."""
    try:
        return "".join(shlex.split(word))
    except ValueError:
        return word


def _program(words: tuple[str, ...]) -> Invocation:
    start = at = _unwrapped(words)
    if at >= len(words):
        raise UnclearError("the command names no program")
    name = PurePosixPath(plain(words[at])).name
    if _PYTHON.fullmatch(name):
        options = [plain(word) for word in words[at + 1 :]]
        module = _module(options)
        if module is not None:
            start, at, name = at + 1 + module, at + 2 + module, options[module + 1]
    elif "coverage" in map(plain, words[:at]) and name == "-m" and at + 1 < len(words):
        at, name = at + 1, plain(words[at + 1])
    return Invocation((), words, name, start, at + 1)


def _module(options: list[str]) -> int | None:
    """Where the `-m` stands that names what Python runs."""
    skipped = False
    for index, option in enumerate(options[:-1]):
        if option == "-m":
            return index
        if not skipped and not option.startswith("-"):
            return None
        skipped = option in ("-W", "-X")
    return None


def _unwrapped(words: tuple[str, ...]) -> int:
    """Where the program stands behind assignments and the programs that only start another."""
    at = 0
    while at < len(words):
        if _ASSIGNMENT.match(words[at]):
            at += 1
            continue
        found = next(
            (
                len(wrapper)
                for wrapper in _WRAPPERS
                if tuple(map(plain, words[at : at + len(wrapper)])) == wrapper
            ),
            0,
        )
        if not found:
            return at
        at = _past_options(words, at + found)
    return at


def _past_options(words: tuple[str, ...], at: int) -> int:
    while at < len(words) and words[at].startswith("-") and words[at] != "-m":
        at += 2 if plain(words[at]) in _WITH_VALUE else 1
    return at
