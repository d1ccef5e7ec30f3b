"""`.claude/settings.json`: what it says about the roster, and what of it nobody here acts on."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from audition.setups.setup import Finding
from audition.setups.tree import read_text

PATH = ".claude/settings.json"
MAX_DEPTH = 100
_WITHOUT_EFFECT = (
    "$schema",
    "attribution",
    "autoUpdatesChannel",
    "cleanupPeriodDays",
    "companyAnnouncements",
    "includeCoAuthoredBy",
    "language",
    "prefersReducedMotion",
    "spinnerTipsEnabled",
    "spinnerVerbs",
    "statusLine",
    "theme",
)
_DENIED = re.compile(r"\s*(?:Agent|Task)\((.*)\)\s*", re.S)


def read_settings(path: str, data: bytes) -> tuple[dict[str, Any], tuple[Finding, ...]]:
    """The settings of one file, empty where it is broken; never raises."""
    text = read_text(data).removeprefix("\ufeff")
    try:
        settings = json.loads(text)
    except json.JSONDecodeError as error:
        what = f"is not JSON ({error.msg}, column {error.colno}), so none of it counts"
        return {}, (Finding(path, error.lineno, what, "mend this place", "not loaded"),)
    except (ValueError, RecursionError):
        settings = None  # a number of thousands of digits, or brackets without end
    if settings is None or _is_deep(settings):
        what = "is JSON that cannot be read, so none of it counts"
        return {}, (Finding(path, 1, what, "make it smaller and flatter", "not loaded"),)
    if not isinstance(settings, dict):
        what = "is no JSON object, so none of it counts"
        return {}, (Finding(path, 1, what, 'write `{"permissions": …}`', "not loaded"),)
    return settings, tuple(_unmodelled(path, text, settings))


def denied_agents(settings: Mapping[str, Any]) -> frozenset[str]:
    """The agents that `permissions.deny` takes off the roster."""
    names = (found[1] for rule in _denials(settings) if (found := _DENIED.fullmatch(rule)))
    return frozenset(name.strip() for group in names for name in group.split(",") if name.strip())


def merged_settings(user: Mapping[str, Any], project: Mapping[str, Any]) -> dict[str, Any]:
    """The user's settings with the project's on top: lists are joined, mappings merged."""
    result = dict(user)
    for key, value in project.items():
        below = result.get(key)
        if isinstance(below, dict) and isinstance(value, dict):
            result[key] = merged_settings(below, value)
        elif isinstance(below, list) and isinstance(value, list):
            result[key] = [*below, *(item for item in value if item not in below)]
        else:
            result[key] = value
    return result


def _denials(settings: Mapping[str, Any]) -> list[str]:
    permissions = settings.get("permissions")
    rules = permissions.get("deny") if isinstance(permissions, Mapping) else None
    return [rule for rule in rules if isinstance(rule, str)] if isinstance(rules, list) else []


def _unmodelled(path: str, text: str, settings: Mapping[str, Any]) -> Iterator[Finding]:
    for key, line, start in _keys(text, 0):
        value = settings.get(key)
        if key in _WITHOUT_EFFECT or not value:
            continue
        if key == "permissions" and isinstance(value, dict):
            for inner, inner_line, _ in _keys(text, start):
                yield from _unmodelled_rule(path, inner_line, inner, settings)
        else:
            yield _finding(path, line, f"sets `{key}`, which a trial does not model")


def _unmodelled_rule(
    path: str, line: int, key: str, settings: Mapping[str, Any]
) -> Iterator[Finding]:
    if key != "deny":
        yield _finding(path, line, f"sets `permissions.{key}`, which a trial does not model")
        return
    others = [rule for rule in _denials(settings) if not _DENIED.fullmatch(rule)]
    if others:
        what = f"denies `{others[0][:80]}`, which a trial does not model; it models `Agent(name)`"
        yield _finding(path, line, what)


def _finding(path: str, line: int, what: str) -> Finding:
    return Finding(path, line, what, "read results with that in mind", "not modelled")


def _keys(text: str, start: int) -> Iterator[tuple[str, int, int]]:
    """The keys of the object that begins at or after a place: key, line, where its value begins."""
    decoder = json.JSONDecoder()
    counted, line = 0, 1
    position = _skip(text, text.index("{", start) + 1)
    while text[position] == '"':
        line += text.count("\n", counted, position)
        counted = position
        key, position = decoder.raw_decode(text, position)
        value = _skip(text, position)
        yield key, line, value
        _, position = decoder.raw_decode(text, value)
        position = _skip(text, position)


def _skip(text: str, position: int) -> int:
    """The place of the next key or value."""
    while text[position] in " \t\r\n,:":
        position += 1
    return position


def _is_deep(value: Any) -> bool:
    """True where a value is nested further than it can safely be written out again."""
    level = [value]
    for _ in range(MAX_DEPTH):
        level = [
            child
            for item in level
            if isinstance(item, dict | list)
            for child in (item.values() if isinstance(item, dict) else item)
        ]
        if not level:
            return False
    return True
