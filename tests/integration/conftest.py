"""The server that others wrote, for the command line as well; and runs against any server."""

import pytest

from tests.conftest import Cli, Project, Spoken
from tests.integration.jobs import KEY, OUT, Audition
from tests.models.conftest import aimock as aimock


@pytest.fixture
def play(project: Project, cli: Cli, monkeypatch: pytest.MonkeyPatch) -> Audition:
    """Runs the project's suite against a server, with a key set."""
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
    monkeypatch.setenv("HOME", str(project.root))

    def run(url: str, *options: str, out: str = OUT) -> Spoken:
        return cli("run", "suite.yaml", "--base-url", url, "--out", out, *options)

    return run
