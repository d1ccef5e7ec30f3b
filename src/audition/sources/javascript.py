"""JavaScript and TypeScript sources, by tree-sitter: tests of `node:test`, Vitest, Jest and kin."""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

from audition.sources.javascript_stubs import is_stub
from audition.sources.reading import Reading, lines_without, source_digest

if TYPE_CHECKING:
    from tree_sitter import Language, Node

ENDINGS = frozenset({".js", ".mjs", ".cjs", ".jsx", ".ts", ".mts", ".cts", ".tsx"})

_SUITES = frozenset({"describe", "suite", "context", "xdescribe", "fdescribe"})
_TESTS = frozenset({"test", "it", "specify", "xit", "xtest", "fit"})
_SKIPPING = frozenset({"skip", "todo", "fixme", "failing", "fails", "skipIf", "runIf"})
_SHAPING = frozenset(
    {"only", "each", "for", "concurrent", "serial", "sequential", "parallel", "describe"}
)
_CONTEXTS = frozenset({"t", "context", "ctx", "test", "it", "this"})
_NO_ASSERTIONS = frozenset({"extend", "assertions", "hasAssertions", "addSnapshotSerializer"})
_AVA = frozenset(
    {"assert", "deepEqual", "deepLooseEqual", "equal", "equals", "fail", "false", "falsy",
     "is", "like", "match", "not", "notDeepEqual", "notOk", "notThrows", "notThrowsAsync",
     "ok", "pass", "regex", "same", "snapshot", "strictSame", "throws", "throwsAsync", "true",
     "truthy"}
)  # fmt: skip
_MOST_WORK = 6000
"""Hundreds of steps of the parser, about 1 MB of code as people write it."""
_WHOLE = frozenset({"string", "template_string", "regex", "jsx_text"})
_DEEPEST, _LONGEST_NAME, _LONGEST_CHAIN = 20, 500, 100


def read(content: bytes, ending: str) -> Reading:
    """The tests and the code of a file with one of `ENDINGS`."""
    root = _parsed(content, ending)
    if root is None:
        return Reading(lines=lines_without(content, ()))
    walk = _Walk()
    walk.over(root)
    tests: dict[str, str] = {}
    skipped = set()
    times: Counter[str] = Counter()
    are_chosen = any(test.is_only for test in walk.tests)
    for test in walk.tests:
        times[test.name] += 1
        name = test.name if times[test.name] == 1 else f"{test.name} #{times[test.name]}"
        tests[name] = source_digest(walk.source(test.start, test.end))
        if test.is_skipped or (are_chosen and not test.is_only):
            skipped.add(name)
    return Reading(
        tests=tests,
        assertions=tuple(walk.source(start, end) for start, end in walk.assertions),
        skipped=frozenset(skipped),
        lines=lines_without(content, walk.silent),
    )


@dataclass(frozen=True, kw_only=True)
class _Place:
    """Where in the nesting of suites a node stands."""

    name: str = ""
    depth: int = 0
    is_skipped: bool = False
    is_only: bool = False
    is_callee: bool = False
    """The node is only the beginning of a longer chain of calls."""
    is_silent: bool = False


@dataclass(frozen=True, kw_only=True)
class _Test:
    name: str
    start: int
    end: int
    is_skipped: bool
    is_only: bool


@dataclass
class _Walk:
    """Everything that one pass over the tree collects."""

    tests: list[_Test] = field(default_factory=list)
    assertions: list[tuple[int, int]] = field(default_factory=list)
    silent: list[tuple[int, int]] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)

    def over(self, root: "Node") -> None:
        """Visit every node; the tree may be as deep as the file is long."""
        unseen = [(root, _Place())]
        while unseen:
            node, place = unseen.pop()
            if node.type == "comment":
                self.silent.append((node.start_byte, node.end_byte))
                continue
            if not node.child_count or node.type in _WHOLE:
                self.starts.append(node.start_byte)
                self.tokens.append(_token(node))
                continue
            if not place.is_silent and is_stub(node):
                self.silent.append((node.start_byte, node.end_byte))
                place = _moved(place, is_silent=True)
            unseen.extend(reversed(list(self._children(node, place))))

    def source(self, start: int, end: int) -> str:
        """The tokens between two bytes, in one layout."""
        first, last = bisect_left(self.starts, start), bisect_left(self.starts, end)
        return _joined(self.tokens[first:last])

    def _children(self, node: "Node", place: _Place) -> Iterator[tuple["Node", _Place]]:
        inside = _moved(place, is_callee=False)
        if node.type in ("call_expression", "member_expression"):
            if not place.is_callee:
                inside = self._call(node, inside)
            for index, child in enumerate(node.children):
                yield child, _moved(inside, is_callee=True) if index == 0 else inside
        else:
            for child in node.children:
                yield child, inside

    def _call(self, node: "Node", place: _Place) -> _Place:
        """Note what a call is; the place of what stands inside it."""
        names, has_call = _chain(node)
        if _is_assertion(names, has_call):
            self.assertions.append((node.start_byte, node.end_byte))
            return place
        what = _kind(names)
        title = _title(node) if what and node.type == "call_expression" else None
        if title is None or place.depth >= _DEEPEST:
            return place
        marks = set(names[1:]) | _options(node)
        inner = _Place(
            name=f"{place.name} > {title}"[-_LONGEST_NAME:] if place.name else title,
            depth=place.depth + 1,
            is_skipped=place.is_skipped or bool(marks & _SKIPPING) or names[0][0] == "x",
            is_only=place.is_only or "only" in marks or names[0] in ("fit", "fdescribe"),
            is_silent=place.is_silent,
        )
        if what == "test":
            self.tests.append(
                _Test(
                    name=inner.name,
                    start=node.start_byte,
                    end=node.end_byte,
                    is_skipped=inner.is_skipped or _skips_itself(node),
                    is_only=inner.is_only,
                )
            )
        return inner


def _moved(place: _Place, *, is_callee: bool = False, is_silent: bool = False) -> _Place:
    if place.is_callee == is_callee and place.is_silent >= is_silent:
        return place
    return _Place(
        name=place.name,
        depth=place.depth,
        is_skipped=place.is_skipped,
        is_only=place.is_only,
        is_callee=is_callee,
        is_silent=place.is_silent or is_silent,
    )


# ── What a call is ───────────────────────────────────────────────────────────────────────────────


def _chain(node: "Node") -> tuple[list[str], bool]:
    """`it.each(rows)` as its names, and whether anything in it is called."""
    names: list[str] = []
    has_call = False
    current: Node | None = node
    while current is not None and len(names) < _LONGEST_CHAIN:
        if current.type == "call_expression":
            has_call = True
            current = current.child_by_field_name("function")
        elif current.type == "member_expression":
            names.append(_text(current.child_by_field_name("property")))
            current = current.child_by_field_name("object")
        else:
            names.append(_text(current) if current.type in ("identifier", "this") else "")
            break
    names.reverse()
    return names or [""], has_call


def _kind(names: list[str]) -> str | None:
    """`test`, `suite`, or None for any other call."""
    root, rest = names[0], names[1:]
    if root in _CONTEXTS - _TESTS and rest == ["test"]:
        return "test"
    if root not in _SUITES | _TESTS or not set(rest) <= _SKIPPING | _SHAPING:
        return None
    return "suite" if root in _SUITES or "describe" in rest else "test"


def _is_assertion(names: list[str], has_call: bool) -> bool:
    root, rest = names[0], names[1:]
    if not has_call:
        return False
    if root in ("expect", "expectTypeOf"):
        return bool(rest) and rest[0] not in _NO_ASSERTIONS
    if root in ("assert", "assertType") or "should" in rest or rest[:1] == ["assert"]:
        return True
    return (root == "t" and len(rest) >= 1 and rest[0] in _AVA) or (
        root == "chai" and rest[:1] == ["expect"] and len(rest) > 1
    )


def _arguments(node: "Node") -> "list[Node]":
    arguments = node.child_by_field_name("arguments")
    if arguments is None or arguments.type != "arguments":
        return []
    return [child for child in arguments.named_children if child.type != "comment"]


def _title(node: "Node") -> str | None:
    """The title of a test or a suite; None for a call that has none, as `test.skip()` in a test."""
    first = next(iter(_arguments(node)), None)
    if first is None or first.type not in ("string", "template_string", "identifier"):
        return None
    if first.type == "identifier" and len(_arguments(node)) < 2:
        return None
    text = _text(first)
    return (text[1:-1] if first.type != "identifier" else text)[:_LONGEST_NAME]


def _options(node: "Node") -> set[str]:
    """What `{skip: true, todo: "later"}` of `node:test` switches on."""
    found = set()
    for argument in _arguments(node)[1:3]:
        for pair in argument.named_children if argument.type == "object" else ():
            key, value = pair.child_by_field_name("key"), pair.child_by_field_name("value")
            if pair.type == "pair" and value is not None and value.type != "false":
                found.add(_text(key).strip("\"'"))
    return found & (_SKIPPING | {"only"})


def _skips_itself(node: "Node") -> bool:
    """`t.skip()` or `this.skip()` as a statement of the test's own body."""
    for argument in _arguments(node)[1:]:
        body = argument.child_by_field_name("body")
        for statement in body.named_children if body is not None else ():
            if statement.type == "expression_statement":
                names, has_call = _chain(statement.named_children[0])
                if has_call and names[0] in _CONTEXTS and set(names[1:]) & {"skip", "todo"}:
                    return _title(statement.named_children[0]) is None or names[0] not in _TESTS
    return False


# ── Text ─────────────────────────────────────────────────────────────────────────────────────────


def _parsed(content: bytes, ending: str) -> "Node | None":
    """The root of the syntax tree; None where some text makes it more work than code does."""
    from tree_sitter import Parser

    steps = 0

    def is_too_much(*_: object) -> bool:
        nonlocal steps
        steps += 1
        return steps > _MOST_WORK

    def read(offset: int, _: object) -> bytes:
        return content[offset : offset + 65_536]

    try:
        return Parser(_language(ending)).parse(read, progress_callback=is_too_much).root_node
    except ValueError:
        return None


@cache
def _language(ending: str) -> "Language":
    import tree_sitter_javascript
    import tree_sitter_typescript
    from tree_sitter import Language

    if ending == ".tsx":
        return Language(tree_sitter_typescript.language_tsx())
    if ending in (".ts", ".mts", ".cts"):
        return Language(tree_sitter_typescript.language_typescript())
    return Language(tree_sitter_javascript.language())


def _text(node: "Node | None") -> str:
    text = node.text if node is not None else None
    return (text or b"").decode("utf-8", "replace")


def _token(node: "Node") -> str:
    """A token, with the quotes that a formatter would choose."""
    text = _text(node)
    if node.type == "string" and not re.search(r"[\"\\]", text):
        return f'"{text[1:-1]}"'
    return text


def _joined(tokens: list[str]) -> str:
    """Tokens without layout: semicolons and trailing commas say nothing."""
    pieces: list[str] = []
    for word in tokens:
        if word in ("", ";"):
            continue
        if word in ")]}" and pieces and pieces[-1] == ",":
            pieces.pop()
        if pieces and _is_word(pieces[-1][-1]) and _is_word(word[0]):
            pieces.append(" ")
        pieces.append(word)
    return "".join(pieces)


def _is_word(character: str) -> bool:
    return character.isalnum() or character in "_$"
