"""`audition doctor`: what works here, how to mend what does not, and never a secret."""

from importlib.metadata import version
from pathlib import Path

import pytest

from audition.version import __version__
from tests.conftest import Cli

KEY = "key-0123456789-of-nobody"


def line(text: str, what: str) -> str:
    """The line about one thing."""
    (found,) = [line for line in text.splitlines() if line[8:].startswith(what)]
    return found


@pytest.fixture(autouse=True)
def _in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_a_sound_machine_has_what_every_run_needs(cli: Cli) -> None:
    said = cli("doctor")

    assert said.code == 0
    assert __version__ in line(said.out, "audition")
    for package in ("anthropic", "pydantic", "pandas", "bm25s", "jinja2", "rich"):
        assert line(said.out, package).startswith("ok")
        assert version(package) in line(said.out, package)
    assert "write-ahead logging" in line(said.out, "run files")


def test_a_missing_key_is_no_error_and_says_what_needs_one(cli: Cli) -> None:
    said = cli("doctor")

    assert line(said.out, "API key").startswith("missing")
    assert "ANTHROPIC_API_KEY" in said.out
    assert said.code == 0


@pytest.mark.parametrize("name", ["ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN"])
def test_a_key_is_reported_and_never_shown(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, KEY)
    said = cli("doctor")

    assert line(said.out, "API key").split() == ["ok", "API", "key", "set"]
    assert KEY not in said.out + said.err


def test_a_missing_git_says_what_is_lost_without_it(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    said = cli("doctor")

    assert line(said.out, "git").startswith("missing")
    assert "install git" in said.out
    assert said.code == 0


def test_a_folder_in_which_no_run_file_can_be_written_is_an_error_with_a_way_out(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir("/proc")  # not even root writes there
    said = cli("doctor")

    assert line(said.out, "run files").startswith("broken")
    assert "cannot write in /proc" in said.out
    assert "--out" in said.out
    assert said.code == 1


def test_it_leaves_nothing_behind(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "reports").mkdir()
    cli("doctor")

    assert [path.name for path in tmp_path.rglob("*")] == ["reports"]
