"""What stands before the program that does the work: `timeout 60 uv run python -m pytest`."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Literal

Code = Literal["own", "lost", "blurred"]
"""Whether the exit code of the whole is the program's own; blurred where only zero is."""


@dataclass(frozen=True, kw_only=True)
class Peeled:
    """A command without what stands before the program."""

    argv: tuple[str, ...]
    """The program by its bare name, and its arguments."""
    code: Code = "own"
    has_clock: bool = False
    """`timeout` may have ended it."""


@dataclass(frozen=True)
class _Prefix:
    valued: frozenset[str] = frozenset()
    words: int = 0
    """How many words of its own stand before the program."""
    code: Code = "own"


def _prefix(valued: str = "", words: int = 0, code: Code = "own") -> _Prefix:
    return _Prefix(frozenset(valued.split()), words, code)


_UV = "--with --with-requirements --with-editable --python -p --project --directory --extra --group"
_UV += " --env-file --package --index --index-url --from --only-group --no-group"
_NPX = "-p --package --node-options -w --workspace"

_PREFIXES: Mapping[tuple[str, ...], _Prefix] = {
    ("env",): _prefix("-u --unset -C --chdir"),
    ("time",): _prefix("-f --format -o --output"),
    ("timeout",): _prefix("-s --signal -k --kill-after", words=1),
    ("gtimeout",): _prefix("-s --signal -k --kill-after", words=1),
    ("nice",): _prefix("-n --adjustment"),
    ("ionice",): _prefix("-c -n"),
    ("nohup",): _prefix(),
    ("setsid",): _prefix(),
    ("unbuffer",): _prefix(),
    ("stdbuf",): _prefix("-i -o -e"),
    ("command",): _prefix(),
    ("builtin",): _prefix(),
    ("exec",): _prefix("-a"),
    ("sudo",): _prefix("-u --user -g --group -h -p -C -D --chdir"),
    ("doas",): _prefix("-u"),
    ("xvfb-run",): _prefix("-n -s -e -f -p"),
    ("xargs",): _prefix("-n -P -I -L -d -a -s -E --max-args --max-procs", code="blurred"),
    ("watch",): _prefix("-n --interval", code="lost"),
    ("cross-env",): _prefix(),
    ("dotenv",): _prefix("-e -v -p"),
    ("uv", "run"): _prefix(_UV),
    ("uvx",): _prefix(_UV),
    ("uv", "tool", "run"): _prefix(_UV),
    ("pipx", "run"): _prefix("--spec --python"),
    ("poetry", "run"): _prefix("-C --directory -P --project"),
    ("pipenv", "run"): _prefix(),
    ("pdm", "run"): _prefix("-p --project"),
    ("rye", "run"): _prefix(),
    ("hatch", "run"): _prefix(),
    ("pixi", "run"): _prefix("-e --environment"),
    ("conda", "run"): _prefix("-n --name -p --prefix"),
    ("npx",): _prefix(_NPX),
    ("npm", "exec"): _prefix(_NPX),
    ("npm", "x"): _prefix(_NPX),
    ("pnpm", "exec"): _prefix(),
    ("pnpm", "dlx"): _prefix("--package"),
    ("pnpx",): _prefix(),
    ("yarn", "exec"): _prefix(),
    ("yarn", "dlx"): _prefix("-p --package"),
    ("bun", "x"): _prefix(),
    ("bunx",): _prefix(),
    ("coverage", "run"): _prefix("--source --omit --include --rcfile --data-file --context"),
}
_LONGEST_PREFIX = max(map(len, _PREFIXES))
_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*=")
_PYTHON = re.compile(r"(?:python|pypy)(?:\d(?:\.\d+)?)?$|py$")
_SCRIPT_ENDING = re.compile(r"\.(?:c|m)?[jt]s$|\.exe$")
_MOST_PREFIXES = 20


def peeled(argv: Sequence[str]) -> Peeled:
    """The program that does the work; an empty command where nothing is left."""
    words = list(argv)
    codes: list[Code] = []
    has_clock = False
    for _ in range(_MOST_PREFIXES):
        while words and _ASSIGNMENT.match(words[0]):
            words.pop(0)
        if not words:
            break
        words[0] = PurePosixPath(words[0]).name or words[0]
        found = _first_prefix(words)
        if found is None:
            inner = _interpreted(words)
            if inner is None:
                break
            words = inner
            continue
        count, prefix = found
        rest = _after(words[count:], prefix)
        if not rest:
            break
        has_clock |= words[0] in ("timeout", "gtimeout")
        codes.append(prefix.code)
        words = rest
    code: Code = "lost" if "lost" in codes else "blurred" if "blurred" in codes else "own"
    return Peeled(argv=tuple(words), code=code, has_clock=has_clock)


def _first_prefix(words: Sequence[str]) -> tuple[int, _Prefix] | None:
    for count in range(_LONGEST_PREFIX, 0, -1):
        prefix = _PREFIXES.get(tuple(words[:count]))
        if prefix is not None and len(words) >= count:
            return count, prefix
    return None


def _after(words: Sequence[str], prefix: _Prefix) -> list[str]:
    """What follows the options and words of a prefix."""
    number, own = 0, prefix.words
    while number < len(words):
        word = words[number]
        if word == "--":
            return list(words[number + 1 :])
        if word == "-m":  # of `coverage run` and `uv run`: a module is a program
            return ["python", *words[number:]]
        if word.startswith("-") and len(word) > 1:
            number += 2 if word in prefix.valued else 1
        elif _ASSIGNMENT.match(word):
            number += 1
        elif own:
            own -= 1
            number += 1
        else:
            break
    return list(words[number:])


def _interpreted(words: Sequence[str]) -> list[str] | None:
    """The program that an interpreter runs: `python -m X`, `node node_modules/.bin/X`."""
    if _PYTHON.match(words[0]):
        number = 1
        while number < len(words) and words[number].startswith("-"):
            if words[number] == "-m":
                return list(words[number + 1 :]) or None
            if words[number] in ("-c", "-"):
                return None
            number += 2 if words[number] in ("-W", "-X") else 1
        return None
    if words[0] == "node":
        for number, word in enumerate(words[1:20], start=1):
            if word in ("--test", "-e", "--eval", "--run"):
                return None
            if "node_modules/" in word:
                return [_SCRIPT_ENDING.sub("", PurePosixPath(word).name), *words[number + 1 :]]
    return None
