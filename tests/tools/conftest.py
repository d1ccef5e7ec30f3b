"""A desk of temporary folders, and one with a real sandbox around it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.tools.bench import Desk, desk_behind, desk_in


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return desk_in(tmp_path)


@pytest.fixture
def walled() -> Iterator[Desk]:
    with desk_behind("bubblewrap") as made:
        yield made
