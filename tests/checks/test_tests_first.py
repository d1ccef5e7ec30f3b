import pytest
from hypothesis import given
from hypothesis import strategies as st

from audition.checks.tests_first import TestsFirst
from audition.evidence import Evidence, NotRecordedError
from audition.project import Project
from audition.score import Score
from tests.working import BASE, Work

CART, TESTS = "shop/cart.py", "tests/test_cart.py"
CODE = (
    BASE[CART] + "\n\ndef discounted(prices, percent):\n"
    "    if not 0 <= percent <= 100:\n"
    "        raise ValueError(percent)\n"
    "    rest = 100 - percent\n"
    "    return total(prices) * rest / 100\n"
)
STUB = (
    f'{BASE[CART]}\n\ndef discounted(prices, percent):\n    """To come."""\n'
    "    raise NotImplementedError\n"
)
HALF = f"{BASE[CART]}\n\ndef discounted(prices, percent):\n    return total(prices)\n"
MORE_TESTS = f"{BASE[TESTS]}\n\ndef test_discount():\n    assert discounted([200], 10) == 180\n"
JS_TESTS = 'test("adds", () => {\n  assert.equal(add(1, 2), 3);\n});\n'
JS_CODE = "export function add(a, b) {\n  const sum = a + b;\n  return sum;\n}\n"


def judge(story: Work, check: TestsFirst | None = None) -> Score:
    return (check or TestsFirst()).score(story.end())


class TestKept:
    def test_passes_when_a_test_comes_first(self) -> None:
        score = judge(Work().writes(TESTS, MORE_TESTS).writes(CART, CODE))

        assert score.verdict == "pass"
        assert score.reason == "the first test came before the code of shop/cart.py"

    @pytest.mark.parametrize("early", [STUB, HALF, "print('try')\n"], ids=["stub", "half", "spike"])
    def test_stubs_beginnings_and_tries_may_come_before(self, early: str) -> None:
        story = Work().writes(CART, early).writes(TESTS, MORE_TESTS).writes(CART, CODE)

        assert judge(story).verdict == "pass"

    def test_a_try_in_a_file_of_its_own_that_is_thrown_away_is_fine(self) -> None:
        spike = "from shop.cart import total\n\nfor p in (10, 20):\n    print(total([p]) * p)\n"
        story = Work().writes("spike.py", spike).removes("spike.py")

        assert judge(story.writes(TESTS, MORE_TESTS).writes(CART, CODE)).verdict == "pass"

    def test_a_stub_and_the_tests_may_come_in_one_call(self) -> None:
        story = Work().heredoc({CART: STUB, TESTS: MORE_TESTS}).writes(CART, CODE)

        assert judge(story).verdict == "pass"

    def test_an_old_test_that_demands_more_is_a_test(self) -> None:
        stricter = BASE[TESTS].replace("== 3", "== 3\n    assert discounted([100], 10) == 90")

        assert judge(Work().writes(TESTS, stricter).writes(CART, CODE)).verdict == "pass"

    def test_code_that_only_moved_before_the_test_is_not_added(self) -> None:
        story = Work().heredoc({CART: None, "shop/sums.py": BASE[CART]})
        story = story.writes(TESTS, MORE_TESTS).writes("shop/sums.py", CODE)

        assert judge(story).verdict == "pass"

    def test_a_large_file_that_only_moved_before_the_test_is_not_added(self) -> None:
        moved, more = "shop/sums.py", f"{CODE}\n\ndef rounded(price):\n    return round(price, 2)\n"
        story = Work({**BASE, CART: CODE}).heredoc({CART: None, moved: CODE})

        assert judge(story.writes(TESTS, MORE_TESTS).writes(moved, more)).verdict == "pass"

    def test_a_copy_of_code_that_was_there_all_along_is_no_early_version(self) -> None:
        old = "shop/old.py"
        story = Work({**BASE, old: CODE}).writes(old, f"{CODE}# kept\n")

        assert judge(story.writes(TESTS, MORE_TESTS).writes(CART, CODE)).verdict == "pass"

    def test_an_assertion_in_a_function_that_tests_share_is_a_test(self) -> None:
        story = Work().writes("tests/sums.py", "def agree(a, b):\n    assert a == b\n")

        assert judge(story.writes(CART, CODE)).verdict == "pass"

    def test_a_line_that_another_file_held_for_a_while_is_no_moved_code(self) -> None:
        line = "from decimal import Decimal\n"
        story = Work().writes("shop/prices.py", line).writes(TESTS, MORE_TESTS)
        story = story.writes("shop/prices.py", CODE).writes("shop/rates.py", line)

        assert judge(story).verdict == "pass"

    def test_what_only_a_commit_held_was_never_in_a_file(self) -> None:
        """Made with `git commit-tree` or by amending later: no step shows it."""
        story = Work().writes(TESTS, MORE_TESTS).commits("test: discount")

        assert judge(story.writes(CART, CODE).commits("feat: discount")).verdict == "pass"

    def test_javascript_is_read(self) -> None:
        files = {"lib/sum.js": JS_CODE, "test/sum.test.js": JS_TESTS}
        right, wrong = Work({}), Work({})
        for path in ("test/sum.test.js", "lib/sum.js"):
            right = right.writes(path, files[path])
        for path in ("lib/sum.js", "test/sum.test.js"):
            wrong = wrong.writes(path, files[path])

        assert judge(right).verdict == "pass"
        assert judge(wrong).verdict == "fail"

    def test_a_listed_file_of_another_language_counts_by_its_lines(self) -> None:
        project = Project(implementation=("*.sql",))
        table = "create table discounts (\n  id integer\n);\n"
        right = Work(project=project).writes(TESTS, MORE_TESTS).writes("one.sql", table)
        wrong = Work(project=project).writes("one.sql", table).writes(TESTS, MORE_TESTS)

        assert judge(right).verdict == "pass"
        assert judge(wrong).verdict == "fail"


class TestBroken:
    def test_fails_when_the_code_comes_first(self) -> None:
        score = judge(Work().writes(CART, CODE).writes(TESTS, MORE_TESTS))

        assert score.verdict == "fail"
        assert "of shop/cart.py were there before the first test" in score.reason

    def test_fails_when_tests_and_code_come_in_one_call(self) -> None:
        score = judge(Work().heredoc({CART: CODE, TESTS: MORE_TESTS}))

        assert score.verdict == "fail"
        assert "no order is proved" in score.reason

    def test_a_comment_in_an_old_test_is_no_test(self) -> None:
        noted = f"# discounts come next\n{BASE[TESTS]}"
        story = Work().writes(TESTS, noted).writes(CART, CODE).writes(TESTS, MORE_TESTS)

        assert judge(story).verdict == "fail"

    def test_a_moved_test_is_no_test(self) -> None:
        story = Work().heredoc({TESTS: None, "tests/test_sums.py": BASE[TESTS]})

        assert judge(story.writes(CART, CODE).writes(TESTS, MORE_TESTS)).verdict == "fail"

    def test_a_removed_test_is_no_test(self) -> None:
        story = Work().writes(TESTS, "").writes(CART, CODE)

        assert judge(story).reason == "no test function and no assertion was added or changed"

    def test_an_empty_test_file_is_no_test(self) -> None:
        story = Work().writes("tests/test_new.py", "").writes(CART, CODE)

        assert judge(story.writes("tests/test_new.py", MORE_TESTS)).verdict == "fail"

    def test_code_that_was_stashed_and_brought_back_was_there_before(self) -> None:
        story = Work().writes(CART, CODE).stashes().writes(TESTS, MORE_TESTS).pops()

        assert judge(story).verdict == "fail"

    @pytest.mark.parametrize("name", ["shop/draft.py", "notes.txt", "tests/draft.py"])
    def test_code_that_was_renamed_after_the_test_was_there_before(self, name: str) -> None:
        story = Work().writes(name, CODE).writes(TESTS, MORE_TESTS)

        assert judge(story.heredoc({name: None, CART: CODE})).verdict == "fail"

    def test_code_that_was_renamed_and_polished_was_there_before(self) -> None:
        story = Work().writes("shop/draft.py", CODE).writes(TESTS, MORE_TESTS)
        story = story.heredoc({"shop/draft.py": None, CART: f"{CODE}\nLIMIT = 100\n"})

        assert judge(story).verdict == "fail"

    def test_every_file_is_held_to_it(self) -> None:
        story = Work().writes("shop/rules.py", CODE).writes(TESTS, MORE_TESTS).writes(CART, HALF)

        score = judge(story)

        assert score.verdict == "fail"
        assert "shop/rules.py" in score.reason

    def test_code_that_is_taken_out_needs_its_test_first_too(self) -> None:
        shorter = BASE[TESTS].replace("== 3", "is None")
        code = "def total(prices): ...\n"

        assert judge(Work().writes(CART, code).writes(TESTS, shorter)).verdict == "fail"
        assert judge(Work().writes(TESTS, shorter).writes(CART, code)).verdict == "pass"


class TestEmpty:
    @pytest.mark.parametrize(
        "story",
        [
            Work(),
            Work().writes(TESTS, MORE_TESTS),
            Work().writes(TESTS, MORE_TESTS).writes(CART, f"# a cart\n{BASE[CART]}"),
            Work().writes(TESTS, MORE_TESTS).writes(CART, CODE).writes(CART, BASE[CART]),
            Work().writes(TESTS, MORE_TESTS).writes("README.md", "# New\n"),
        ],
        ids=["nothing", "tests alone", "a comment", "taken back", "a document"],
    )
    def test_fails_where_no_code_is_delivered(self, story: Work) -> None:
        assert judge(story).reason == "the delivered change holds no code of the implementation"

    def test_code_that_was_left_uncommitted_is_not_delivered_with_a_commit(self) -> None:
        story = Work().writes(TESTS, MORE_TESTS).commits("test: discount").writes(CART, CODE)

        assert judge(story).verdict == "fail"
        assert judge(story, TestsFirst("worktree")).verdict == "pass"

    def test_a_content_that_was_not_kept_is_not_guessed(self) -> None:
        story = Work().writes(TESTS, MORE_TESTS).writes(CART, CODE, kept=False)

        with pytest.raises(NotRecordedError):
            judge(story)

    def test_a_flood_of_files_before_the_test_is_not_proved(self) -> None:
        files = {f"gen/m{number}.py": f"a{number} = {number}\n" for number in range(500)}
        story = Work().heredoc(files).writes(TESTS, MORE_TESTS).writes(CART, CODE)

        assert judge(story).verdict == "fail"


@given(st.permutations([CART, TESTS, "README.md", "shop/rules.py"]))
def test_the_verdict_is_that_of_the_order(order: list[str]) -> None:
    texts = {CART: CODE, TESTS: MORE_TESTS, "README.md": "# New\n", "shop/rules.py": HALF}
    story = Work()
    for path in order:
        story = story.writes(path, texts[path])
    code = min(order.index(CART), order.index("shop/rules.py"))

    assert (judge(story).verdict == "pass") == (order.index(TESTS) < code)


@given(st.lists(st.sampled_from([CODE, STUB, HALF, BASE[CART], "", "\x00(", "def ("]), max_size=4))
def test_what_comes_after_the_first_test_never_breaks_it(versions: list[str]) -> None:
    story = Work().writes(TESTS, MORE_TESTS)
    for version in versions:
        story = story.writes(CART, version)
    evidence: Evidence = story.writes(CART, CODE).end()

    assert TestsFirst().score(evidence).verdict == "pass"
