"""Every kind of sandbox, and the one that keeps commands in."""

from collections.abc import Iterator

import pytest

from tests.sandboxes.trying import Booth, booth_of


@pytest.fixture(params=["bubblewrap", "local"])
def booth(request: pytest.FixtureRequest) -> Iterator[Booth]:
    with booth_of(request.param) as made:
        yield made


@pytest.fixture
def cell() -> Iterator[Booth]:
    with booth_of("bubblewrap") as made:
        yield made


@pytest.fixture
def mark(request: pytest.FixtureRequest) -> str:
    """A word that stands in the command lines of one test alone."""
    return f"mark-of-{abs(hash(request.node.nodeid))}"
