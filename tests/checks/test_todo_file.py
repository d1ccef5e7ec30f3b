from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audition.checks._metadata import has_content, read_moment, stated
from audition.checks.todo_file import TodoFile
from audition.evidence import Evidence, NotRecordedError
from audition.parts import adapter
from audition.score import Score
from audition.trees import LINK, File
from tests.working import Work

PATH = ".nasustim-documents/TODO_discount.md"
TASKS = "## Tasks\n\n- [ ] a test\n- [ ] the code\n"
PLAN = f"# Discount\n\n- Branch: feat/discount\n- Created: 2026-03-10 14:05 UTC\n\n{TASKS}"
FULL = TodoFile(".nasustim-documents/TODO_*.md", metadata=("branch", "created"))
CODE = "def total(prices, discount=0):\n    return sum(prices) - discount\n"


def planned(text: str = PLAN, **story: str) -> Evidence:
    """A plan on a branch of its own, then the code."""
    work = Work(recorded=(story.get("since", ""), story.get("until", "")))
    return work.switches("feat/discount").writes(PATH, text).writes("shop/cart.py", CODE).end()


def head(branch: str = "feat/discount", created: str = "2026-03-10 14:05 UTC") -> str:
    """A plan with this metadata."""
    return f"---\nbranch: {branch}\ncreated: {created}\n---\n\n{TASKS}"


def judge(evidence: Evidence, check: TodoFile = FULL) -> Score:
    return check.score(evidence)


class TestWhenItComes:
    def test_passes_when_the_plan_comes_first(self) -> None:
        assert judge(planned()).verdict == "pass"

    def test_fails_when_there_is_none(self) -> None:
        score = judge(Work().writes("shop/cart.py", CODE).end())

        assert (score.verdict, score.reason) == ("fail", "no plan was written before shop/cart.py")

    def test_fails_when_nothing_was_done(self) -> None:
        assert judge(Work().end(), TodoFile()).verdict == "fail"

    def test_fails_when_it_comes_after_the_code(self) -> None:
        score = judge(Work().writes("shop/cart.py", CODE).writes(PATH, PLAN).end())

        assert score.verdict == "fail"
        assert "written only after shop/cart.py" in score.reason

    def test_fails_when_plan_and_code_come_in_one_call(self) -> None:
        score = judge(Work().heredoc({PATH: PLAN, "shop/cart.py": CODE}).end())

        assert score.verdict == "fail"
        assert "not proved" in score.reason

    @pytest.mark.parametrize(
        "early",
        [
            "",
            "\n\n",
            "# Discount\n\n## Tasks\n",
            "Discount\n========\n",
            "---\nbranch: feat/discount\n---\n# Discount\n",
            "- Branch: feat/discount\n- Created: 2026-03-10 14:05 UTC\n",
            "- [ ] \n- \n---\n<!-- later -->\n",
        ],
    )
    def test_a_plan_that_is_filled_after_the_code_is_none(self, early: str) -> None:
        story = Work().switches("feat/discount").writes(PATH, early).writes("shop/cart.py", CODE)

        score = judge(story.writes(PATH, PLAN).end())

        assert score.verdict == "fail"
        assert "no more than headings" in score.reason

    def test_it_may_be_touched_first_and_filled_in_time(self) -> None:
        story = Work().switches("feat/discount").writes(PATH, "").writes(PATH, PLAN)

        assert judge(story.writes("shop/cart.py", CODE).end()).verdict == "pass"

    def test_ticking_it_off_later_changes_nothing(self) -> None:
        story = Work().switches("feat/discount").writes(PATH, PLAN).writes("shop/cart.py", CODE)

        assert judge(story.writes(PATH, PLAN.replace("[ ]", "[x]")).end()).verdict == "pass"

    def test_tests_may_come_before_it_unless_that_is_asked_for(self) -> None:
        story = Work().switches("feat/discount").writes("tests/test_new.py", "def test_a(): ...\n")
        evidence = story.writes(PATH, PLAN).writes("shop/cart.py", CODE).end()

        assert judge(evidence).verdict == "pass"
        assert judge(evidence, TodoFile("TODO_*.md", before="first_test")).verdict == "fail"

    def test_it_has_to_precede_code_as_well_where_it_has_to_precede_tests(self) -> None:
        story = Work().writes("shop/cart.py", CODE).writes(PATH, PLAN)
        evidence = story.writes("tests/test_new.py", "def test_a(): ...\n").end()

        assert judge(evidence, TodoFile("TODO_*.md", before="first_test")).verdict == "fail"

    def test_a_plan_that_lay_there_before_is_not_the_agents(self) -> None:
        evidence = Work({PATH: PLAN}).writes("shop/cart.py", CODE).end()

        assert judge(evidence, TodoFile("TODO_*.md")).verdict == "fail"

    def test_a_plan_alone_is_judged_as_it_is_at_the_end(self) -> None:
        story = Work().switches("feat/discount").writes(PATH, "")

        assert judge(story.writes(PATH, PLAN).end()).verdict == "pass"

    def test_a_plan_elsewhere_is_not_the_plan(self) -> None:
        evidence = Work().writes("plan.md", PLAN).writes("shop/cart.py", CODE).end()

        assert judge(evidence).verdict == "fail"

    def test_a_link_is_no_plan(self) -> None:
        story = Work().switches("feat/discount").writes("target.md", PLAN)
        linked = {**story.tree, PATH: File(LINK, story.tree["target.md"].blob)}

        assert judge(story.becomes(linked).writes("shop/cart.py", CODE).end()).verdict == "fail"

    def test_one_good_plan_of_two_is_enough(self) -> None:
        story = (
            Work().switches("feat/discount").writes("TODO_a.md", "# A\n").writes("TODO_b.md", PLAN)
        )
        check = TodoFile("TODO*.md", metadata=("branch", "created"))

        assert judge(story.writes("shop/cart.py", CODE).end(), check).verdict == "pass"

    def test_it_may_be_gone_at_the_end_unless_it_has_to_be_kept(self) -> None:
        story = Work().writes(PATH, PLAN).writes("shop/cart.py", CODE)
        stays = story.end()
        gone = Work().writes(PATH, PLAN).writes("shop/cart.py", CODE).removes(PATH).end()
        kept = TodoFile("TODO_*.md", kept=True)

        assert judge(gone, TodoFile("TODO_*.md")).verdict == "pass"
        assert judge(gone, kept).verdict == "fail"
        assert judge(stays, kept).verdict == "pass"

    def test_a_content_that_was_not_kept_is_not_guessed(self) -> None:
        evidence = Work().writes(PATH, PLAN, kept=False).writes("shop/cart.py", CODE).end()

        with pytest.raises(NotRecordedError):
            judge(evidence)


class TestBranch:
    def test_fails_when_it_is_another(self) -> None:
        score = judge(planned(head(branch="feat/paging")))

        assert score.verdict == "fail"
        assert "its branch is 'feat/paging', HEAD was on feat/discount" in score.reason

    def test_fails_when_it_is_not_said(self) -> None:
        score = judge(planned(f"created: 2026-03-10 14:05 UTC\n\n{TASKS}"))

        assert score.verdict == "fail"
        assert "does not say its branch" in score.reason

    def test_a_branch_that_is_made_later_is_true(self) -> None:
        story = Work().writes(PATH, head()).switches("feat/discount")

        assert judge(story.writes("shop/cart.py", CODE).end()).verdict == "pass"

    def test_the_branch_that_it_was_made_on_is_true(self) -> None:
        story = Work().writes(PATH, head(branch="main")).switches("feat/discount")

        assert judge(story.writes("shop/cart.py", CODE).end()).verdict == "pass"

    def test_a_branch_that_was_left_before_is_not(self) -> None:
        assert judge(planned(head(branch="main"))).verdict == "fail"


class TestCreated:
    def test_fails_when_it_was_copied_from_an_old_plan(self) -> None:
        score = judge(planned(head(created="2025-11-02 09:30 UTC")))

        assert score.verdict == "fail"
        assert "the trial ran from 2026-03-10 14:00:00+00:00" in score.reason

    def test_a_replay_may_say_when_it_was_recorded(self) -> None:
        text = head(created="2025-11-02T10:31:07+01:00")
        window = {"since": "2025-11-02T09:30:00+00:00", "until": "2025-11-02T09:40:00+00:00"}

        assert judge(planned(text, **window)).verdict == "pass"
        assert judge(planned(text)).verdict == "fail"

    @pytest.mark.parametrize(
        "created",
        [
            "2026-03-10T14:05:09Z",
            "2026-03-10 14:05:09",
            "2026-03-10T14:05:09.123456+00:00",
            "2026-03-10T15:05+01:00",
            "2026-03-10T23:05:00+0900",
            "2026-03-10 23:05 JST",
            "2026/03/10 14:05",
            "20260310T140509Z",
            "20260310-140509",
            "Tue Mar 10 14:05:09 UTC 2026",
            "Tue Mar 10 02:05:09 PM UTC 2026",
            "Tue, 10 Mar 2026 14:05:09 +0000",
            "March 10, 2026 at 2:05 pm",
            "10 March 2026, 14:05 (UTC)",
            "2026年3月10日 14:05",
            "1773151509",
            "`2026-03-10 14:05`",
            '"2026-03-10T14:05:09Z"',
            "2026-03-10T14:00:00Z",
        ],
    )
    def test_a_true_time_is_read_in_any_usual_form(self, created: str) -> None:
        assert judge(planned(head(created=created))).reason.startswith(PATH + " was written")

    @pytest.mark.parametrize(
        "created",
        [
            "2026-03-10T14:05:09+01:00",
            "2026-03-10 14:05 JST",
            "2026-03-10 14:05 XYZ",
            "2026-03-10 13:59:00 UTC",
            "2026-03-10 14:41:05 UTC",
            "2026-02-31 14:05",
            "03/10/2026 14:05",
            "14:05",
            "today",
            "$(date)",
            "9999-12-31 23:59",
            "2026-03-10 99:99",
        ],
    )
    def test_a_time_that_is_false_or_cannot_be_told_fails(self, created: str) -> None:
        assert judge(planned(head(created=created))).verdict == "fail"

    def test_a_date_alone_is_enough_only_for_the_day(self) -> None:
        day = TodoFile("TODO_*.md", metadata=("created",), precision="day")

        assert judge(planned(head(created="2026-03-10"))).verdict == "fail"
        assert judge(planned(head(created="2026-03-10")), day).verdict == "pass"
        assert judge(planned(head(created="2026-03-09")), day).verdict == "fail"
        assert judge(planned(head(created="2026-03-10 09:00")), day).verdict == "fail"

    def test_seconds_are_needed_only_where_they_are_asked_for(self) -> None:
        exact = TodoFile("TODO_*.md", metadata=("created",), precision="second")

        assert judge(planned(head(created="2026-03-10 14:05")), exact).verdict == "fail"
        assert judge(planned(head(created="2026-03-10 14:05:00")), exact).verdict == "pass"

    def test_a_full_minute_is_read_as_a_minute(self) -> None:
        story = Work(started_at="2026-03-10T14:00:40+00:00").switches("feat/discount")
        story.writes(PATH, head(created="2026-03-10 14:00:00")).writes("shop/cart.py", CODE)

        assert judge(story.end()).verdict == "pass"

    def test_a_time_without_a_zone_may_be_local_time(self) -> None:
        since, until = "2026-03-10T14:00:00+02:00", "2026-03-10T14:40:00+02:00"
        for created, verdict in (("14:05", "pass"), ("12:05", "pass"), ("13:05", "fail")):
            story = Work(started_at=since, ended_at=until).switches("feat/discount")
            story.writes(PATH, head(created=f"2026-03-10 {created}")).writes("shop/cart.py", CODE)

            assert judge(story.end()).verdict == verdict

    def test_a_second_may_be_one_off(self) -> None:
        assert judge(planned(head(created="2026-03-10 14:40:01 UTC"))).verdict == "pass"
        assert judge(planned(head(created="2026-03-10 14:40:02 UTC"))).verdict == "fail"

    def test_when_the_trial_ran_has_to_be_known(self) -> None:
        story = Work(started_at="", ended_at="").switches("feat/discount").writes(PATH, PLAN)

        with pytest.raises(NotRecordedError):
            judge(story.end())

    @given(
        st.datetimes(datetime(2026, 3, 10, 14), datetime(2026, 3, 10, 14, 40)),  # noqa: DTZ001
        st.integers(-12, 14),
        st.sampled_from(["iso", "space", "offset"]),
    )
    def test_every_moment_of_the_trial_is_true_in_every_zone(
        self, at: datetime, hours: int, form: str
    ) -> None:
        local = at.replace(tzinfo=UTC).astimezone(timezone(timedelta(hours=hours)))
        written = {
            "iso": local.isoformat(),
            "space": local.isoformat(" ", "minutes"),
            "offset": local.strftime("%a, %d %b %Y %H:%M:%S %z"),
        }[form]

        assert judge(planned(head(created=written))).verdict == "pass"

    @given(
        st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)).filter(  # noqa: DTZ001
            lambda at: abs(at - datetime(2026, 3, 10, 14, 20)) > timedelta(minutes=22)  # noqa: DTZ001
        )
    )
    def test_no_other_moment_is(self, at: datetime) -> None:
        assert judge(planned(head(created=f"{at.isoformat()}Z"))).verdict == "fail"


class TestForms:
    @pytest.mark.parametrize(
        "text",
        [
            "---\nbranch: feat/x\ncreated: 2026-03-10 14:05\n---\n",
            "---\nGit-Branch: 'feat/x'\nCreated_At: \"2026-03-10 14:05\"\n---\n",
            "Branch: feat/x\nCreated: 2026-03-10 14:05\n",
            "# Plan\n\n- **Branch**: `feat/x`\n- **Created:** 2026-03-10 14:05\n",
            "* Branch name = feat/x\n* Date: 2026-03-10 14:05\n",
            "**Branch:** feat/x | **Created:** 2026-03-10 14:05\n",
            "| | |\n|---|---|\n| Branch | `feat/x` |\n| Created at | 2026-03-10 14:05 |\n",
            "| Branch | Created | Owner |\n|---|:-:|--|\n| feat/x | 2026-03-10 14:05 | me |\n",
            "## Branch\n\nfeat/x\n\n## Created\n\n2026-03-10 14:05\n",
            "<!-- branch: feat/x -->\n<!-- created: 2026-03-10 14:05 -->\n",
            "> Branch: feat/x\n> Created on: 2026-03-10 14:05\n",
            "ブランチ：feat/x\n作成日時：2026-03-10 14:05\n",
            "\ufeff---\r\nbranch: feat/x\r\ncreated: 2026-03-10 14:05\r\n---\r\n",
            "- Base branch: main\n- Branch: feat/x\n- Due: 2027-01-01\n- Date: 2026-03-10 14:05",
            "- Date: 2020-01-01\n- Branch: feat/x\n- Created: 2026-03-10 14:05",
        ],
    )
    def test_metadata_is_found_in_every_form(self, text: str) -> None:
        created = stated(text, "created")

        assert stated(text, "branch") == "feat/x"
        assert created is not None
        assert read_moment(created) == read_moment("2026-03-10 14:05")

    def test_a_zone_in_the_name_of_the_key_belongs_to_the_time(self) -> None:
        written = stated("Created (JST): 2026-03-10 14:05\n", "created") or ""

        assert read_moment(written) == read_moment("2026-03-10T14:05+09:00")

    @pytest.mark.parametrize(
        "text", ["", "# Branch of the plan\n", "branch:\n", "base branch: main\n", "rebranch: x\n"]
    )
    def test_what_is_no_metadata_is_not_taken_for_it(self, text: str) -> None:
        assert stated(text, "branch") is None

    @pytest.mark.parametrize("text", [TASKS, "Add it.\n", "1. tests\n", "- Model: Order\n"])
    def test_words_fill_a_plan(self, text: str) -> None:
        assert has_content(text)

    @given(st.text(alphabet=st.sampled_from("ab12:-|#*`=() \n[]xZ/+年<!>.,UTC"), max_size=300))
    def test_any_text_is_read_without_harm(self, text: str) -> None:
        for key in ("branch", "created"):
            read_moment(stated(text, key) or text)
        assert isinstance(has_content(text), bool)

    def test_a_huge_text_is_read_in_no_time(self) -> None:
        for text in ("|" * 500_000, "a" * 500_000 + ":", "# " * 300_000, f"a{' ' * 99_000}b"):
            assert stated(text, "branch") is None


def test_the_manual_is_written_as_it_is_read() -> None:
    written = {"path": "TODO*.md", "metadata": ["branch", "created"], "before": "first_test"}

    check = adapter(TodoFile).validate_python(written)

    assert check == TodoFile("TODO*.md", metadata=("branch", "created"), before="first_test")


@pytest.mark.parametrize(
    "written", [{"path": ""}, {"path": []}, {"metadata": ["author"]}, {"precision": "hour"}]
)
def test_what_is_no_option_is_refused(written: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="validation error"):
        adapter(TodoFile).validate_python(written)
