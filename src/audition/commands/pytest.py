"""pytest: its command line, the line that ends its output, and why tests failed.

    python -m pytest -q tests/test_cart.py     a test run, not whole
    pytest --collect-only                      not a test run

The reason is read from the long form of each failure, never from the summary, which is cut to the
width of a terminal; where output was filtered so that failures are missing, there is no reason.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from audition.commands._options import are_whole, read_arguments
from audition.commands._saying import Said, Use
from audition.events import FailureKind

_VALUED = frozenset(
    {"-k", "-m", "-p", "-n", "-c", "-o", "-W", "--rootdir", "--tb", "--maxfail", "--durations",
     "--cov-report", "--cov-config", "--junitxml", "--junit-xml", "--timeout", "--ignore",
     "--ignore-glob", "--deselect", "--confcutdir", "--basetemp", "--color", "--capture",
     "--import-mode", "--override-ini", "--numprocesses", "--dist", "--log-level",
     "--log-cli-level", "--log-file", "--verbosity"}
)  # fmt: skip
_NARROWING = frozenset(
    {"-k", "-m", "--lf", "--last-failed", "--sw", "--stepwise", "--sw-skip", "--stepwise-skip",
     "--deselect", "--ignore", "--ignore-glob", "--keyword", "--markers-expression",
     "--testmon", "--picked", "--pyargs"}
)  # fmt: skip
_NO_RUN = frozenset(
    {"--collect-only", "--co", "--collectonly", "--version", "-V", "-h", "--help",
     "--fixtures", "--funcargs", "--markers", "--fixtures-per-test", "--setup-plan",
     "--cache-show"}
)  # fmt: skip
_ROOTS = frozenset({".", "tests", "test"})

_COUNT = r"\d+ (?:failed|passed|skipped|deselected|xfailed|xpassed|rerun|warnings?|errors?)"
_END = re.compile(
    rf"^(?:=+ )?({_COUNT}(?:, {_COUNT})*|no tests ran) in [\d.]+m?s(?: \([\d:]+\))?(?: =+)?\s*$",
    re.MULTILINE,
)
_COUNTED = re.compile(r"(\d+) ([a-z]+)")
_RAN = ("passed", "failed", "xfailed", "xpassed", "error", "errors")
_HEADER = re.compile(r"^_{3,} .+ _{3,}$", re.MULTILINE)
_USAGE = re.compile(r"^ERROR: (?:usage:|file or directory not found|not found:)", re.MULTILINE)
_MISSING = re.compile(
    r"^E +(?:ModuleNotFoundError: |ImportError: cannot import name"
    r"|AttributeError: (?!'NoneType')|TypeError: .{0,300} unexpected keyword argument)",
    re.MULTILINE,
)
_COLLECTING = re.compile(r"^_+ ERROR collecting |errors? during collection", re.MULTILINE)
_IN_TEST = re.compile(r"^E +fixture '.*' not found|^E +(?:Syntax|Indentation)Error:", re.MULTILINE)
_PLACE = re.compile(r"^(\S+\.py):\d+: (\w+(?:\.\w+)*)$", re.MULTILINE)
_ASSERTIONS = frozenset({"AssertionError", "Failed"})
_BY_CODE: dict[int, FailureKind] = {4: "usage", 5: "no_tests"}


@dataclass(frozen=True)
class Pytest:
    """`pytest`, and `py.test` as it was once called."""

    def use(self, argv: Sequence[str]) -> Use | None:
        """A test run, unless it only lists or explains."""
        if argv[0] not in ("pytest", "py.test"):
            return None
        arguments = read_arguments(argv[1:], _VALUED)
        if arguments.has(_NO_RUN):
            return Use(tool="pytest", role="other")
        whole = are_whole(arguments.alone, _ROOTS) and not arguments.has(_NARROWING)
        return Use(tool="pytest", role="test", whole=whole)

    def said(self, form: str, output: str) -> tuple[Said, ...]:
        """One for each line of totals."""
        return tuple(_sections(output))

    def failure(self, tool: str, exit_code: int) -> FailureKind | None:
        """Source: pytest's documentation, “Exit codes”."""
        return _BY_CODE.get(exit_code)


def _sections(output: str) -> Iterator[Said]:
    ends = list(_END.finditer(output))
    start = 0
    for number, end in enumerate(ends):
        stop = len(output) if number + 1 == len(ends) else end.end()
        yield _section(end[1], output[start:stop])
        start = end.end()


def _section(totals: str, text: str) -> Said:
    counts = Counter({word: int(number) for number, word in _COUNTED.findall(totals)})
    errors = counts["error"] + counts["errors"]
    failed = counts["failed"] + errors
    ran = sum(counts[word] for word in _RAN)
    if failed:
        shown = len(_HEADER.findall(text))
        return Said(outcome="failed", failure=_kind(text) if shown >= failed else None, tests=ran)
    if not ran:
        failure: FailureKind = "usage" if _USAGE.search(text) else "no_tests"
        return Said(outcome="failed", failure=failure, tests=0)
    return Said(outcome="passed", tests=ran)


def _kind(text: str) -> FailureKind | None:
    """The first kind that fits, in the order of `FailureKind`."""
    places = [(path, error) for path, error in _PLACE.findall(text) if error not in _ASSERTIONS]
    if _MISSING.search(text):
        return "missing_name"
    if _COLLECTING.search(text):
        return "collection_error"
    if _IN_TEST.search(text) or any(_is_test(path) for path, _ in places):
        return "test_error"
    if any(error in _ASSERTIONS for _, error in _PLACE.findall(text)):
        return "assertion"
    return "code_error" if places else None


def _is_test(path: str) -> bool:
    name = PurePosixPath(path).name
    return name.startswith("test_") or name.endswith("_test.py") or name == "conftest.py"
