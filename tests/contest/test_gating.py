"""A gate from the question to the verdict, as a user holds it."""

from pathlib import Path

import pytest

from audition.runfile import load
from tests.conftest import Cli
from tests.contest.gates import FAULTY, HOPELESS, PERFECT, SEVERAL_BROKEN, Shop


def test_where_nothing_changed_nothing_is_played_and_no_key_is_needed(shop: Shop, cli: Cli) -> None:
    said, verdict = shop.gate(cli, "--base", "main", "--model", "anthropic:claude-sonnet-5-5")

    assert said.code == 0
    assert verdict["verdict"] == "nothing changed"
    assert not Path("reports").exists()


def test_a_change_of_what_no_case_depends_on_changes_nothing(shop: Shop, cli: Cli) -> None:
    shop.edit("evals/agents/writer.md", "Be good.", "Be better.")
    said, verdict = shop.gate(cli, "--base", "main")

    assert (said.code, verdict["verdict"]) == (0, "nothing changed")
    assert len(verdict["untouched"]) == 12
    assert verdict["changes"] == ["writer: prompt"]


def test_an_edit_that_costs_nothing_passes_where_enough_trials_can_show_it(
    shop: Shop, cli: Cli
) -> None:
    shop.reword()
    said, verdict = shop.gate(cli, "--base", "main")

    assert (said.code, verdict["verdict"]) == (0, "pass")
    assert verdict["sees"].startswith("With 12 cases and 60 head trials, this gate catches")
    assert verdict["reasons"][0] == "Pass: the head keeps what the base does; 12 cases compared."
    assert (verdict["numbers"]["base_passed"], verdict["numbers"]["head_passed"]) == (60, 60)


@pytest.mark.parametrize(("profile", "code"), [("pr", 0), ("release", 3)])
def test_too_few_trials_are_inconclusive_and_only_a_release_is_stopped_by_that(
    shop: Shop, cli: Cli, profile: str, code: int
) -> None:
    noisy = PERFECT.replace("misroute=0", "seed=3,misroute=0.03")
    models = ("--base-model", PERFECT, "--head-model", noisy)
    said, verdict = shop.gate(cli, *models, "--profile", profile)

    assert (said.code, verdict["verdict"]) == (code, "inconclusive")
    assert any("does not mean that there is none" in reason for reason in verdict["reasons"])
    assert any("takes 59 head trials if all pass" in reason for reason in verdict["reasons"])


def test_a_release_that_no_result_could_prove_is_refused_before_it_costs_anything(
    shop: Shop, cli: Cli
) -> None:
    shop.reword()
    said, _ = shop.gate(cli, "--base", "main", "--trials", "2", "--profile", "release")

    assert said.code == 2
    assert "12 cases with 2 trials each cannot prove a margin of 5 points" in said.err
    assert "play 5 trials of each" in said.err
    assert not Path("reports").exists()


def test_a_loss_fails_and_the_trials_that_could_not_change_that_are_saved(
    shop: Shop, cli: Cli
) -> None:
    said, verdict = shop.gate(cli, "--base-model", PERFECT, "--head-model", HOPELESS)

    assert (said.code, verdict["verdict"]) == (1, "fail")
    assert verdict["saving"]["trials"] > 40
    assert verdict["saving"]["calls"] > 40
    head = load(verdict["head_file"])
    assert head.state.ended_by == "decided"
    assert len(head.trials) < 60


def test_a_question_is_asked_once_and_a_fresh_attempt_has_half_the_level(
    shop: Shop, cli: Cli
) -> None:
    models = ("--base-model", PERFECT, "--head-model", SEVERAL_BROKEN, "--trials", "2")
    _, first = shop.gate(cli, *models)
    files = sorted(Path("reports").iterdir())
    _, again = shop.gate(cli, *models)

    assert not first["is_kept"]
    assert again == {**first, "is_kept": True}
    assert sorted(Path("reports").iterdir()) == files

    _, fresh = shop.gate(cli, *models, "--fresh")

    assert (fresh["attempt"], fresh["is_kept"]) == (1, False)
    assert any("its levels are divided by 2" in note for note in fresh["notes"])
    assert not any(t.reused_from for t in load(fresh["head_file"]).trials)


def test_another_margin_or_another_expectation_is_another_question(shop: Shop, cli: Cli) -> None:
    shop.reword()
    _, first = shop.gate(cli, "--base", "main", "--trials", "3")
    _, wider = shop.gate(cli, "--base", "main", "--trials", "3", "--margin", "0.1")

    assert first["question"] != wider["question"]
    assert (first["verdict"], wider["verdict"]) == ("inconclusive", "pass")
    assert sum(bool(t.reused_from) for t in load(wider["head_file"]).trials) > 24


def test_faults_make_a_gate_invalid_and_that_is_no_verdict_to_keep(shop: Shop, cli: Cli) -> None:
    models = ("--base-model", PERFECT, "--head-model", FAULTY)
    said, verdict = shop.gate(cli, *models, "--trials", "1")

    assert (said.code, verdict["verdict"]) == (4, "invalid")
    assert not Path("reports/verdicts").exists()


def test_a_known_failure_is_shown_and_not_gated_and_its_passing_is_news(
    shop: Shop, cli: Cli
) -> None:
    known = "    known: {reason: not taught yet, until: 2999-01-01}\n"
    shop.edit("datasets/cases.yaml", "number 0\n", f"number 0\n{known}")
    shop.edit("datasets/cases.yaml", "number 1\n", f"number 1\n{known}")
    shop.commit()
    shop.reword()
    models = ("--base-model", PERFECT, "--head-model", f"{PERFECT},broken=case-00")
    said, verdict = shop.gate(cli, "--base", "main", *models)

    assert said.code == 0
    assert verdict["numbers"]["affected_cases"] == 10
    assert [(e["case"], e["passed"]) for e in verdict["excused"]] == [
        ("case-00", False),
        ("case-01", True),
    ]


def test_where_every_affected_case_is_a_known_failure_nothing_is_proved(
    shop: Shop, cli: Cli
) -> None:
    text = Path("datasets/cases.yaml").read_text(encoding="utf-8")
    known = "    known: {reason: not taught yet, until: 2999-01-01}\n    expect:"
    shop.write("datasets/cases.yaml", text.replace("    expect:", known))
    shop.commit()
    shop.reword()
    said, verdict = shop.gate(cli, "--base", "main", "--profile", "release")

    assert (said.code, verdict["verdict"]) == (3, "inconclusive")


def test_an_agent_that_head_lost_fails_its_cases_without_a_call(shop: Shop, cli: Cli) -> None:
    (shop.root / "evals/agents/backend.md").unlink()
    said, verdict = shop.gate(cli, "--base", "main")
    head = load(verdict["head_file"])
    lost = [trial for trial in head.trials if trial.case == "case-00"]

    assert (said.code, verdict["verdict"]) == (1, "fail")
    assert {(trial.verdict, trial.turns) for trial in lost} == {("fail", 0)}
    assert lost[0].scores[0].reason == (
        "there is no agent backend here, so the case failed without a call"
    )


class TestCriticalChecks:
    def arm(self, shop: Shop) -> None:
        critical = "{routes_to: {agent: frontend, critical: true}}"
        shop.edit(
            "datasets/cases.yaml",
            "number 1\n    expect: [{routes_to: frontend}]",
            (f"number 1\n    expect: [{critical}]"),
        )
        shop.commit()

    def test_one_that_breaks_fails_the_gate_once_it_has_failed_again(
        self, shop: Shop, cli: Cli
    ) -> None:
        self.arm(shop)
        models = ("--base-model", PERFECT, "--head-model", f"{PERFECT},broken=case-01")
        said, verdict = shop.gate(cli, *models, "--trials", "1", "--base-trials", "10")
        [confirm] = Path("reports").glob("*-confirm.run.db")

        assert (said.code, verdict["verdict"]) == (1, "fail")
        assert any(
            "`routes_to` of case-01 failed in 1 of 1 trials and again in 3 of 3 re-runs" in reason
            for reason in verdict["reasons"]
        )
        assert {trial.case for trial in load(confirm).trials} == {"case-01"}
        assert verdict["numbers"]["head_failed"] == 1

    def test_one_with_few_trials_in_base_counts_like_any_other(self, shop: Shop, cli: Cli) -> None:
        self.arm(shop)
        models = ("--base-model", PERFECT, "--head-model", f"{PERFECT},broken=case-01")
        said, verdict = shop.gate(cli, *models, "--trials", "1", "--base-trials", "9")

        assert said.code == 0
        assert any("is critical but not armed" in note for note in verdict["notes"])


def test_without_anything_to_compare_with_it_says_what_can_be_named(shop: Shop, cli: Cli) -> None:
    said = cli("gate", "evals/suite.yaml")

    assert said.code == 2
    assert "--base: nothing says what head is compared with; name a revision" in said.err


def test_the_command_that_asks_again_leaves_out_how_it_is_shown(shop: Shop, cli: Cli) -> None:
    shop.reword()
    _, verdict = shop.gate(cli, "--base", "main", "--trials", "1", "--format", "junit=a.xml")

    assert verdict["command"] == "audition gate evals/suite.yaml --base main --trials 1"


def test_what_a_gate_plays_is_no_night_of_the_history(shop: Shop, cli: Cli) -> None:
    shop.reword()
    shop.gate(cli, "--base", "main", "--trials", "2")
    only_gates = cli("history")
    cli("run", "evals/suite.yaml", "--nightly")
    told = cli("history", "--format", "json")

    assert only_gates.code == 5
    assert told.code == 0
    assert "-gate-" not in told.out


def test_a_kept_verdict_is_shown_beside_what_differs_now(shop: Shop, cli: Cli) -> None:
    shop.reword()
    _, first = shop.gate(cli, "--base", "main")
    shop.edit("evals/agents/writer.md", "Be good.", "Be better.")
    _, again = shop.gate(cli, "--base", "main")

    assert again["is_kept"]
    assert (first["changes"], again["changes"]) == (
        ["writer: description"],
        ["writer: description, prompt"],
    )
    assert (again["decided_at"], again["reasons"]) == (first["decided_at"], first["reasons"])
