"""Tests of Node's own runner.

Its JUnit reporter does not say which file a test is from, so it is given a reporter of ours. Node
keeps each test file in a process of its own; what one cannot load is told in what it printed.
"""

from dataclasses import replace
from typing import Any

from audition.events import FailureKind
from audition.outcome import TestOutcome
from audition.probing._failures import Trouble
from audition.probing._files import decoded, mapping, text
from audition.probing._invocation import Invocation
from audition.probing._scene import MOST_TESTS, Runner, Scene, Told
from audition.probing._stack import trouble

_BAD_OPTION, _TIMED_OUT = 9, "testTimeoutFailure"
_ITS_OWN = frozenset({"subtestsFailed"})


def _takes_node(invocation: Invocation) -> bool:
    return "--test" in invocation.values


def _ask_node(invocation: Invocation, report: str) -> str:
    reporter = f"{report.rpartition('/')[0]}/{NODE.gear}"
    asked = (f"--test-reporter={reporter}", f"--test-reporter-destination={report}")
    # Node wants as many destinations as reporters.
    others = ("--test-reporter", "--test-reporter-destination")
    return invocation.without(*others).text(first=asked)


def _read_node(content: bytes, scene: Scene) -> list[Told]:
    told: list[Told] = []
    groups: dict[str, list[str]] = {}
    full: set[tuple[str, ...]] = set()
    ended = False
    for line in content.splitlines():
        event = mapping(decoded(line))
        file, name, depth = text(event.get("file")), text(event.get("name")), event.get("nesting")
        ended = ended or event.get("event") == "end"
        if not isinstance(depth, int) or not 0 <= depth < 100:
            continue
        names = groups.setdefault(file, [])
        if event.get("event") == "start":
            del names[depth:]
            full.add((file, *names))
            names.append(name)
        elif len(told) < MOST_TESTS:
            key = (file, *names[:depth], name)
            told += _told_by_node(event, key, key in full, scene)
    if not ended:
        raise ValueError("the report breaks off")
    return told


def _told_by_node(
    event: dict[str, Any], key: tuple[str, ...], is_full: bool, scene: Scene
) -> list[Told]:
    """One test; nothing for a group or a file that has no failure of its own."""
    file, *names = key
    path, passed = scene.path(file), event.get("event") == "pass"
    error = mapping(event.get("error"))
    is_file = len(names) == 1 and bool(path) and scene.path(names[0]) == path
    is_group = is_file or is_full or event.get("suite") is True
    if is_group and (passed or error.get("type") in _ITS_OWN):
        return []
    if event.get("skipped") or passed:
        outcome: TestOutcome = "skipped" if event.get("skipped") else "passed"
        return [Told(path=path, names=tuple(names), outcome=outcome)]
    said = text(event.get("printed"), 8000) if is_file else text(error.get("text"), 8000)
    found = trouble(said or text(error.get("message")), scene, collecting=is_file)
    if error.get("type") == _TIMED_OUT:
        found = Trouble(error=found.error, timed_out=True)
    shown = () if is_file else tuple(names)
    return [Told(path=path, names=shown, outcome="failed", trouble=found)]


def _explain_node(code: int | None, output: str, scene: Scene) -> FailureKind | list[Told]:
    if code == _BAD_OPTION or "Could not find '" in output:
        return "usage"
    return "no_tests"


NODE = Runner(
    program="node",
    asks=_ask_node,
    reads=_read_node,
    explains=_explain_node,
    takes=_takes_node,
    gear="inside_reporter.mjs",
)
TSX = replace(NODE, program="tsx")
