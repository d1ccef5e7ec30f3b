"""Event patterns: the little language in which `happens`, `never`, `order`, … speak of a trace.

    {wrote: tests}                                        a role, a path glob, or a list of them
    {ran: tests, outcome: failed, failure: assertion}
    {called: Bash, input: {command: "*rm -rf*"}, by: backend}
    {wrote: implementation, within: {since: {ran: tests, outcome: passed}}}

A pattern has exactly one verb:

- `wrote` (created or modified), `created`, `deleted`: a changed file, however it was changed, by
  its role (`tests`, `implementation`, `other`) or by globs read as in a `.gitignore`.
- `read`: a call of Read, by the same words; the attempt counts. A file outside the workspace has
  no role, and globs meet its absolute path.
- `ran`: a command, by its role (`tests`, `linter`, `git`, `build`) or by a glob that fits the
  whole command, git's own record of its arguments, or the name of the program (`pytest`).
  `outcome`, `failure` and `whole` (nothing narrows what it tests or lints) narrow it.
- `called`: a tool call, by globs for the tool; `input` holds a glob for each field that must fit.
  What is no text is met as JSON. A call that was cut off was never made.
- `delegated`: an agent that was started, by name.
- `committed`: a commit, by a regular expression searched in its message, or `true` for any.
- `said`: a message, by a regular expression searched without regard to case.

`by` narrows to events of `main` or of an agent, `within` to those between two others.

## What a pattern matches, exactly

An event **matches**, **may match**, or does not. It *may* where the evidence cannot tell:
`outcome` is asked of a command whose outcome is unknown; or `failure` of one that failed, or whose
outcome is unknown, and that has no failure kind. (`passed` with an unknown outcome may match
`failed`; a known failure kind that is not asked for, or a known pass, does not match a `failure`.)
Where git recorded a command with the same words in the same tool call, the one that was read from
the text is left out: it is the same command.

**Order.** The *step* of a command, change, commit or delegation is the number of its tool call, if
it has one (above 0); of any other event, its own number. Event a **precedes** b when both its step
and its number are smaller. So nothing inside one tool call is ordered, and neither is what was
asked for in one order and seen in the other. What is not ordered cannot be told, and is never
guessed.

**Window.** `since` and `until` are patterns without a window; S and U are the events that match or
may match them. An event is

- *after* the opening, where a sure match of `since` precedes it, or no `since` is stated;
- *not after* it, where it precedes every other event of S (so also where S has no other);
- else *perhaps after* it.

It is **inside** where it is after the opening and precedes every event of U that is after or
perhaps after it; **outside** where it is not after the opening, or where it is, or is preceded by,
a sure match of `until` that is after the opening; else **perhaps inside**. The window is thus open
between the first `since` and the first `until` that follows, both left out; without an `until`, to
the end. A match that is perhaps inside may match; one that is outside does not.

## What the checks ask, exactly

Below, "sure" are events that match, "all" those that match or may match. A check passes when its
demand is **proved**, and fails otherwise; where it is not **refuted** either, the reason says that
it cannot be told.

- `happens: P` is proved by a sure match of P, and refuted where P has no match at all.
- `never: P` is proved where P has no match at all and the trial was not empty for P; refuted by a
  sure match, or where it was empty.
- `count` is proved where there are at least `min` sure and at most `max` matches in all, and the
  trial was not empty; refuted by fewer than `min` in all, more than `max` sure ones, or where it
  was empty.
- `order` is proved by a choice of sure matches, one for each pattern, each preceding the next;
  refuted where there is no choice of matches in which the next is always another event and does
  not precede the one before it.
- `before` is proved where `then` has a sure match, and each of all its matches is preceded by a
  sure match of `first`; refuted where `then` has no match, or a sure one that precedes every other
  match of `first`.
- `after_each` is proved where `every` has a sure match, and each of all its matches precedes a
  sure match of `then`; refuted where `every` has no match, or a sure one that every other match of
  `then` precedes.

A trial is **empty** for P where nobody said or called anything, or where P has a window with a
`since` that nothing matches. Whether it is empty cannot be told where `since` only may match.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import partial
from typing import Annotated, Any, ClassVar, Literal, TypeVar, cast, get_args

from pathspec import GitIgnoreSpec
from pydantic import AfterValidator, ConfigDict, Field, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, core_schema

from audition.events import MAIN, FailureKind
from audition.evidence import Need
from audition.parts import suggestion
from audition.project import Role

VERBS = (
    "wrote",
    "created",
    "deleted",
    "read",
    "ran",
    "called",
    "delegated",
    "committed",
    "said",
)
FILE_ROLES: tuple[str, ...] = get_args(Role)
FAILURES: tuple[str, ...] = get_args(FailureKind)
COMMAND_ROLES: Mapping[str, str] = {
    "tests": "test",
    "linter": "lint",
    "git": "git",
    "build": "build",
}
"""What a command is, as a pattern says it and as an event does."""

_NARROWS = {"outcome": "ran", "failure": "ran", "whole": "ran", "input": "called"}
_KEYED, _BARE = "keys of a pattern", "a bare argument"
_ALIKE = 0.75
"""How near a word has to come to a role to be taken for a slip; `vitest` is none of `tests`."""

Check = TypeVar("Check")


def _compiles(pattern: str) -> str:
    try:
        re.compile(pattern)
    except re.error as error:
        raise ValueError(f"is not a regular expression: {error}") from None
    return pattern


def _no_slip(roles: Iterable[str], names: "Names") -> "Names":
    for name in several(names):
        if name.isalpha() and name not in roles and (near := _nearest(name, roles)):
            do = f"did you mean {near!r}? A glob that means {name!r} itself can say '[{name[0]}]"
            raise ValueError(f"holds no role {name!r}; {do}{name[1:]}'")
    return names


def _nearest(name: str, roles: Iterable[str]) -> str | None:
    return next(iter(get_close_matches(name.lower(), tuple(roles), n=1, cutoff=_ALIKE)), None)


def _can_match(names: "Names") -> "Names":
    globs = [name for name in several(names) if name not in FILE_ROLES]
    try:
        patterns = GitIgnoreSpec.from_lines(globs).patterns
    except ValueError as error:
        raise ValueError(f"is no glob: {error}") from None
    if len(globs) == len(several(names)) and not any(pattern.include for pattern in patterns):
        raise ValueError("can match no path; write a glob as in a .gitignore, such as docs/**")
    return names


def _known_kinds(names: "Names") -> "Names":
    for name in several(names):
        if name not in FAILURES:
            raise ValueError(f"holds no failure {name!r}; {suggestion(name, FAILURES)}")
    return names


def _is_true(value: "bool | str") -> "bool | str":
    if value is False:
        raise ValueError("cannot be false; write true for any commit, or leave it out")
    return value


def _is_open(pattern: "Pattern") -> "Pattern":
    if pattern.within is not None:
        raise ValueError("has a window of its own; a window opens and closes by plain patterns")
    return pattern


Name = Annotated[str, Field(min_length=1)]
Names = Name | Annotated[tuple[Name, ...], Field(min_length=1)]
Regex = Annotated[str, Field(min_length=1), AfterValidator(_compiles)]
Paths = Annotated[Names, AfterValidator(partial(_no_slip, FILE_ROLES)), AfterValidator(_can_match)]
Commands = Annotated[Names, AfterValidator(partial(_no_slip, COMMAND_ROLES))]
_OF_FAILURES = {"enum": list(FAILURES)}
Failures = Annotated[
    Names,
    AfterValidator(_known_kinds),
    Field(
        json_schema_extra={
            "anyOf": [_OF_FAILURES, {"type": "array", "items": _OF_FAILURES, "minItems": 1}]
        }
    ),
]
AnyOrRegex = Annotated[
    Annotated[bool, Field(json_schema_extra={"const": True})] | Regex, AfterValidator(_is_true)
]


@dataclass(frozen=True, kw_only=True)
class Pattern:
    """A pattern: one verb, and what narrows it."""

    wrote: Paths | None = None
    """A file that was created or modified: `tests`, `implementation`, `other`, or path globs."""
    created: Paths | None = None
    """A file that was created: a role, or path globs."""
    deleted: Paths | None = None
    """A file that was deleted: a role, or path globs."""
    read: Paths | None = None
    """A call of Read: a role, or path globs."""
    ran: Commands | None = None
    """A command: `tests`, `linter`, `git`, `build`, or globs for the command or its program."""
    called: Names | None = None
    """A tool call: globs for the name of the tool."""
    delegated: Names | None = None
    """A delegation: the agents that may have been started."""
    committed: AnyOrRegex | None = None
    """A commit: a regular expression searched in its message, or true for any."""
    said: Regex | None = None
    """A message: a regular expression, searched without regard to case."""
    outcome: Literal["passed", "failed"] | None = None
    """How the command ended."""
    failure: Failures | None = None
    """Why the tests failed: one kind, or several."""
    whole: bool | None = None
    """Whether nothing on the command line narrows what is tested or linted."""
    input: Annotated[Mapping[str, str], Field(min_length=1)] | None = None
    """Globs for fields of the tool call, all of which must fit."""
    by: Names | None = None
    """Who acted: `main`, or agents."""
    within: "Window | None" = None
    """Only events between two others."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(
        extra="forbid",
        use_attribute_docstrings=True,
        json_schema_extra={"oneOf": [{"required": [verb]} for verb in VERBS]},
    )

    def __post_init__(self) -> None:
        """Refuse what no editor's schema can.

        Raises:
            ValueError: there is not exactly one verb, or something narrows another verb.
        """
        stated = [verb for verb in VERBS if getattr(self, verb) is not None]
        if not stated:
            raise ValueError(f"names no event; begin with one of {', '.join(VERBS)}")
        if len(stated) > 1:
            raise ValueError(f"names two events, {stated[0]!r} and {stated[1]!r}; keep one")
        for key, verb in _NARROWS.items():
            if getattr(self, key) is not None and stated[0] != verb:
                raise ValueError(f"has {key!r}, which narrows only {verb!r}; remove it")
        if self.outcome == "passed" and self.failure is not None:
            raise ValueError("asks for a failure of what passed; remove 'outcome' or 'failure'")

    @property
    def verb(self) -> str:
        """The one verb that is stated."""
        return next(verb for verb in VERBS if getattr(self, verb) is not None)

    def __str__(self) -> str:
        """The pattern on one line, much as it is written in YAML."""
        keys = (*VERBS, *_NARROWS, "by", "within")
        stated = ((key, value) for key in keys if (value := getattr(self, key)) is not None)
        return "{" + ", ".join(f"{key}: {_written(value)}" for key, value in stated) + "}"


@dataclass(frozen=True, kw_only=True)
class Window:
    """The part of a trace between two events."""

    since: (
        Annotated[
            Pattern,
            AfterValidator(_is_open),
            Field(json_schema_extra={"not": {"required": ["within"]}}),
        ]
        | None
    ) = None
    """Only what happens after the first event that matches this."""
    until: (
        Annotated[
            Pattern,
            AfterValidator(_is_open),
            Field(json_schema_extra={"not": {"required": ["within"]}}),
        ]
        | None
    ) = None
    """Only what happens before the first later event that matches this."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(
        extra="forbid", use_attribute_docstrings=True, json_schema_extra={"minProperties": 1}
    )

    def __post_init__(self) -> None:
        """Refuse a window without an end.

        Raises:
            ValueError: neither end is stated.
        """
        if self.since is None and self.until is None:
            raise ValueError("has neither 'since' nor 'until'; state one")

    def __str__(self) -> str:
        """Both ends on one line, much as they are written in YAML."""
        stated = ((key, value) for key, value in vars(self).items() if value is not None)
        return "{" + ", ".join(f"{key}: {value}" for key, value in stated) + "}"


def several(names: Names) -> tuple[str, ...]:
    """One name, or several, as several."""
    return (names,) if isinstance(names, str) else names


def agents_of(*patterns: Pattern) -> tuple[str, ...]:
    """Every agent that the patterns name, each once."""
    named = (
        name
        for pattern in _with_windows(patterns)
        for names in (pattern.delegated, pattern.by)
        for name in several(names or ())
        if name != MAIN
    )
    return tuple(dict.fromkeys(named))


def needs_of(*patterns: Pattern) -> frozenset[Need]:
    """What a check of these patterns has to be shown.

    What the main thread says and whom it starts is there without an agent at work; all else is not.
    """
    is_enough = all(
        (pattern.said or pattern.delegated)
        and pattern.by is not None
        and several(pattern.by) == (MAIN,)
        for pattern in _with_windows(patterns)
    )
    return frozenset({"whole trial"} if is_enough else {"work"})


def spelled_out(check: type[Check]) -> type[Check]:
    """A check that is written as its one pattern: `never: {ran: "git push*"}`.

    The keys of the pattern are the arguments of the check, in files and in the JSON Schema.
    """

    def core(cls: type[Check], source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        keyed = core_schema.no_info_after_validator_function(cls, handler.generate_schema(Pattern))
        bare = core_schema.no_info_plain_validator_function(_refuse_bare)
        return core_schema.tagged_union_schema({_KEYED: keyed, _BARE: bare}, _form)

    def json(cls: type[Check], schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        choices = cast(Mapping[str, CoreSchema], cast(dict[str, Any], schema)["choices"])
        return dict(handler.resolve_ref_schema(handler(choices[_KEYED])))

    hooks: dict[str, Any] = {
        "__get_pydantic_core_schema__": classmethod(core),
        "__get_pydantic_json_schema__": classmethod(json),
    }
    for name, hook in hooks.items():
        setattr(check, name, hook)
    return check


def _form(given: Any) -> str:
    # The one argument of a check arrives under the name of its first field.
    return _BARE if isinstance(given, Mapping) and given.keys() == {"pattern"} else _KEYED


def _refuse_bare(given: Any) -> Any:
    raise ValueError("must be keys with values; write a pattern, such as {wrote: tests}")


def _with_windows(patterns: Iterable[Pattern]) -> Iterator[Pattern]:
    for pattern in patterns:
        yield pattern
        if pattern.within is not None:
            yield from (end for end in (pattern.within.since, pattern.within.until) if end)


def _written(value: Any) -> str:
    match value:
        case True | False:
            return str(value).lower()
        case tuple():
            return "[" + ", ".join(value) + "]"
        case Mapping():
            return "{" + ", ".join(f"{key}: {item}" for key, item in value.items()) + "}"
    return str(value)
