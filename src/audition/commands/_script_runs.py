"""What the test runners of JavaScript have in common: how they name what went wrong."""

import re
from collections.abc import Collection, Sequence

from audition.commands._options import are_whole, read_arguments
from audition.commands._saying import Use
from audition.events import FailureKind

_ROOTS = frozenset({".", "test", "tests", "__tests__"})
_NO_RUN = frozenset(
    {"--version", "-v", "-V", "--help", "-h", "--listTests", "--list", "--showConfig"}
)
_MISSING = re.compile(
    r"Cannot find (?:module|package) |does not provide an export named|ERR_MODULE_NOT_FOUND"
    r"|Failed to resolve import |TypeError: [\w.()$ ]{1,200} is not a (?:function|constructor)"
)
_NOT_COLLECTED = re.compile(r"Test suite failed to run|SyntaxError: |Transform failed with ")
_ERROR = re.compile(r"(?:\bname: '|\b)([A-Z]\w*Error)(?: \[\w+\]:|:|')(?! test failed)")


def use_of_runner(
    tool: str,
    words: Sequence[str],
    *,
    valued: Collection[str],
    narrowing: Collection[str],
    no_run: Collection[str] = _NO_RUN,
    stream_is_errors: bool = False,
) -> Use:
    """A test run; one that only lists or explains is none."""
    arguments = read_arguments(words, {*valued, *narrowing})
    if arguments.has(no_run):
        return Use(tool=tool, role="other")
    return Use(
        tool=tool,
        role="test",
        whole=are_whole(arguments.alone, _ROOTS) and not arguments.has(narrowing),
        stream="errors" if stream_is_errors else "output",
    )


def kind_of_failure(text: str) -> FailureKind | None:
    """The kind that its errors show; None where they are several or none that is known."""
    if _MISSING.search(text):
        return "missing_name"
    if _NOT_COLLECTED.search(text):
        return "collection_error"
    return "assertion" if set(_ERROR.findall(text)) == {"AssertionError"} else None
