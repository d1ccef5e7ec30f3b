"""Sources: the tests and the code in one source file, read from its bytes and never run.

    tests_of("tests/test_cart.py", content)       {"TestCart::test_total": "5f1c…", …}
    assertions_of("test/cart.test.ts", content)   ("assert.equal(total, 3)", …)
    skipped_tests("tests/test_cart.py", content)  {"test_later"}
    code_lines("shop/cart.py", content)           ("class Cart:", "def total(self):", …)

Python (`.py`) is read with the standard library's own parser, JavaScript and TypeScript with tree-
sitter. A file that does not parse is read as far as it can be; one that is costly to parse has
lines and nothing else. Every other file, and one above `LARGEST` bytes, holds nothing. Files come
from a workspace in which a model wrote: whatever bytes they hold, nothing here raises.

A test file that imports `tests_of` by its name would have it collected by pytest as a test:
write `sources.tests_of` there.
"""

from functools import lru_cache
from pathlib import PurePosixPath

from audition.sources import javascript, python
from audition.sources.reading import Reading

LARGEST = 1 << 20
"""Bytes of the largest file that is read."""

_NOTHING = Reading()


def tests_of(path: str, content: bytes) -> dict[str, str]:
    """The tests that a file defines, by name, each with a digest of its own source.

    Names are those of the runner: `TestCart::test_total` in Python, `suite > title` in JavaScript,
    with ` #2` behind the second of two equal ones. Comments and layout do not change a digest;
    decorators do, since they hold the parameters.
    """
    return dict(_reading(path, content).tests)


def assertions_of(path: str, content: bytes) -> tuple[str, ...]:
    """The assertions of a file in their order, without comments and layout."""
    return _reading(path, content).assertions


def skipped_tests(path: str, content: bytes) -> frozenset[str]:
    """The tests whose source says that they do not count.

    Marked as skipped, as expected to fail or as to be done, also by their class, suite or module,
    and those that another test's `only` shuts out. A condition (`skipif`) counts as a mark.
    """
    return _reading(path, content).skipped


def code_lines(path: str, content: bytes) -> tuple[str, ...]:
    """The lines of a file that do something, stripped, in their order.

    Left out are blank lines, comments, docstrings, lines of nothing but brackets, and stubs: a
    function with its signature where its whole body is a docstring, `pass`, `...`,
    `raise NotImplementedError`, a throw of `not implemented`, or empty; a class of nothing else.
    """
    return _reading(path, content).lines


@lru_cache(maxsize=32)  # the four questions are asked of one file after the other
def _reading(path: str, content: bytes) -> Reading:
    if len(content) > LARGEST:
        return _NOTHING
    ending = PurePosixPath(path).suffix.lower()
    if ending == ".py":
        return python.read(content)
    return javascript.read(content, ending) if ending in javascript.ENDINGS else _NOTHING
