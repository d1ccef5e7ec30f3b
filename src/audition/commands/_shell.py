"""What a shell text says, as a small tree: commands, and what stands between them.

The grammar is tree-sitter's; what binds stronger is decided here, since that grammar hangs a
redirection or a heredoc on everything that stands before it. The text was written by a model: it is
bounded in length, depth and number of commands, and errors in it are read over.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Literal

from audition.commands._words import Simple, read_simple, redirected, text_of, veiled

if TYPE_CHECKING:
    from tree_sitter import Language, Node

LONGEST, DEEPEST, MOST = 1 << 18, 12, 200
"""Bytes of a text, depth of what stands in what, commands that are looked at."""
_SHORT = 1 << 12
"""Characters of a text that is remembered."""

_MOST_WORK = 800
"""Hundreds of steps of the parser: some texts take it a time and a memory that grow squared."""
_COSTLY = ((b"=(", 200), (b"<<", 400))
"""Where these stand one in the other, every step is more work than the one before: the text ends
where there were so many."""

How = Literal["and", "or", "sequence", "pipe", "pipefail", "not", "detached", "perhaps", "captured"]


@dataclass(frozen=True)
class Group:
    """Commands, and how they hang together.

    `and`, `or`, `sequence`, `pipe`, `pipefail`, `not`; `detached` by `&`; `perhaps` for what stands
    in branches and loops; `captured` for substitutions, whose output nobody sees.
    """

    how: How
    parts: tuple["Piece", ...]


Piece = Simple | Group
NOTHING = Group("sequence", ())

_SEPARATORS = frozenset({";", "&", "\n", ";;"})
_OPERATORS = _SEPARATORS | {"&&", "||", "|", "|&", "!"}
_TRANSPARENT = frozenset({"program", "list", "pipeline", "ERROR", "negated_command"})
_BRANCHES = frozenset(
    {
        "if_statement",
        "while_statement",
        "for_statement",
        "c_style_for_statement",
        "case_statement",
    }
)
_SUBSTITUTIONS = frozenset({"command_substitution", "process_substitution"})


@dataclass(frozen=True)
class _Operator:
    text: str


@dataclass(frozen=True)
class _Redirection:
    node: "Node"


_Token = Piece | _Operator | _Redirection


def read_shell(text: str) -> tuple[Group, bool]:
    """The commands of a shell text, and whether that is all of them."""
    return _read_once(text) if len(text) <= _SHORT else _read(text)


@lru_cache(maxsize=256)  # agents run the same tests again and again
def _read_once(text: str) -> tuple[Group, bool]:
    return _read(text)


def _read(text: str) -> tuple[Group, bool]:
    encoded = veiled(text[:LONGEST])
    length = min(len(encoded), LONGEST, *(_nth(encoded, *costly) for costly in _COSTLY))
    is_whole = length == len(encoded) and len(text) <= LONGEST
    for share in (1, 8, 64, 512):
        root = _parsed(encoded[: length // share])
        if root is not None:
            reader = _Reader()
            group = reader.script(root, 0)
            return group, is_whole and share == 1 and reader.left > 0
    return NOTHING, False


@dataclass
class _Reader:
    """What holds for the rest of the text, once it was met."""

    functions: dict[str, Piece] = field(default_factory=dict)
    stops_at_failure: bool = False
    keeps_pipe_failures: bool = False
    left: int = MOST

    def script(self, node: "Node", depth: int) -> Group:
        """Everything below a node, in the order of the shell."""
        if depth > DEEPEST:
            return NOTHING
        return self._statements(list(self._tokens(node, depth)))

    # ── Tokens ───────────────────────────────────────────────────────────────────────────────────

    def _tokens(self, root: "Node", depth: int) -> Iterator[_Token]:
        """Commands, operators and redirections side by side, whatever hangs on what."""
        unseen: list[Node | _Redirection] = [root]
        while unseen and self.left > 0:
            node = unseen.pop()
            if isinstance(node, _Redirection):
                yield node
            elif node is root or node.type in _TRANSPARENT:
                unseen.extend(reversed(node.children))
            elif node.type == "redirected_statement":
                parts: list[Node | _Redirection] = []
                for child in node.children:
                    parts += _redirections(child)
                unseen.extend(reversed(parts))
            elif node.type in _OPERATORS:
                yield _Operator(node.type)
            elif node.is_named and node.type != "comment":
                yield from self._leaf(node, depth)

    def _leaf(self, node: "Node", depth: int) -> Iterator[_Token]:
        captured = self._captured(node, depth)
        if node.type in ("command", "declaration_command", "unset_command", "test_command"):
            simple = read_simple(node)
            self.left -= 1
            self._note_options(simple)
            piece = self.functions.get(simple.argv[0], simple) if simple.words else NOTHING
            yield Group("sequence", (captured, piece)) if captured else piece
        elif node.type in ("subshell", "compound_statement", "do_group"):
            yield self.script(node, depth + 1)
        elif node.type in _BRANCHES:
            yield Group("perhaps", tuple(self._branches(node, depth)))
        elif node.type == "function_definition":
            name, body = node.child_by_field_name("name"), node.child_by_field_name("body")
            if name is not None and body is not None:
                self.functions[text_of(name)] = self.script(body, depth + 1)
            yield NOTHING
        elif captured:
            yield captured

    def _branches(self, node: "Node", depth: int) -> Iterator[Piece]:
        clauses = {"do_group", "else_clause", "elif_clause", "case_item"}
        yield self.script(node, depth + 1)
        for child in node.children:
            if child.type in clauses - {"do_group"}:
                yield from self._branches(child, depth + 1) if depth < DEEPEST else ()

    def _captured(self, node: "Node", depth: int) -> Group | None:
        """The substitutions in the arguments of a command, or in an assignment."""
        if node.type in _BRANCHES or node.type in ("subshell", "compound_statement", "do_group"):
            return None
        found = []
        unseen = [node] if node.type != "function_definition" else []
        while unseen:
            inner = unseen.pop()
            if inner.type in _SUBSTITUTIONS:
                found.append(self.script(inner, depth + 1))
            else:
                unseen.extend(reversed(inner.children))
        return Group("captured", tuple(found)) if found else None

    def _note_options(self, simple: Simple) -> None:
        name, *options = simple.argv or ("",)
        if name == "set" and "pipefail" in options:
            self.keeps_pipe_failures = True
        if name == "set" and any(
            option == "errexit" or re.fullmatch(r"-[a-z]*e[a-z]*", option) for option in options
        ):
            self.stops_at_failure = True

    # ── What binds what ──────────────────────────────────────────────────────────────────────────

    def _statements(self, tokens: list[_Token]) -> Group:
        parts: list[Piece] = []
        current: list[_Token] = []
        for token in [*tokens, _Operator(";")]:
            if isinstance(token, _Operator) and token.text in _SEPARATORS:
                if current:
                    piece = self._and_or(current)
                    parts.append(Group("detached", (piece,)) if token.text == "&" else piece)
                current = []
            else:
                if current and _is_command(token) and _is_command_end(current[-1]):
                    parts.append(self._and_or(current))
                    current = []
                current.append(token)
        return Group("and" if self.stops_at_failure else "sequence", tuple(parts))

    def _and_or(self, tokens: list[_Token]) -> Piece:
        result: Piece | None = None
        operator, current = "", list[_Token]()
        for token in [*tokens, _Operator("")]:
            if isinstance(token, _Operator) and token.text in ("&&", "||", ""):
                piece = self._pipeline(current)
                result = _joined(result, operator, piece)
                operator, current = token.text, []
            else:
                current.append(token)
        return result or NOTHING

    def _pipeline(self, tokens: list[_Token]) -> Piece:
        parts: list[Piece] = []
        is_negated = False
        for token in tokens:
            if isinstance(token, _Redirection):
                if parts:
                    parts[-1] = _redirected(parts[-1], token.node)
            elif isinstance(token, _Operator):
                is_negated ^= token.text == "!"
            else:
                parts.append(token)
        piece: Piece = parts[0] if len(parts) == 1 else Group("pipe", tuple(parts))
        if isinstance(piece, Group) and piece.how == "pipe" and self.keeps_pipe_failures:
            piece = replace(piece, how="pipefail")
        return Group("not", (piece,)) if is_negated else piece


def _is_command(token: _Token) -> bool:
    return isinstance(token, Simple | Group)


def _is_command_end(token: _Token) -> bool:
    return not isinstance(token, _Operator)


def _joined(left: Piece | None, operator: str, right: Piece) -> Piece:
    if left is None:
        return right
    how: How = "and" if operator == "&&" else "or"
    if isinstance(left, Group) and left.how == how:
        return Group(how, (*left.parts, right))
    return Group(how, (left, right))


# ── Redirections ─────────────────────────────────────────────────────────────────────────────────


def _redirections(node: "Node") -> "list[Node | _Redirection]":
    """A child of a redirected statement; what stands on the line of a heredoc comes after it."""
    if node.type in ("file_redirect", "herestring_redirect"):
        return [_Redirection(node)]
    if node.type != "heredoc_redirect":
        return [node]
    rest: list[Node | _Redirection] = [_Redirection(node)]
    for child in node.children:
        if child.type == "file_redirect":
            rest.append(_Redirection(child))
        elif not child.type.startswith(("heredoc", "<<")):
            rest.append(child)
    return rest


def _redirected(piece: Piece, node: "Node") -> Piece:
    if isinstance(piece, Group):
        return Group(piece.how, tuple(_redirected(part, node) for part in piece.parts))
    return redirected(piece, node)


# ── The parser ───────────────────────────────────────────────────────────────────────────────────


def _nth(encoded: bytes, token: bytes, count: int) -> int:
    """Where a token stands for that many times; the end where it does not."""
    place = -1
    for _ in range(count):
        place = encoded.find(token, place + 1)
        if place < 0:
            return len(encoded)
    return place


def _parsed(encoded: bytes) -> "Node | None":
    """The root of the syntax tree; None where it is too much work."""
    from tree_sitter import Parser

    steps = 0

    def is_too_much(*_: object) -> bool:
        nonlocal steps
        steps += 1
        return steps > _MOST_WORK

    def read(offset: int, _: object) -> bytes:
        return encoded[offset : offset + 65_536]

    try:
        return Parser(_language()).parse(read, progress_callback=is_too_much).root_node
    except ValueError:
        return None


@cache
def _language() -> "Language":
    import tree_sitter_bash
    from tree_sitter import Language

    return Language(tree_sitter_bash.language())
