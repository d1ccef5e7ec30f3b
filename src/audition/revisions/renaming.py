"""Agents that have another name at the other side: `renamed: {old: new}`.

The cases name agents as the suite's own side does. For a side that calls one of them otherwise,
what cases expect of the old name is expected of the new one.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any, cast

from audition.dataset import Case
from audition.errors import InputError, Problem
from audition.evidence import Check, naming_agents
from audition.expectation import Expectation
from audition.parts import suggestion


def renaming_problems(
    renamed: Mapping[str, str], base: Collection[str], head: Collection[str]
) -> list[Problem]:
    """What is wrong with names that somebody gave, going by the agents of both sides.

    Only a name that is new can be a new name: else what is expected of one agent could be shifted
    to another that was there all along.
    """
    problems = []
    for old, new in renamed.items():
        if old not in base:
            what = f"base has no agent {old!r}"
            problems.append(Problem("--renamed", what, suggestion(old, tuple(sorted(base)))))
        if new not in head:
            what = f"head has no agent {new!r}"
            problems.append(Problem("--renamed", what, suggestion(new, tuple(sorted(head)))))
        if new in base:
            what = f"base has {new!r} as well, so that it is another agent"
            problems.append(Problem("--renamed", what, "leave it out"))
        elif old in head:
            what = f"head still has {old!r}, so that {new!r} is another agent"
            problems.append(Problem("--renamed", what, "leave it out"))
    new_names = list(renamed.values())
    for new in sorted({name for name in new_names if new_names.count(name) > 1}):
        what = f"two agents cannot both be {new!r} now"
        problems.append(Problem("--renamed", what, "name one of them"))
    return problems


def applicable(
    renamed: Mapping[str, str], base: Collection[str], head: Collection[str]
) -> dict[str, str]:
    """Those of a suite's names that fit both sides; what was renamed long ago fits no more."""
    pairs = ({old: new} for old, new in renamed.items())
    fitting = [pair for pair in pairs if not renaming_problems(pair, base, head)]
    return {old: new for pair in fitting for old, new in pair.items()}


def read_renamed(texts: Collection[str]) -> dict[str, str]:
    """What `--renamed old=new` says, once or more often.

    Raises:
        InputError: a text is no pair of names, or two speak of the same agent.
    """
    renamed: dict[str, str] = {}
    problems = []
    for text in texts:
        old, equals, new = (piece.strip() for piece in text.partition("="))
        if not (old and equals and new):
            problems.append(Problem("--renamed", f"{text!r} is no pair", "write OLD=NEW"))
        elif renamed.setdefault(old, new) != new:
            problems.append(Problem("--renamed", f"{old!r} is renamed twice", "name it once"))
    if problems:
        raise InputError(problems)
    return renamed


def with_new_names(case: Case, names: Mapping[str, str]) -> Case:
    """The case as a side expects it that calls some agents otherwise."""
    if not names:
        return case
    expectations = tuple(_expectation(item, names) for item in case.expectations)
    work = case.work
    if work is not None and work.agent is not None:
        work = replace(work, agent=names.get(work.agent, work.agent))
    return replace(case, expectations=expectations, work=work)


def _expectation(expectation: Expectation, names: Mapping[str, str]) -> Expectation:
    check = naming_agents(expectation.check)
    of_this = {old: new for old, new in names.items() if check and old in check.agents}
    if not of_this:
        return expectation
    renamed = cast(Check, _with_names(expectation.check, of_this))
    written = "|".join(map(re.escape, sorted(of_this, key=len, reverse=True)))
    text = re.sub(
        rf"(?<![\w-])(?:{written})(?![\w-])", lambda m: of_this[m.group()], expectation.text
    )
    return replace(expectation, check=renamed, text=text)


def _with_names(value: Any, names: Mapping[str, str]) -> Any:
    """The value with every text that is a name in it replaced, however deep."""
    if isinstance(value, str):
        return names.get(value, value)
    if isinstance(value, tuple | list | set | frozenset):
        return type(value)(_with_names(item, names) for item in value)
    if isinstance(value, Mapping):
        return {key: _with_names(item, names) for key, item in value.items()}
    if is_dataclass(value) and not isinstance(value, type):
        new = {f.name: _with_names(getattr(value, f.name), names) for f in fields(value) if f.init}
        return replace(value, **new)
    return value
