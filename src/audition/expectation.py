"""Expectations: the checks that a case asks for, as somebody wrote them.

An item of `expect` is a check in one of three forms: its name, its name with one argument for its
first field, or its name with fields. Every check also takes `required`, `critical` and `why`:

    expect:
      - no_delegation
      - routes_to: backend-implementer
      - never_routes_to: {agent: Plan, required: false, why: planning is not asked for}
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cache, partial
from typing import Any, cast

import yaml
from pydantic import BaseModel, ConfigDict, TypeAdapter

from audition.document import Document, Loc, quoted
from audition.errors import InputError, Problem
from audition.evidence import Check, naming_agents
from audition.parts import PartSpec, adapter, find, names, read_spec, suggestion
from audition.validation import gathered, validate

FORM = ConfigDict(frozen=True, extra="forbid")
"""How every part of a file that people write is validated."""

COMMON_KEYS = ("required", "critical", "why")
"""The fields of every check."""

_NOBODY = frozenset({"none", "nobody", "main", "no"})
_DUMPER = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


@dataclass(frozen=True)
class Expectation:
    """One check that a case asks for."""

    name: str
    check: Check
    required: bool
    critical: bool
    why: str
    text: str
    """The check and its arguments on one line, as a person would write them."""
    where: str
    """`path:line:col`."""
    loc: Loc = ()
    """Where it stands in the dataset."""


class Common(BaseModel):
    """What every check takes beside its own fields."""

    model_config = FORM

    required: bool = True
    """Whether the trial fails when this check does."""
    critical: bool = False
    """Whether this check may never get worse from one revision to the next."""
    why: str = ""
    """The clause of the definition that the check guards; shown in reports."""


class _Checks(Mapping[str, type[Any]]):
    """Checks by name; a built-in one is imported when it is asked for."""

    def __init__(self, own: Mapping[str, type[Any]]) -> None:
        self._own = own

    def __getitem__(self, name: str) -> type[Any]:
        part = self._own.get(name) or find("checks", name)
        if part is None:
            raise KeyError(name)
        return part

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys((*names("checks"), *self._own)))

    def __len__(self) -> int:
        return len({*names("checks"), *self._own})


def known_checks(own_checks: Mapping[str, type[Any]]) -> Mapping[str, type[Any]]:
    """Every check by name, the user's own first; only those that are looked up are imported."""
    return _Checks(own_checks)


def read_expectations(
    document: Document, case: Loc, checks: Mapping[str, type[Any]], problems: list[Problem]
) -> tuple[Expectation, ...]:
    """The expectations of the case at a place; what is wrong with them joins the problems."""
    written = document.at(case)
    entries = written.get("expect") if isinstance(written, dict) else None
    found: list[Expectation] = []
    for index in range(len(entries) if isinstance(entries, list) else 0):
        loc = (*case, "expect", index)
        expectation = gathered(problems, partial(_expectation, document, loc, checks))
        if expectation is None:
            continue
        if any(expectation.check == other.check for other in found):
            what = f"the case expects {quoted(expectation.text)} twice"
            problems.append(document.problem(loc, what, "remove one"))
        found.append(expectation)
    return tuple(found)


def unknown_agents(
    document: Document, expectations: Sequence[Expectation], roster: tuple[str, ...]
) -> Iterator[Problem]:
    """Agents that a check names and that are not on offer."""
    for expectation in expectations:
        check = naming_agents(expectation.check)
        for name in dict.fromkeys(check.agents if check else ()):
            if name not in roster:
                what, do = f"the setup has no agent {quoted(name)}", suggestion(name, roster)
                if name.lower() in _NOBODY:
                    do = "where nobody should take the request, write no_delegation"
                for loc in _mentions(document, expectation.loc, name):
                    yield document.problem(loc, what, do)


def contradictions(document: Document, expectations: Sequence[Expectation]) -> Iterator[Problem]:
    """Required checks of which a trial can only pass one."""
    demands = [
        (expectation, check.reference)
        for expectation in expectations
        if expectation.required and (check := naming_agents(expectation.check))
    ]
    nobody = [e for e, reference in demands if reference == ()]
    somebody = [e for e, reference in demands if reference]
    if nobody and somebody:
        what = f"{quoted(somebody[0].text)} contradicts {quoted(nobody[0].text)}"
        yield document.problem(somebody[0].loc, what, "remove one: no trial can pass both")


@cache
def _common() -> TypeAdapter[Common]:
    return TypeAdapter(Common)


def _expectation(document: Document, loc: Loc, checks: Mapping[str, type[Any]]) -> Expectation:
    spec = read_spec(document.at(loc))
    if spec is None:
        what = "an expectation is a check's name, or one name with its argument"
        raise InputError([document.problem(loc, what, "write one check an item")])
    part = checks.get(spec.name)
    if part is None:
        what = f"there is no check {quoted(spec.name)}"
        do = suggestion(spec.name, tuple(sorted(checks)))
        raise InputError([document.problem((*loc, spec.name), what, do, key=True)])
    problems: list[Problem] = []
    inside = loc if spec.bare else (*loc, spec.name)
    arguments, shared = _split(document, inside, spec, part)
    common = gathered(problems, lambda: validate(document, _common(), inside, value=shared))
    types = adapter(cast(Any, part))  # mypy takes a class for unhashable
    check = gathered(
        problems, lambda: validate(document, types, inside, value=arguments, also=COMMON_KEYS)
    )
    if problems or common is None:
        raise InputError(problems)
    return Expectation(
        name=spec.name,
        check=cast(Check, check),
        required=common.required,
        critical=common.critical,
        why=common.why,
        text=_one_line(spec, arguments),
        where=document.where(loc),
        loc=loc,
    )


def _split(
    document: Document, loc: Loc, spec: PartSpec, part: type[Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The check's own arguments, and those that every check takes."""
    if spec.fields is None and not spec.bare:
        if spec.argument is None:
            do = "write a value, or the name without the colon"
            raise InputError([document.problem(loc, f"nothing follows {quoted(spec.name)}", do)])
        if not fields(part):
            what = f"{quoted(spec.name)} takes no argument"
            raise InputError([document.problem(loc, what, "write the name alone")])
    arguments = spec.arguments(part)
    shared = {key: arguments.pop(key) for key in COMMON_KEYS if key in arguments}
    return arguments, shared


def _one_line(spec: PartSpec, arguments: Mapping[str, Any]) -> str:
    if not arguments:
        return spec.name
    value = arguments if spec.fields is not None else spec.argument
    text = yaml.dump(
        {spec.name: value},
        Dumper=_DUMPER,
        default_flow_style=True,
        width=1_000_000_000,
        allow_unicode=True,
        sort_keys=False,
    )
    return text.strip().removeprefix("{").removesuffix("}")


def _mentions(document: Document, loc: Loc, name: str) -> list[Loc]:
    """Where below `loc` the text stands; `loc` itself where it stands nowhere word for word."""
    found: list[Loc] = []
    unseen = [loc]
    while unseen:
        place = unseen.pop()
        value = document.at(place)
        if isinstance(value, dict):
            unseen.extend((*place, key) for key in value)
        elif isinstance(value, list):
            unseen.extend((*place, index) for index in range(len(value)))
        elif value == name:
            found.append(place)
    return found or [loc]
