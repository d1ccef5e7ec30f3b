"""The shipped example: what the recordings hold, and that every verdict is the expected one."""

from pathlib import Path

import pytest
import yaml

from audition.recordings import read_recordings
from audition.runfile import Run, load
from tests.conftest import Cli

ROOT = Path(__file__).parent.parent
SUITE = ROOT / "evals" / "routing.yaml"


@pytest.fixture(scope="module")
def expected() -> dict[str, list[str]]:
    text = (ROOT / "tests" / "example_verdicts.yaml").read_text(encoding="utf-8")
    loaded: dict[str, list[str]] = yaml.safe_load(text)
    return loaded


@pytest.fixture
def run(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.chdir(ROOT)
    out = tmp_path / "example.run.db"
    cli("run", SUITE, "--out", out, "--strict")
    return load(out)


def test_every_recorded_trial_gets_the_verdict_that_was_written_down_for_it(
    run: Run, expected: dict[str, list[str]]
) -> None:
    found: dict[str, list[str]] = {}
    for trial in run.trials:
        found.setdefault(trial.case, []).append(trial.verdict)

    assert found == expected


def test_the_example_is_large_enough_to_show_something(run: Run) -> None:
    tags = {tag for case in run.cases for tag in case.tags}

    assert len(run.cases) >= 60
    assert {"clear", "confusable", "mixed", "trivial", "ambiguous", "paraphrase"} <= tags


def test_the_recordings_hold_right_and_wrong_routing(expected: dict[str, list[str]]) -> None:
    verdicts = [verdict for trials in expected.values() for verdict in trials]

    assert verdicts.count("pass") > verdicts.count("fail") > 10


def test_every_recording_says_who_made_it() -> None:
    recordings = read_recordings(ROOT / "evals" / "recordings" / "routing.jsonl")

    assert {recording.author for recording in recordings.values()} == {"hand"}
    assert all(recording.date for recording in recordings.values())


def test_a_request_that_a_description_quotes_is_marked_copied(run: Run) -> None:
    copied = {case.id for case in run.cases if case.copied}

    assert copied == {case.id for case in run.cases if case.origin == "example"}
    assert copied


def test_an_edit_of_a_description_is_never_judged_by_old_recordings(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import shutil

    shutil.copytree(ROOT / "evals", tmp_path / "evals")
    shutil.copytree(ROOT / "datasets", tmp_path / "datasets")
    monkeypatch.chdir(tmp_path)
    agent = tmp_path / "evals" / "agents" / "backend-implementer.md"
    agent.write_text(agent.read_text().replace("Builds and changes", "Writes"))

    strict = cli("run", "evals/routing.yaml", "--strict", "--out", "s.run.db")
    labelled = cli("run", "evals/routing.yaml", "--out", "l.run.db")

    assert strict.code == 2
    assert "was recorded against another prompt" in strict.err
    assert "says nothing" in labelled.out
