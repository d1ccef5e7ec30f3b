"""Run by the Python of the workspace in place of `-m unittest`: the same, and a report.

    python inside_unittest.py REPORT [what unittest takes]

It is a program of its own and needs only the standard library of that Python.
"""

from __future__ import annotations

import json
import os
import sys
import traceback
import unittest
from typing import Any, ClassVar

FAILED_TO_LOAD = "_FailedTest"


class Result(unittest.TextTestResult):
    """Keeps what became of every test."""

    report: ClassVar[list[dict[str, object]]] = []

    def note(self, test: object, outcome: str, text: str = "") -> None:
        """Keep one."""
        kind = type(test)
        module = sys.modules.get(kind.__module__)
        name = str(getattr(test, "_testMethodName", test))
        loads = kind.__name__ == FAILED_TO_LOAD
        self.report.append(
            {
                "module": name if loads else kind.__module__,
                "file": "" if loads else getattr(module, "__file__", None) or "",
                "names": [] if loads else [*kind.__qualname__.split("."), name],
                "outcome": outcome,
                "text": text,
            }
        )

    def addSuccess(self, test: Any) -> None:  # noqa: D102, N802
        super().addSuccess(test)
        self.note(test, "passed")

    def addError(self, test: Any, err: Any) -> None:  # noqa: D102, N802
        super().addError(test, err)
        self.note(test, "failed", "".join(traceback.format_exception(*err)))

    def addFailure(self, test: Any, err: Any) -> None:  # noqa: D102, N802
        super().addFailure(test, err)
        self.note(test, "failed", "".join(traceback.format_exception(*err)))

    def addSubTest(self, test: Any, subtest: Any, err: Any) -> None:  # noqa: D102, N802
        super().addSubTest(test, subtest, err)
        if err is not None:
            self.note(test, "failed", "".join(traceback.format_exception(*err)))

    def addSkip(self, test: Any, reason: Any) -> None:  # noqa: D102, N802
        super().addSkip(test, reason)
        self.note(test, "skipped")

    def addExpectedFailure(self, test: Any, err: Any) -> None:  # noqa: D102, N802
        super().addExpectedFailure(test, err)
        self.note(test, "skipped")

    def addUnexpectedSuccess(self, test: Any) -> None:  # noqa: D102, N802
        super().addUnexpectedSuccess(test)
        self.note(test, "failed", "AssertionError: it was expected to fail, and passed")


class Runner(unittest.TextTestRunner):
    """Writes the report once everything was run."""

    resultclass = Result  # type: ignore[assignment]

    def run(self, test: Any) -> Any:  # noqa: D102
        result = super().run(test)
        with open(REPORT, "w", encoding="utf-8") as file:  # noqa: PTH123
            json.dump(Result.report, file)
        return result


if __name__ == "__main__":
    REPORT = sys.argv.pop(1)
    # As `-m` has it: modules are found from where the command starts.
    sys.path[0] = os.getcwd()  # noqa: PTH109
    sys.argv[0] = "python -m unittest"
    unittest.main(module=None, testRunner=Runner)
