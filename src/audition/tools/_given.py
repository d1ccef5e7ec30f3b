"""What a model gave a tool: read by the tool's own schema, and every mistake told at once."""

from collections.abc import Awaitable, Callable, Mapping
from functools import wraps
from typing import Any, TypeVar

from audition.conversation import ToolSpec
from audition.inert import inert
from audition.parts import suggestion
from audition.tools import Bench, Tool, Used

SHOWN_CHARACTERS = 200
_LONGEST_NUMBER = 12
_IGNORED = {"Read": frozenset({"pages"}), "Bash": frozenset({"dangerouslyDisableSandbox"})}
"""Fields of Claude Code's that change nothing here."""

_Own = TypeVar("_Own", bound=Tool)
_Use = Callable[[_Own, Mapping[str, Any], Bench], Awaitable[Used]]


class MistakeError(Exception):
    """Something that the model got wrong, in words for the model."""


def answering(use: _Use[_Own]) -> _Use[_Own]:
    """Give a tool its input checked, and let its mistakes be answers."""

    @wraps(use)
    async def answered(tool: _Own, given: Mapping[str, Any], bench: Bench) -> Used:
        try:
            return await use(tool, checked(tool.spec, given), bench)
        except MistakeError as error:
            return Used(content=str(error), is_error=True)

    return answered


def checked(spec: ToolSpec, given: Any) -> dict[str, Any]:
    """The fields that were given, as the schema has them; fields that are null are left out.

    A number or a flag that came as text is read as what it says.

    Raises:
        MistakeError: a field is missing, unknown or of another kind.
    """
    if not isinstance(given, Mapping):
        raise MistakeError(f"{spec.name} takes an object with named fields.")
    known: Mapping[str, Mapping[str, Any]] = spec.schema["properties"]
    present = {name: value for name, value in given.items() if value is not None}
    wrong = [f"`{name}` is missing" for name in spec.schema["required"] if name not in present]
    fields = {}
    for name, value in present.items():
        if name not in known:
            if name not in _IGNORED.get(spec.name, ()):
                wrong.append(f"there is no field `{shown(name)}`, {suggestion(name, tuple(known))}")
            continue
        read = _READERS[known[name]["type"]](value)
        choices = known[name].get("enum", (read,))
        if read is None or read not in choices or _is_too_small(read, known[name]):
            wrong.append(f"`{name}` must be {_wanted(known[name])}")
        fields[name] = read
    if wrong:
        raise MistakeError(f"{spec.name} cannot use this: {'; '.join(wrong)}.")
    return fields


def without_zeros(fields: Mapping[str, Any], *names: str) -> None:
    """No program and no file system takes a text that holds a zero byte.

    Raises:
        MistakeError: one of these fields holds one.
    """
    for name in names:
        if "\0" in fields.get(name, ""):
            raise MistakeError(f"`{name}` holds a zero byte (NUL), which cannot be passed on.")


def shown(text: str) -> str:
    """A text of the model's or a file name, safe to repeat in an answer."""
    return inert(text if len(text) <= SHOWN_CHARACTERS else f"{text[:SHOWN_CHARACTERS]}…")


def _text(value: Any) -> str | None:
    if not isinstance(value, str):
        return None
    try:
        value.encode()
    except UnicodeEncodeError:
        return None
    return value


def _number(value: Any) -> int | None:
    if isinstance(value, str) and value.isdecimal() and len(value) <= _LONGEST_NUMBER:
        return int(value)
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _flag(value: Any) -> bool | None:
    if isinstance(value, str):
        return {"true": True, "false": False}.get(value.lower())
    return value if isinstance(value, bool) else None


_READERS: Mapping[str, Callable[[Any], Any]] = {
    "string": _text,
    "integer": _number,
    "boolean": _flag,
}
_KINDS = {
    "string": "text of valid Unicode",
    "integer": "a whole number",
    "boolean": "true or false",
}


def _is_too_small(value: Any, field: Mapping[str, Any]) -> bool:
    return bool("minimum" in field and value < field["minimum"])


def _wanted(field: Mapping[str, Any]) -> str:
    if "enum" in field:
        return f"one of {', '.join(field['enum'])}"
    least = f" of at least {field['minimum']}" if "minimum" in field else ""
    return _KINDS[field["type"]] + least
