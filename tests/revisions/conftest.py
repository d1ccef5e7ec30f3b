from pathlib import Path

import pytest

from tests.revisions.repositories import Repository, make_repository


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repository:
    """A repository with a suite, and the current folder is its top."""
    made = make_repository(tmp_path / "shop")
    monkeypatch.chdir(made.root)
    return made
