"""`audition run --nightly`, with earlier nights really played on other days."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from audition.crew import Pace
from audition.job import prepare
from audition.overrides import Overrides
from audition.performance import Part, night_path, perform
from audition.runfile import load
from tests.conftest import Cli, Project

TODAY = datetime.now(UTC)
MODEL = "simulated"
STEADY = "simulated:misroute=0.0,no_delegation=0.0,invented=0.0"


def play_night(days_ago: int, *, model: str = MODEL) -> Path:
    """A nightly run as it was made some days ago."""
    then = TODAY - timedelta(days=days_ago)
    overrides = Overrides(model=model, series=then.date().isoformat())
    job = prepare(Path("suite.yaml"), overrides, now=then)
    out = night_path(job, Path("reports"))
    asyncio.run(perform([Part(job, out)], Pace(concurrency=4, now=lambda: then)))
    return out


def today() -> str:
    """The date on which the command is run: a test may begin before midnight."""
    return datetime.now(UTC).date().isoformat()


def nightly_files() -> list[str]:
    return sorted(path.name for path in Path("reports").glob("*.run.db"))


def test_a_night_is_a_file_of_its_date_and_says_what_there_is(project: Project, cli: Cli) -> None:
    said = cli("run", "suite.yaml", "--nightly", "--model", STEADY)

    assert said.code == 0, said.err
    assert nightly_files() == [f"suite-nightly-{today()}.run.db"]
    assert "The first night" in said.out
    assert "SCRIPTED" in said.out
    assert "History: reports/history.html" in said.out
    assert Path("reports/history.html").exists()
    assert load(f"reports/{nightly_files()[0]}").record.series == today()


def test_unchanged_definitions_give_new_data_every_night(project: Project, cli: Cli) -> None:
    first = play_night(1)
    cli("run", "suite.yaml", "--nightly")

    runs = [load(first), load(f"reports/suite-nightly-{today()}.run.db")]
    keys = [{trial.key for trial in run.trials} for run in runs]
    assert not keys[0] & keys[1]
    assert not any(trial.reused_from for run in runs for trial in run.trials)


def test_a_night_that_is_run_again_plays_nothing_twice(project: Project, cli: Cli) -> None:
    cli("run", "suite.yaml", "--nightly")
    before = load(f"reports/{nightly_files()[0]}").trials
    said = cli("run", "suite.yaml", "--nightly")

    assert len(nightly_files()) == 1
    assert load(f"reports/{nightly_files()[0]}").trials == before
    assert "0 to play" in said.err


def test_when_nothing_changed_it_says_so(project: Project, cli: Cli) -> None:
    play_night(1, model=STEADY)
    said = cli("run", "suite.yaml", "--nightly", "--model", STEADY)

    yesterday = (TODAY - timedelta(days=1)).date().isoformat()
    assert said.code == 0
    assert said.out.startswith(f"✓ Nothing changed since {yesterday}.")


POLITE = '''\
"""It thanks."""

from dataclasses import dataclass
from typing import ClassVar

from audition.evidence import Evidence, Need
from audition.score import Kind, Score, failed, passed


@dataclass(frozen=True)
class Polite:
    kind: ClassVar[Kind] = "outcome"
    needs: ClassVar[frozenset[Need]] = frozenset()

    def score(self, evidence: Evidence) -> Score:
        return passed("it thanks")
'''


@pytest.fixture
def polite(project: Project) -> Project:
    """A project whose question is judged by a check that can be made to fail."""
    project.write("polite.py", POLITE)
    project.edit("suite.yaml", "trials: 2", "trials: 2\nchecks: [polite.py]")
    project.edit("cases.yaml", "expect: [no_delegation]", "expect: [no_delegation, polite]")
    return project


def make_rude(project: Project) -> None:
    """From now on the answer is no longer good enough."""
    project.edit("polite.py", 'return passed("it thanks")', 'return failed("it never thanks")')


def test_what_broke_since_last_night_comes_first(polite: Project, cli: Cli) -> None:
    play_night(1, model=STEADY)
    make_rude(polite)
    said = cli("run", "suite.yaml", "--nightly", "--model", STEADY)

    first, *_ = said.out.splitlines()
    assert said.code == 1
    assert first.startswith("✗ Since ")
    assert first.endswith(": 1 case broke.")
    assert "question: pass 2/2 → fail 0/2" in said.out
    assert "polite: it never thanks" in said.out
    assert "4 of 6 (67%), the night before 6 of 6" in " ".join(said.out.split())


def test_a_fall_that_lasts_is_a_drift_and_a_steady_month_is_none(polite: Project, cli: Cli) -> None:
    for days_ago in range(26, 1, -1):
        play_night(days_ago, model=STEADY)
    steady = cli("history", "--fail-on-drift")
    make_rude(polite)
    play_night(1, model=STEADY)
    once = cli("history", "--fail-on-drift")
    said = cli("run", "suite.yaml", "--nightly", "--model", STEADY)

    fallen = "Drift: the suite has fallen: 67% since about"
    assert steady.code == once.code == 0
    assert "fallen" not in steady.out + once.out
    assert said.code == 1
    assert fallen in " ".join(said.out.split())
    assert "no case flipped" in said.out
    assert "nothing that a run file records changed" in said.out
    assert cli("history", "--fail-on-drift").code == 1


def test_an_edited_case_is_told_as_edited(project: Project, cli: Cli) -> None:
    play_night(1, model=STEADY)
    project.edit("cases.yaml", "routes_to: frontend", "routes_to: writer")
    said = cli("run", "suite.yaml", "--nightly", "--model", STEADY)

    assert said.code == 0
    assert "cases: 1 edited" in said.out
    assert "no case flipped" in said.out


def test_another_model_on_the_same_day_has_a_file_and_a_line_of_its_own(
    project: Project, cli: Cli
) -> None:
    cli("run", "suite.yaml", "--nightly", "--model", STEADY)
    said = cli("run", "suite.yaml", "--nightly", "--model", "lexical")

    assert len(nightly_files()) == 2
    assert "The first night" in said.out
    assert "BASELINE" in said.out


def test_an_edited_definition_on_the_same_day_is_compared_with_the_night(
    project: Project, cli: Cli
) -> None:
    cli("run", "suite.yaml", "--nightly", "--model", STEADY)
    project.edit("agents/backend.md", "endpoints", "APIs")
    said = cli("run", "suite.yaml", "--nightly", "--model", STEADY)

    assert nightly_files() == [
        f"suite-nightly-{today()}-2.run.db",
        f"suite-nightly-{today()}.run.db",
    ]
    assert "backend: description" in said.out


def test_faults_that_are_new_are_told_and_are_no_failures(project: Project, cli: Cli) -> None:
    model = f"{STEADY},fault=0.0"
    play_night(2, model=model)
    said = cli("run", "suite.yaml", "--nightly", "--model", f"{STEADY},fault=1.0")
    assert said.code == 4
    assert "Faults" in said.out
    assert "none was judged" in said.out
    assert "broke" not in said.out


def test_a_series_of_another_name_can_be_a_night(project: Project, cli: Cli) -> None:
    cli("run", "suite.yaml", "--nightly", "--series", "before/after")

    assert nightly_files() == ["suite-nightly-before_after.run.db"]
    assert load("reports/suite-nightly-before_after.run.db").record.series == "before/after"


def test_a_dry_run_of_a_night_plays_nothing(project: Project, cli: Cli) -> None:
    said = cli("run", "suite.yaml", "--nightly", "--dry-run")

    assert said.code == 0
    assert "6 trials to play" in said.out
    assert not Path("reports").exists() or nightly_files() == []


def test_a_damaged_neighbour_is_named_and_stops_nothing(project: Project, cli: Cli) -> None:
    project.write("reports/old.run.db", "junk")
    project.write(f"reports/suite-nightly-{today()}.run.db", "junk")
    said = cli("run", "suite.yaml", "--nightly", "--model", STEADY)

    assert said.code == 0
    assert "Not read: old.run.db" in said.out
    assert f"suite-nightly-{today()}-2.run.db" in nightly_files()


def test_a_month_of_simulated_nights_varies_and_raises_no_alarm(project: Project, cli: Cli) -> None:
    for days_ago in range(30, 0, -1):
        play_night(days_ago)
    (line,) = json.loads(cli("history", "--format", "json").out)["lines"]

    assert len({night["passed"] for night in line["nights"]}) > 1
    assert line["alarms"] == []
    assert line["mixed"]


@pytest.mark.parametrize("flag", ["--nightly", "--out"])
def test_the_command_that_goes_on_after_an_interruption_is_a_nightly_one(
    project: Project, cli: Cli, flag: str
) -> None:
    from audition.cli.run import _Options, _resume

    overrides = Overrides(series="2026-11-24")
    options = _Options(overrides, record=False, fresh=False, nightly=True, out=None)
    words = _resume(Path("suite.yaml"), options, Path("reports/a.run.db"))

    assert flag in words
    assert "--series 2026-11-24" in words
