"""Python sources, by the standard library's parser; by their lines where they do not parse."""

import ast
import re
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from audition.sources import python_lines
from audition.sources.reading import Reading, lines_without, source_digest

_MARKS = frozenset(
    {"skip", "skipif", "skipIf", "skipUnless", "xfail", "expectedFailure", "importorskip"}
)
_SKIPPING_CALLS = frozenset({"skip", "xfail", "skipTest", "SkipTest"})
_EXPECTING_CALLS = frozenset({"raises", "warns", "deprecated_call"})
_LONGEST_NAME = 500
_COMPOUND = (ast.If, ast.Try, ast.With, ast.For, ast.While)

_STRING_OR_COMMENT = re.compile(
    r"""\"{3}(?:[^\\]|\\.)*?\"{3}|'{3}(?:[^\\]|\\.)*?'{3}"""
    r"""|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|\#[^\n]*""",
    re.DOTALL,
)
"""In a file that parses, what looks like the beginning of a string outside a comment is one."""

_Function = ast.FunctionDef | ast.AsyncFunctionDef


def read(content: bytes) -> Reading:
    """The tests and the code of a Python file."""
    text = content.decode("utf-8-sig", "replace").replace("\r\n", "\n").replace("\r", "\n")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # invalid escapes are the author's business
            tree = ast.parse(text)
        return _parsed(tree, text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return python_lines.read(text)


def _parsed(tree: ast.Module, text: str) -> Reading:
    found = list(_tests(tree))
    places = _Places(text)
    spans = [*_comments(text), *map(places.span, _silent(tree))]
    return Reading(
        tests={test.name: source_digest(ast.unparse(test.function)) for test in found},
        assertions=_assertions(tree),
        skipped=frozenset(test.name for test in found if test.is_skipped),
        lines=lines_without(text.encode(), spans),
    )


# ── Tests ────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class _Test:
    name: str
    function: _Function
    is_skipped: bool


def _tests(tree: ast.Module) -> Iterator[_Test]:
    """The tests as pytest and unittest find them, the outer ones first."""
    all_skipped = _skips_all(tree.body)
    unseen = [(statement, "", all_skipped) for statement in reversed(tree.body)]
    while unseen:
        node, prefix, is_skipped = unseen.pop()
        if isinstance(node, _Function) and node.name.startswith("test"):
            skipped = is_skipped or _is_marked(node.decorator_list) or _skips_itself(node)
            yield _Test(prefix + node.name, node, skipped)
        elif isinstance(node, ast.ClassDef) and _is_test_class(node):
            skipped = is_skipped or _is_marked(node.decorator_list) or _skips_all(node.body)
            inside = f"{prefix}{node.name}::"[:_LONGEST_NAME]
            unseen.extend((statement, inside, skipped) for statement in reversed(node.body))
        elif isinstance(node, _COMPOUND):
            inner = [child for child in ast.iter_child_nodes(node) if isinstance(child, ast.stmt)]
            inner += [
                statement for handler in getattr(node, "handlers", ()) for statement in handler.body
            ]
            unseen.extend((statement, prefix, is_skipped) for statement in reversed(inner))


def _is_test_class(node: ast.ClassDef) -> bool:
    bases = [_names(base)[-1:] for base in node.bases]
    return node.name.startswith("Test") or any(
        base and base[0].endswith("TestCase") for base in bases
    )


def _is_marked(nodes: Iterable[ast.expr]) -> bool:
    """Whether a mark that takes a test out of the count stands anywhere in these expressions."""
    names = (
        inner.attr if isinstance(inner, ast.Attribute) else getattr(inner, "id", "")
        for node in nodes
        for inner in ast.walk(node)
    )
    return any(name in _MARKS for name in names)


def _skips_all(body: Iterable[ast.stmt]) -> bool:
    """Whether a module or a class takes all of its tests out: a mark, a call, `__test__`."""
    for statement in body:
        if isinstance(statement, ast.Assign):
            names = {name for target in statement.targets for name in _names(target)[-1:]}
            if "pytestmark" in names and _is_marked([statement.value]):
                return True
            value = getattr(statement.value, "value", None)
            if "__test__" in names and value is False:
                return True
        if _is_skipping(statement):
            return True
    return False


def _skips_itself(function: _Function) -> bool:
    return any(_is_skipping(statement) for statement in function.body)


def _is_skipping(statement: ast.stmt) -> bool:
    """`pytest.skip(…)`, `self.skipTest(…)`, `raise SkipTest`: as a statement, without condition."""
    match statement:
        case ast.Expr(value=ast.Call(func=called)):
            return not _SKIPPING_CALLS.isdisjoint(_names(called)[-1:])
        case ast.Raise(exc=ast.Call(func=called)) | ast.Raise(exc=ast.Attribute() as called):
            return _names(called)[-1:] == ["SkipTest"]
    return False


def _names(node: ast.AST) -> list[str]:
    """`pytest.mark.skip` as its names; empty where the expression is no such chain."""
    names: list[str] = []
    while isinstance(node, ast.Attribute):
        names.insert(0, node.attr)
        node = node.value
    if isinstance(node, ast.Name):
        names.insert(0, node.id)
    return names


# ── Assertions ───────────────────────────────────────────────────────────────────────────────────


def _assertions(tree: ast.Module) -> tuple[str, ...]:
    found = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Assert) or (isinstance(node, ast.Call) and _is_asserting(node))
    ]
    found.sort(key=lambda node: (node.lineno, node.col_offset))
    return tuple(ast.unparse(node) for node in found)


def _is_asserting(node: ast.Call) -> bool:
    names = _names(node.func)
    last = names[-1] if names else getattr(node.func, "attr", "")
    if last.startswith("assert"):
        return True
    return last in _EXPECTING_CALLS or names in (["pytest", "fail"], ["self", "fail"])


# ── Lines ────────────────────────────────────────────────────────────────────────────────────────


class _Places:
    """Offsets in bytes of what the parser gives as line and column."""

    def __init__(self, text: str) -> None:
        self._starts = [0]
        for line in text.split("\n"):
            self._starts.append(self._starts[-1] + len(line.encode()) + 1)

    def span(self, node: ast.stmt) -> tuple[int, int]:
        """A statement with its decorators."""
        first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", ()))])
        start = self._starts[first - 1]
        if first == node.lineno:
            start += node.col_offset
        end = self._starts[(node.end_lineno or node.lineno) - 1] + (node.end_col_offset or 0)
        return start, end


def _comments(text: str) -> Iterator[tuple[int, int]]:
    offset = place = 0
    for found in _STRING_OR_COMMENT.finditer(text):
        if found[0].startswith("#"):
            start = offset + len(text[place : found.start()].encode())
            offset, place = start + len(found[0].encode()), found.end()
            yield start, offset


def _silent(tree: ast.Module) -> Iterator[ast.stmt]:
    """Docstrings, and functions and classes that are stubs."""
    unseen: list[ast.AST] = [tree]
    while unseen:
        node = unseen.pop()
        body = getattr(node, "body", None)
        if isinstance(body, list) and body and _is_docstring(body[0]):
            yield body[0]
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.stmt) and _is_stub(child):
                yield child
            else:
                unseen.append(child)


def _is_stub(node: ast.stmt) -> bool:
    if isinstance(node, _Function):
        return all(_does_nothing(statement) for statement in node.body)
    if not isinstance(node, ast.ClassDef):
        return False
    functions = [statement for statement in node.body if isinstance(statement, _Function)]
    if not functions and (node.bases or node.decorator_list):
        return False  # an exception class is whole with `pass`
    return all(_does_nothing(s) or (s in functions and _is_stub(s)) for s in node.body)


def _does_nothing(statement: ast.stmt) -> bool:
    match statement:
        case ast.Pass():
            return True
        case ast.Expr(value=ast.Constant(value=value)):
            return value is ... or isinstance(value, str)
        case ast.Raise(exc=ast.Name(id="NotImplementedError")):
            return True
        case ast.Raise(exc=ast.Call(func=ast.Name(id="NotImplementedError"))):
            return True
    return False


def _is_docstring(statement: ast.AST) -> bool:
    match statement:
        case ast.Expr(value=ast.Constant(value=str())):
            return True
    return False
