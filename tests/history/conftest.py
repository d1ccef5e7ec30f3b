from pathlib import Path

import pytest

from tests.history.nights import Nights


@pytest.fixture
def nights(tmp_path: Path) -> Nights:
    """An empty folder of nights."""
    return Nights(tmp_path)
