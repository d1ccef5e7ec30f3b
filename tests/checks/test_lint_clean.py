from dataclasses import replace

import pytest

from audition.checks.lint_clean import LintClean
from audition.evidence import NotRecordedError
from audition.outcome import Probe, Probed
from audition.project import Project
from tests.checks.stories import CODE, OLD_CODE, PYTEST, RUFF
from tests.trying import PROJECT, answer, tried
from tests.working import BASE, Work, judged

CHECK = LintClean()
UNUSED = "import os\n"
SETTINGS = '[tool.ruff.lint]\nselect = ["E", "F"]\n'
STRICT = '[tool.ruff.lint]\nselect = ["E", "F", "D"]\n'
LENIENT = '[tool.ruff.lint]\nselect = ["E"]\n'


def shop(**files: str) -> Work:
    """A shop whose linter has settings, and whose old code may have findings."""
    base = {**BASE, "pyproject.toml": SETTINGS, "shop/old.py": files.get("old", "")}
    return Work(base, project=PROJECT)


KEPT = {
    "nothing is found": shop().writes("shop/cart.py", CODE),
    "nothing is found in what was committed": shop()
    .writes("shop/cart.py", CODE)
    .commits()
    .writes("shop/cart.py", UNUSED + CODE),
    "an old finding is there still": shop(old=UNUSED).writes("shop/cart.py", CODE),
    "an old finding has another line": shop(old=UNUSED).writes(
        "shop/old.py", f'"""Old."""\n{UNUSED}'
    ),
    "an old finding was mended": shop(old=UNUSED).writes("shop/old.py", ""),
    "a stricter rule finds what was there before": shop(old=UNUSED).writes(
        "pyproject.toml", STRICT
    ),
}


@pytest.mark.parametrize("story", KEPT)
def test_passes_when(story: str) -> None:
    score = tried(CHECK, KEPT[story].end())

    assert (score.verdict, score.reason) == ("pass", score.reason)


BROKEN = {
    "nothing was done": (shop(), "nothing was changed"),
    "an import is not used": (
        shop().writes("shop/cart.py", UNUSED + CODE),
        "by the base's configuration: shop/cart.py:1: F401",
    ),
    "a second finding of a kind that was there": (
        shop(old="import os\n\nos.sep\n\n\ndef f():\n    import os\n").writes(
            "shop/old.py",
            "import os\n\nos.sep\n\n\ndef f():\n    import os\n\n\ndef g():\n    import os\n",
        ),
        "by the base's configuration: shop/old.py",
    ),
    "the rule was switched off": (
        shop().heredoc({"shop/cart.py": UNUSED + CODE, "pyproject.toml": LENIENT}),
        "by the base's configuration",
    ),
    "a configuration nearer by switches it off": (
        shop().heredoc({"shop/cart.py": UNUSED + CODE, "shop/ruff.toml": "exclude = ['*.py']\n"}),
        "by the base's configuration",
    ),
    "a stricter rule finds something in what is new": (
        shop().heredoc({"shop/new.py": "PRICE = 1\n", "pyproject.toml": STRICT}),
        "by the delivered configuration: shop/new.py",
    ),
    "something is found in a file that counts as configuration": (
        shop().writes("conftest.py", UNUSED),
        "by the delivered configuration: conftest.py:1: F401",
    ),
    "the configuration was broken": (
        shop().writes("pyproject.toml", SETTINGS + "[[["),
        "by the delivered configuration: the linter cannot be run",
    ),
    "the file does not even parse": (
        shop().writes("shop/cart.py", CODE + "def (:\n"),
        "by the base's configuration: shop/cart.py",
    ),
}


@pytest.mark.parametrize("story", BROKEN)
def test_fails_when(story: str) -> None:
    work, reason = BROKEN[story]
    score = tried(CHECK, work.end())

    assert score.verdict == "fail"
    assert reason in score.reason


def lints(work: Work) -> Work:
    return work.runs(RUFF, role="lint", tool="ruff")


def test_an_agent_must_have_linted_its_work_where_that_is_asked() -> None:
    asked = LintClean(by_agent=True)
    late = lints(shop().writes("shop/cart.py", CODE))
    early = lints(shop()).writes("shop/cart.py", CODE)
    absent = shop().writes("shop/cart.py", CODE).runs(PYTEST)
    missing = shop().writes("shop/cart.py", CODE)
    missing.runs(RUFF, role="lint", tool="ruff", failure="no_runner")

    assert tried(asked, late.end()).verdict == "pass"
    for work in (early, absent, missing):
        score = tried(asked, work.end())
        assert (score.verdict, score.reason) == ("fail", "no agent ran a linter on its work")


def test_a_linter_that_fails_without_a_finding_is_no_pass() -> None:
    def silent(probe: Probe, files: dict[str, str]) -> Probed:
        return Probed(exit_code=int(files["shop/cart.py"] != OLD_CODE))

    assert judged(CHECK, shop().writes("shop/cart.py", CODE).end(), silent).verdict == "fail"


def test_runs_that_do_not_agree_and_a_missing_linter_are_faults() -> None:
    def shaky(probe: Probe, files: dict[str, str]) -> Probed:
        return replace(answer(probe, files), is_stable=files["shop/cart.py"] == OLD_CODE)

    def nothing(probe: Probe, files: dict[str, str]) -> Probed:
        return Probed(exit_code=127, failure="no_runner")

    for found in (shaky, nothing):
        assert judged(CHECK, shop().writes("shop/cart.py", CODE).end(), found).verdict == "fault"


def test_a_project_without_a_linter_is_not_recorded() -> None:
    evidence = Work(project=Project()).writes("shop/cart.py", CODE).end()

    with pytest.raises(NotRecordedError, match="lint_command"):
        tried(CHECK, evidence)
