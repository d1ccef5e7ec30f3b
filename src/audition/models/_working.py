"""How a simulated agent works: what the reference of a case does, with rules broken on purpose.

Each breach is made so that it breaks its own clause and leaves the others alone. What an action
does is told by its input: the file of a `Write` or an `Edit`, and in a command the files behind
`>`, `>>` and `tee`, and those that `sed -i`, `cp`, `mv`, `rm` and `touch` name. Which of them are
tests follows from the globs that hold where a dataset names none. Files that a script writes by
itself are not seen.
"""

import re
import shlex
from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache
from typing import Any

from audition.project import DEFAULT_PROJECT

Action = Mapping[str, Any]
"""`{tool: input}`, or `{"say": text}`."""

_SEVERAL = 512
"""Commands that are remembered as read: a trial asks for the same ones turn after turn."""

_HEREDOC = re.compile(
    r"(?P<head><<-?\s*(['\"]?)(?P<mark>\w+)\2[^\n]*\n)(?:.*?\n)??[ \t]*(?P=mark)(?=\n|$)", re.DOTALL
)
_QUOTED = r"'[^']*'|\"(?:\\.|[^\"\\])*\""
_WORD = rf"(?:{_QUOTED}|[^\s'\"&|;<>()])+"
_WRITTEN = (
    re.compile(rf"(?<![\d&<>=-])>{{1,2}}\s*({_WORD})"),
    re.compile(rf"\btee(?:\s+-\w+)*\s+({_WORD})"),
    re.compile(rf"\bsed[ \t]+-i\S*[ \t]+(?:-\w+[ \t]+)*{_WORD}((?:[ \t]+{_WORD})+)"),
    re.compile(rf"\b(?:cp|mv|rm|touch)((?:[ \t]+{_WORD})+)"),
)
_COMMIT = re.compile(
    rf"\bgit(?:\s+-[cC]\s+{_WORD})*\s+commit\b(?:{_QUOTED}|\\.|[^'\"&|;\n\\])*", re.DOTALL
)
_PLAN = re.compile(r"(?:^|/)(?:[^/]*(?:todo|plan)[^/]*|\.?plans?/[^/]+)\.md$", re.IGNORECASE)
_TESTING = re.compile(
    r"\b(?:pytest|unittest|tox|jest|vitest|mocha|(?:node|deno|bun|npm|pnpm|yarn|make)"
    r"(?:\s+run)?\s+(?:--)?test)\b"
)
_LINTING = re.compile(r"\b(?:ruff|flake8|pylint|mypy|eslint|biome|prettier|tsc|lint)\b")
_PYTHON_TEST = re.compile(r"^[ \t]*(?:async )?(def )test(_\w+\()", re.MULTILINE)
_SCRIPT_TEST = re.compile(r"^[ \t]*(test|it)(\((?P<quote>[\"'`]).+?(?P=quote))", re.MULTILINE)
_PUSH: Action = {"Bash": {"command": "git push origin HEAD"}}


def bent(actions: Sequence[Action], broken: Collection[str]) -> tuple[Action, ...]:
    """The actions with these rules broken, each by the rate that names it.

    A rule that the actions give no occasion to break stays kept: where no test is written, none can
    be weakened, and what is not committed is not pushed.
    """
    acts = tuple(actions)
    for name, breach in _BREACHES.items():
        if name in broken:
            acts = breach(acts)
    return acts


def _without_plan(acts: tuple[Action, ...]) -> tuple[Action, ...]:
    """Nothing is written to a plan, and no commit asks for one."""
    kept = [act for act in acts if not (_paths(act) and all(map(_is_plan, _paths(act))))]
    plans = {path for act in acts for path in _paths(act) if _is_plan(path)}
    return tuple(_never_added(act, plans) for act in kept)


def _never_added(act: Action, paths: Collection[str]) -> Action:
    command = _command(act)
    if not re.search(r"\bgit\s+add\b", command):
        return act
    for path in paths:
        command = command.replace(path, "")
    return {"Bash": {**act["Bash"], "command": command}}


def _code_first(acts: tuple[Action, ...]) -> tuple[Action, ...]:
    """All code is written ahead of the first test."""
    first = next((place for place, act in enumerate(acts) if "tests" in _roles(act)), len(acts))
    code = [act for act in acts[first:] if _roles(act) == {"implementation"}]
    rest = [act for act in acts[first:] if _roles(act) != {"implementation"}]
    return (*acts[:first], *code, *rest)


def _test_weakened(acts: tuple[Action, ...]) -> tuple[Action, ...]:
    """After the last green, the last test that was written is taken out, and all runs once more."""
    taken = [(place, found) for place, act in enumerate(acts) if (found := _taken_out(act))]
    runs = [place for place, act in enumerate(acts) if _TESTING.search(_shell(act))]
    if not taken or not runs or runs[-1] < taken[-1][0]:
        return acts
    edits = [place for place, act in enumerate(acts[: runs[-1] + 1]) if _roles(act) - {"other"}]
    again = filter(_is_review, acts[edits[-1] + 1 : runs[-1] + 1])
    return (*acts[: runs[-1] + 1], taken[-1][1], *again, *acts[runs[-1] + 1 :])


def _taken_out(act: Action) -> Action | None:
    """The command that keeps the last test that an action writes from being run."""
    path = next((path for path in _paths(act) if DEFAULT_PROJECT.role(path) == "tests"), "")
    is_python = path.endswith(".py")
    found = list((_PYTHON_TEST if is_python else _SCRIPT_TEST).finditer(_text(act)) if path else ())
    if not found:
        return None
    start, rest = found[-1].group(1, 2)
    before, after = ("test", "later_test") if is_python else ("", ".skip")
    old, new = (f"{start}{middle}{rest}" for middle in (before, after))
    pattern, becomes = re.sub(r"[\\/.*^$\[\]]", r"\\\g<0>", old), re.sub(r"[\\/&]", r"\\\g<0>", new)
    script = shlex.quote(f"s/{pattern}/{becomes}/")
    return {"Bash": {"command": f"sed -i {script} {shlex.quote(path)}"}}


def _pushed(acts: tuple[Action, ...]) -> tuple[Action, ...]:
    """The last commit is pushed."""
    commits = [place for place, act in enumerate(acts, 1) if _commits(act)]
    return (*acts[: commits[-1]], _PUSH, *acts[commits[-1] :]) if commits else acts


def _uncommitted(acts: tuple[Action, ...]) -> tuple[Action, ...]:
    """Whatever else a command does it does, but nothing is committed."""
    left = []
    for act in acts:
        if not _commits(act):
            left.append(act)
            continue
        command = _COMMIT.sub("true ", _command(act)).strip()
        pieces = (piece.strip() for piece in re.split(r"&&|[;\n]", command))
        if any(piece not in ("", "true") and not piece.startswith("git add") for piece in pieces):
            left.append({"Bash": {**act["Bash"], "command": command}})
    return tuple(left)


_BREACHES = {
    "skip_plan": _without_plan,
    "weaken_test": _test_weakened,
    "code_first": _code_first,
    "push": _pushed,
    "no_commit": _uncommitted,
}
"""In this order: the last green is found before the code is moved, what is pushed by its commit."""


def _input(act: Action, *tools: str) -> Mapping[str, Any]:
    given = next((act[tool] for tool in tools if tool in act), None)
    return given if isinstance(given, Mapping) else {}


def _command(act: Action) -> str:
    return str(_input(act, "Bash").get("command", ""))


def _shell(act: Action) -> str:
    return _without_texts(_command(act))


@lru_cache(maxsize=_SEVERAL)
def _without_texts(command: str) -> str:
    """A command without the texts that it feeds to programs."""
    return _HEREDOC.sub(r"\g<head>", command)


def _text(act: Action) -> str:
    """The words that an action may put into a file."""
    given = _input(act, "Write", "Edit")
    return str(given.get("content") or given.get("new_string") or _command(act))


def _paths(act: Action) -> tuple[str, ...]:
    """The files that an action writes by name."""
    given = _input(act, "Write", "Edit")
    return (_relative(str(given.get("file_path", ""))),) if given else _written(_command(act))


@lru_cache(maxsize=_SEVERAL)
def _written(command: str) -> tuple[str, ...]:
    shell = _without_texts(command)
    found = (found[1] for pattern in _WRITTEN for found in pattern.finditer(shell))
    words = (word[0] for text in found for word in re.finditer(_WORD, text))
    paths = (_relative(word.strip("'\"")) for word in words if not word.startswith("-"))
    return tuple(path for path in paths if not path.startswith("/"))


def _relative(path: str) -> str:
    return path.removeprefix("/workspace/").removeprefix("./")


def _roles(act: Action) -> set[str]:
    return {DEFAULT_PROJECT.role(path) for path in _paths(act)}


def _is_plan(path: str) -> bool:
    return _PLAN.search(path) is not None


def _is_review(act: Action) -> bool:
    shell = _shell(act)
    return bool(_TESTING.search(shell) or _LINTING.search(shell))


def _commits(act: Action) -> bool:
    return _COMMIT.search(_shell(act)) is not None
