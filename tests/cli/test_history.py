import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from audition.cli.history import history as command
from tests.conftest import Cli
from tests.history.nights import BAD, WORSE, Nights


@pytest.fixture
def reports(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Nights:
    """A month of nights in reports/, which ends in a fall."""
    folder = tmp_path / "reports"
    folder.mkdir()
    monkeypatch.chdir(tmp_path)
    nights = Nights(folder)
    nights.repeat({}, times=24)
    nights.repeat({"refunds": WORSE, "paging": WORSE}, times=2)
    return nights


def test_what_changed_stands_before_the_trends(reports: Nights, cli: Cli) -> None:
    reports.add({"refunds": WORSE, "paging": WORSE, "question": WORSE})
    said = cli("history")

    assert said.code == 0, said.err
    news, trends = said.out.index("question: pass 2/2 → fail 0/2"), said.out.index("Night by night")
    assert said.out.startswith("✗ Since 2026-09-26: 1 case broke")
    assert news < trends < said.out.index("Drift so far")
    assert "Page: reports/history.html" in said.out
    assert "2026-09-25" in said.out
    assert Path("reports/history.html").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")


@pytest.mark.parametrize("form", ["markdown", "json", "html"])
def test_other_formats_are_printed_and_write_nothing(reports: Nights, cli: Cli, form: str) -> None:
    said = cli("history", "--format", form)

    assert said.code == 0
    assert not Path("reports/history.html").exists()
    assert "refunds" in said.out


def test_a_file_can_be_named(reports: Nights, cli: Cli) -> None:
    said = cli("history", "reports", "--format", "html", "-o", "site/index.html")

    page = Path("site/index.html").read_text(encoding="utf-8")
    assert said.out == "Written: site/index.html\n"
    assert "</html>" in page


def test_looking_never_fails_a_job_unless_it_is_asked_to(reports: Nights, cli: Cli) -> None:
    assert cli("history").code == 0
    assert cli("history", "--fail-on-drift").code == 1
    assert "the suite has fallen" in " ".join(cli("history", "--fail-on-drift").out.split())


def test_a_rise_and_an_old_fall_fail_no_job(reports: Nights, cli: Cli) -> None:
    reports.repeat({}, times=2)

    assert cli("history", "--fail-on-drift").code == 0


def test_a_line_that_is_no_longer_played_is_told_as_that_and_fails_no_job(
    reports: Nights, cli: Cli
) -> None:
    reports.count += 5
    reports.repeat({}, times=2, edit=lambda record: replace(record, model="another"))
    said = cli("history", "--fail-on-drift")

    assert said.code == 0
    assert said.out.startswith("✓ Nothing changed.")
    assert "Not played since 2026-09-26." in said.out
    assert said.out.index("another") < said.out.index("claude-sonnet")


def test_from_a_day_on_everything_is_measured_anew(reports: Nights, cli: Cli) -> None:
    reports.repeat({"refunds": WORSE, "paging": WORSE}, times=2)
    data = json.loads(cli("history", "--format", "json", "--since", "2026-09-25").out)

    (line,) = data["lines"]
    assert len(line["nights"]) == 4
    assert line["alarms"] == []


def test_json_holds_every_night_with_its_run(reports: Nights, cli: Cli) -> None:
    reports.add({"refunds": BAD}, cost_usd=None)
    (line,) = json.loads(cli("history", "--format", "json").out)["lines"]

    night = line["nights"][-1]
    assert night["runs"] == ["routing-nightly-2026-09-27.run.db"]
    assert night["spent_usd"] is None
    assert (night["passed"], night["judged"]) == (7, 8)
    assert line["trends"][0]["points"][-1] == {"passed": 7, "of": 8, "rate": 0.875}
    assert line["since_last"]["before"] == "2026-09-26"
    assert [one["case"] for one in line["mixed"]] == ["refunds", "paging"]


def test_one_suite_can_be_chosen(reports: Nights, cli: Cli) -> None:
    reports.add({}, lambda record: replace(record, suite="behaviour"))

    both = json.loads(cli("history", "--format", "json").out)
    one = json.loads(cli("history", "--format", "json", "--suite", "behaviour").out)
    assert {line["suite"] for line in both["lines"]} == {"behaviour", "routing"}
    assert [line["suite"] for line in one["lines"]] == ["behaviour"]


def test_nothing_to_look_at_has_an_exit_code_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cli: Cli
) -> None:
    monkeypatch.chdir(tmp_path)
    said = cli("history")

    assert said.code == 5
    assert said.out == ""
    assert "audition run --nightly SUITE" in said.err
    assert not (tmp_path / "reports").exists()


def test_a_file_that_cannot_be_read_is_named_in_every_format(reports: Nights, cli: Cli) -> None:
    Path("reports/junk.run.db").write_text("junk", encoding="utf-8")

    for form in ("text", "markdown", "json", "html"):
        said = cli("history", "--format", form)
        assert said.code == 0
        assert "junk.run.db" in said.out.replace("\\", "")


def test_runs_without_a_sandbox_say_so_first(reports: Nights, cli: Cli) -> None:
    note = "Commands of agents ran WITHOUT A SANDBOX, on the machine itself and as its user."
    reports.add({}, lambda record: replace(record, notes=(note,)))

    assert cli("history").out.startswith(f"! {note[:60]}")
    for form in ("markdown", "json", "html"):
        assert "WITHOUT A SANDBOX" in cli("history", "--format", form).out


@pytest.mark.parametrize("form", ["text", "markdown", "json", "html"])
def test_neither_pandas_nor_a_client_is_loaded(reports: Nights, form: str) -> None:
    program = (
        "import sys\nfrom audition.cli import audition\n"
        f"audition.main(['history', '--format', '{form}'], standalone_mode=False)\n"
        "print([name for name in ('pandas', 'numpy', 'anthropic') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)

    assert done.stdout.splitlines()[-1] == "[]", done.stderr


def test_the_manual_names_every_option() -> None:
    manual = (Path(__file__).parents[2] / "docs" / "history.md").read_text(encoding="utf-8")
    options = [name for param in command.params for name in param.opts if name.startswith("-")]

    assert len(options) >= 6
    assert [name for name in options if f"{name} " not in manual and f"{name}`" not in manual] == [
        "--output"
    ]
