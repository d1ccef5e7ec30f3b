"""A small project as a template, and what is needed to try a workspace of it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from audition.sandboxes import Sandboxes
from audition.workspaces.template import Template
from tests.sandboxes.trying import opened
from tests.workspaces.making import Desk, desk_of, make_template


@pytest.fixture
def template(tmp_path: Path) -> Template:
    return make_template(tmp_path / "template")


@pytest.fixture
def sandboxes() -> Sandboxes:
    return opened("bubblewrap")


@pytest.fixture
def desk(template: Template, sandboxes: Sandboxes) -> Iterator[Desk]:
    with desk_of(template, sandboxes) as made:
        yield made
