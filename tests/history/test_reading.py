import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from audition.errors import NothingSelectedError
from audition.history.reading import read_runs
from tests.history.nights import Nights, write_trials


def test_what_cannot_be_read_is_named_with_the_reason(nights: Nights) -> None:
    nights.add({})
    newer = nights.add({}).path
    with sqlite3.connect(newer) as database:
        database.execute("PRAGMA user_version = 99")
    (nights.folder / "junk.run.db").write_text("junk", encoding="utf-8")
    (nights.folder / "folder.run.db").mkdir()

    found = read_runs(nights.folder)
    reasons = {skip.name: skip.reason for skip in found.skipped}
    assert len(found.runs) == 1
    assert reasons.keys() == {newer.name, "junk.run.db", "folder.run.db"}
    assert "install a newer audition" in reasons[newer.name]
    assert "not a run file" in reasons["junk.run.db"]


def test_a_trial_of_an_unknown_case_makes_a_file_unreadable(nights: Nights) -> None:
    run = nights.add({})
    strange = [replace(trial, case="stranger") for trial in run.trials]
    write_trials(nights.folder / "strange.run.db", run.record, nights.cases, strange)

    (skipped,) = read_runs(nights.folder).skipped
    assert "stranger" in skipped.reason


def test_old_formats_are_read(nights: Nights) -> None:
    files = Path(__file__).parent.parent / "files"
    for old in files.glob("*.run.db"):
        (nights.folder / old.name).write_bytes(old.read_bytes())

    found = read_runs(nights.folder)
    assert len(found.runs) == 2
    assert found.skipped == ()


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({}, "holds no run file"),
        ({"suite": "other"}, "holds no run file"),
    ],
)
def test_an_empty_folder_says_what_to_do(
    nights: Nights, options: dict[str, str], reason: str
) -> None:
    with pytest.raises(NothingSelectedError, match=reason) as raised:
        read_runs(nights.folder, **options)

    assert "audition run --nightly" in str(raised.value)
    assert raised.value.exit_code == 5


def test_a_selection_that_leaves_nothing_says_what_there_is(nights: Nights) -> None:
    nights.add({})

    with pytest.raises(NothingSelectedError, match="they are of routing, the newest of 2026-09-01"):
        read_runs(nights.folder, suite="behaviour")
    with pytest.raises(NothingSelectedError, match="an earlier --since"):
        read_runs(nights.folder, since="2026-09-02")


def test_only_unreadable_files_are_nothing_and_are_named(tmp_path: Path) -> None:
    (tmp_path / "junk.run.db").write_text("junk", encoding="utf-8")

    with pytest.raises(NothingSelectedError, match="no run file that can be read") as raised:
        read_runs(tmp_path)
    assert "junk.run.db" in str(raised.value)


def test_a_day_selects_the_runs_from_then_on(nights: Nights) -> None:
    nights.repeat({}, times=3)

    assert len(read_runs(nights.folder, since="2026-09-02").runs) == 2
