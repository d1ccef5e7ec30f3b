"""`audition files` lays out what a trial left, at any step, and reaches nothing outside."""

import shutil
from pathlib import Path

import pytest

from tests.conftest import Cli

FILES = Path(__file__).parent.parent / "files"


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return Path(shutil.copy(FILES / "format-2.run.db", tmp_path))


def test_the_files_at_the_end_are_those_that_the_agent_left(run: Path, cli: Cli) -> None:
    said = cli("files", run, "vat-contained#1", "end")

    assert (said.code, said.err) == (0, "")
    assert "def vat_contained" in Path("end/shop/money.py").read_text(encoding="utf-8")
    assert len([p for p in Path("end").rglob("*") if p.is_file()]) == int(said.out.split()[0])


def test_the_files_after_an_event_are_those_of_that_step(run: Path, cli: Cli) -> None:
    cli("files", run, "vat-contained#1", "base", "--after", "0")
    money = Path("base/shop/money.py").read_text(encoding="utf-8")

    assert "def vat_contained" not in money
    assert not list(Path("base/.plans").glob("*vat*"))


def test_a_folder_that_holds_something_is_left_alone(run: Path, cli: Cli) -> None:
    Path("mine").mkdir()
    Path("mine/notes.txt").write_text("mine", encoding="utf-8")

    said = cli("files", run, "vat-contained#1", "mine")

    assert (said.code, said.err) == (2, "mine: is no empty folder; name a new one\n")
    assert [p.name for p in Path("mine").iterdir()] == ["notes.txt"]


@pytest.mark.parametrize("name", ["nothing#1", "vat-contained", "vat-contained#9"])
def test_a_trial_that_is_not_there_is_said_to_be_missing(run: Path, cli: Cli, name: str) -> None:
    said = cli("files", run, name, "out")

    assert said.code == 2
    assert said.err.startswith(f"CASE#N: the run holds no trial '{name}'")


def test_a_trial_in_which_no_agent_worked_has_no_files(tmp_path: Path, run: Path, cli: Cli) -> None:
    shutil.copy(FILES / "format-1.run.db", tmp_path)

    said = cli("files", "format-1.run.db", "refunds#1", "out")

    assert said.code == 2
    assert "no agent worked" in said.err
