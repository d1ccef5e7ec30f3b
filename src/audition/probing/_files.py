"""Files that commands of a model left behind, read without trust."""

import json
import os
import stat
from pathlib import Path
from typing import Any

REPORT_BYTES = 16 << 20
"""The longest report that is read; a longer one is none."""


def read_bounded(path: Path, most_bytes: int = REPORT_BYTES) -> bytes | None:
    """The content of a regular file; None for what is missing, longer, or anything else."""
    try:
        # A link could lead anywhere, and a pipe would be waited for.
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except (OSError, ValueError):
        return None
    found = os.fstat(descriptor)
    if not stat.S_ISREG(found.st_mode) or found.st_size > most_bytes:
        os.close(descriptor)
        return None
    with os.fdopen(descriptor, "rb") as file:
        content = file.read(most_bytes + 1)
    return content if len(content) <= most_bytes else None


def decoded(content: bytes) -> Any:
    """A JSON document; None for what is none."""
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        return None


def mapping(value: Any) -> dict[str, Any]:
    """The value where it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def items(value: Any) -> list[Any]:
    """The value where it is a list, else an empty one."""
    return value if isinstance(value, list) else []


def text(value: Any, most: int = 4000) -> str:
    """The value where it is text, at most so long, and such that every file can hold it."""
    if not isinstance(value, str):
        return ""
    return value[:most].encode(errors="replace").decode()


def number(value: Any) -> int:
    """The value where it is a number of a line, else 0."""
    return value if isinstance(value, int) and 0 <= value < 1 << 31 else 0
