import pytest

from audition.checks.tests_not_weakened import TestsNotWeakened
from audition.outcome import Probe, Probed
from tests.checks.stories import (
    CODE,
    GATHERED,
    HALF,
    NEW_FILE,
    OLD_TESTS,
    PYTEST,
    RENAMED,
    STUB,
    TESTS,
    WEAKER,
    green,
    red,
)
from tests.trying import PROJECT, answer, tried
from tests.working import BASE, Work, judged

CHECK = TestsNotWeakened()
HIDING = """\
import pytest


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    outcome = yield
    outcome.get_result().outcome = "passed"
"""
DESELECTING = (
    "[pytest]\naddopts = --deselect tests/test_discount.py::test_discount_is_at_most_the_price\n"
)
IN_A_CLASS = """\
from shop import cart


class TestDiscount:
    def test_discount_is_taken_off(self):
        assert cart.discounted(100, 10) == 90

    def test_discount_is_at_most_the_price(self):
        assert cart.discounted(5, 10) == 0
"""


def bending(after: dict[str, str | None]) -> Work:
    """Red, half of the code, and then this, which makes it look green."""
    return red().writes("shop/cart.py", HALF).heredoc(after).runs(PYTEST, outcome="passed")


def marked(mark: str) -> str:
    """The new tests, with a mark over the second one."""
    second = "def test_discount_is_at_most"
    return "import pytest\n" + TESTS.replace(second, f"@pytest.mark.{mark}\n{second}")


KEPT = {
    "nothing was done to them": green(),
    "they were committed": green().commits(),
    "they were renamed": green().writes(NEW_FILE, RENAMED),
    "their file was moved": green().heredoc({NEW_FILE: None, "tests/cart/test_off.py": TESTS}),
    "moved and renamed": green().heredoc({NEW_FILE: None, "tests/test_off.py": RENAMED}),
    "gathered into one with parameters": green().writes(NEW_FILE, GATHERED),
    "put into a class": green().writes(NEW_FILE, IN_A_CLASS),
    "commented and laid out otherwise": green().writes(
        NEW_FILE, TESTS.replace("    assert", "    # why\n\n    assert")
    ),
    "more of them were written": green().writes(
        NEW_FILE, TESTS + "\n\ndef test_nothing_off():\n    assert cart.discounted(5, 0) == 5\n"
    ),
    "a mistake in them was mended before the code was touched": Work()
    .writes(NEW_FILE, TESTS.replace("== 90", "== 91"))
    .runs(PYTEST, outcome="failed")
    .writes(NEW_FILE, TESTS)
    .runs(PYTEST, outcome="failed")
    .writes("shop/cart.py", CODE)
    .runs(PYTEST, outcome="passed"),
    "without a red, the base's are as they were": Work().writes("shop/cart.py", CODE),
    "a spike and its test were thrown away": Work()
    .writes("tests/test_spike.py", "def test_spike():\n    assert 1 == 2\n")
    .runs(PYTEST, outcome="failed")
    .removes("tests/test_spike.py")
    .writes(NEW_FILE, TESTS)
    .runs(PYTEST, outcome="failed")
    .writes("shop/cart.py", CODE)
    .runs(PYTEST, outcome="passed"),
    "an old test was bent and bent back, which is no red": Work()
    .writes("tests/test_cart.py", OLD_TESTS.replace("== 3", "== 4"))
    .runs(PYTEST, outcome="failed")
    .writes("tests/test_cart.py", OLD_TESTS)
    .writes("shop/cart.py", CODE)
    .runs(PYTEST, outcome="passed"),
    "one that was skipped before is skipped still": Work(
        {**BASE, "tests/test_later.py": marked("skip")}
    ).writes("shop/cart.py", CODE),
}


@pytest.mark.parametrize("story", KEPT)
def test_passes_when(story: str) -> None:
    score = tried(CHECK, KEPT[story].end())

    assert (score.verdict, score.reason) == ("pass", score.reason)


BROKEN = {
    "nothing was done": (Work(), "nothing was changed"),
    "an assertion was deleted": (bending({NEW_FILE: WEAKER}), "at_most_the_price fails"),
    "an expected value was bent": (
        bending({NEW_FILE: TESTS.replace("10) == 0", "10) == -5")}),
        "at_most_the_price fails",
    ),
    "a failing test was deleted": (
        bending({NEW_FILE: TESTS[: TESTS.index("\n\ndef test_discount_is_at_most")]}),
        "at_most_the_price fails",
    ),
    "xfail was added": (bending({NEW_FILE: marked("xfail")}), "at_most_the_price fails"),
    "a conftest hides failures": (bending({"conftest.py": HIDING}), "at_most_the_price fails"),
    "an option deselects it": (bending({"pytest.ini": DESELECTING}), "at_most_the_price fails"),
    "they were bent in two steps, red in between": (
        red()
        .writes("shop/cart.py", HALF)
        .runs(PYTEST, outcome="failed")
        .writes(NEW_FILE, WEAKER + "\n\ndef test_no():\n    assert cart.discounted(1, 1) == 5\n")
        .runs(PYTEST, outcome="failed")
        .writes(NEW_FILE, WEAKER)
        .runs(PYTEST, outcome="passed"),
        "at_most_the_price fails",
    ),
    "a test that passes is skipped": (green().writes(NEW_FILE, marked("skip")), "is skipped now"),
    "a test that passes is deselected": (
        green().writes("pytest.ini", DESELECTING),
        "written and not run any more",
    ),
    "a test that passes is gone": (
        green().writes(NEW_FILE, TESTS[: TESTS.index("\n\ndef test_discount_is_at_most")]),
        "is gone",
    ),
    "a file of tests is gone": (green().removes(NEW_FILE), "is gone"),
    "it is skipped under another name": (
        green().writes(NEW_FILE, "import pytest\n" + RENAMED.replace(
            "def test_takes", "@pytest.mark.skip\ndef test_takes"
        )),
        "is ",
    ),
    "parameters were dropped": (
        Work({**BASE, "shop/cart.py": STUB})
        .writes(NEW_FILE, GATHERED)
        .runs(PYTEST, outcome="failed")
        .writes("shop/cart.py", CODE)
        .writes(NEW_FILE, GATHERED.replace(", (5, 10, 0)", ""))
        .runs(PYTEST, outcome="passed"),
        "fewer cases",
    ),
    "without a red, an old test was bent": (
        Work()
        .writes("shop/cart.py", "def total(prices):\n    return 0\n")
        .writes("tests/test_cart.py", OLD_TESTS.replace("== 3", "== 0"))
        .runs(PYTEST, outcome="passed"),
        "with the tests as they were at the base: tests/test_cart.py::test_total fails",
    ),
}  # fmt: skip


@pytest.mark.parametrize("story", BROKEN)
def test_fails_when(story: str) -> None:
    work, reason = BROKEN[story]
    score = tried(CHECK, work.end())

    assert score.verdict == "fail"
    assert reason in score.reason


def test_a_test_that_the_request_changes_can_be_named() -> None:
    work = Work(project=PROJECT).writes("tests/test_cart.py", OLD_TESTS.replace("== 3", "== 4"))
    evidence = work.writes("shop/cart.py", "def total(p):\n    return sum(p) + 1\n").end()

    assert tried(CHECK, evidence).verdict == "fail"
    for named in ("tests/test_cart.py::test_total", "tests/test_cart.py"):
        assert tried(TestsNotWeakened((named,)), evidence).verdict == "pass"


def test_runs_that_do_not_agree_are_a_fault() -> None:
    def shaky(probe: Probe, files: dict[str, str]) -> Probed:
        found = answer(probe, files)
        is_laid = "TODO.md" in files and files[NEW_FILE] == TESTS
        return Probed(exit_code=found.exit_code, tests=found.tests, is_stable=not is_laid)

    evidence = green().writes("TODO.md", "x").writes(NEW_FILE, RENAMED).end()

    assert judged(CHECK, evidence, shaky).verdict == "fault"
