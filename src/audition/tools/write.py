r"""Write puts a content into a file, in place of whatever the file held.

Folders on the way are made. A file that is there keeps its mode; a new one gets 644 and belongs to
the user that commands run as. The content is written as it is given, up to 10 MiB, also where the
file had other line ends. Claude Code demands that a file was read before it is written over; this
tool does not.

    {"file_path": "shop/orders.py", "content": "PAGE = 20\n"}
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from audition.conversation import ToolSpec
from audition.tools import Bench, Used
from audition.tools._files import write_file
from audition.tools._given import MistakeError, answering
from audition.tools._places import spot


@dataclass(frozen=True)
class Write:
    """Puts a content into a file."""

    spec: ClassVar[ToolSpec] = ToolSpec(
        "Write",
        "Writes a whole file: makes it, and the folders on the way, or replaces all that it held. "
        "To change a part of a file, use Edit.",
        {
            "type": "object",
            "properties": {
                "file_path": {"type": "string", "description": "The absolute path of the file"},
                "content": {"type": "string", "description": "All that the file shall hold"},
            },
            "required": ["file_path", "content"],
            "additionalProperties": False,
        },
    )

    @answering
    async def use(self, given: Mapping[str, Any], bench: Bench) -> Used:
        """Write the file; see `audition.tools.Tool`."""
        place = spot(bench, given["file_path"])
        if given["file_path"].endswith("/"):
            raise MistakeError(f"{place.shown}/ names a folder, not a file.")
        data = given["content"].encode()
        is_new = write_file(place, data, owner=bench.owner)
        done = "Made" if is_new else "Replaced the content of"
        return Used(content=f"{done} {place.shown} ({len(data)} bytes).", written=place.written)
