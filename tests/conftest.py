"""What many tests start from: the command line, and a small setup with a suite."""

import os
import sys
from collections.abc import Callable, Generator
from dataclasses import dataclass
from pathlib import Path

import pytest

from audition.cli import main

BACKEND = """\
---
name: backend
description: "Builds endpoints and database access.\\n\\nExamples:\\n\\n\
- User: \\"Add an endpoint for refunds\\"\\n  Assistant: \\"I use the backend agent.\\""
tools: Read, Bash
---

You build the server side. Tests first.
"""
FRONTEND = """\
---
name: frontend
description: Builds pages, styles and components in the browser.
---

You build pages.
"""
WRITER = """\
---
name: writer
description: Writes guides and release notes.
---

You write for people.
"""
SUITE = """\
setup: .
dataset: cases.yaml
model: simulated
trials: 2
"""
CASES = """\
cases:
  - id: refunds
    request: Let customers ask for a refund through the API
    expect: [{routes_to: backend}]
    tags: [server]
  - id: dark-mode
    request: Give the pages a dark theme
    expect: [{routes_to: frontend}]
    tags: [browser]
  - id: question
    request: What does HTTP 409 mean?
    expect: [no_delegation]
"""


@dataclass(frozen=True)
class Spoken:
    """What a command said, and how it ended."""

    code: int
    out: str
    err: str


@dataclass(frozen=True)
class Project:
    """A folder with a setup, a dataset and a suite."""

    root: Path

    def write(self, path: str, text: str) -> Path:
        """Write a file of the project."""
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
        return target

    def edit(self, path: str, old: str, new: str) -> None:
        """Change a file of the project, which has to hold the old text."""
        text = (self.root / path).read_text(encoding="utf-8")
        assert old in text
        self.write(path, text.replace(old, new))


Cli = Callable[..., Spoken]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A small project, and the current folder is its root."""
    made = Project(tmp_path / "project")
    made.write("agents/backend.md", BACKEND)
    made.write("agents/frontend.md", FRONTEND)
    made.write("agents/writer.md", WRITER)
    made.write("CLAUDE.md", "Answer questions yourself. See @docs/house.md for the rest.\n")
    made.write("docs/house.md", "Commit small.\n")
    made.write("suite.yaml", SUITE)
    made.write("cases.yaml", CASES)
    monkeypatch.chdir(made.root)
    return made


@pytest.fixture
def cli(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Cli:
    """The command line, in this process."""
    for name in ("ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_BASE_URL", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)

    def call(*arguments: str | Path) -> Spoken:
        monkeypatch.setattr(sys, "argv", ["audition", *map(str, arguments)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        return Spoken(int(ended.value.code or 0), said.out, said.err)

    return call


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Where everything can be installed nothing is skipped: there a skip is a failure."""
    report = yield
    if report.skipped and os.environ.get("AUDITION_TESTS_SKIP_NOTHING"):
        report.outcome = "failed"
        report.longrepr = f"skipped where nothing may be: {call.excinfo and call.excinfo.value}"
    return report
