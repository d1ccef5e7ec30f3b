"""`audition explain`: every manual is complete, and every example in it works as it stands."""

import re
import textwrap
from pathlib import Path

import pytest
import yaml

from audition import parts
from tests.conftest import Cli, Project

EXAMPLE = Path(__file__).parents[2] / "evals"
CHECKS, MODELS, RUNTIMES = (parts.names(shelf) for shelf in ("checks", "models", "runtimes"))
FACTS = ("Needs", "pass", "fail", "skip", "fault")


def example(manual: str) -> str:
    """The first indented block of a manual."""
    found = re.search(r"(?:^    .*\n)+", manual, re.MULTILINE)
    assert found, manual
    return textwrap.dedent(found[0])


def dry_run(project: Project, cli: Cli, suite: str) -> None:
    """The suite is valid, on the setup of the shipped example."""
    project.write("suite.yaml", f"dataset: cases.yaml\nsetup: {EXAMPLE}\n{suite}\n")
    said = cli("run", "suite.yaml", "--dry-run", "--base-url", "http://127.0.0.1:9")

    assert said.code == 0, said.err


@pytest.mark.parametrize("name", CHECKS)
class TestCheck:
    def test_its_example_is_a_dataset_that_can_be_played(
        self, project: Project, cli: Cli, name: str
    ) -> None:
        written = yaml.safe_load(example(cli("explain", name).out))
        used = [next(iter(e)) if isinstance(e, dict) else e for e in written["expect"]]

        assert set(used) == {name}
        cases = [
            {"id": f"case-{i}", "request": "Hello", "expect": [expectation]}
            for i, expectation in enumerate(written["expect"])
        ]
        project.write("shop/app.py", "")
        work = {"workspace": "shop", "project": {"lint_command": "ruff check ."}}
        project.write("cases.yaml", yaml.safe_dump({**work, "cases": cases}))
        dry_run(project, cli, "model: lexical")

    def test_its_manual_says_what_it_needs_and_what_each_verdict_means(
        self, cli: Cli, name: str
    ) -> None:
        said = cli("explain", name)

        assert said.code == 0
        for fact in FACTS:
            assert len(re.findall(rf"^{fact}: \S", said.out, re.MULTILINE)) == 1

    def test_its_manual_begins_with_what_passes(self, cli: Cli, name: str) -> None:
        title, blank, sentence, *_ = cli("explain", name).out.splitlines()

        assert title == f"{name} (check)"
        assert blank == ""
        assert re.fullmatch(r"[A-Z].*\.", sentence)


@pytest.mark.parametrize("name", MODELS)
def test_every_line_of_a_models_example_is_a_suite_that_can_be_played(
    project: Project, cli: Cli, name: str
) -> None:
    lines = example(cli("explain", name).out).splitlines()
    project.write("recordings/suite.jsonl", RECORDING)
    project.write("recordings/routing.jsonl", RECORDING)
    project.write("cases.yaml", "cases: [{id: a, request: Hello, expect: [no_delegation]}]\n")

    assert lines
    for line in lines:
        ((key, value),) = yaml.safe_load(line).items()
        assert key == "recordings" or parts.read_spec(value) is not None
        dry_run(project, cli, line if key == "model" else f"model: {name}\n{line}")


@pytest.mark.parametrize("name", RUNTIMES)
def test_a_runtimes_example_is_a_suite_that_can_be_played(
    project: Project, cli: Cli, name: str
) -> None:
    project.write("cases.yaml", "cases: [{id: a, request: Hello, expect: [no_delegation]}]\n")
    dry_run(project, cli, f"model: lexical\n{example(cli('explain', name).out)}")


def test_without_a_name_every_part_is_listed_with_its_first_sentence(cli: Cli) -> None:
    said = cli("explain")

    for shelf, names in (("checks", CHECKS), ("models", MODELS), ("runtimes", RUNTIMES)):
        for name in names:
            first = parts.manual(shelf, name).splitlines()[0]
            assert re.search(rf"^  {name} +{re.escape(first)}$", said.out, re.MULTILINE)


def test_a_part_that_does_not_exist_is_answered_with_the_nearest(cli: Cli) -> None:
    said = cli("explain", "route_to")

    assert said.code == 2
    assert "did you mean 'routes_to'?" in said.err


RECORDING = (
    '{"case": "a", "trial": 1, "author": "hand", "date": "2026-11-24", "pin": "", "turns": '
    '[{"thread": [], "turn": 1, "stop": "end_turn", "blocks": [{"text": "Hello."}]}]}\n'
)
