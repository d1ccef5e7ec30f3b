"""Edit replaces one text in a file by another.

`old_string` has to be in the file exactly once, or `replace_all` be true; everything else keeps its
bytes. Where every line of a file ends with CRLF, the line ends of both texts are taken as CRLF, for
a model sees and writes lines without it. The file must be UTF-8 and at most 10 MiB. An empty
`old_string` makes a file that is not there, or fills an empty one.

Claude Code demands that a file was read before it is edited, takes straight quotation marks for
curly ones, and removes the line end too when it removes a line's text; this tool does none of it.

    {"file_path": "shop/orders.py", "old_string": "PAGE = 20", "new_string": "PAGE = 50"}
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from audition.conversation import ToolSpec
from audition.tools import Bench, Used
from audition.tools._files import READ_BYTES, WRITTEN_BYTES, read_file, write_file
from audition.tools._given import MistakeError, answering
from audition.tools._places import Spot, spot

_BARE_LINE_END = re.compile(r"(?<!\r)\n")


@dataclass(frozen=True)
class Edit:
    """Replaces one text in a file by another."""

    spec: ClassVar[ToolSpec] = ToolSpec(
        "Edit",
        "Replaces `old_string` by `new_string` in a file. `old_string` must be in the file exactly "
        "as given, white space included and without the line numbers that Read shows, and only "
        "once: take in lines around it until it is the only one, or set `replace_all`.",
        {
            "type": "object",
            "properties": {
                "file_path": {"type": "string", "description": "The absolute path of the file"},
                "old_string": {"type": "string", "description": "The text to replace"},
                "new_string": {"type": "string", "description": "The text to put in its place"},
                "replace_all": {
                    "type": "boolean",
                    "description": "Replace every occurrence (false if left out)",
                },
            },
            "required": ["file_path", "old_string", "new_string"],
            "additionalProperties": False,
        },
    )

    @answering
    async def use(self, given: Mapping[str, Any], bench: Bench) -> Used:
        """Edit the file; see `audition.tools.Tool`."""
        place = spot(bench, given["file_path"])
        old, new = given["old_string"], given["new_string"]
        if not old:
            _refuse_to_fill(place)
            write_file(place, new.encode(), owner=bench.owner)
            return Used(content=f"{place.shown} now holds the text.", written=place.written)
        text = _text(place)
        if _ends_lines_with_crlf(text):
            old, new = _BARE_LINE_END.sub("\r\n", old), _BARE_LINE_END.sub("\r\n", new)
        found = _occurrences(place, text, old, every=given.get("replace_all", False))
        if old == new:
            raise MistakeError("`old_string` and `new_string` are the same; nothing to change.")
        if len(text) + found * (len(new) - len(old)) > WRITTEN_BYTES:
            raise MistakeError(f"{place.shown} would be over {WRITTEN_BYTES >> 20} MiB after that.")
        write_file(place, text.replace(old, new).encode(), owner=bench.owner)
        line = text.count("\n", 0, text.index(old)) + 1
        where = f"at line {line}" if found == 1 else f"in {found} places, first at line {line}"
        return Used(content=f"Edited {place.shown} {where}.", written=place.written)


def _text(place: Spot) -> str:
    content = read_file(place)
    if not content.whole:
        raise MistakeError(f"{place.shown} is over {READ_BYTES} bytes, too large to edit.")
    try:
        return content.data.decode()
    except UnicodeDecodeError:
        raise MistakeError(
            f"{place.shown} is not UTF-8, so that other bytes of it could be lost; "
            "change it with a command."
        ) from None


def _ends_lines_with_crlf(text: str) -> bool:
    ends = text.count("\n")
    return ends > 0 and text.count("\r\n") == ends


def _occurrences(place: Spot, text: str, old: str, *, every: bool) -> int:
    """How often the text is there.

    Raises:
        MistakeError: not at all, or more than once where one is meant.
    """
    found = text.count(old)
    if not found:
        said = f"`old_string` is not in {place.shown}, and nothing was changed."
        spaceless = "".join(old.split())
        if spaceless and spaceless in "".join(text.split()):
            said += " With other white space it is: read the file again and copy it exactly."
        raise MistakeError(said)
    again = text.find(old, text.index(old) + 1)
    if again >= 0 and not every:
        raise MistakeError(
            f"`old_string` is in {place.shown} {max(found, 2)} times, and nothing was changed: "
            "take in more lines around it, or set `replace_all`."
        )
    return found


def _refuse_to_fill(place: Spot) -> None:
    """An empty text to replace is only in a file that is empty or not there."""
    try:
        content = read_file(place)
    except MistakeError:
        return  # what stands in the way of reading stands in the way of writing too
    if content.data:
        raise MistakeError(f"`old_string` is empty, and {place.shown} holds something.")
