"""The matrix: every scripted trial of the behaviour suite against every check of its case.

Each breach is found, no other check is disturbed by it, and what looks wrong and is right passes.
"""

import asyncio
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from audition.affected import Entry, plan_trials
from audition.crew import Lot, Pace
from audition.dataset import Case
from audition.job import Job, prepare
from audition.overrides import Overrides
from audition.record import Trial
from audition.runfile import Planned, load
from audition.runner import play_all
from audition.runwriter import open_writer
from audition.studio import opened_studio
from tests.plays import RECORDINGS, ROOT, matrix, read_plays
from tests.sandboxes.trying import opened

SUITE = ROOT / "evals" / "behavior.yaml"
NOW = datetime(2026, 11, 24, tzinfo=UTC)
PLAYS = read_plays()
CASES = sorted({play.case for play in PLAYS})


@pytest.fixture(scope="module")
def job() -> Iterator[Job]:
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.chdir(ROOT)
        yield prepare(SUITE, Overrides(), now=NOW, plays=False)


def played(job: Job, case: Case, trials: int, out: Path) -> list[Trial]:
    """The recorded trials of a case, as `audition run` plays them."""
    entries = plan_trials([replace(case, trials=trials)], job.settings)

    async def play() -> None:
        assert case.work is not None
        async with opened_studio(job.settings.sandbox, [case.work]) as studio:
            with open_writer(out) as writer:
                writer.begin(job.record, job.cases, [_planned(entry) for entry in entries])
                lot = Lot(entries, job.settings, writer)
                await play_all([lot], Pace(concurrency=4), studio=studio)

    asyncio.run(play())
    return list(load(out).trials)


def _planned(entry: Entry) -> Planned:
    return Planned(entry.case.id, entry.scene.trial, entry.key)


@pytest.mark.parametrize("name", CASES)
def test_every_breach_is_found_and_no_other_check_is_disturbed(
    job: Job, name: str, tmp_path: Path
) -> None:
    opened("bubblewrap")
    plays = {play.trial: play for play in PLAYS if play.case == name}
    case = next(entry.case for entry in job.entries if entry.case.id == name)

    trials = played(job, case, len(plays), tmp_path / "a.run.db")

    found = {t.number: {score.check: score.verdict for score in t.scores} for t in trials}
    reasons = {
        f"{play.name} {score.check}": score.reason
        for trial in trials
        if (play := plays[trial.number])
        for score in trial.scores
        if score.verdict != play.verdict(score.check)
    }
    assert reasons == {}
    assert found == {
        number: {e.name: plays[number].verdict(e.name) for e in case.expectations}
        for number in plays
    }
    assert not any(trial.labels for trial in trials), "pin them: python -m tests.plays"


def test_every_check_of_the_suite_is_kept_in_one_trial_and_broken_in_another(job: Job) -> None:
    asked = {entry.case.id: entry.case.expectations for entry in job.entries}
    broken: dict[str, set[str]] = defaultdict(set)
    for play in PLAYS:
        for expectation in asked[play.case]:
            broken[expectation.name].add(play.verdict(expectation.name))

    lacking = {name for name, verdicts in broken.items() if not {"pass", "fail"} <= verdicts}
    assert lacking <= {"never_routes_to", "happens", "never_says"}


def test_the_looks_of_a_play_agree_with_what_is_expected_of_it() -> None:
    for play in PLAYS:
        assert (play.looks == "broken") == ("fail" in play.expect.values()), play.name


def test_the_recordings_hold_the_plays_word_for_word() -> None:
    from audition.recordings import read_recordings

    recordings = read_recordings(RECORDINGS)

    assert sorted(recordings) == sorted((play.case, play.trial) for play in PLAYS)
    for play in PLAYS:
        old = recordings[play.case, play.trial]
        assert old.turns == play.recording(old.pin).turns, "run: python -m tests.plays"


def test_the_matrix_in_the_documents_is_the_one_that_is_asserted(job: Job) -> None:
    text = (ROOT / "docs" / "matrix.md").read_text(encoding="utf-8")

    assert text == matrix(PLAYS, {e.case.id: e.case for e in job.entries}), (
        "run: python -m tests.plays"
    )
