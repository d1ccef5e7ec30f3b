import pytest

from audition.checks.leaves_alone import LeavesAlone
from audition.evidence import NotRecordedError
from tests.making import answering
from tests.working import BASE, Work


def test_passes_when_other_paths_change() -> None:
    evidence = Work().writes("shop/cart.py", "x = 1\n").end()

    assert LeavesAlone("tests/**").score(evidence).verdict == "pass"


@pytest.mark.parametrize(
    ("story", "did"),
    [
        (Work().writes("tests/test_cart.py", "x = 1\n"), "modifies tests/test_cart.py"),
        (Work().writes("tests/test_new.py", "x = 1\n"), "creates tests/test_new.py"),
        (Work().removes("tests/test_cart.py"), "deletes tests/test_cart.py"),
    ],
    ids=["modified", "created", "deleted"],
)
def test_fails_when_a_path_is_not_what_it_was(story: Work, did: str) -> None:
    score = LeavesAlone("tests/**").score(story.end())

    assert score.verdict == "fail"
    assert did in score.reason


def test_what_was_put_back_is_left_alone() -> None:
    path = "tests/test_cart.py"
    evidence = Work().writes(path, "x = 1\n").writes(path, BASE[path]).end()

    assert LeavesAlone("tests/**").score(evidence).verdict == "pass"


def test_passes_when_an_investigator_only_reads() -> None:
    evidence = Work().delegates().runs("grep -rn total", role="other").returns("In cart.").end()

    assert LeavesAlone("**").score(evidence).verdict == "pass"


def test_fails_when_nobody_did_anything() -> None:
    score = LeavesAlone("tests/**").score(Work().delegates().returns("All done.").end())

    assert (score.verdict, score.found) == ("fail", "no work")


def test_what_a_commit_leaves_out_is_not_delivered() -> None:
    evidence = (
        Work()
        .writes("notes.md", "ideas\n")
        .writes("shop/cart.py", "x = 1\n")
        .commits(paths=("shop/cart.py",))
        .end()
    )

    assert LeavesAlone("*.md").score(evidence).verdict == "pass"
    assert LeavesAlone("*.md", delivered="worktree").score(evidence).verdict == "fail"


def test_an_exception_may_change() -> None:
    evidence = Work().writes("docs/guide.md", "# Guide\n").end()

    assert LeavesAlone(("**", "!docs/**")).score(evidence).verdict == "pass"
    assert LeavesAlone("**").score(evidence).verdict == "fail"


def test_a_trial_without_a_workspace_is_not_recorded() -> None:
    with pytest.raises(NotRecordedError):
        LeavesAlone("**").score(answering())
