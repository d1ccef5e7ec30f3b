"""Data from a file against a pydantic type: every mistake as a problem, in our own words.

Validation is strict, as JSON is: text is no number, and a number is no text.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any, TypeVar

from pydantic import PydanticUserError, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from audition.document import Document, Loc, quoted
from audition.errors import InputError, Problem
from audition.parts import suggestion

Value = TypeVar("Value")

SOME_TEXT = r"\S"
IDENTIFIER = r"^[A-Za-z0-9][A-Za-z0-9._/-]*$"
FILE_NAME = r"^[A-Za-z0-9][A-Za-z0-9._-]*$"
VARIABLE = r"^[A-Za-z_][A-Za-z0-9_]*$"

_AS_WRITTEN = object()
_UNKNOWN_KEY = ("extra_forbidden", "unexpected_keyword_argument")
_WANTED = {
    "string": ("text", "put it in quotes"),
    "int": ("a whole number", "write digits without quotes, such as 3"),
    "float": ("a number", "write digits without quotes, such as 0.5"),
    "bool": ("true or false", "write true or false without quotes"),
    "list": ("a list", "write [a, b], or one '- item' a line"),
    "dict": ("keys with values", "write {key: value}, or one 'key: value' a line"),
    "date": ("a date", "write it as year-month-day, such as 2026-12-31"),
    "none": ("empty", "remove it"),
}
_SAME_AS = {
    "tuple": "list",
    "set": "list",
    "frozen_set": "list",
    "mapping": "dict",
    "model": "dict",
    "model_attributes": "dict",
    "dataclass": "dict",
    "path": "string",
}
_BOUNDS = {
    "greater_than": ("greater than", "gt"),
    "greater_than_equal": ("at least", "ge"),
    "less_than": ("less than", "lt"),
    "less_than_equal": ("at most", "le"),
}
_PATTERNS = {
    SOME_TEXT: ("is blank", "write something"),
    IDENTIFIER: (
        "holds a character that is not allowed here",
        "use letters, digits, '-', '_', '.' and '/', and begin with a letter or a digit",
    ),
    VARIABLE: (
        "is no name of a variable",
        "use letters, digits and '_', and begin with a letter",
    ),
    FILE_NAME: (
        "holds a character that is not allowed here",
        "use letters, digits, '-', '_' and '.', and begin with a letter or a digit",
    ),
}


def validate(
    document: Document,
    adapter: TypeAdapter[Value],
    loc: Loc = (),
    *,
    value: Any = _AS_WRITTEN,
    also: tuple[str, ...] = (),
) -> Value:
    """What stands at a place of a document, as the type of the adapter.

    Args:
        document: The file.
        adapter: The type.
        loc: Where the value stands.
        value: What to validate in place of what is written there.
        also: Keys that somebody else reads from the same mapping, for "did you mean".

    Raises:
        InputError: with a problem for every mistake.
    """
    data = document.at(loc) if value is _AS_WRITTEN else value
    try:
        # JSON is the strict mode in which a list may become a tuple and a text a date.
        return adapter.validate_json(json.dumps(data), strict=True)
    except ValidationError as error:
        found = mistakes(error, adapter, document.data, loc, also)
        raise InputError(
            [document.problem(place, what, do, key=at_key) for place, what, do, at_key in found]
        ) from None


def gathered(problems: list[Problem], load: Callable[[], Value]) -> Value | None:
    """What `load` returns; None where it failed, with its problems added to the list."""
    try:
        return load()
    except InputError as error:
        problems.extend(error.problems)
        return None


def mistakes(
    error: ValidationError,
    adapter: TypeAdapter[Any],
    data: Any,
    prefix: Loc = (),
    also: tuple[str, ...] = (),
) -> Iterator[tuple[Loc, str, str, bool]]:
    """Every mistake: its place in `data`, what is wrong, what to do, and whether the key is meant.

    `prefix` is where in `data` the validated value stands.
    """
    places = [(_real((*prefix, *d["loc"]), data), d) for d in error.errors(include_url=False)]
    reached = {(*at, *d["loc"][-1:]) if d["type"] == "missing" else at for at, d in places}
    above = {place[:length] for place in reached for length in range(len(place))}
    wrong_kinds: dict[Loc, list[ErrorDetails]] = {}
    for place, detail in places:
        # Of a union, the member that got furthest into the value is the one that was meant; and a
        # list whose items are wrong counts as too short.
        is_deeper = place in above
        name = str(detail["loc"][-1]) if detail["loc"] else ""
        if detail["type"] in _UNKNOWN_KEY:
            fields = (*_fields(adapter, detail["loc"][:-1]), *also)
            yield place, f"unknown key {quoted(name)}", suggestion(name, fields), True
        elif detail["type"] == "missing":
            yield place, f"the key {quoted(name)} is missing", "add it", False
        elif _wanted_kind(detail["type"]) and not is_deeper:
            wrong_kinds.setdefault(place, []).append(detail)
        elif not _wanted_kind(detail["type"]) and not (is_deeper and detail["type"] == "too_short"):
            yield place, *_other(detail, place), False
    for place, details in wrong_kinds.items():
        yield place, *_wrong_kind(place, details), False


def _real(loc: Loc, data: Any) -> Loc:
    # Validators add segments that no file has: members of a union, the field of a bare argument.
    found: list[str | int] = []
    for segment in loc:
        inside = (isinstance(data, Mapping) and segment in data) or (
            isinstance(data, list) and isinstance(segment, int) and segment < len(data)
        )
        if inside:
            data = data[segment]
            found.append(segment)
    return tuple(found)


def _wanted_kind(kind: str) -> str | None:
    name = re.sub(
        r"_(from_datetime_)?(type|parsing|inexact|required|from_float|exact_type)$", "", kind
    )
    name = _SAME_AS.get(name, name)
    return name if name != kind and name in _WANTED else None


def _wrong_kind(place: Loc, details: list[ErrorDetails]) -> tuple[str, str]:
    kinds = dict.fromkeys(_wanted_kind(detail["type"]) or "" for detail in details)
    names = " or ".join(_WANTED[kind][0] for kind in kinds)
    given = details[0]["input"]
    if kinds.keys() == {"date"} and isinstance(given, str):
        return f"{_subject(place)} is no date: {quoted(given)}", _WANTED["date"][1]
    return f"{_subject(place)} must be {names}, not {_kind(given)}", _WANTED[next(iter(kinds))][1]


def _other(detail: ErrorDetails, place: Loc) -> tuple[str, str]:
    kind, context, subject = detail["type"], detail.get("ctx", {}), _subject(place)
    if kind in _BOUNDS:
        words, key = _BOUNDS[kind]
        return f"{subject} must be {words} {context[key]:g}", f"it is {detail['input']}"
    if kind == "string_pattern_mismatch":
        pattern = context["pattern"]
        what, do = _PATTERNS.get(pattern, ("has the wrong form", f"it must match {pattern}"))
        return f"{subject} {what}", do
    if kind == "literal_error":
        choices = tuple(re.findall(r"'([^']*)'", context["expected"]))
        given = detail["input"]
        shown = quoted(given) if isinstance(given, str) else _kind(given)
        return f"{subject} cannot be {shown}", suggestion(str(given), choices)
    if kind in ("too_short", "string_too_short"):
        return f"{subject} is empty", f"it needs at least {context['min_length']}"
    if kind == "value_error":
        what, _, do = str(context["error"]).partition("; ")
        return f"{subject} {what}", do or "mend it"
    return f"{subject} is not right: {detail['msg'].lower()}", "mend it"


def _subject(place: Loc) -> str:
    match place:
        case ():
            return "the file"
        case (*_, str(above), int(index)):
            return f"item {index + 1} of {quoted(above)}"
        case (*_, int(index)):
            return f"item {index + 1}"
        case (*_, str(key)):
            return quoted(key)
    raise AssertionError(place)


def _kind(value: Any) -> str:
    if value is None:
        return "empty"
    names = {
        str: "text",
        bool: "true or false",
        int: "a whole number",
        float: "a decimal number",
        list: "a list",
        dict: "keys with values",
    }
    return names.get(type(value), type(value).__name__)


def _fields(adapter: TypeAdapter[Any], loc: Loc) -> tuple[str, ...]:
    """The keys that the type knows at a place of its data."""
    schema = _json_schema(adapter)
    reached = [schema]
    for segment in loc:
        inner = [_step(_resolve(option, schema), segment) for option in reached]
        # A segment that is not in the data names a member of a union: look at all of them.
        reached = [option for option in inner if option is not None] or reached
    fields: dict[str, None] = {}
    for option in reached:
        for member in _members(_resolve(option, schema), schema):
            fields.update(dict.fromkeys(member.get("properties", ())))
    return tuple(fields)


@cache
def _json_schema(adapter: TypeAdapter[Any]) -> dict[str, Any]:
    try:
        return adapter.json_schema()
    except PydanticUserError:  # a type of somebody's own check that JSON Schema cannot express
        return {}


def _step(schema: dict[str, Any], segment: str | int) -> dict[str, Any] | None:
    inner = schema.get("items") if isinstance(segment, int) else None
    if isinstance(segment, str):
        inner = schema.get("properties", {}).get(segment, schema.get("additionalProperties"))
    return inner if isinstance(inner, dict) else None


def _members(schema: dict[str, Any], root: dict[str, Any]) -> list[dict[str, Any]]:
    return [_resolve(option, root) for option in schema.get("anyOf", [schema])]


def _resolve(schema: dict[str, Any], root: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in schema:
        schema = root["$defs"][schema["$ref"].removeprefix("#/$defs/")]
    return schema
