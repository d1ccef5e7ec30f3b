from dataclasses import replace

import pytest

from audition.checks.reviews_at_end import ReviewsAtEnd
from audition.evidence import NotRecordedError
from audition.outcome import Probe, Probed
from audition.project import Project
from tests.checks.stories import CODE, HALF, NEW_FILE, PYTEST, RUFF, TESTS, TIDY, green, red
from tests.trying import PROJECT, answer, tried
from tests.working import Work, judged

CHECK = ReviewsAtEnd()


def linted(work: Work, *, text: str = RUFF) -> Work:
    return work.runs(text, role="lint", tool="ruff", outcome="passed")


def reviewed() -> Work:
    return linted(green())


def part(tests: int | None) -> Work:
    """The end was run by a command that names files, and says how many tests it ran."""
    work = red().writes("shop/cart.py", CODE)
    return linted(work.runs("pytest tests/test_*.py", whole=False, tests=tests))


KEPT = {
    "both were run after the last edit": reviewed(),
    "the linter was run first": linted(red().writes("shop/cart.py", CODE)).runs(PYTEST),
    "both by one command, piped": red()
    .writes("shop/cart.py", CODE)
    .runs(f"{RUFF} && {PYTEST} | tail -1", same_turn=True)
    .runs(RUFF, role="lint", tool="ruff"),
    "only the plan and the changelog came after": reviewed()
    .writes("TODO_discount.md", "- [x] all of it\n")
    .writes("CHANGELOG.md", "Discounts.\n")
    .commits(),
    "the command names files, and ran as many tests as there are": part(3),
    "a formatter found nothing to change": linted(reviewed(), text="ruff format ."),
    "an edit was taken back": reviewed().writes("shop/cart.py", TIDY).writes("shop/cart.py", CODE),
    "it was put away and brought back": reviewed().stashes().pops(),
    "only tests were written": linted(
        Work(project=PROJECT).writes("tests/test_sum.py", "def test_sum():\n    pass\n")
    ).runs(PYTEST),
}


@pytest.mark.parametrize("story", KEPT)
def test_passes_when(story: str) -> None:
    score = tried(CHECK, KEPT[story].end())

    assert (score.verdict, score.reason) == ("pass", score.reason)
    assert len(score.evidence) == 2


BROKEN = {
    "nothing was done": (Work(), "neither code nor tests were changed"),
    "only a plan was written": (linted(Work().writes("TODO.md", "x")), "neither code nor tests"),
    "no tests were run": (linted(Work().writes("shop/cart.py", CODE)), "no agent ran the tests"),
    "no linter was run": (green(), "no agent ran a linter"),
    "the linter was not run again": (
        linted(red()).writes("shop/cart.py", CODE).runs(PYTEST),
        "shop/cart.py was changed, and no agent ran a linter after that",
    ),
    "the tests were not run again": (
        linted(green().writes("shop/cart.py", TIDY)),
        "shop/cart.py was changed, and no agent ran the tests after that",
    ),
    "a test was edited last": (
        reviewed().writes(NEW_FILE, TESTS + "\n"),
        "tests/test_discount.py was changed",
    ),
    "a formatter changed the code after the last run": (
        reviewed().runs("ruff format .", role="lint", tool="ruff", writes={"shop/cart.py": TIDY}),
        "shop/cart.py was changed",
    ),
    "the formatter ran with the tests in one command": (
        linted(
            red().runs(f"cat > shop/cart.py && {PYTEST}", writes={"shop/cart.py": CODE})
        ),
        "cannot be proved",
    ),
    "only a part was run": (part(2), "only a part of the tests"),
    "nobody knows how much was run": (part(None), "only a part of the tests"),
    "the run says that it failed": (
        linted(red().writes("shop/cart.py", CODE).runs(PYTEST, outcome="failed")),
        "says that it failed",
    ),
    "there was nothing to run the linter with": (
        green().runs(RUFF, role="lint", tool="ruff", failure="no_runner"),
        "no agent ran a linter",
    ),
    "a test fails at the end, though the run was piped": (
        linted(red().writes("shop/cart.py", HALF).runs(f"{PYTEST} | tail -1")),
        "the tests do not pass at the end",
    ),
    "a finding is left, though the agent said ok": (
        linted(red().writes("shop/cart.py", f"import os\n{CODE}").runs(PYTEST)),
        "the linter finds something at the end: shop/cart.py:1: ",
    ),
}  # fmt: skip


@pytest.mark.parametrize("story", BROKEN)
def test_fails_when(story: str) -> None:
    work, reason = BROKEN[story]
    score = tried(CHECK, work.end())

    assert score.verdict == "fail"
    assert reason in score.reason


def test_runs_that_do_not_agree_and_a_missing_linter_are_faults() -> None:
    def shaky(probe: Probe, files: dict[str, str]) -> Probed:
        return replace(answer(probe, files), is_stable=NEW_FILE not in files)

    def nothing(probe: Probe, files: dict[str, str]) -> Probed:
        is_lint = probe.kind == "lint"
        return Probed(exit_code=127, failure="no_runner") if is_lint else answer(probe, files)

    for found in (shaky, nothing):
        assert judged(CHECK, reviewed().end(), found).verdict == "fault"


def test_a_project_without_a_linter_is_not_recorded() -> None:
    work = Work(project=Project()).writes("shop/cart.py", CODE).runs(PYTEST)

    with pytest.raises(NotRecordedError, match="lint_command"):
        tried(CHECK, linted(work).end())


def test_asks_for_all_runs_at_once() -> None:
    with pytest.raises(NotRecordedError) as missing:
        CHECK.score(reviewed().end())

    assert sorted(probe.kind for probe in missing.value.probes) == [
        "lint",
        "lint",
        "tests",
        "tests",
    ]
