"""Read shows a file with its lines numbered.

A path is below the workspace or another folder of the trial, whole or relative to the workspace;
links are followed as long as they stay in their folder. `offset` is the first line and `limit` the
number of lines, 2,000 without one. A line is cut after 2,000 characters, an answer after 100,000,
and of a file 10 MiB are read. What is not UTF-8 is shown with replacement characters, and a file
that holds zero bytes is only said to be binary: images and documents are not shown as pictures.

    {"file_path": "shop/orders.py", "offset": 40, "limit": 20}
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any, ClassVar

from audition.conversation import ToolSpec
from audition.tools import Bench, Used
from audition.tools._files import READ_BYTES, Content, read_file
from audition.tools._given import MistakeError, answering
from audition.tools._places import Spot, spot

LINES, LINE_CHARACTERS, ANSWER_CHARACTERS = 2_000, 2_000, 100_000
_LOOKED_AT_BYTES = 8_192


@dataclass(frozen=True)
class Read:
    """Shows a file with its lines numbered."""

    spec: ClassVar[ToolSpec] = ToolSpec(
        "Read",
        "Shows a text file. Every line comes with its number and a tab before it, which are not "
        f"part of the file. Without `offset` and `limit` it shows the first {LINES} lines; lines "
        f"longer than {LINE_CHARACTERS} characters are cut. It does not list folders.",
        {
            "type": "object",
            "properties": {
                "file_path": {"type": "string", "description": "The absolute path of the file"},
                "offset": {
                    "type": "integer",
                    "minimum": 0,
                    "description": "The number of the first line to show, counted from 1",
                },
                "limit": {
                    "type": "integer",
                    "minimum": 1,
                    "description": "How many lines to show",
                },
            },
            "required": ["file_path"],
            "additionalProperties": False,
        },
    )

    @answering
    async def use(self, given: Mapping[str, Any], bench: Bench) -> Used:
        """Read the file; see `audition.tools.Tool`."""
        place = spot(bench, given["file_path"])
        content = read_file(place)
        if b"\0" in content.data[:_LOOKED_AT_BYTES]:
            size = f"{len(content.data)} bytes" if content.whole else f"over {READ_BYTES} bytes"
            raise MistakeError(f"{place.shown} is a binary file ({size}); it is not shown.")
        first = max(1, given.get("offset", 1))
        said = _shown(place, content, first=first, most=given.get("limit", LINES))
        return Used(content=said, written=())


def _shown(place: Spot, content: Content, *, first: int, most: int) -> str:
    """The lines, and whatever has to be said about the others."""
    lines = content.data.decode("utf-8-sig", "replace").split("\n")
    if not lines[-1]:
        lines.pop()
    end = "" if content.whole else f"\n[Only the first {READ_BYTES} bytes can be read.]"
    if not lines:
        return f"{place.shown} is there and empty."
    if first > len(lines):
        return f"{place.shown} has {len(lines)} lines; there is no line {first}.{end}"
    told: list[str] = []
    room = ANSWER_CHARACTERS
    for number, line in enumerate(islice(lines, first - 1, first - 1 + most), start=first):
        numbered = f"{number:6}\t{_cut(line.removesuffix(chr(13)))}"
        room -= len(numbered) + 1
        if room < 0:
            break
        told.append(numbered)
    following = first + len(told)
    if following <= len(lines):
        end = f"\n[There are {len(lines)} lines; go on with offset {following}.]{end}"
    return "\n".join(told) + end


def _cut(line: str) -> str:
    if len(line) <= LINE_CHARACTERS:
        return line
    return f"{line[:LINE_CHARACTERS]}[... {len(line) - LINE_CHARACTERS} more characters]"
