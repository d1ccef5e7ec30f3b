"""Why a test failed: from the words of the error and the files that it went through.

Where several kinds fit, the first of `FailureKind` is taken. A name that is not there yet is told
by the words of Python, Node and the TypeScript compiler; everything else by whose file the
innermost frame lies in.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from audition.events import FailureKind
from audition.project import Role

_MOST_READ = 2000


@dataclass(frozen=True, kw_only=True)
class Trouble:
    """What a runner says about a test that failed."""

    error: str
    """The error as the language prints it: `TypeError: total() got …`, more lines after it."""
    frames: tuple[str, ...] = ()
    """The files of the workspace that it went through, innermost first."""
    collecting: bool = False
    """It came up while the file was being loaded: none of its tests were run."""
    unreadable: str = ""
    """The file of the workspace that is not even a program."""
    timed_out: bool = False


_ASSERTIONS = re.compile(
    r"""(?:[\w.]+\.)?(?:Jest)?AssertionError\b | assert\b | Failed:(?!\ Timeout)
      | \[XPASS\(strict\)\] | (?:\w*Error:\s*)?expect\( | Snapshot\ """,
    re.VERBOSE,
)
_TIMEOUTS = re.compile(
    r"Failed: Timeout|(?:Error: )?(?:Test|Exceeded) timed? ?out|Error: Timeout of"
)

_BUILT_IN = (
    "NoneType|int|float|str|bytes|bool|list|tuple|dict|set|frozenset|function|method|generator"
    "|coroutine|builtin_function_or_method|ellipsis|complex|range"
)
_OWN = rf"(?!(?:{_BUILT_IN})\b)"
_TSC = r"(?:\S{1,300} (?:- )?)?error "
_NO_TEST = r"(?!(?:[\w.]*\.)?test)"

_MISSING: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), name)
    for pattern, name in (
        # Python
        (r"(?:ModuleNotFound|Import)Error: No module named '([^']+)'", r"\1"),
        (r"ImportError: cannot import name '([^']+)' from '([^']+)'", r"\2.\1"),
        (r"AttributeError: module '([^']+)' has no attribute '([^']+)'", r"\1.\2"),
        (r"AttributeError: module '([^']+)' does not have the attribute '([^']+)'", r"\1.\2"),
        (r"AttributeError: <module '([^']+)'.*> does not have the attribute '([^']+)'", r"\1.\2"),
        (rf"AttributeError: (?:type object )?'{_OWN}(\w+)'(?: object)? has no attribute '(\w+)'",
         r"\1.\2"),
        (rf"TypeError: {_NO_TEST}(\S+)\(\) got an unexpected keyword argument '(\w+)'", r"\1.\2"),
        (rf"TypeError: {_NO_TEST}(\S+)\(\) got some positional-only arguments", r"\1"),
        (rf"TypeError: {_NO_TEST}(\S+)\(\) takes .*positional arguments? but \d+", r"\1"),
        (rf"TypeError: {_NO_TEST}(\S+)\(\) takes no arguments", r"\1"),
        (rf"TypeError: {_NO_TEST}(\S+)\(\) missing \d+ required", r"\1"),
        (rf"TypeError: '{_OWN}(\w+)' object (?:is not|does not support|cannot be)", r"\1"),
        (rf"TypeError: object of type '{_OWN}(\w+)' has no len", r"\1"),
        (rf"TypeError: (?:unsupported operand|'.+' not supported).*'{_OWN}(\w+)'", r"\1"),
        # Node, and what runs on it
        (r"SyntaxError: The requested module '([^']+)' does not provide an export named '([^']+)'",
         r"\1#\2"),
        (r"SyntaxError: Named export '([^']+)' not found\. The requested module '([^']+)'",
         r"\2#\1"),
        (r"(?:Error(?: \[\w+\])?: )?Cannot find (?:module|package) '([^']+)'", r"\1"),
        (r'(?:Error: )?Failed to resolve import "([^"]+)"', r"\1"),
        (r"(?:Error: )?Failed to load url (\S+)", r"\1"),
        (r"Error \[ERR_PACKAGE_PATH_NOT_EXPORTED\]: Package subpath '([^']+)'", r"\1"),
        (r"TypeError: (?!undefined\b|null\b).{0,80}?([\w$][\w$.]*)\)? is not a "
         r"(?:function|constructor)", r"\1"),
        # the TypeScript compiler
        (rf"{_TSC}TS(?:2305|2614|2724): (?:'|Module '\"?)([^'\"]+)\"?' has no exported member"
         r"(?: named)? '([^']+)'", r"\1#\2"),
        (rf"{_TSC}TS2307: Cannot find module '([^']+)'", r"\1"),
        (rf"{_TSC}TS(?:2339|2551): Property '([^']+)' does not exist on type '([^']+)'", r"\2.\1"),
    )
)  # fmt: skip
"""What languages say of a name that is not there, and which one that is."""

_UNKNOWN_NAME = re.compile(r"NameError: name '(\w+)'|ReferenceError: ([\w$]+) is not defined")


def failure(trouble: Trouble, role: Callable[[str], Role]) -> tuple[FailureKind, str]:
    """The kind of a failure and, for `missing_name`, the name; empty for all other kinds."""
    said = trouble.error[:_MOST_READ].lstrip()
    whose = _whose(trouble, role)
    if trouble.timed_out or _TIMEOUTS.match(said):
        return "timeout", ""
    missing = missing_name(said)
    if missing:
        return "missing_name", missing
    unknown = _UNKNOWN_NAME.match(said)
    if unknown and whose != "tests":
        return "missing_name", unknown[1] or unknown[2]
    if trouble.collecting or trouble.unreadable:
        return ("test_error" if whose == "tests" else "collection_error"), ""
    if _ASSERTIONS.match(said):
        return "assertion", ""
    return ("code_error" if whose == "implementation" else "test_error"), ""


def missing_name(error: str) -> str:
    """The name that an error says is not there; empty where it says something else.

    As the runner names it: `shop.cart` and `shop.cart.total` in Python; `./cart.js` and
    `./cart.js#total` in JavaScript; for an argument, `total.rate`.
    """
    for line in error.splitlines()[:20]:
        for pattern, name in _MISSING:
            match = pattern.match(line.strip())
            if match:
                return match.expand(name)
    return ""


def _whose(trouble: Trouble, role: Callable[[str], Role]) -> Role:
    """Whose file it happened in; `other` where nothing tells."""
    files = (trouble.unreadable,) if trouble.unreadable else trouble.frames
    roles = (role(path) for path in files)
    return next((found for found in roles if found != "other"), "other")
