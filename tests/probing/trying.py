"""Small projects, and a laboratory that probes them in real sandboxes."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from audition.outcome import Probe, Probed, TestResult
from audition.probing import Laboratory
from audition.sandboxes import running_python
from audition.trees import REGULAR, File, Tree, blob_id
from tests.sandboxes.trying import opened

Files = Mapping[str, str]
TOOLCHAINS = tuple(dict.fromkeys(path.resolve() for path in running_python()))
"""Programs of a virtual environment name where it is: a link to it shows them nothing."""
ENVIRONMENT = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
"""The plugins of our own tests would take most of the time."""


def tree_of(files: Files) -> Tree:
    return {path: File(REGULAR, blob_id(text.encode())) for path, text in files.items()}


def laboratory(files: Files, *, kind: str = "bubblewrap", **options: Any) -> Laboratory:
    """One that has these files in store, and nothing else."""
    stored = {blob_id(text.encode()): text for text in files.values()}

    def lay_out(tree: Tree, folder: Path) -> tuple[str, ...]:
        missing = [path for path, file in tree.items() if file.blob not in stored]
        for path, file in tree.items():
            if path not in missing:
                target = folder / path
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_text(stored[file.blob], encoding="utf-8")
        return tuple(missing)

    given = {"toolchains": TOOLCHAINS, "environment": ENVIRONMENT, **options}
    return Laboratory(sandboxes=opened(kind), lay_out=lay_out, **given)


def run(files: Files, command: str = "python -m pytest -q", **options: Any) -> Probed:
    """What a probe of the tests finds."""
    return asyncio.run(laboratory(files, **options).probe(Probe.tests(command, tree_of(files))))


def linted(files: Files, command: str = "ruff check .", **options: Any) -> Probed:
    """What a probe of the linter finds."""
    return asyncio.run(laboratory(files, **options).probe(Probe.lint(command, tree_of(files))))


def by_id(probed: Probed) -> dict[str, TestResult]:
    return {test.id: test for test in probed.tests}


def kinds(probed: Probed) -> dict[str, tuple[str, str]]:
    """Failure and missing name of everything that failed, by id."""
    return {
        test.id: (test.failure or "", test.name)
        for test in probed.tests
        if test.outcome == "failed"
    }
