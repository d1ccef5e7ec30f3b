import json
from collections.abc import Callable
from pathlib import Path

import pytest

from audition.contest.gating import code_of
from audition.gate.counts import Arm, Case
from audition.gate.decision import decide
from audition.gate.rules import Design
from audition.record import EndedBy
from audition.runfile import load
from tests.conftest import Cli
from tests.contest.gates import HOPELESS, PERFECT, Shop
from tests.revisions.repositories import git

FAULTY = PERFECT.replace("fault=0", "fault=1")
SEVERAL_BROKEN = f"{PERFECT},broken=case-01 case-02 case-03 case-04 case-05"


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


def test_a_change_cannot_weaken_its_own_judge(shop: Shop, cli: Cli) -> None:
    shop.edit("datasets/cases.yaml", "routes_to: backend", "routes_to: writer")
    shop.edit("evals/suite.yaml", "trials: 5", "trials: 1")
    shop.reword()
    _, verdict = shop.gate(cli, "--base", "main")
    _, own = shop.gate(cli, "--base", "main", "--suite-from", "head")

    assert (verdict["suite_from"].split()[0], verdict["head_trials"]) == ("main", 5)
    assert (own["suite_from"], own["head_trials"]) == ("the working tree", 1)


def test_a_baseline_from_word_matching_decides_nothing(shop: Shop, cli: Cli) -> None:
    shop.reword()
    said, _ = shop.gate(cli, "--base", "main", "--model", "lexical")

    assert said.code == 2
    assert said.err.startswith("--model: lexical is a baseline from word matching")


def test_recordings_of_another_prompt_decide_nothing(shop: Shop, cli: Cli) -> None:
    cli("run", "evals/suite.yaml", "--record")
    shop.commit()
    shop.reword()
    said, _ = shop.gate(cli, "--base", "main", "--model", "recorded")

    assert said.code == 2
    assert said.err.count("\n") == 1
    assert "60 of the recordings that this would replay are missing or of another" in said.err


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


class TestARunAsBase:
    def run(self, cli: Cli, *arguments: str) -> str:
        assert cli("run", "evals/suite.yaml", "--out", "base.run.db", *arguments).code in {0, 1}
        return "base.run.db"

    def test_it_is_measured_against_and_nothing_is_added_to_it(self, shop: Shop, cli: Cli) -> None:
        base = self.run(cli, "--trials", "10")
        before = Path(base).read_bytes()
        shop.reword()
        said, verdict = shop.gate(cli, "--base", base, "--trials", "5")

        assert (said.code, verdict["verdict"]) == (0, "pass")
        assert (verdict["base_trials"], verdict["head_trials"]) == (10, 5)
        assert Path(base).read_bytes() == before

    @pytest.mark.parametrize(
        ("made_with", "wrong"),
        [
            (("--model", HOPELESS), "was made with another model"),
            (("--trials", "2"), "holds 2 trials of a case, and head has 5"),
            (("--cases", "case-0*"), "holds no trial of case-10"),
            (("--model", FAULTY), "holds no trial that was judged"),
        ],
    )
    def test_one_that_says_nothing_about_the_head_is_refused_with_the_reason(
        self, shop: Shop, cli: Cli, made_with: tuple[str, ...], wrong: str
    ) -> None:
        cli("run", "evals/suite.yaml", "--out", "base.run.db", *made_with)
        shop.reword()
        said, _ = shop.gate(cli, "--base", "base.run.db")

        assert said.code == 2
        assert wrong in said.err
        assert not list(Path("reports").glob("*gate*"))

    def test_one_of_another_suite_is_refused(self, shop: Shop, cli: Cli) -> None:
        base = self.run(cli)
        shop.write("evals/suite.yaml", (shop.root / "evals/suite.yaml").read_text() + "name: b\n")
        shop.reword()
        said, _ = shop.gate(cli, "--base", base)

        assert said.code == 2
        assert "was made with another suite, suite and not b" in said.err

    def test_one_that_asked_something_else_is_refused(self, shop: Shop, cli: Cli) -> None:
        base = self.run(cli)
        shop.edit("datasets/cases.yaml", "thing number 7", "thing number seven")
        said, _ = shop.gate(cli, "--base", base)

        assert said.code == 2
        assert "was made when case-07 asked or expected something else" in said.err


def test_more_base_trials_than_head_trials_are_welcome_and_fewer_are_refused(
    shop: Shop, cli: Cli
) -> None:
    shop.reword()
    said, verdict = shop.gate(cli, "--base", "main", "--trials", "3", "--base-trials", "6")
    fewer, _ = shop.gate(cli, "--base", "main", "--trials", "3", "--base-trials", "2")

    assert (said.code, verdict["base_trials"]) == (0, 6)
    assert sum(t.case == "case-00" for t in load(verdict["base_file"]).trials) == 6
    assert fewer.code == 2
    assert fewer.err.startswith("--base-trials: base needs at least as many trials")


def test_without_anything_to_compare_with_it_says_what_can_be_named(shop: Shop, cli: Cli) -> None:
    said = cli("gate", "evals/suite.yaml")

    assert said.code == 2
    assert "--base: nothing says what head is compared with; name a revision" in said.err


def test_a_verdict_that_was_kept_and_cannot_be_read_is_never_made_anew(
    shop: Shop, cli: Cli
) -> None:
    shop.reword()
    _, verdict = shop.gate(cli, "--base", "main", "--trials", "1")
    kept = Path(f"reports/verdicts/{verdict['question']}.json")
    assert json.loads(kept.read_text(encoding="utf-8"))["attempts"][0]["verdict"]
    kept.write_text("{", encoding="utf-8")
    said, _ = shop.gate(cli, "--base", "main", "--trials", "1")

    assert said.code == 2
    assert "holds no verdicts; move it away to ask anew" in said.err


class TestAChangeThatBringsWhatIsKept:
    """Who writes a change can play its gate at home, and knows where its verdict would lie."""

    @pytest.fixture
    def kept(self, shop: Shop, cli: Cli) -> Path:
        """The verdict on a change that fails, forged into a pass."""
        (shop.root / "evals/agents/writer.md").unlink()
        said, verdict = shop.gate(cli, "--base", "main")
        assert (said.code, verdict["verdict"]) == (1, "fail")
        kept = Path(f"reports/verdicts/{verdict['question']}.json")
        text = kept.read_text(encoding="utf-8")
        kept.write_text(text.replace('"fail"', '"pass"').replace('_code": 1', '_code": 0'))
        return kept

    @pytest.mark.parametrize("of", ["a verdict", "a run file"])
    def test_is_told_so_and_judged_by_none_of_it(
        self, shop: Shop, cli: Cli, kept: Path, of: str
    ) -> None:
        brought = kept if of == "a verdict" else next(Path("reports").glob("*.run.db"))
        git(shop.root, "add", "-f", str(brought))
        said = cli("gate", "evals/suite.yaml", "--base", "main")

        assert said.code == 2
        assert said.err.startswith(f"{brought}: is in the repository")
        assert "a change could bring its verdict along; take it out with `git rm" in said.err

    def test_is_told_so_where_the_folder_is_a_link(self, shop: Shop, cli: Cli, kept: Path) -> None:
        Path("reports").rename("evals/mine")
        Path("reports").symlink_to("evals/mine")
        git(shop.root, "add", "-f", "reports", "evals/mine")
        said = cli("gate", "evals/suite.yaml", "--base", "main")

        assert said.code == 2
        assert said.err.startswith("reports: is in the repository")

    def test_what_lies_there_uncommitted_is_ours(self, shop: Shop, cli: Cli, kept: Path) -> None:
        Path("reports/.gitignore").write_text("*\n", encoding="utf-8")
        git(shop.root, "add", "-f", "reports/.gitignore")
        said = cli("gate", "evals/suite.yaml", "--base", "main")

        assert said.code == 0  # whoever may write here may do anything
        assert "Decided on" in said.out


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


class TestNewCases:
    NEW = "  - id: brand-new\n    request: Do the new thing\n    expect: [{routes_to: writer}]\n"

    def add(self, shop: Shop) -> None:
        text = (shop.root / "datasets/cases.yaml").read_text(encoding="utf-8")
        shop.write("datasets/cases.yaml", text + self.NEW)

    def test_they_are_played_and_shown_and_not_gated(self, shop: Shop, cli: Cli) -> None:
        self.add(shop)
        shop.reword()
        said, verdict = shop.gate(cli, "--base", "main")
        told = cli("gate", "evals/suite.yaml", "--base", "main")

        assert (said.code, verdict["verdict"]) == (0, "pass")
        assert verdict["numbers"]["affected_cases"] == 12
        assert verdict["new_cases"] == ["brand-new"]
        assert {trial.case for trial in load(verdict["new_file"]).trials} == {"brand-new"}
        assert "– brand-new: a new case, which base does not have: 5/5 passed" in told.out

    def test_where_nothing_changed_they_are_named_at_no_cost(self, shop: Shop, cli: Cli) -> None:
        self.add(shop)
        said, verdict = shop.gate(cli, "--base", "main")

        assert (said.code, verdict["verdict"]) == (0, "nothing changed")
        assert verdict["new_cases"] == ["brand-new"]
        assert not Path("reports").exists()

    def test_python_that_base_does_not_have_is_never_run(self, shop: Shop, cli: Cli) -> None:
        self.add(shop)
        shop.reword()
        shop.write("evals/evil.py", "open('ran', 'w').close()\n")
        shop.edit("evals/suite.yaml", "trials: 5", "trials: 5\nchecks: [evil.py]")
        said, verdict = shop.gate(cli, "--base", "main")

        assert (said.code, verdict["verdict"]) == (0, "pass")
        assert not Path("ran").exists()
        assert any("Python checks that base does not have" in note for note in verdict["notes"])

    def test_a_suite_of_head_that_cannot_be_read_is_a_note(self, shop: Shop, cli: Cli) -> None:
        shop.reword()
        shop.edit("datasets/cases.yaml", "cases:", "casses:")
        said, verdict = shop.gate(cli, "--base", "main")

        assert (said.code, verdict["verdict"]) == (0, "pass")
        assert any("Head's own suite was not looked at" in note for note in verdict["notes"])


class TestAResultsFileAsBase:
    def make(self, cli: Cli, *arguments: str) -> Path:
        cli("run", "evals/suite.yaml", "--out", "evals/baselines/main.run.db", *arguments)
        Path("evals/baselines/main.run.db").unlink()
        return Path("evals/baselines/main.results.jsonl")

    def test_the_small_twin_of_a_run_file_is_a_baseline_as_well(self, shop: Shop, cli: Cli) -> None:
        base = self.make(cli, "--trials", "10")
        shop.reword()
        said, verdict = shop.gate(cli, "--base", str(base), "--trials", "5")
        told = cli("compare", "evals/suite.yaml", "--base", str(base), "--trials", "5")

        assert (said.code, verdict["verdict"]) == (0, "pass")
        assert (verdict["base_trials"], len(verdict["affected"])) == (10, 12)
        assert told.code == 0
        assert "12 cases compared, and every one passes as often as before." in told.out

    def test_what_it_asked_is_compared_too(self, shop: Shop, cli: Cli) -> None:
        base = self.make(cli)
        shop.edit("datasets/cases.yaml", "thing number 7", "thing number seven")
        said, _ = shop.gate(cli, "--base", str(base))

        assert said.code == 2
        assert "was made when case-07 asked or expected something else" in said.err

    def test_where_nothing_changed_since_nothing_is_played(self, shop: Shop, cli: Cli) -> None:
        base = self.make(cli)
        said, verdict = shop.gate(cli, "--base", str(base))

        assert (said.code, verdict["verdict"]) == (0, "nothing changed")

    @pytest.mark.parametrize(
        ("spoil", "wrong"),
        [
            (lambda text: "{", "is no results.jsonl of a run"),
            (lambda text: "", "is no results.jsonl of a run"),
            (
                lambda text: "\n".join(x for x in text.splitlines() if '"case": {' not in x),
                "does not tell what its cases asked and expected",
            ),
            (
                lambda text: text.replace('"file_format": 2', '"file_format": 99'),
                "was written by a newer version",
            ),
            (
                lambda text: "\n".join(x for x in text.splitlines() if '"key"' not in x),
                "holds no trial",
            ),
            (lambda text: "[" * 100_000 + "\n" + text, "is no results.jsonl of a run"),
            (lambda text: text.replace('"file_format": 2', '"file_format": []'), "is no results"),
            (lambda text: text.replace('"cost_usd": 0.0', '"cost_usd": NaN'), "is no results"),
            (
                lambda text: text.replace('"file_format": 2', '"file_format": 99, "knew": "more"'),
                "was written by a newer version",
            ),
            (lambda text: text + text.splitlines()[-1] + "\n", "holds case-11#5 twice"),
            (lambda text: text + text.splitlines()[1] + "\n", "holds case-00 twice"),
            (
                lambda text: text.replace('"case": "case-11"', '"case": "case-12"'),
                "holds trials of case-12, which is none of its cases",
            ),
        ],
        ids=[
            "cut off", "empty", "an older one", "a newer one", "without trials", "nested deeply",
            "with another kind of version", "with what is no number", "newer and with news in it",
            "a trial twice", "a case twice", "trials of no case",
        ],
    )  # fmt: skip
    def test_one_that_cannot_be_read_is_refused_with_the_reason(
        self, shop: Shop, cli: Cli, spoil: Callable[[str], str], wrong: str
    ) -> None:
        base = self.make(cli)
        base.write_text(spoil(base.read_text(encoding="utf-8")), encoding="utf-8")
        shop.reword()
        said, _ = shop.gate(cli, "--base", str(base))

        assert said.code == 2
        assert wrong in said.err


@pytest.mark.parametrize(
    ("played", "ended_by", "code"),
    [
        (Arm(passed=1), "budget", 3),
        (Arm(passed=1), "faults", 4),
        (Arm(passed=3), "finished", 0),
        (Arm(passed=0, failed=3), "budget", 1),
    ],
)
def test_a_gate_that_was_cut_off_before_its_verdict_was_certain_lets_nothing_through(
    played: Arm, ended_by: EndedBy, code: int
) -> None:
    counted = [Case(id=f"c{n}", base=Arm(passed=3), head=played) for n in range(12)]
    decision = decide(counted, Design(base_trials=3, head_trials=3), rounds=1)

    assert code_of(decision, ended_by) == code


class TestAChangeThatBringsItsVerdictAlong:
    def test_reports_that_the_repository_tracks_are_refused(self, shop: Shop, cli: Cli) -> None:
        shop.reword()
        shop.gate(cli, "--base", "main", "--trials", "2")
        git(shop.root, "add", "-f", "reports/verdicts")
        said, _ = shop.gate(cli, "--base", "main", "--trials", "2")

        assert said.code == 2
        assert "a change could bring its verdict along" in said.err

    def test_an_own_check_at_an_absolute_place_is_never_run(self, shop: Shop, cli: Cli) -> None:
        shop.reword()
        evil = shop.write("evals/evil.py", "open('ran', 'w').close()\n")
        shop.edit("evals/suite.yaml", "trials: 5", f"trials: 5\nchecks: [{evil}]")
        said, verdict = shop.gate(cli, "--base", "main")

        assert said.code == 0
        assert not Path("ran").exists()
        assert any("Python checks that base does not have" in note for note in verdict["notes"])

    def test_new_cases_are_played_as_base_plays(self, shop: Shop, cli: Cli) -> None:
        text = (shop.root / "datasets/cases.yaml").read_text(encoding="utf-8")
        shop.write("datasets/cases.yaml", text + TestNewCases.NEW)
        shop.edit("evals/suite.yaml", "trials: 5", "trials: 50\nbase_url: http://127.0.0.1:9")
        shop.reword()
        _, verdict = shop.gate(cli, "--base", "main")
        run = load(verdict["new_file"])

        assert len(run.trials) == 5
        assert run.record.base_url == ""

    def test_what_failed_once_is_not_let_through_by_asking_until_it_is_inconclusive(
        self, shop: Shop, cli: Cli
    ) -> None:
        models = ("--base-model", PERFECT, "--head-model", f"{PERFECT},broken=case-01 case-02")
        codes = [shop.gate(cli, *models, "--trials", "3")[0].code]
        codes += [shop.gate(cli, *models, "--trials", "3", "--fresh")[0].code for _ in range(5)]

        assert codes[0] == 1
        assert 0 not in codes
        assert codes[-1] == 3

    def test_a_base_without_the_agents_of_all_cases_is_refused(self, shop: Shop, cli: Cli) -> None:
        for name in ("backend", "frontend", "writer"):
            (shop.root / f"evals/agents/{name}.md").rename(shop.root / f"evals/{name}.md")
        shop.write("evals/agents/other.md", "---\nname: other\ndescription: x\n---\nx\n")
        said = cli("gate", "evals/suite.yaml", "--base", "main")
        shop.commit()
        for name in ("backend", "frontend", "writer"):
            (shop.root / f"evals/{name}.md").rename(shop.root / f"evals/agents/{name}.md")
        refused = cli("gate", "evals/suite.yaml", "--base", "main", "--suite-from", "head")

        assert said.code == 1
        assert refused.code == 2
        assert "so that every affected case fails there and nothing can be lost" in refused.err
