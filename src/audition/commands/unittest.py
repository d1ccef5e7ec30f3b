"""unittest of the standard library.

    python -m unittest                      a whole test run
    python -m unittest tests.test_cart      not whole

It prints to the error stream. A run of no tests passes up to Python 3.11: here that is no test run
that passed, whatever it exits with.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from audition.commands._options import read_arguments
from audition.commands._saying import Said, Use
from audition.events import FailureKind

_VALUED = frozenset({"-k", "-s", "-p", "-t", "--start-directory", "--pattern", "--durations"})
_END = re.compile(
    r"^Ran (\d+) tests? in [\d.]+s\s*\n\s*^(OK|FAILED|NO TESTS RAN)\b.*$", re.MULTILINE
)
_ERROR = re.compile(r"^([A-Za-z_][\w.]*(?:Error|Exception|Failure))(?::|$)", re.MULTILINE)
_TITLE = re.compile(r"^(?:ERROR|FAIL): ", re.MULTILINE)
_MISSING = re.compile(
    r"^(?:ModuleNotFoundError: |ImportError: cannot import name"
    r"|TypeError: .{0,300} unexpected keyword argument)",
    re.MULTILINE,
)


@dataclass(frozen=True)
class Unittest:
    """`python -m unittest`."""

    def use(self, argv: Sequence[str]) -> Use | None:
        """A test run; `discover` is one of everything."""
        if argv[0] != "unittest":
            return None
        arguments = read_arguments(argv[1:], _VALUED)
        if arguments.has({"-h", "--help"}):
            return Use(tool="unittest", role="other", stream="errors")
        folders = {value for name, value in arguments.options if name in ("-s", "-p")}
        narrowed = arguments.has({"-k"}) or not folders <= {".", "tests", "test", "test*.py"}
        alone = arguments.alone in ((), ("discover",))
        whole = alone and not narrowed
        return Use(tool="unittest", role="test", whole=whole, stream="errors")

    def said(self, form: str, output: str) -> tuple[Said, ...]:
        """One for each `Ran … tests`."""
        return tuple(_sections(output))

    def failure(self, tool: str, exit_code: int) -> FailureKind | None:
        """Source: the documentation of unittest; 5 since Python 3.12."""
        return "no_tests" if exit_code == 5 else None


def _sections(output: str) -> Iterator[Said]:
    start = 0
    for end in _END.finditer(output):
        tests, text = int(end[1]), output[start : end.start()]
        start = end.end()
        if not tests:
            yield Said(outcome="failed", failure="no_tests", tests=0)
        elif end[2] == "OK":
            yield Said(outcome="passed", tests=tests)
        else:
            yield Said(outcome="failed", failure=_kind(text, end[0]), tests=tests)


def _kind(text: str, end: str) -> FailureKind | None:
    failed = sum(int(count) for count in re.findall(r"(?:failures|errors)=(\d+)", end))
    if len(_TITLE.findall(text)) < failed:
        return None
    if _MISSING.search(text):
        return "missing_name"
    if "_FailedTest" in text:
        return "collection_error"
    return "assertion" if set(_ERROR.findall(text)) == {"AssertionError"} else None
