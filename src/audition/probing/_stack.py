"""What JavaScript says of an error: its text, and the files that it went through."""

import re

from audition.probing._failures import Trouble
from audition.probing._scene import Scene

_COLOURS = re.compile(r"\x1b\[[\d;]*m")
_FRAME = re.compile(r"^ *at (?:[^\n]*?\()?([^()\n]+?):\d+(?::\d+)?\)?$", re.MULTILINE)
ERROR = re.compile(
    r"(?:\w*Error(?: \[\w+\])?: |Cannot find (?:module|package) '|Failed to resolve import "
    r"|Failed to load url |Parse failure: |\S+ - error TS\d+: |error TS\d+: )"
)
_UNREADABLE = re.compile(
    r"(?:^|\n|At file: )((?:file://)?[^\s:]+):\d+(?::\d+)?\n(?:[^\n]*\n){0,6}? *SyntaxError: "
    r"|Parse failure: [^\n]*\nAt file: ([^\s:]+)"
    r"|SyntaxError: ((?:file://)?/[^\s:]+): "
)


def trouble(said: str, scene: Scene, *, collecting: bool = False) -> Trouble:
    """What a stack says, with whatever stands before it."""
    said = _COLOURS.sub("", said)
    lines = [line.strip().removeprefix("Exception during run: ") for line in said.splitlines()]
    start = next((i for i, line in enumerate(lines) if ERROR.match(line)), 0)
    unreadable = _UNREADABLE.search(said)
    words = "\n".join(line for line in lines[start:] if not line.startswith("at "))
    file = next(filter(None, unreadable.groups()), "") if unreadable else ""
    return Trouble(
        error=words.replace(f"{scene.workspace}/", ""),
        frames=scene.paths(_FRAME.findall(said)),
        collecting=collecting,
        unreadable=scene.path(file),
    )
