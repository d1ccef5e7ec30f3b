from audition.checks.changes import Changes
from tests.working import Work

LOG = "# Changes\n"


def test_passes_when_every_glob_is_touched() -> None:
    evidence = Work().writes("CHANGELOG.md", LOG).writes("shop/cart.py", "x = 1\n").end()

    score = Changes(("CHANGELOG.md", "shop/**")).score(evidence)

    assert (score.verdict, score.evidence) == ("pass", ("CHANGELOG.md", "shop/cart.py"))


def test_fails_when_one_of_several_globs_is_not_touched() -> None:
    score = Changes(("CHANGELOG.md", "shop/**")).score(Work().writes("CHANGELOG.md", LOG).end())

    assert score.verdict == "fail"
    assert "touches nothing that shop/** names" in score.reason


def test_a_deleted_file_is_touched() -> None:
    assert Changes("shop/cart.py").score(Work().removes("shop/cart.py").end()).verdict == "pass"


def test_fails_when_the_change_was_taken_back() -> None:
    evidence = Work().writes("CHANGELOG.md", LOG).removes("CHANGELOG.md").end()

    assert Changes("CHANGELOG.md").score(evidence).verdict == "fail"


def test_what_a_commit_leaves_out_is_not_delivered() -> None:
    evidence = (
        Work()
        .writes("CHANGELOG.md", LOG)
        .writes("shop/cart.py", "x = 1\n")
        .commits(paths=("shop/cart.py",))
        .end()
    )

    assert Changes("CHANGELOG.md").score(evidence).verdict == "fail"
    assert Changes("CHANGELOG.md", delivered="worktree").score(evidence).verdict == "pass"


def test_without_a_commit_the_working_tree_is_delivered() -> None:
    evidence = Work().writes("CHANGELOG.md", LOG).end()

    assert Changes("CHANGELOG.md").score(evidence).verdict == "pass"
    assert Changes("CHANGELOG.md", delivered="commit").score(evidence).verdict == "fail"


def test_an_exception_takes_out_what_the_globs_name() -> None:
    evidence = Work().writes("shop/old/cart.py", "x = 1\n").end()

    assert Changes(("shop/**", "!shop/old/**")).score(evidence).verdict == "fail"


def test_fails_when_nothing_was_done() -> None:
    assert Changes("**").score(Work().end()).verdict == "fail"
