"""A run that was made before, or its small twin, as the base of a gate."""

from collections.abc import Callable
from pathlib import Path

import pytest

from audition.runfile import load
from tests.conftest import Cli
from tests.contest.gates import FAULTY, HOPELESS, Shop


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
