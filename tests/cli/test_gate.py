import json
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from audition.report.github import Annotation
from tests.conftest import Cli
from tests.contest.gates import PERFECT, Shop, make_shop

BROKEN = f"{PERFECT},broken=case-01 case-05 case-09"


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shop:
    """A repository with a routing suite of a dozen cases; the current folder is its top."""
    made = make_shop(tmp_path / "shop")
    monkeypatch.chdir(made.root)
    monkeypatch.delenv("GITHUB_STEP_SUMMARY", raising=False)
    made.edit("evals/agents/writer.md", "Writes guides", "Writes manuals")
    return made


def gate(*forms: str) -> list[str]:
    words = ["gate", "evals/suite.yaml", "--base", "main", "--base-model", PERFECT]
    words += ["--head-model", BROKEN]
    return words + [word for form in forms for word in ("--format", form)]


def test_the_first_line_says_what_the_suite_can_see_and_the_flips_follow_the_verdict(
    shop: Shop, cli: Cli
) -> None:
    said = cli(*gate())
    lines = said.out.splitlines()

    assert said.code == 1
    assert lines[0].startswith("With 12 cases and 60 head trials, this gate catches")
    assert "! The model is scripted" in said.out
    assert "✗ Fail: the head does worse than the base; 12 cases compared." in lines
    assert (
        said.out.index("✗ Fail") < said.out.index("✗ case-01: ") < said.out.index("base  reports")
    )
    assert "writer: description" in said.out


def test_several_forms_are_written_at_once(shop: Shop, cli: Cli) -> None:
    said = cli(*gate("text", "json=gate.json", "junit=gate.xml", "markdown=comment.md"))
    verdict = json.loads(Path("gate.json").read_text(encoding="utf-8"))
    comment = Path("comment.md").read_text(encoding="utf-8")
    document = ET.parse("gate.xml").getroot()  # our own file

    assert said.out.startswith("With 12 cases")
    assert verdict["verdict"] == "fail"
    assert comment.startswith("## ✗ Fail: the head does worse than the base")
    assert "3 of 11 broke" in comment  # the twelfth could not change the verdict any more
    assert "\n+description: Writes manuals of the writer kind.\n" in comment
    [suite] = document
    assert suite.attrib["tests"] == "12"


def test_junit_holds_expected_found_reason_and_the_command_that_plays_it_again(
    shop: Shop, cli: Cli
) -> None:
    cli("run", "evals/suite.yaml", "--model", BROKEN, "--out", "a.run.db")
    said = cli("show", "a.run.db", "--format", "junit")
    [suite] = ET.fromstring(said.out)  # our own file
    cases = {case.attrib["name"]: case for case in suite.iter("testcase")}
    failure = cases["case-01"].find("failure")

    assert {name: suite.attrib[name] for name in ("tests", "failures", "errors", "skipped")} == {
        "tests": "12",
        "failures": "3",
        "errors": "0",
        "skipped": "0",
    }
    assert len(cases["case-00"]) == 0
    assert failure is not None
    assert "went to" in failure.attrib["message"]
    assert failure.text is not None
    assert "expected frontend" in failure.text
    assert "again: audition run evals/suite.yaml" in failure.text


def test_in_junit_a_fault_is_an_error_and_a_known_failure_is_skipped(shop: Shop, cli: Cli) -> None:
    known = "    known: {reason: not taught yet, until: 2999-01-01}\n"
    shop.edit("datasets/cases.yaml", "number 1\n", f"number 1\n{known}")
    cli("run", "evals/suite.yaml", "--model", BROKEN, "--out", "a.run.db")
    faulty = PERFECT.replace("fault=0", "fault=1")
    cli("run", "evals/suite.yaml", "--model", faulty, "--out", "b.run.db", "--trials", "1")
    [known_failure] = ET.fromstring(cli("show", "a.run.db", "--format", "junit").out)
    [faults] = ET.fromstring(cli("show", "b.run.db", "--format", "junit").out)

    assert (known_failure.attrib["failures"], known_failure.attrib["skipped"]) == ("2", "1")
    assert int(faults.attrib["errors"]) >= 3
    assert faults.attrib["failures"] == "0"


def test_on_github_the_changed_line_of_the_definition_is_annotated(
    shop: Shop, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", "summary.md")
    Path("summary.md").write_text("what another step said\n", encoding="utf-8")
    said = cli(*gate("github"))
    summary = Path("summary.md").read_text(encoding="utf-8")
    [annotation] = said.out.splitlines()

    assert annotation.startswith(
        "::error file=evals/agents/writer.md,line=3,title=audition gate%3A suite::Fail: the head"
    )
    assert "%0Acase-01: 5/5 → 0/5" in annotation
    assert summary.startswith("what another step said\n## ✗ Fail")


def test_nothing_that_somebody_wrote_can_begin_another_workflow_command() -> None:
    hostile = "100%\r\n::add-mask::secret"
    written = str(Annotation("error", "a, b: c", hostile, file="x,y:z.md", line=2))

    assert written == (
        "::error file=x%2Cy%3Az.md,line=2,title=a%2C b%3A c::100%25\\x0d%0A::add-mask::secret"
    )


def test_where_nothing_changed_every_form_says_so(shop: Shop, cli: Cli) -> None:
    shop.edit("evals/agents/writer.md", "Writes manuals", "Writes guides")
    forms = ("text", "json=a.json", "junit=a.xml", "markdown=a.md", "github")
    words = [word for form in forms for word in ("--format", form)]
    said = cli("gate", "evals/suite.yaml", "--base", "main", *words)

    assert said.code == 0
    assert "Nothing changed: no case is affected, so nothing was played." in said.out
    assert "::notice title=audition gate%3A suite::Nothing changed" in said.out
    assert "Nothing changed" in Path("a.md").read_text(encoding="utf-8")
    assert len(ET.parse("a.xml").getroot()) == 0  # our own file
    assert not Path("reports").exists()


def test_a_form_that_is_none_is_told_with_those_that_are(shop: Shop, cli: Cli) -> None:
    said = cli("gate", "evals/suite.yaml", "--base", "main", "--format", "xunit=a.xml")

    assert said.code == 2
    assert "'xunit=a.xml' is none of text, markdown, json, junit, github" in said.err
