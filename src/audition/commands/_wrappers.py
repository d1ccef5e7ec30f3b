"""What stands in front of a command and does not change what it is: `env A=b`, `uv run`, `npx`."""

import re
from collections.abc import Sequence

from audition.commands._shell import Simple

_VALUED: dict[str, frozenset[str]] = {
    "env": frozenset({"-u", "--unset", "-C", "--chdir"}),
    "timeout": frozenset({"-s", "--signal", "-k", "--kill-after"}),
    "nice": frozenset({"-n", "--adjustment"}),
    "sudo": frozenset({"-u", "--user", "-g", "--group"}),
    "stdbuf": frozenset({"-i", "-o", "-e"}),
    "xargs": frozenset({"-n", "-I", "-L", "-P", "-d"}),
    "uv": frozenset({
        "--with", "--extra", "--group", "--python", "-p", "--project", "--directory",
        "--with-requirements", "--env-file", "--package",
    }),
    "npx": frozenset({"-p", "--package", "-c", "--call"}),
    "python": frozenset({"-W", "-X"}),
    "node": frozenset({"--import", "--require", "-r", "--loader", "--experimental-loader"}),
}  # fmt: skip
"""Options of a wrapper that take the next word as their value."""
_PLAIN = frozenset({"env", "time", "nice", "command", "exec", "sudo", "stdbuf", "nohup", "xargs"})
_RUNNERS = frozenset({"uv", "poetry", "pipenv", "hatch", "rye", "pdm"})
_PACKAGE_RUNNERS = {"npx": (), "bunx": (), "pnpm": ("exec", "dlx"), "yarn": ("exec", "dlx"),
                    "bun": ("x",), "npm": ("exec", "x")}  # fmt: skip
_PYTHON = re.compile(r"python(?:3(?:\.\d+)?)?")


def unwrapped(command: Simple) -> Simple | None:
    """The command itself; None where nothing is left."""
    argv = list(command.argv)
    for _ in range(10):
        if not argv:
            return None
        argv[0] = argv[0].rpartition("/")[2] or argv[0]
        inner = _inner(argv)
        if inner is None:
            break
        argv = inner
    return Simple(tuple(argv), command.exit_code) if argv else None


def _inner(argv: Sequence[str]) -> list[str] | None:
    """What a wrapper runs; None for what is no wrapper."""
    program, rest = argv[0], list(argv[1:])
    if program in _PLAIN:
        return _after_options(program, rest) or None
    if program == "timeout":
        return _after_options(program, rest)[1:] or None
    if program in _RUNNERS and rest[:1] == ["run"]:
        return _after_options("uv", rest[1:]) or None
    if program in _PACKAGE_RUNNERS:
        return _of_a_package(program, rest)
    if _PYTHON.fullmatch(program):
        return _module(rest)
    if program == "coverage" and rest[:1] == ["run"]:
        return _module(rest[1:])
    return None


def _of_a_package(program: str, rest: list[str]) -> list[str] | None:
    verbs = _PACKAGE_RUNNERS[program]
    if verbs and rest[:1] and rest[0] not in verbs:
        return None
    inner = _after_options("npx", rest[1:] if verbs else rest)
    return inner or None


def _module(rest: list[str]) -> list[str] | None:
    """What `python -m` runs; None for a script or a text."""
    words = _after_options("python", rest, stop_at="-m")
    return words[1:] or None if words[:1] == ["-m"] else None


def _after_options(program: str, words: list[str], *, stop_at: str = "--") -> list[str]:
    """The words that follow a wrapper's own options and assignments."""
    valued = _VALUED.get(program, frozenset())
    place = 0
    while place < len(words):
        word = words[place]
        if word == stop_at:
            return words[place + 1 :] if stop_at == "--" else words[place:]
        is_assignment = "=" in word and re.match(r"[A-Za-z_]\w*=", word) is not None
        if not word.startswith("-") and not (is_assignment and program in ("env", "sudo")):
            return words[place:]
        place += 2 if word in valued else 1
    return []
