"""Tests of JavaScript and TypeScript: Vitest, Jest and Mocha."""

import re
from typing import Any

from audition.events import FailureKind
from audition.outcome import TestOutcome
from audition.probing._files import decoded, items, mapping, text
from audition.probing._invocation import Invocation
from audition.probing._scene import MOST_TESTS, Runner, Scene, Told
from audition.probing._stack import ERROR, trouble

_IMPORTER = re.compile(r"imported from '?([^\s']+)'?")
_OUTCOMES: dict[str, TestOutcome] = {"passed": "passed", "failed": "failed"}


def _ask_vitest(invocation: Invocation, report: str) -> str:
    return invocation.text(last=("--reporter=json", f"--outputFile.json={report}"))


def _ask_jest(invocation: Invocation, report: str) -> str:
    return invocation.text(last=("--json", f"--outputFile={report}"))


def _read_jest(content: bytes, scene: Scene) -> list[Told]:
    """Jest's `--json`; Vitest's reporter `json` writes the same."""
    document = decoded(content)
    if not isinstance(document, dict) or "testResults" not in document:
        raise ValueError("the report has no results")
    told: list[Told] = []
    for file in map(mapping, items(document["testResults"])):
        path = scene.path(text(file.get("name")))
        tests = [mapping(test) for test in items(file.get("assertionResults"))]
        told += [_told_by_jest(test, path, scene) for test in tests[: MOST_TESTS - len(told)]]
        if file.get("status") == "failed" and not any(
            test.get("status") == "failed" for test in tests
        ):
            found = trouble(text(file.get("message"), 8000), scene, collecting=not tests)
            told.append(Told(path=path, names=(), outcome="failed", trouble=found))
    return told


def _told_by_jest(test: dict[str, Any], path: str, scene: Scene) -> Told:
    groups = tuple(text(name) for name in items(test.get("ancestorTitles")))
    outcome = _OUTCOMES.get(text(test.get("status")), "skipped")
    said = "\n".join(text(message, 8000) for message in items(test.get("failureMessages"))[:3])
    return Told(
        path=path,
        names=(*groups, text(test.get("title"))),
        outcome=outcome,
        trouble=trouble(said, scene) if outcome == "failed" else None,
    )


def _ask_mocha(invocation: Invocation, report: str) -> str:
    asked = ("--reporter", "json", "--reporter-option", f"output={report}")
    return invocation.text(last=asked)


def _read_mocha(content: bytes, scene: Scene) -> list[Told]:
    document = mapping(decoded(content))
    if "stats" not in document:
        raise ValueError("the report has no statistics")
    told: list[Told] = []
    lists: tuple[tuple[str, TestOutcome], ...] = (
        ("passes", "passed"), ("pending", "skipped"), ("failures", "failed"),
    )  # fmt: skip
    for key, outcome in lists:
        for test in map(mapping, items(document.get(key))[: MOST_TESTS - len(told)]):
            error = mapping(test.get("err"))
            said = text(error.get("stack"), 8000) or text(error.get("message"))
            told.append(
                Told(
                    path=scene.path(text(test.get("file"))),
                    names=(text(test.get("fullTitle")),),
                    outcome=outcome,
                    trouble=trouble(said, scene) if outcome == "failed" else None,
                )
            )
    return told


def _explain_script(code: int | None, output: str, scene: Scene) -> FailureKind | list[Told]:
    """A runner that ends where a test file cannot be loaded says so only in its output."""
    if "Unknown option" in output or "Unknown argument" in output or "Unrecognized" in output:
        return "usage"
    if code == 0 or not ERROR.search(output):
        return "no_tests"
    found = trouble(output[-20_000:], scene, collecting=True)
    importer = _IMPORTER.search(found.error)
    path = found.unreadable or scene.path(importer[1] if importer else "")
    path = path or next(iter(found.frames), "")
    names = () if path else ("the test files could not be loaded",)
    return [Told(path=path, names=names, outcome="failed", trouble=found)]


VITEST = Runner(program="vitest", asks=_ask_vitest, reads=_read_jest, explains=_explain_script)
JEST = Runner(program="jest", asks=_ask_jest, reads=_read_jest, explains=_explain_script)
MOCHA = Runner(program="mocha", asks=_ask_mocha, reads=_read_mocha, explains=_explain_script)
