"""YAML read strictly, with the place of every key and value kept for messages.

A plain value is a number, true, false or null only where every version of YAML agrees that it is
one; `no`, `on`, `012`, `1e5`, `12:30:45` and dates stay text. Duplicate keys, tags, merge keys, a
second document, and aliases or nesting beyond a budget are problems. The parser is libyaml by way
of PyYAML, used for its events alone: values are built here, without recursion.
"""

import codecs
import gc
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from math import isfinite
from pathlib import Path
from typing import Any, NoReturn

import yaml

from audition.document import LINE_BREAK, TOP, Document, Place, quoted, shown
from audition.errors import InputError, Problem
from audition.yamlwords import MAX_DEPTH, reworded

MAX_BYTES = 16 * 2**20
MAX_ALIASED = 10_000
"""How many values all aliases of a file may repeat."""
MAX_EVENTS = 1_000_000
"""Every key and value is one event, every list and mapping two."""
MAX_PROBLEMS = 100
"""After so many problems the rest of a file is not looked at."""

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_FORBIDDEN = re.compile(
    "[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)
_WORDS = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,299})")
_DECIMAL = re.compile(r"(?:[-+]?(?:0|[1-9][0-9]{0,399})\.[0-9]*|\.[0-9]+)(?:[eE][-+][0-9]{1,3})?")
_NOTHING: dict[Any, Any] = {}
"""The inside of every scalar's place: one for all, because there are many."""
_TEXT_TAG = "tag:yaml.org,2002:str"


def read_yaml(path: Path, problems: list[Problem] | None = None) -> Document:
    """The document in a file.

    Args:
        path: The file.
        problems: Takes what does not keep the rest from being read, such as a duplicate key.

    Raises:
        InputError: the file cannot be read, is too large, or is not strict YAML.
    """
    if path.exists() and not path.is_file():
        _fail(Problem(shown(path), "is no file", "name a YAML file"))
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        _fail(Problem(shown(path), "there is no such file", "check the path"))
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        _fail(Problem(shown(path), f"cannot be read: {reason}", "name a readable file"))
    if len(content) > MAX_BYTES:
        size = f"is larger than {MAX_BYTES // 2**20} MB"
        _fail(Problem(shown(path), size, "split it into several files"))
    try:
        text = content.removeprefix(codecs.BOM_UTF8).decode()
    except UnicodeDecodeError as error:
        before = _unread(path, error.object[: error.start].decode() + "\N{REPLACEMENT CHARACTER}")
        line, column = len(before.lines), len(before.lines[-1])
        what = f"is not UTF-8 text: byte 0x{error.object[error.start]:02x}"
        _fail(before.problem_at(line, column, what, "save the file as UTF-8"))
    return parse_yaml(text, path, problems)


def parse_yaml(text: str, path: Path, problems: list[Problem] | None = None) -> Document:
    """The document in a text; `path` is for messages, `problems` as for `read_yaml`.

    Raises:
        InputError: the text is not strict YAML.
    """
    unread = _unread(path, text)
    if bad := _FORBIDDEN.search(text):
        before = LINE_BREAK.split(text[: bad.start()])
        what = f"the character U+{ord(bad.group()):04X} is not allowed in YAML"
        do = f'remove it, or write it as an escape in double quotes ("\\u{ord(bad.group()):04x}")'
        _fail(unread.problem_at(len(before), len(before[-1]) + 1, what, do))
    builder = _Builder(unread)
    try:
        with uncollected():
            builder.build(yaml.parse(text, Loader=_LOADER))
    except yaml.MarkedYAMLError as error:
        _fail(reworded(unread, error), *builder.problems)
    except yaml.YAMLError as error:
        _fail(unread.problem_at(1, 1, f"is not YAML: {error}", "mend the file"))
    if problems is not None:
        problems.extend(builder.problems)
    elif builder.problems:
        _fail(*builder.problems)
    return Document(path, builder.value, text, builder.place)


@contextmanager
def uncollected() -> Iterator[None]:
    """Look for no garbage: among values that all stay, that is up to half the time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


@dataclass(slots=True)
class _Open:
    """A list or a mapping whose end has not been seen."""

    value: Any
    place: Place
    anchor: str | None
    key: str | None = None
    """The key that waits for its value; always None in a list."""
    size: int = 1
    depth: int = 1


@dataclass
class _Builder:
    """Builds plain data and places from events, with its own stack."""

    document: Document
    problems: list[Problem] = field(default_factory=list)
    value: Any = None
    place: Place = TOP
    _open: list[_Open] = field(default_factory=list)
    _anchors: dict[str, _Open] = field(default_factory=dict)
    _aliased: int = 0
    _documents: int = 0

    def build(self, events: Iterable[Any]) -> None:
        """Take all events; `value` and `place` hold the result."""
        for number, event in enumerate(events):
            if number == MAX_EVENTS:
                self._abort(event, f"more than {MAX_EVENTS:,} keys and values", "split the file")
            match event:
                case yaml.ScalarEvent():
                    self._scalar(event)
                case yaml.MappingStartEvent():
                    self._begin(event, {})
                case yaml.SequenceStartEvent():
                    self._begin(event, [])
                case yaml.CollectionEndEvent():
                    self._end()
                case yaml.AliasEvent():
                    self._alias(event)
                case yaml.DocumentStartEvent():
                    self._document(event)

    def _scalar(self, event: yaml.ScalarEvent) -> None:
        if self._is_key():
            self._key(event)
            return
        self._reject_tag(event)
        plain = event.implicit[0] and event.tag is None
        value = _plain(event.value) if plain else event.value
        self._add(_Open(value, Place(*_position(event), _NOTHING, _NOTHING), event.anchor))

    def _key(self, event: yaml.ScalarEvent) -> None:
        self._reject_tag(event)
        parent, key = self._open[-1], str(event.value)
        if key in parent.place.keys:
            first = parent.place.keys[key][0] + 1
            self._report(
                event, f"the key {quoted(key)} stands twice", f"it is also on line {first}"
            )
        elif key == "<<" and event.implicit[0]:
            self._report(event, "merge keys ('<<') are not read", "write the keys out")
        parent.place.keys.setdefault(key, _position(event))
        parent.key = key

    def _begin(self, event: yaml.CollectionStartEvent, empty: Any) -> None:
        self._reject_tag(event)
        if self._is_key():
            self._abort(event, "a list or mapping cannot be a key", "use text as the key")
        place = Place(*_position(event), {}, {})
        self._open.append(_Open(empty, place, event.anchor))
        self._limit_depth(event, 0)

    def _end(self) -> None:
        self._add(self._open.pop())

    def _alias(self, event: yaml.AliasEvent) -> None:
        name = str(event.anchor)
        target = self._anchors.get(name)
        if target is None:
            what = f"the alias {quoted('*' + name)} names nothing above"
            self._abort(event, what, "write the value out")
        if self._is_key():
            self._abort(event, "an alias cannot be a key", "use text as the key")
        self._aliased += target.size
        if self._aliased > MAX_ALIASED:
            what = f"aliases repeat more than {MAX_ALIASED:,} values"
            self._abort(event, what, "write the values out")
        self._limit_depth(event, target.depth)
        self._add(_Open(target.value, target.place, None, size=target.size, depth=target.depth))

    def _document(self, event: yaml.DocumentStartEvent) -> None:
        self._documents += 1
        if self._documents > 1:
            self._abort(event, "a second document begins here", "keep one document in a file")

    def _add(self, node: _Open) -> None:
        if node.anchor is not None:
            self._anchors[node.anchor] = node
        if not self._open:
            self.value, self.place = node.value, node.place
            return
        parent = self._open[-1]
        parent.size += node.size
        parent.depth = max(parent.depth, node.depth + 1)
        if isinstance(parent.value, list):
            parent.place.inside[len(parent.value)] = node.place
            parent.value.append(node.value)
        elif parent.key is not None:
            parent.place.inside[parent.key] = node.place
            parent.value[parent.key] = node.value
            parent.key = None

    def _is_key(self) -> bool:
        return (
            bool(self._open)
            and self._open[-1].key is None
            and isinstance(self._open[-1].value, dict)
        )

    def _limit_depth(self, event: yaml.Event, more: int) -> None:
        if len(self._open) + more > MAX_DEPTH:
            self._abort(event, f"nested deeper than {MAX_DEPTH} levels", "flatten it")

    def _reject_tag(self, event: yaml.ScalarEvent | yaml.CollectionStartEvent) -> None:
        tag = event.tag
        if tag is None or (tag == _TEXT_TAG and isinstance(event, yaml.ScalarEvent)):
            return
        what = f"the tag {quoted(tag)} is not read"
        self._report(event, what, "remove it, or put the text in quotes")

    def _report(self, event: yaml.Event, what: str, do: str) -> None:
        line, column = _position(event)
        self.problems.append(self.document.problem_at(line + 1, column + 1, what, do))
        if len(self.problems) == MAX_PROBLEMS:
            _fail(*self.problems)

    def _abort(self, event: yaml.Event, what: str, do: str) -> NoReturn:
        self._report(event, what, do)
        _fail(*self.problems)


def _position(event: yaml.Event) -> tuple[int, int]:
    mark = event.start_mark
    return (mark.line, mark.column) if mark else (0, 0)


def _plain(text: str) -> str | int | float | bool | None:
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    if _DECIMAL.fullmatch(text) and isfinite(number := float(text)):
        return number
    return text


def _unread(path: Path, text: str) -> Document:
    return Document(path, None, text)


def _fail(*problems: Problem) -> NoReturn:
    raise InputError(problems)
