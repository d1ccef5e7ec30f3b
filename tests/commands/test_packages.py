"""Package managers and builders."""

import pytest

from tests.commands.recognising import ran


@pytest.mark.parametrize(
    "text",
    ["pip install x", "pip3 install x", "uv add x", "poetry lock", "npm i -D vitest", "yarn",
     "pnpm add x", "bun add x", "vite build", "webpack", "python -m build", "conda install x"],
)  # fmt: skip
def test_what_installs_or_builds_has_the_role_of_building(text: str) -> None:
    assert [found.role for found in ran(text)] == ["build"]


@pytest.mark.parametrize("text", ["pip list", "npm ls", "uv --version", "poetry show", "npm"])
def test_what_only_looks_has_not(text: str) -> None:
    assert [found.role for found in ran(text)] == ["other"]
