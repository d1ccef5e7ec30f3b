"""Patterns over text that a model wrote."""

import re
from typing import Annotated

from pydantic import AfterValidator


def _compiles(pattern: str) -> str:
    try:
        re.compile(pattern)
    except re.error as error:
        raise ValueError(f"is not a regular expression: {error}") from None
    return pattern


TextPattern = Annotated[str, AfterValidator(_compiles)]
"""A regular expression, searched without regard to case."""


def occurs(pattern: str, text: str) -> bool:
    """Whether the pattern is found anywhere in the text."""
    return re.search(pattern, text, re.IGNORECASE) is not None


def shortened(text: str, width: int = 120) -> str:
    """The text on one line, cut to a width."""
    line = " ".join(text.split())
    return line if len(line) <= width else line[: width - 1] + "…"
