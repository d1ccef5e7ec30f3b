"""Commands of a shell text with their arguments, and where their output goes."""

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tree_sitter import Node

_VEIL = "\x7f"
_VEILED = re.compile(_VEIL + "([0-9a-f]{6})")
_FOREIGN = re.compile(r"[^\x00-\x7f]")
_ESCAPED = re.compile(r"\\(\n|.)", re.DOTALL)
_ESCAPED_IN_QUOTES = re.compile(r"\\([\"\\$`\n])")


@dataclass(frozen=True)
class Word:
    """One argument."""

    text: str
    is_literal: bool = True
    """False where the shell would put in what is not known."""


@dataclass(frozen=True, kw_only=True)
class Simple:
    """One command with its arguments."""

    words: tuple[Word, ...]
    text: str
    """As it was written, without assignments before it and redirections behind it."""
    shows_output: bool = True
    shows_errors: bool = True
    into: str = ""
    """The file that its output goes to."""
    stdin: str | None = None
    """The literal text that it is fed."""

    @property
    def argv(self) -> tuple[str, ...]:
        """The arguments as text, what is not known as it was written."""
        return tuple(word.text for word in self.words)


def read_simple(node: "Node") -> Simple:
    """A command with its arguments, and what is redirected inside of it."""
    kept = [
        child
        for child in node.children
        if child.type not in ("variable_assignment", "file_redirect", "herestring_redirect")
        and (child.is_named or node.type != "command")
    ]
    text = b""
    if kept and node.text is not None:
        begin, end = kept[0].start_byte - node.start_byte, kept[-1].end_byte - node.start_byte
        text = node.text[begin:end]
    simple = Simple(words=tuple(_word(child) for child in kept), text=_unveiled(text).strip())
    for child in node.children:
        if child.type in ("file_redirect", "herestring_redirect"):
            simple = redirected(simple, child)
    return simple


def redirected(simple: Simple, node: "Node") -> Simple:
    """A command after one redirection, heredoc or here-string."""
    if node.type == "heredoc_redirect":
        bodies = [child for child in node.children if child.type == "heredoc_body"]
        return replace(simple, stdin="".join(text_of(body) for body in bodies))
    if node.type == "herestring_redirect":
        word = _word(node.named_children[0]) if node.named_children else Word("", is_literal=False)
        return replace(simple, stdin=word.text if word.is_literal else None)
    return _sent(simple, node)


def _sent(simple: Simple, node: "Node") -> Simple:
    """A command whose output or errors go somewhere else."""
    kinds = [child.type for child in node.children]
    target = node.child_by_field_name("destination")
    name = _word(target).text if target is not None else ""
    descriptor = next((text_of(c) for c in node.children if c.type == "file_descriptor"), "")
    if "<" in kinds:
        return simple
    if ">&" in kinds and name.isdecimal():
        if descriptor == "2" and name == "1":
            return replace(simple, shows_errors=simple.shows_output)
        if descriptor in ("", "1") and name == "2":
            return replace(simple, shows_output=simple.shows_errors)
        return simple
    if "&>" in kinds or "&>>" in kinds or (">&" in kinds and not descriptor):
        return replace(simple, shows_output=False, shows_errors=False, into=name)
    if descriptor == "2":
        return replace(simple, shows_errors=False)
    return replace(simple, shows_output=False, into=name) if descriptor in ("", "1") else simple


def _word(node: "Node") -> Word:
    """What an argument comes to, as far as the text tells."""
    text = text_of(node)
    if node.type in ("command_name", "concatenation") and node.child_count:
        pieces = [_word(child) for child in node.children[:1000]]
        return Word("".join(p.text for p in pieces), all(p.is_literal for p in pieces))
    if node.type == "raw_string":
        return Word(text[1:-1])
    if node.type == "ansi_c_string":
        return Word(text[2:-1].replace("\\n", "\n").replace("\\'", "'"))
    if node.type == "string":
        is_literal = all(child.type in ('"', "string_content") for child in node.children)
        return Word(_ESCAPED_IN_QUOTES.sub(_unescaped, text[1:-1]), is_literal)
    is_literal = node.type in ("word", "number", "extglob_pattern") or not node.is_named
    return Word(_ESCAPED.sub(_unescaped, text) if is_literal else text, is_literal)


def _unescaped(found: re.Match[str]) -> str:
    return "" if found[1] == "\n" else found[1]


def text_of(node: "Node") -> str:
    """What stands there."""
    return _unveiled(node.text or b"")


def veiled(text: str) -> bytes:
    """A text of ASCII alone: the grammar's scanner looks other letters up beyond its tables."""
    plain = text.replace("\0", " ").replace(_VEIL, " ")
    return _FOREIGN.sub(lambda found: f"{_VEIL}{ord(found[0]):06x}", plain).encode()


def _unveiled(encoded: bytes) -> str:
    return _VEILED.sub(lambda found: chr(int(found[1], 16)), encoded.decode())
