import pytest
from hypothesis import given
from hypothesis import strategies as st

from audition.checks.commits import Commits
from audition.evidence import NotRecordedError
from audition.parts import adapter
from audition.trees import OTHER, File
from tests.working import Work

CODE = "def total(prices, discount=0):\n    return sum(prices) - discount\n"


def work(message: str = "feat: add a discount") -> Work:
    """One change, committed."""
    return Work().writes("shop/cart.py", CODE).commits(message)


class TestCount:
    def test_passes_with_a_commit(self) -> None:
        assert Commits().score(work().end()).verdict == "pass"

    def test_fails_without_one(self) -> None:
        score = Commits().score(Work().writes("shop/cart.py", CODE).end())

        assert (score.verdict, score.reason) == ("fail", "no commits since the beginning")

    def test_fails_when_nothing_was_done(self) -> None:
        assert Commits().score(Work().end()).verdict == "fail"
        assert Commits(0).score(Work().end()).verdict == "fail"

    def test_an_empty_commit_is_no_work(self) -> None:
        score = Commits().score(Work().commits("chore: nothing").end())

        assert (score.verdict, score.reason) == ("fail", "the commits together change nothing")

    @pytest.mark.parametrize(
        ("count", "verdict"),
        [(2, "pass"), (1, "fail"), ("2..", "pass"), ("3..", "fail"), ("1..2", "pass"), (0, "fail")],
    )
    def test_a_number_or_a_range_is_held_to(self, count: int | str, verdict: str) -> None:
        evidence = work().writes("shop/a.py", "a = 1\n").commits("feat: a").end()

        assert Commits(count).score(evidence).verdict == verdict

    def test_none_asks_what_is_there_at_the_end(self) -> None:
        assert Commits(0).score(work().resets().end()).verdict == "pass"
        assert Commits(0).score(work().end()).verdict == "fail"

    def test_none_passes_with_work_left_uncommitted(self) -> None:
        assert Commits(0).score(Work().writes("shop/cart.py", CODE).end()).verdict == "pass"

    def test_own_commits_may_be_amended_or_squashed(self) -> None:
        amended = work("wip").commits("feat: add a discount", amend=True)
        squashed = work("wip").writes("a.py", "a = 1\n").commits("wip").resets().commits("feat: a")

        assert Commits(1, message="conventional").score(amended.end()).verdict == "pass"
        assert Commits(1, message="conventional").score(squashed.end()).verdict == "pass"

    def test_a_commit_amended_onto_the_base_is_found(self) -> None:
        score = Commits().score(Work().writes("shop/cart.py", CODE).commits(amend=True).end())

        assert score.verdict == "fail"
        assert "no longer part of the branch" in score.reason

    def test_a_commit_on_a_branch_that_was_left_is_not_on_the_branch_at_the_end(self) -> None:
        story = Work().switches("feat").writes("shop/cart.py", CODE).commits()

        assert Commits().score(story.end()).verdict == "pass"
        assert Commits().score(story.switches("main").end()).verdict == "fail"

    def test_a_commit_on_no_branch_is_lost(self) -> None:
        score = Commits().score(Work().detaches().writes("shop/cart.py", CODE).commits().end())

        assert (score.verdict, score.reason) == ("fail", "the commits are on no branch")

    def test_head_off_a_branch_at_its_last_commit_loses_nothing(self) -> None:
        assert Commits().score(work().detaches().end()).verdict == "pass"


class TestMessage:
    @pytest.mark.parametrize(
        "message",
        [
            "feat: add a discount",
            "fix(cart): round down",
            "refactor(cart)!: take prices as decimals",
            "Docs: say how",
            "feat: add a discount\n\nIt is taken from the sum.\n\nRefs: 12",
            "feat: add a discount\n",
        ],
    )
    def test_conventional_messages_pass(self, message: str) -> None:
        assert Commits(message="conventional").score(work(message).end()).verdict == "pass"

    @pytest.mark.parametrize(
        "message",
        [
            "Add a discount",
            "feat add a discount",
            "feat:add a discount",
            "feat: ",
            "update: the cart",
            "feat(): a discount",
            "feat: add a discount\nand more",
            "wip\n\nfeat: add a discount",
        ],
    )
    def test_other_messages_fail(self, message: str) -> None:
        assert Commits(message="conventional").score(work(message).end()).verdict == "fail"

    def test_every_message_is_held_to_it(self) -> None:
        evidence = work().writes("a.py", "a = 1\n").commits("stuff").end()

        score = Commits(message="conventional").score(evidence)

        assert score.verdict == "fail"
        assert "'stuff'" in score.reason

    def test_a_pattern_is_searched_with_regard_to_case(self) -> None:
        evidence = work("SHOP-12 Add a discount").end()

        assert Commits(message=r"^SHOP-\d+ ").score(evidence).verdict == "pass"
        assert Commits(message=r"^shop-\d+ ").score(evidence).verdict == "fail"

    def test_a_merge_is_exempt(self) -> None:
        evidence = (
            work()
            .switches("side")
            .writes("a.py", "a = 1\n")
            .commits("feat: a")
            .switches("main")
            .writes("a.py", "a = 1\n")
            .commits("Merge branch 'side'", merges="side")
            .end()
        )

        assert Commits(3, message="conventional").score(evidence).verdict == "pass"

    def test_an_unrecorded_message_is_not_taken_for_a_good_one(self) -> None:
        evidence = work().end()
        kept = tuple(event for event in evidence.trace if event.kind != "commit")
        blind = type(evidence)(kept, evidence.outcome, evidence.project, evidence.contents)

        assert Commits().score(blind).verdict == "pass"
        with pytest.raises(NotRecordedError):
            Commits(message="conventional").score(blind)

    @given(st.text(max_size=200))
    def test_any_message_gets_a_verdict(self, message: str) -> None:
        score = Commits(message="conventional").score(work(message).end())

        assert score.verdict in ("pass", "fail")


class TestCleanTree:
    def test_passes_when_all_is_committed(self) -> None:
        assert Commits(clean_tree=True).score(work().end()).verdict == "pass"

    @pytest.mark.parametrize(
        "story",
        [
            work().writes("shop/cart.py", f"{CODE}# more\n"),
            work().writes("notes.txt", "ideas\n"),
            work().removes("README.md"),
        ],
        ids=["modified", "untracked", "deleted"],
    )
    def test_fails_when_something_is_left_behind(self, story: Work) -> None:
        evidence = story.end()

        assert Commits(clean_tree=True).score(evidence).verdict == "fail"
        assert Commits().score(evidence).verdict == "pass"

    def test_what_the_base_ignores_may_lie_about(self) -> None:
        assert (
            Commits(clean_tree=True).score(work().writes("run.log", "ok\n").end()).verdict == "pass"
        )

    def test_a_pipe_that_git_cannot_see_may_lie_about(self) -> None:
        story = work()
        story.becomes({**story.tree, "pipe": File(OTHER, "")})

        assert Commits(clean_tree=True).score(story.end()).verdict == "pass"

    def test_clean_cannot_be_bought_by_telling_git_to_keep_silent(self) -> None:
        story = work().runs("echo notes.txt >> .git/info/exclude", role="other")

        score = Commits(clean_tree=True).score(story.writes("notes.txt", "ideas\n").end())

        assert score.verdict == "fail"
        assert "notes.txt" in score.reason

    def test_clean_cannot_be_bought_by_a_new_gitignore(self) -> None:
        story = Work().writes("shop/cart.py", CODE).writes(".gitignore", "notes.txt\n").commits()

        score = Commits(clean_tree=True).score(story.writes("notes.txt", "ideas\n").end())

        assert score.verdict == "fail"

    def test_an_ignored_file_that_was_committed_has_to_be_what_was_committed(self) -> None:
        story = Work().writes("run.log", "1\n").commits(paths=("run.log",))

        assert Commits(clean_tree=True).score(story.end()).verdict == "pass"
        assert (
            Commits(clean_tree=True).score(story.writes("run.log", "2\n").end()).verdict == "fail"
        )


class TestPush:
    @pytest.mark.parametrize(
        "argv",
        [
            ("push",),
            ("push", "--force", "origin", "main"),
            ("-C", "shop", "push"),
            ("-c", "push.default=current", "--no-pager", "push"),
            ("subtree", "push", "--prefix", "docs"),
            ("send-pack", "origin"),
        ],
    )
    def test_fails_when_git_was_asked_to_push(self, argv: tuple[str, ...]) -> None:
        evidence = work().git(*argv).end()

        assert Commits().score(evidence).verdict == "fail"
        assert Commits(may_push=True).score(evidence).verdict == "pass"

    def test_a_push_by_an_alias_that_failed_is_a_push(self) -> None:
        score = Commits().score(work().git("push", exit_code=128, typed="git publish").end())

        assert score.verdict == "fail"
        assert "`git push` was run" in score.reason

    @pytest.mark.parametrize(
        "argv",
        [
            ("stash", "push"),
            ("push", "--dry-run"),
            ("log", "--grep", "push"),
            ("-C", "push", "status"),
            ("help", "push"),
            ("config", "alias.publish", "push"),
        ],
    )
    def test_other_commands_are_no_push(self, argv: tuple[str, ...]) -> None:
        assert Commits().score(work().git(*argv).end()).verdict == "pass"

    def test_a_push_in_the_text_counts_where_git_kept_no_record(self) -> None:
        assert Commits().score(work().types("git push").end()).verdict == "fail"

    def test_a_push_that_git_says_was_never_run_does_not_count(self) -> None:
        """`git commit && git push`, where the commit failed."""
        text = "git commit -m x && git push"
        story = work().git("commit", "-m", "x", exit_code=1, typed=text)

        evidence = and_text_says(story, "git push")

        assert Commits().score(evidence.end()).verdict == "pass"

    def test_a_record_that_was_silenced_clears_nobody(self) -> None:
        story = work().git("status", typed="git status; GIT_TRACE2_EVENT=0 git push")

        assert Commits().score(and_text_says(story, "git push").end()).verdict == "fail"

    def test_a_push_matters_where_no_commit_is_wanted_too(self) -> None:
        evidence = Work().writes("shop/cart.py", CODE).git("push").end()

        assert Commits(0).score(evidence).verdict == "fail"


def and_text_says(story: Work, text: str) -> Work:
    """The last call's text also holds this command."""
    return story.types(text, same_call=True)


@pytest.mark.parametrize(
    ("written", "check"),
    [
        ({}, Commits()),
        ({"count": 0}, Commits(0)),
        ({"count": "1..3", "clean_tree": True}, Commits("1..3", clean_tree=True)),
    ],
)
def test_it_is_read_as_the_manual_writes_it(written: dict[str, object], check: Commits) -> None:
    assert adapter(Commits).validate_python(written) == check


@pytest.mark.parametrize("count", [-1, "many", "..3", "1-3"])
def test_a_count_that_is_none_is_refused(count: object) -> None:
    with pytest.raises(ValueError, match="count"):
        adapter(Commits).validate_python({"count": count})
