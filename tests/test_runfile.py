import sqlite3
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from audition.codec import pack, pack_trace, unpack_trace
from audition.errors import BusyError, FileFormatError
from audition.events import AnyEvent
from audition.evidence import Evidence
from audition.record import CaseRecord, RunRecord, RunState, Trial
from audition.runfile import (
    Planned,
    load,
    results_path,
    stored_trials,
)
from audition.runstore import FILE_FORMAT
from audition.runwriter import open_writer
from audition.score import Score
from tests.making import delegating
from tests.working import BASE, Work

RECORD = RunRecord(
    suite="routing",
    suite_path="evals/routing.yaml",
    datasets=("datasets/routing.yaml",),
    setup="evals",
    setup_digest="d1",
    routing_digest="d2",
    model="simulated",
    nature="scripted",
    runtime="messages",
    loop_version=1,
    audition_version="0.1.0",
    trials=2,
    command="audition run evals/routing.yaml",
    started_at="2026-11-24T08:00:00+00:00",
)
CASE = CaseRecord(id="paging", request="Add paging", where="d.yaml:3", expects=("no_delegation",))
TRACE: tuple[AnyEvent, ...] = delegating(["backend"]).trace


def make_trial(number: int, *, verdict: str = "pass", cost_usd: float | None = 0.25) -> Trial:
    score = Score(verdict=verdict, reason="so it is", check="routes_to", evidence=(2, "a.py"))  # type: ignore[arg-type] # given as text
    return Trial(
        case="paging",
        number=number,
        key=f"key{number}",
        verdict=verdict,  # type: ignore[arg-type] # given as text
        scores=(score,),
        cost_usd=cost_usd,
        faulted=verdict == "fault",
        served=("model-x",),
    )


def write_run(path: Path, trials: list[Trial]) -> None:
    with open_writer(path) as writer:
        plan = [Planned("paging", number, f"key{number}") for number in (1, 2)]
        writer.begin(RECORD, [CASE], plan)
        for trial in trials:
            writer.add(trial, pack(Evidence(TRACE)))
        writer.set_state(RunState(ended_at="later", ended_by="finished"))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "reports" / "x.run.db"


def test_what_was_written_is_read_back(path: Path) -> None:
    trials = [make_trial(1), make_trial(2, verdict="fail")]
    write_run(path, trials)

    run = load(path)
    assert run.record == RECORD
    assert run.cases == (CASE,)
    assert list(run.trials) == trials
    assert run.trace(run.trials[0]) == TRACE
    assert run.planned == {"paging": 2}
    assert run.state.ended_by == "finished"


def test_every_event_survives_packing() -> None:
    assert unpack_trace(pack_trace(TRACE)) == TRACE


def test_a_sealed_run_is_a_single_file_and_its_readable_twin(path: Path) -> None:
    write_run(path, [make_trial(1)])

    assert sorted(p.name for p in path.parent.iterdir()) == ["x.results.jsonl", "x.run.db"]


def test_totals_are_recomputed_from_rows_and_count_what_was_thrown_away(path: Path) -> None:
    write_run(path, [make_trial(1), make_trial(2, cost_usd=None)])
    with open_writer(path) as writer:
        writer.add_lost(("paging", 2), "overloaded", 1.0, 1.0)
        writer.add_lost(("paging", 2), "broke off", None, 0.75)
        assert writer.most_usd() == 2.0

    assert (load(path).state.spent_usd, load(path).state.unpriced_trials) == (1.25, 2)


def test_a_trial_that_was_reused_was_not_paid_for_here(path: Path) -> None:
    trial = Trial(case="paging", number=1, key="key1", verdict="pass", scores=(), cost_usd=3.0)
    reused = Trial(**{**vars(trial), "reused_from": "other.run.db"})
    write_run(path, [reused])

    assert load(path).state.spent_usd == 0.0


def test_what_is_played_again_stays_on_the_books(path: Path) -> None:
    write_run(path, [make_trial(1)])
    with open_writer(path) as writer:
        writer.discard(["key1"])

    assert load(path).trials == ()
    assert load(path).state.spent_usd == 0.25


def test_finished_trials_that_are_no_longer_planned_stay_in_the_file(path: Path) -> None:
    write_run(path, [make_trial(1), make_trial(2)])
    with open_writer(path) as writer:
        writer.begin(RECORD, [CASE], [Planned("paging", 1, "key1")])

    assert [trial.number for trial in load(path).trials] == [1]
    assert [t.number for t, _ in stored_trials(path, ["key2"])] == [2]


def test_a_fault_is_never_offered_for_reuse(path: Path) -> None:
    write_run(path, [make_trial(1, verdict="fault")])

    assert list(stored_trials(path, ["key1"])) == []


def test_a_second_writer_is_refused_and_changes_nothing(path: Path) -> None:
    write_run(path, [make_trial(1)])
    program = "import pathlib, sys, audition.runwriter as r\n"
    program += "r.open_writer(pathlib.Path(sys.argv[1])).__enter__()"
    with open_writer(path):
        before = path.read_bytes()
        command = [sys.executable, "-c", program, str(path)]
        second = subprocess.run(command, capture_output=True, text=True)
        with pytest.raises(BusyError, match="another process is writing"):
            open_writer(path).__enter__()

        assert "BusyError" in second.stderr
        assert path.read_bytes() == before


@pytest.mark.parametrize("content", [b"hello", b"SQLite format 3\x00" + b"x" * 200])
def test_something_else_is_no_run_file(path: Path, content: bytes) -> None:
    path.parent.mkdir()
    path.write_bytes(content)

    with pytest.raises(FileFormatError, match="is not a run file"):
        load(path)
    with pytest.raises(FileFormatError, match="is not a run file"), open_writer(path):
        pass
    assert path.read_bytes() == content


def test_somebody_elses_database_is_no_run_file(path: Path) -> None:
    path.parent.mkdir()
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE people (name TEXT)")
    database.close()

    with pytest.raises(FileFormatError, match="not a run file"), open_writer(path):
        pass


def test_a_newer_format_is_refused_with_what_to_do(path: Path) -> None:
    write_run(path, [make_trial(1)])
    with sqlite3.connect(path) as database:
        database.execute(f"PRAGMA user_version = {FILE_FORMAT + 1}")
    database.close()

    with pytest.raises(FileFormatError, match="install a newer audition"):
        load(path)


def test_a_missing_file_says_how_to_make_one(path: Path) -> None:
    with pytest.raises(FileFormatError, match="audition run SUITE"):
        load(path)


def test_the_readable_twin_is_the_same_for_the_same_results(path: Path) -> None:
    write_run(path, [make_trial(1), make_trial(2)])
    first = results_path(path).read_bytes()
    path.unlink()
    write_run(path, [make_trial(2), make_trial(1)])

    assert results_path(path).read_bytes() == first


def test_what_a_killed_process_left_in_the_air_counts_at_its_most(path: Path) -> None:
    write_run(path, [make_trial(1)])
    with open_writer(path) as writer:
        writer.take_off(("paging", 2), 0.5)
    with open_writer(path) as writer:
        writer.begin(RECORD, [CASE], [Planned("paging", 1, "key1")])
        assert writer.most_usd() == 0.75

    assert load(path).state.unpriced_trials == 1


@pytest.mark.parametrize("table", ["trial", "trace"])
def test_a_damaged_file_is_told_in_one_sentence_with_its_path(path: Path, table: str) -> None:
    write_run(path, [make_trial(1)])
    with sqlite3.connect(path) as database:
        database.execute(f"UPDATE {table} SET body = 'junk'")
    database.close()

    with pytest.raises(FileFormatError) as told:
        list(load(path).traces())
    assert str(told.value).startswith(f"{path}: is damaged (")
    assert len(str(told.value).splitlines()) == 1


def noting(
    contents: Callable[[str], bytes | None], asked: list[str]
) -> Callable[[str], bytes | None]:
    """The same contents, with a note of every blob that was asked for."""

    def content(blob: str) -> bytes | None:
        asked.append(blob)
        return contents(blob)

    return content


def test_what_a_workspace_begins_as_is_read_once_for_all_its_trials(path: Path) -> None:
    begun: dict[str, bytes] = {}
    asked: list[str] = []
    with open_writer(path) as writer:
        plan = [Planned("paging", number, f"key{number}") for number in (1, 2)]
        writer.begin(RECORD, [CASE], plan)
        for number in (1, 2):
            evidence = Work().writes("a.py", f"x = {number}\n").end()
            noted = replace(evidence, contents=noting(evidence.contents, asked))
            writer.add(make_trial(number), pack(noted, begun))
        writer.set_state(RunState(ended_at="later", ended_by="finished"))

    assert len(asked) == len(BASE) + 2
    for number, (_, evidence) in enumerate(load(path).evidences(), start=1):
        held = {name: evidence.text(file) for name, file in evidence.final_tree.items()}
        assert held == {**BASE, "a.py": f"x = {number}\n"}
