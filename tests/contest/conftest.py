from pathlib import Path

import pytest

from tests.contest.gates import Shop, make_shop


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shop:
    """A repository with a routing suite of a dozen cases; the current folder is its top."""
    made = make_shop(tmp_path / "shop")
    monkeypatch.chdir(made.root)
    return made
