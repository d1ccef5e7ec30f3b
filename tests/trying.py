"""Answers to what a check asks the harness for: pytest and ruff, really run in the texts of a tree.

pytest runs in a fork of this process, so that a run costs a tenth of what starting it would, and
reports through its own hooks. `tried` is a check's score after all it asked for was run.
"""

import json
import multiprocessing
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from functools import cache
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import pytest

from audition.events import FailureKind
from audition.evidence import Check, Evidence
from audition.outcome import LintFinding, Probe, Probed, TestResult
from audition.project import Project
from audition.score import Score
from tests.working import judged

PROJECT = Project(lint_command="ruff check .")
_MISSING = re.compile(
    r"No module named '(?P<module>[\w.]+)'|cannot import name '(?P<name>\w+)'"
    r"|has no attribute '(?P<attribute>\w+)'|unexpected keyword argument '(?P<keyword>\w+)'"
)
_NOTHING: dict[int, FailureKind] = {4: "usage", 5: "no_tests"}


def tried(check: Check, evidence: Evidence) -> Score:
    """The score, with every run that the check asks for really made."""
    return judged(check, evidence, answer)


def answer(probe: Probe, files: Mapping[str, str]) -> Probed:
    """What pytest or ruff finds in these files."""
    run = _tests if probe.kind == "tests" else _findings
    return run(tuple(sorted(files.items())))


@cache
def _tests(files: tuple[tuple[str, str], ...]) -> Probed:
    with tempfile.TemporaryDirectory() as folder:
        _lay_out(files, Path(folder))
        ours, theirs = multiprocessing.Pipe(duplex=False)
        fork = multiprocessing.get_context("fork").Process(target=_pytest, args=(folder, theirs))
        fork.start()
        theirs.close()
        code, results = ours.recv()
        fork.join()
    return Probed(exit_code=code, failure=_NOTHING.get(code), tests=tuple(results))


@cache
def _findings(files: tuple[tuple[str, str], ...]) -> Probed:
    with tempfile.TemporaryDirectory() as folder:
        _lay_out(files, Path(folder))
        ruff = Path(sys.executable).with_name("ruff")
        command = [str(ruff), "check", "--no-cache", "--output-format=json", "."]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        if done.returncode > 1:
            return Probed(exit_code=done.returncode, failure="usage", output=done.stderr)
        findings = tuple(
            LintFinding(
                os.path.relpath(found["filename"], os.path.realpath(folder)),
                found["code"] or "syntax", found["message"], found["location"]["row"],
            )
            for found in json.loads(done.stdout)
        )  # fmt: skip
    return Probed(exit_code=done.returncode, findings=findings)


def _lay_out(files: tuple[tuple[str, str], ...], root: Path) -> None:
    for path, text in files:
        place = root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8")


def _pytest(folder: str, answers: Connection) -> None:
    """In the fork: run the tests as a fresh process would, and send what came of them."""
    os.chdir(folder)
    for name in [name for name in sys.modules if re.match(r"(tests|conftest|shop)(\.|$)", name)]:
        del sys.modules[name]
    sys.path[:] = [folder, *(place for place in sys.path if place)]
    sys.dont_write_bytecode = True
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, 1)
    os.dup2(nothing, 2)
    sys.stdout = sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    seen = _Seen()
    options = ["-q", "-p", "no:cacheprovider", "-p", "no:faulthandler", f"--rootdir={folder}"]
    code = int(pytest.main(options, plugins=[seen]))
    answers.send((code, seen.results))
    answers.close()
    os._exit(0)


class _Seen:
    """A plug-in that keeps the result of every test."""

    def __init__(self) -> None:
        self.results: list[TestResult] = []

    def pytest_collectreport(self, report: Any) -> None:
        """A file that could not be collected."""
        if report.failed:
            kind, name = _kind(str(report.longrepr), collecting=True)
            said = "; ".join(re.findall(r"^E +(.*)$", str(report.longrepr), re.M))
            self.results.append(TestResult(report.nodeid, "failed", kind, name, said))

    def pytest_runtest_logreport(self, report: Any) -> None:
        """A test that ran, or that its set-up kept from running."""
        if report.when != "call" and report.passed:
            return
        text = str(report.longrepr) if report.failed else ""
        kind, name = _kind(text, collecting=False) if text else (None, "")
        self.results.append(TestResult(report.nodeid, report.outcome, kind, name))


def _kind(text: str, *, collecting: bool) -> tuple[FailureKind, str]:
    if missing := _MISSING.search(text):
        return "missing_name", next(group for group in missing.groups() if group)
    if "SyntaxError" in text or collecting:
        return "collection_error", ""
    if "AssertionError" in text or "DID NOT RAISE" in text or re.search(r"^E +assert ", text, re.M):
        return "assertion", ""
    last = re.findall(r"^(\S+\.py):\d+: ", text, re.M)
    return ("code_error" if last and not last[-1].startswith("tests/") else "test_error"), ""
