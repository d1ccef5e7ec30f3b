"""Reports as Vitest 3.2, Jest 29.7 and Mocha 11.7 wrote them for one small project."""

import json
from typing import Any

import pytest

from audition.outcome import TestResult
from audition.probing._javascript import JEST, MOCHA, VITEST
from audition.probing._scene import Runner, Scene, Told, results
from audition.project import DEFAULT_PROJECT
from tests.probing.trying import tree_of

FILES = ("src/cart.js", "tests/a.test.js", "tests/b.test.js", "tests/c.test.js")
SCENE = Scene(
    workspace="/sandbox",
    home="/user",
    cwd="",
    tree=tree_of(dict.fromkeys(FILES, "")),
    project=DEFAULT_PROJECT,
)
RUNNER_FRAME = "\n    at file:///sandbox/node_modules/runner/index.js:155:11"


def told(found: list[Told]) -> dict[str, tuple[str, str]]:
    """Outcome or failure, and missing name, by id."""
    tests: tuple[TestResult, ...] = results(found, DEFAULT_PROJECT)
    return {test.id: (test.failure or test.outcome, test.name) for test in tests}


def read(runner: Runner, report: Any) -> dict[str, tuple[str, str]]:
    return told(runner.reads(json.dumps(report).encode(), SCENE))


def jest_file(name: str, tests: dict[str, str | None], message: str = "") -> dict[str, Any]:
    """One file of a report; a test with a text failed with it, one without was skipped."""
    written = [
        {
            "ancestorTitles": ["outer"],
            "title": title,
            "status": "skipped" if said is None else "failed" if said else "passed",
            "failureMessages": [f"{said}{RUNNER_FRAME}"] if said else [],
        }
        for title, said in tests.items()
    ]
    status = "failed" if message or any(tests.values()) else "passed"
    return {
        "name": f"/sandbox/{name}",
        "status": status,
        "message": message,
        "assertionResults": written,
    }


def test_vitest() -> None:
    tests = {
        "ok": "",
        "skipped": None,
        "wrong": "AssertionError: expected +0 to be 1 // Object.is equality\n"
        "    at /sandbox/tests/a.test.js:4:76",
        "code": "TypeError: Cannot read properties of null (reading 'reduce')\n"
        "    at total (/sandbox/src/cart.js:1:38)\n    at /sandbox/tests/a.test.js:4:109",
        "miss": "TypeError: (0 , discount) is not a function\n"
        "    at /sandbox/tests/a.test.js:4:144",
        "own": "ReferenceError: nope is not defined\n    at /sandbox/tests/a.test.js:4:168",
        "slow": "Error: Test timed out in 50ms.\nIf this is a long-running test, pass a timeout",
    }
    files = [
        jest_file("tests/a.test.js", tests),
        jest_file(
            "tests/b.test.js",
            {},
            "Cannot find module '../src/nope.js' imported from '/sandbox/tests/b.test.js'",
        ),
        jest_file(
            "tests/c.test.js",
            {},
            "Parse failure: Expression expected\nAt file: /sandbox/tests/c.test.js:1:35",
        ),
    ]

    assert read(VITEST, {"testResults": files}) == {
        "tests/a.test.js::outer::ok": ("passed", ""),
        "tests/a.test.js::outer::skipped": ("skipped", ""),
        "tests/a.test.js::outer::wrong": ("assertion", ""),
        "tests/a.test.js::outer::code": ("code_error", ""),
        "tests/a.test.js::outer::miss": ("missing_name", "discount"),
        "tests/a.test.js::outer::own": ("test_error", ""),
        "tests/a.test.js::outer::slow": ("timeout", ""),
        "tests/b.test.js": ("missing_name", "../src/nope.js"),
        "tests/c.test.js": ("test_error", ""),
    }


def test_jest() -> None:
    wrong = "Error: expect(received).toBe(expected) // Object.is equality\n\nExpected: 1\n"
    suite = "  ● Test suite failed to run\n\n    "
    files = [
        jest_file(
            "tests/a.test.js",
            {"wrong": f"{wrong}    at Object.toBe (/sandbox/tests/a.test.js:4:76)", "ok": ""},
        ),
        jest_file(
            "tests/b.test.js",
            {},
            f"{suite}SyntaxError: The requested module '../src/cart.js' does not provide an export"
            " named 'discount'\n\n      at Runtime.link (node_modules/jest-runtime/index.js:708:5)",
        ),
        jest_file(
            "tests/c.test.js",
            {},
            f"{suite}Jest encountered an unexpected token\n\n    Details:\n\n"
            "    SyntaxError: /sandbox/tests/c.test.js: Unexpected token (1:8)\n",
        ),
    ]

    assert read(JEST, {"testResults": files}) == {
        "tests/a.test.js::outer::wrong": ("assertion", ""),
        "tests/a.test.js::outer::ok": ("passed", ""),
        "tests/b.test.js": ("missing_name", "../src/cart.js#discount"),
        "tests/c.test.js": ("test_error", ""),
    }


def test_mocha() -> None:
    def test(name: str, stack: str = "") -> dict[str, Any]:
        file = "/sandbox/tests/a.test.js"
        return {"fullTitle": f"outer {name}", "file": file, "err": {"stack": stack}}

    report = {
        "stats": {},
        "passes": [test("ok")],
        "pending": [test("later")],
        "failures": [
            test("wrong", "AssertionError [ERR_ASSERTION]: 0 == 1\n    at /sandbox/x.js:1:2"),
            test(
                '"before each" hook for "x"',
                "TypeError: Cannot read properties of null (reading 'reduce')\n"
                "    at total (file:///sandbox/src/cart.js:1:38)",
            ),
        ],
    }

    assert read(MOCHA, report) == {
        "tests/a.test.js::outer ok": ("passed", ""),
        "tests/a.test.js::outer later": ("skipped", ""),
        "tests/a.test.js::outer wrong": ("assertion", ""),
        'tests/a.test.js::outer "before each" hook for "x"': ("code_error", ""),
    }


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        (
            " Exception during run: Error [ERR_MODULE_NOT_FOUND]: Cannot find module"
            " '/sandbox/src/nope.js' imported from /sandbox/tests/b.test.js\n",
            {"tests/b.test.js": ("missing_name", "src/nope.js")},
        ),
        (
            " Exception during run: SyntaxError: The requested module '../src/cart.js' does not"
            " provide an export named 'disc'\n    at Module._compile (node:internal/x:1:2)\n",
            {
                "the test files could not be loaded": ("missing_name", "../src/cart.js#disc"),
            },
        ),
        (
            "TypeError: Cannot read properties of null (reading 'x')\n"
            "    at file:///sandbox/src/cart.js:1:2\n"
            "    at file:///sandbox/tests/a.test.js:1:2\n",
            {"src/cart.js": ("collection_error", "")},
        ),
    ],
)
def test_a_runner_that_ends_before_its_report_says_why_in_its_output(
    output: str, expected: dict[str, tuple[str, str]]
) -> None:
    found = MOCHA.explains(1, output, SCENE)

    assert isinstance(found, list)
    assert told(found) == expected


@pytest.mark.parametrize("runner", [VITEST, JEST, MOCHA], ids=lambda runner: runner.program)
@pytest.mark.parametrize("report", ["", "7", "[]", "{}", "[" * 100_000, "\udcff"])
def test_a_report_that_is_none_is_refused(runner: Runner, report: str) -> None:
    with pytest.raises(ValueError, match="the report has no"):
        runner.reads(report.encode(errors="surrogateescape"), SCENE)


def test_a_report_of_the_wrong_shapes_holds_no_tests() -> None:
    assert read(VITEST, {"testResults": [7, {}, {"assertionResults": {"a": 1}}]}) == {}
    assert read(MOCHA, {"stats": 1, "passes": {"a": 1}, "failures": None}) == {}
