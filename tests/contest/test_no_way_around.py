"""Ways around a gate that are none."""

import asyncio
import json
import subprocess
import sys
from pathlib import Path

import pytest

from audition.contest.deciding import code_of
from audition.gate.counts import Arm, Case
from audition.gate.decision import decide
from audition.gate.rules import Design
from audition.record import EndedBy
from audition.runfile import load
from tests.conftest import Cli
from tests.contest.gates import FLAKY, PERFECT, Shop
from tests.revisions.repositories import git
from tests.servers import Server, message, serving, stream


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


def test_a_flake_counts_once_however_often_its_trial_is_asked_about(shop: Shop, cli: Cli) -> None:
    """Two flakes disarm a critical check; the same trial under two questions is one."""
    shop.edit(
        "datasets/cases.yaml",
        "number 0\n    expect: [{routes_to: backend}]",
        "number 0\n    expect: [{routes_to: {agent: backend, critical: true}}]",
    )
    shop.commit()
    only = ("--cases", "case-00", "--trials", "10")
    flaky = ("--base-model", PERFECT, "--head-model", FLAKY)
    _, first = shop.gate(cli, *only, *flaky)
    _, second = shop.gate(cli, *only, *flaky, "--margin", "0.4")
    broken = f"{PERFECT},broken=case-00"
    said, third = shop.gate(cli, *only, "--base-model", PERFECT, "--head-model", broken)

    assert any("taken for a flake" in note for note in first["notes"])
    assert (first["flakes"], len(first["flakes"])) == (second["flakes"], 1)
    assert (said.code, third["verdict"]) == (1, "fail")


def test_two_gates_at_once_are_one_throw(shop: Shop) -> None:
    slow = f"{PERFECT},latency_s=0.02"
    models = ["--base-model", slow, "--head-model", f"{slow},broken=case-01"]
    command = [sys.executable, "-m", "audition", "gate", "evals/suite.yaml", *models]
    gates = [
        subprocess.Popen(
            [*command, "--trials", "2", "--format", "json"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    said = [gate.communicate(timeout=100) for gate in gates]
    verdicts = [json.loads(out) for out, _ in said]
    [kept] = Path("reports/verdicts").glob("*.json")

    assert sorted(verdict["is_kept"] for verdict in verdicts) == [False, True]
    assert len(json.loads(kept.read_text(encoding="utf-8"))["attempts"]) == 1
    assert sum("another gate is held here" in err for _, err in said) == 1


def test_answers_of_several_models_decide_nothing_though_a_definition_names_its_own(
    shop: Shop, cli: Cli
) -> None:
    shop.edit("evals/agents/frontend.md", "description", "model: haiku\ndescription")
    shop.edit("evals/suite.yaml", PERFECT, "anthropic:local")
    shop.commit()
    shop.reword()

    async def by_case(writer: asyncio.StreamWriter, server: Server) -> None:
        block = {"type": "text", "text": "In short: it depends."}
        model = f"model-{int('number 1' in str(server.requests[-1].body))}"
        await stream(*message(block, model=model))(writer, server)

    with serving(by_case) as server:
        arguments = ("--base", "main", "--base-url", server.url, "--trials", "1")
        said, verdict = shop.gate(cli, *arguments)

    assert (said.code, verdict["verdict"]) == (4, "invalid")
    assert any("were answered by several models: model-0, model-1" in r for r in verdict["reasons"])
