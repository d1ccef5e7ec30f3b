import json
from pathlib import Path

from audition.report.as_json import render_json
from tests.report.report_runs import Played, make_case, make_run

HOSTILE = "\x1b[31m\u202e\x7f</script>"


def test_the_document_holds_run_summary_and_trials(tmp_path: Path) -> None:
    run = make_run(tmp_path / "a.run.db", [(make_case("one"), [Played("frontend", "fail"), None])])

    document = json.loads(render_json(run))

    assert document["run"]["command"] == "audition run evals/routing.yaml --model recorded"
    assert document["run"]["nature"] == "scripted"
    assert document["summary"]["verdict"] == "fail"
    assert document["summary"]["planned"] == 2
    (trial,) = document["trials"]
    assert {"case": "one", "trial": 1, "verdict": "fail", "delegated_to": "frontend"}.items() <= (
        trial.items()
    )
    assert (trial["tokens"], trial["cost_usd"], trial["duration_s"]) == (1291, 0.0, 0.31)
    (score,) = trial["scores"]
    assert (score["check"], score["kind"], score["verdict"]) == ("routes_to", "routing", "fail")
    assert (score["value"], score["required"], score["evidence"]) == (0.0, True, [5])
    assert (score["expected"], score["found"]) == ("backend", "frontend")


def test_texts_are_whole_for_programs_and_inert_on_a_terminal(tmp_path: Path) -> None:
    case = make_case("one", request=HOSTILE)
    run = make_run(tmp_path / "a.run.db", [(case, [Played("backend")])])

    text = render_json(run)

    assert json.loads(text)["summary"]["cases"][0]["case"]["request"] == HOSTILE
    assert all(" " <= character <= "~" or character == "\n" for character in text)
