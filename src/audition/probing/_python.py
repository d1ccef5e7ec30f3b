"""Tests of Python: pytest, and the standard library's own runner."""

import re
from dataclasses import replace

from audition.events import FailureKind
from audition.outcome import TestOutcome
from audition.probing._failures import Trouble
from audition.probing._files import decoded, items, mapping, text
from audition.probing._invocation import Invocation
from audition.probing._junit import Case, cases
from audition.probing._scene import MOST_TESTS, Runner, Scene, Told

_USAGE, _NOTHING_COLLECTED = 4, 5
_CHAINED = re.compile(
    r"^(?:The above exception was the direct cause of the following exception:"
    r"|During handling of the above exception, another exception occurred:)$",
    re.MULTILINE,
)
_SHORT_FRAME = re.compile(r"^(\S[^\n]*?):\d+: in ", re.MULTILINE)
_FRAME = re.compile(r'^ +File "([^"\n]+)", line \d+, in ', re.MULTILINE)
_UNREADABLE = re.compile(
    r'^(?:E  )? +File "([^"\n]+)", line \d+\n(?:[^\n]*\n){0,4}?(?:E +)?'
    r"(?:SyntaxError|IndentationError|TabError): ",
    re.MULTILINE,
)
_SAID = re.compile(r"^E  (?: ?)([^\n]*)$", re.MULTILINE)
_LAST_LINE = re.compile(r"^(?=[A-Za-z_])[\w.]+(?:: [^\n]*)?$", re.MULTILINE)
_CONFTEST = re.compile(r"^ImportError while loading conftest '([^'\n]+)'", re.MULTILINE)
_OUTCOMES: dict[str, TestOutcome] = {"passed": "passed", "skipped": "skipped"}


def _ask_pytest(invocation: Invocation, report: str) -> str:
    # The last word counts, so these come after the user's own.
    asked = (f"--junitxml={report}", "-o", "junit_family=xunit1", "--tb=short", "--color=no")
    return invocation.text(last=(*asked, "-o", "cache_dir=/tmp/pytest-cache"))


def _read_junit(content: bytes, scene: Scene) -> list[Told]:
    return [_told(case, scene) for case in cases(content)]


def _told(case: Case, scene: Scene) -> Told:
    path, names = _place(case, scene)
    if case.ending in (None, "skipped"):
        return Told(path=path, names=names, outcome="skipped" if case.ending else "passed")
    internal = (case.classname, case.name) == ("pytest", "internal")
    collecting = case.message == "collection failure" or internal
    trouble = short_traceback(case.text, scene, collecting=collecting)
    message = trouble.error if trouble.error and collecting else case.message
    return Told(
        path=path,
        names=names if internal or not collecting else (),
        outcome="failed",
        trouble=trouble if trouble.error else replace(trouble, error=case.message),
        message=message,
    )


def _place(case: Case, scene: Scene) -> tuple[str, tuple[str, ...]]:
    """The file of a test, and the classes around it with its name.

    The dotted name comes first: it is made from the id. The file is that of the source, which for
    an inherited test is another one.
    """
    dotted = case.classname.split(".") if case.classname else case.name.split(".")
    offset = scene.cwd.split("/") if scene.cwd else []
    for start in (offset, []):
        for end in range(len(dotted), 0, -1):
            path = scene.module(".".join([*start, *dotted[:end]]))
            if path:
                return path, (*dotted[end:], case.name) if case.classname else ()
    names = (case.classname, case.name) if case.classname else (case.name,)
    return scene.path(case.file), names


def short_traceback(said: str, scene: Scene, *, collecting: bool = False) -> Trouble:
    """What pytest prints with `--tb=short`; of chained errors the last."""
    last = _CHAINED.split(said)[-1]
    lines = _SAID.findall(last)
    unreadable = _UNREADABLE.search(last)
    if unreadable:
        lines = lines[next((i for i, line in enumerate(lines) if "Error: " in line), 0) :]
    return Trouble(
        error="\n".join(lines),
        frames=scene.paths(reversed(_SHORT_FRAME.findall(last))),
        collecting=collecting,
        unreadable=scene.path(unreadable[1]) if unreadable else "",
    )


def _explain_pytest(code: int | None, output: str, scene: Scene) -> FailureKind | list[Told]:
    conftest = _CONFTEST.search(output)
    if conftest and scene.path(conftest[1]):
        trouble = short_traceback(output[conftest.start() :], scene, collecting=True)
        path = scene.path(conftest[1])
        return [Told(path=path, names=(), outcome="failed", trouble=trouble, message=trouble.error)]
    return "usage" if code == _USAGE else "no_tests"


def _ask_unittest(invocation: Invocation, report: str) -> str:
    home = report.rpartition("/")[0]
    return invocation.instead(f"{home}/{UNITTEST.gear}", report)


def _read_unittest(content: bytes, scene: Scene) -> list[Told]:
    document = decoded(content)
    if not isinstance(document, list):
        raise ValueError("the report is no list")
    return [_told_by_unittest(mapping(one), scene) for one in document[:MOST_TESTS]]


def _told_by_unittest(one: dict[str, object], scene: Scene) -> Told:
    outcome = _OUTCOMES.get(text(one.get("outcome")), "failed")
    names = tuple(text(name) for name in items(one.get("names")))
    path = scene.path(text(one.get("file")))
    if not path:
        path = scene.module(text(one.get("module")))
    if outcome != "failed":
        return Told(path=path, names=names, outcome=outcome)
    trouble = traceback(text(one.get("text"), 40_000), scene, collecting=not names)
    return Told(path=path, names=names, outcome=outcome, trouble=trouble, message=trouble.error)


def traceback(said: str, scene: Scene, *, collecting: bool = False) -> Trouble:
    """What Python itself prints; of chained errors the last."""
    last = _CHAINED.split(said)[-1]
    unreadable = _UNREADABLE.search(last)
    ends = list(_LAST_LINE.finditer(last))
    # The frames come before the error: what follows is its own text.
    after = last.rfind("\n  File ")
    start = next((end.start() for end in ends if end.start() > after), 0)
    return Trouble(
        error=last[start:],
        frames=scene.paths(reversed(_FRAME.findall(last))),
        collecting=collecting,
        unreadable=scene.path(unreadable[1]) if unreadable else "",
    )


def _explain_unittest(code: int | None, output: str, _: Scene) -> FailureKind | list[Told]:
    return "usage" if code == 2 and "usage:" in output else "no_tests"


PYTEST = Runner(program="pytest", asks=_ask_pytest, reads=_read_junit, explains=_explain_pytest)
UNITTEST = Runner(
    program="unittest",
    asks=_ask_unittest,
    reads=_read_unittest,
    explains=_explain_unittest,
    gear="inside_unittest.py",
)
