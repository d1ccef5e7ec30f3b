"""A shell text as the simple commands in it, each with its exit code where that can be known.

Source: the shell command language of POSIX; the text is parsed by tree-sitter's grammar of bash.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tree_sitter import Node, Parser

MOST_BYTES = 100_000
_DEEPEST = 60
_SHELLS = frozenset({"bash", "sh", "dash", "zsh"})
_PIPED = frozenset(
    {"cat", "tee", "tail", "head", "sort", "uniq", "sed", "awk", "cut", "tr", "less"}
)
"""What only passes on what it reads, and does not fail at it."""
_HARMLESS = frozenset({
    "cd", "echo", "printf", "export", "set", "true", ":", "pwd", "mkdir", "touch", "source", ".",
    "sleep", "clear", "unset", "shopt", "umask",
})  # fmt: skip
"""What does not fail in the ordinary course, so that a failure is that of its neighbour."""
_EXPANDED = frozenset({"simple_expansion", "expansion", "command_substitution"})


@dataclass(frozen=True)
class Simple:
    """One command: its words, and its exit code where that is known."""

    argv: tuple[str, ...]
    exit_code: int | None

    @property
    def text(self) -> str:
        """The words as one would write them."""
        return " ".join(_quoted(word) for word in self.argv)


def parse(text: str, exit_code: int | None) -> list[Simple]:
    """The simple commands of a text, in the order in which they stand."""
    source = text.encode(errors="replace")[:MOST_BYTES]
    reading = _Reading(pipefail=b"pipefail" in source)
    reading.read(_parser().parse(source).root_node, exit_code, 0)
    return reading.found


@cache
def _parser() -> "Parser":
    import tree_sitter_bash
    from tree_sitter import Language, Parser

    return Parser(Language(tree_sitter_bash.language()))


class _Reading:
    """Collects commands while the tree is walked."""

    def __init__(self, *, pipefail: bool) -> None:
        self.found: list[Simple] = []
        self._pipefail = pipefail
        self._readers: dict[str, Callable[[Node, int | None, int], None]] = {
            "command": self._command,
            "list": self._list,
            "pipeline": self._pipeline,
            "redirected_statement": self._redirected,
            "negated_command": self._apart,
            "program": self._in_a_row,
            "subshell": self._in_a_row,
            "compound_statement": self._in_a_row,
        }

    def read(self, node: "Node", code: int | None, depth: int) -> None:
        """Read a statement that ended with this code, None where that is unknown."""
        if depth <= _DEEPEST:
            self._readers.get(node.type, self._apart)(node, code, depth)

    def _in_a_row(self, node: "Node", code: int | None, depth: int) -> None:
        """Statements one after the other: the code is the last one's."""
        statements = node.named_children
        for place, child in enumerate(statements):
            is_last = place == len(statements) - 1
            is_awaited = child.next_sibling is None or child.next_sibling.type != "&"
            self.read(child, code if is_last and is_awaited else None, depth + 1)

    def _apart(self, node: "Node", code: int | None, depth: int) -> None:
        """Whatever else holds commands: none of them has to be the one that gave the code."""
        for child in node.named_children:
            self.read(child, None, depth + 1)

    def _list(self, node: "Node", code: int | None, depth: int) -> None:
        left, right = node.named_children[0], node.named_children[-1]
        is_and = any(child.type == "&&" for child in node.children)
        codes: tuple[int | None, int | None] = (None, None)
        if is_and and code == 0:
            codes = (0, 0)
        elif is_and and code is not None and _is_among(left, _HARMLESS):
            codes = (0, code)
        elif is_and and code is not None and _is_among(right, _HARMLESS):
            codes = (code, None)
        elif not is_and and code:
            codes = (None, code)
        self.read(left, codes[0], depth + 1)
        self.read(right, codes[1], depth + 1)

    def _pipeline(self, node: "Node", code: int | None, depth: int) -> None:
        stages = [child for child in node.named_children if child.type != "comment"]
        codes: list[int | None] = [None] * len(stages)
        if stages:
            codes[-1] = code
        if self._pipefail and (code == 0 or all(_is_among(s, _PIPED) for s in stages[1:])):
            codes[0] = code
        for stage, its_code in zip(stages, codes, strict=True):
            self.read(stage, its_code, depth + 1)

    def _redirected(self, node: "Node", code: int | None, depth: int) -> None:
        """A statement whose input or output goes elsewhere; a heredoc can feed a shell."""
        body, *redirects = node.named_children
        fed = [r for r in redirects if r.type == "heredoc_redirect"]
        piped = [child for r in fed for child in r.named_children if child.type == "pipeline"]
        self.read(body, None if piped else code, depth + 1)
        for stage in piped:
            self.read(stage, code, depth + 1)
        readers = [body, *(child for stage in piped for child in stage.named_children)]
        if fed and any(_is_among(reader, _SHELLS) for reader in readers):
            for redirect in fed:
                for child in redirect.named_children:
                    if child.type == "heredoc_body":
                        self._nested(_text(child), code, depth)

    def _command(self, node: "Node", code: int | None, depth: int) -> None:
        for child in node.named_children:
            if child.type not in ("word", "raw_string", "number"):
                self._substitutions(child, depth + 1)
        words = tuple(_words(node))
        if not words:
            return
        script = _script(words)
        if script is not None:
            self._nested(script, code, depth)
        else:
            self.found.append(Simple(words, code))

    def _substitutions(self, node: "Node", depth: int) -> None:
        """Commands inside of words."""
        if depth > _DEEPEST:
            return
        if node.type in ("command_substitution", "process_substitution"):
            self._apart(node, None, depth)
            return
        for child in node.named_children:
            self._substitutions(child, depth + 1)

    def _nested(self, text: str, code: int | None, depth: int) -> None:
        root = _parser().parse(text.encode(errors="replace")).root_node
        self.read(root, code, depth + 10)


def _is_among(node: "Node", programs: frozenset[str]) -> bool:
    """Whether a statement is nothing but one of these programs."""
    while node.type == "redirected_statement" and node.named_children:
        node = node.named_children[0]
    if node.type == "list":
        return all(_is_among(child, programs) for child in node.named_children)
    if node.type == "variable_assignment":
        return True
    words = list(_words(node)) if node.type == "command" else []
    return bool(words) and words[0].rpartition("/")[2] in programs


def _script(words: tuple[str, ...]) -> str | None:
    """The text that a shell is given to run; None for any other command."""
    program = words[0].rpartition("/")[2]
    if program == "eval":
        return " ".join(words[1:])
    if program not in _SHELLS:
        return None
    for place, word in enumerate(words[1:], start=1):
        if word.startswith("-") and not word.startswith("--") and word.endswith("c"):
            return words[place + 1] if place + 1 < len(words) else None
    return None


def _words(command: "Node") -> Iterator[str]:
    for child in command.named_children:
        if child.type == "command_name":
            yield from (_literal(inner) for inner in child.named_children)
        elif child.type not in ("variable_assignment", "file_redirect", "herestring_redirect"):
            yield _literal(child)


def _literal(node: "Node") -> str:
    """A word as the program gets it; what only the shell knows is left as it is written."""
    if node.type == "raw_string":
        return _text(node)[1:-1]
    if node.type == "ansi_c_string":
        return _text(node)[2:-1]
    if node.type == "string":
        return _text(node)[1:-1].replace('\\"', '"').replace("\\$", "$").replace("\\\\", "\\")
    if node.type == "concatenation":
        return "".join(_literal(child) for child in node.named_children)
    text = _text(node)
    return text if node.type in _EXPANDED else text.replace("\\", "")


def _text(node: "Node") -> str:
    return (node.text or b"").decode(errors="replace")


def _quoted(word: str) -> str:
    import shlex

    return word if "$" in word and " " not in word else shlex.quote(word)
