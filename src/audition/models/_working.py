"""How a simulated agent works: what the reference of a case does, with rules broken on purpose."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from audition.project import DEFAULT_PROJECT

Action = Mapping[str, Any]
"""`{tool: input}`, or `{"say": text}`."""


@dataclass(frozen=True)
class Rule:
    """A rule that definitions state, and by which words they can be known to."""

    rate: str
    """The field of the model that says how often it is broken although it is stated."""
    words: re.Pattern[str]


def _rule(rate: str, words: str) -> Rule:
    return Rule(rate, re.compile(words, re.IGNORECASE))


RULES = (
    _rule("skip_plan", r"\bTODO\b|\bplan (?:file|first)\b|\bwrite a plan\b"),
    _rule("code_first", r"\btests? (?:come )?(?:first|before)\b|\bfailing tests?\b"),
    _rule("weaken_test", r"\b(?:weaken|loosen|delete|skip)\w*\b[^.]{0,60}\btests?\b"),
    _rule("no_commit", r"\bcommits?\b"),
    _rule("push", r"\b(?:never|not|don't|without)\b[^.]{0,40}\bpush"),
)


def bent(actions: Sequence[Action], broken: Collection[Rule]) -> tuple[Action, ...]:
    """The actions with these rules broken; a rule that they do not keep is not broken either."""
    rates = {rule.rate for rule in broken}
    acts = list(actions)
    if "skip_plan" in rates:
        acts = [act for act in acts if not _writes_plan(act)]
    if "code_first" in rates:
        acts = _code_first(acts)
    if "weaken_test" in rates:
        acts = _weakened(acts)
    if "no_commit" in rates:
        acts = [act for act in acts if not _commits(act)]
    if "push" in rates:
        acts = _before_the_end(acts, {"Bash": {"command": "git push origin HEAD"}})
    return tuple(acts)


def _path(act: Action) -> str:
    """The file that an action writes; empty where it writes none by name."""
    given = act.get("Write") or act.get("Edit")
    return str(given.get("file_path", "")) if isinstance(given, Mapping) else ""


def _command(act: Action) -> str:
    given = act.get("Bash")
    return str(given.get("command", "")) if isinstance(given, Mapping) else ""


def _writes_plan(act: Action) -> bool:
    written = _path(act) or _command(act)
    return bool(re.search(r"\bTODO[\w-]*\.md\b", written)) and not _commits(act)


def _commits(act: Action) -> bool:
    return bool(re.search(r"\bgit\b[^|;]*\bcommit\b", _command(act)))


def _role(act: Action) -> str:
    return DEFAULT_PROJECT.role(_path(act)) if _path(act) else "other"


def _code_first(acts: list[Action]) -> list[Action]:
    """Every file of the implementation is written ahead of the first test."""
    tests = [place for place, act in enumerate(acts) if _role(act) == "tests"]
    if not tests:
        return acts
    moved = [act for act in acts[tests[0] :] if _role(act) == "implementation"]
    rest = [act for act in acts[tests[0] :] if _role(act) != "implementation"]
    return [*acts[: tests[0]], *moved, *rest]


def _weakened(acts: list[Action]) -> list[Action]:
    """The tests that were written say nothing in the end."""
    path = next((_path(act) for act in reversed(acts) if _role(act) == "tests"), "")
    if not path:
        return acts
    how = r"s/\bassert \(.*\)/assert True or \1/; s/assert\.\w*(.*);/assert.ok(true);/"
    act = {"Bash": {"command": f"sed -i '{how}' {path}"}}
    places = [place for place, act in enumerate(acts) if _commits(act)]
    place = places[0] if places else len(acts)
    return [*acts[:place], act, *acts[place:]]


def _before_the_end(acts: list[Action], act: Action) -> list[Action]:
    is_said = bool(acts) and "say" in acts[-1]
    return [*acts[:-1], act, acts[-1]] if is_said else [*acts, act]
