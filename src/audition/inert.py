"""Text of a stranger (a model, a definition, a file name) made safe to print on a terminal."""

import re
from collections.abc import Mapping
from typing import Any

# C0, DEL and C1 move the cursor or recolour; the marks of direction reorder what is read; the two
# separators break lines; tag characters are invisible; lone surrogates cannot be encoded at all.
_LIVE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200b\u2060\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff"
    "\ud800-\udfff\U000e0000-\U000e007f]"
)


def inert(text: str, *, keep_layout: bool = False) -> str:
    r"""The text with every character that could act on a terminal written out, ESC as `\x1b`.

    Args:
        text: Any text at all.
        keep_layout: Leave line feeds and tabs as they are.
    """
    if text.isprintable():  # none of these characters is, and most texts end here
        return text
    return _LIVE.sub(lambda found: _visible(found[0], keep_layout), text)


def _visible(character: str, keep_layout: bool) -> str:
    if keep_layout and character in "\n\t":
        return character
    code = ord(character)
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


DEPTH_CAP = 100
"""How deep a value may be nested; JSON parsers give up at 200."""


def sound(value: Any, *, depth: int = DEPTH_CAP) -> Any:
    """The value as every file can hold it.

    Lone surrogates are written out in every text in it, and what lies too deep is left out.
    """
    if isinstance(value, str):
        return value if value.isascii() else value.encode("utf-8", "backslashreplace").decode()
    if not isinstance(value, Mapping | list | tuple):
        return value
    if not depth:
        return "… [too deep]"
    if isinstance(value, Mapping):
        return {sound(key): sound(inner, depth=depth - 1) for key, inner in value.items()}
    return [sound(inner, depth=depth - 1) for inner in value]
