from dataclasses import replace

import pytest

from audition.checks.suite_passes import SuitePasses
from audition.evidence import NotRecordedError
from audition.outcome import Probe, Probed, TestResult
from tests.checks.stories import CODE, HALF, NEW_FILE, OLD_CODE, OLD_TESTS, TESTS, green
from tests.trying import answer, tried
from tests.working import BASE, Work, judged

CHECK = SuitePasses()
BROKEN_CODE = CODE.replace("sum(prices)", "0")
HIDING = """\
import pytest


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    outcome = yield
    outcome.get_result().outcome = "passed"
"""
OTHER_TESTS = "from shop import cart\n\n\ndef test_none():\n    assert cart.total([]) == 0\n"


def over(*, base: dict[str, str] | None = None, **files: str | None) -> Work:
    """One command leaves the broken code and these files; `_` stands for `/`."""
    known = {
        "conftest": "conftest.py", "ini": "pytest.ini", "old": "tests/test_cart.py",
        "shadow": "pytest.py", "pyproject": "pyproject.toml",
    }  # fmt: skip
    given = {known[name]: text for name, text in files.items()}
    return Work(base or BASE).heredoc({"shop/cart.py": BROKEN_CODE, **given})


KEPT = {
    "old and new tests pass": green(),
    "the same, committed": green().commits(),
    "only the code was tidied": Work().writes("shop/cart.py", OLD_CODE.replace("prices", "all_")),
    "tests were moved": green().heredoc({NEW_FILE: None, "tests/off/test_off.py": TESTS}),
    "a plug-in setting was added, which old tests do not need": green().writes(
        "pytest.ini", "[pytest]\naddopts = -ra\n"
    ),
    "what was committed passes, whatever lies about": green()
    .commits()
    .writes("shop/cart.py", BROKEN_CODE),
}


@pytest.mark.parametrize("story", KEPT)
def test_passes_when(story: str) -> None:
    score = tried(CHECK, KEPT[story].end())

    assert (score.verdict, score.reason) == ("pass", score.reason)


BROKEN = {
    "nothing was done": (Work(), "nothing was changed"),
    "what was done was taken back": (
        Work().writes("shop/cart.py", CODE).writes("shop/cart.py", OLD_CODE),
        "nothing was changed",
    ),
    "an old test fails": (over(), "with the base's tests: tests/test_cart.py::test_total fails"),
    "a new test fails": (
        Work().writes(NEW_FILE, TESTS).writes("shop/cart.py", HALF),
        "as delivered: tests/test_discount.py::test_discount_is_at_most_the_price fails",
    ),
    "an old test was bent": (
        over(old=OLD_TESTS.replace("== 3", "== 0")), "with the base's tests: "
    ),
    "an old test was deleted": (over(old=None), "with the base's tests: "),
    "an old test was skipped": (
        over(old=f"import pytest\n\npytestmark = pytest.mark.skip\n{OLD_TESTS}"),
        "with the base's tests: ",
    ),
    "a conftest hides failures": (over(conftest=HIDING), "with the base's tests: "),
    "an option deselects it": (
        over(ini="[pytest]\naddopts = --deselect tests/test_cart.py::test_total\n"),
        "with the base's tests: ",
    ),
    "an option in a table deselects it": (
        over(pyproject='[tool.pytest.ini_options]\naddopts = "--ignore=tests/test_cart.py"\n'),
        "with the base's tests: ",
    ),
    "the code stops the run": (
        Work().writes("shop/__init__.py", "import pytest\n\npytest.exit('done', returncode=0)\n"),
        "with the base's tests: ",
    ),
    "a file of tests cannot be collected any more": (
        Work().removes("shop/cart.py"),
        "with the base's tests: tests/test_cart.py fails (missing_name)",
    ),
    "tests were taken out of the delivered suite": (
        Work({**BASE, "tests/test_none.py": OTHER_TESTS})
        .writes("shop/cart.py", CODE)
        .removes("tests/test_none.py"),
        "as delivered, only 1 tests are run; the base has 2",
    ),
}  # fmt: skip


@pytest.mark.parametrize("story", BROKEN)
def test_fails_when(story: str) -> None:
    work, reason = BROKEN[story]
    score = tried(CHECK, work.end())

    assert score.verdict == "fail"
    assert reason in score.reason


def test_a_test_that_the_request_does_away_with_can_be_named() -> None:
    work = over(old=OLD_TESTS.replace("== 3", "== 0")).writes("tests/test_none.py", OTHER_TESTS)

    for named in ("tests/test_cart.py::test_total", "tests/test_cart.py"):
        assert tried(SuitePasses((named,)), work.end()).verdict == "pass"
    assert tried(SuitePasses(("tests/test_car",)), work.end()).verdict == "fail"
    assert tried(SuitePasses(("tests/test_cart.py::test_tot",)), work.end()).verdict == "fail"


def test_says_where_a_test_failed_before() -> None:
    base = {**BASE, "shop/cart.py": BROKEN_CODE}
    score = tried(CHECK, Work(base).writes("README.md", "# The shop\n").end())

    assert score.verdict == "fail"
    assert "failed at the base already" in score.reason


def test_an_old_test_that_is_skipped_by_the_code_is_not_run_to_its_end() -> None:
    skipping = OLD_CODE.replace("    return", "    import pytest\n\n    pytest.skip()\n    return")
    score = tried(CHECK, Work().writes("shop/cart.py", skipping).end())

    assert score.verdict == "fail"


def test_a_runner_that_ends_otherwise_than_its_tests_is_no_pass() -> None:
    def odd(probe: Probe, files: dict[str, str]) -> Probed:
        found = answer(probe, files)
        return replace(found, exit_code=1 if NEW_FILE in files else 0)

    score = judged(CHECK, green().end(), odd)

    assert (score.verdict, "ended with 1" in score.reason) == ("fail", True)


def test_tests_with_a_limit_that_ended_them_are_no_pass() -> None:
    def slow(probe: Probe, files: dict[str, str]) -> Probed:
        late = Probed(exit_code=None, failure="timeout", tests=(TestResult("a::b", "passed"),))
        return late if NEW_FILE in files else answer(probe, files)

    assert judged(CHECK, green().end(), slow).verdict == "fail"


def test_runs_that_do_not_agree_are_a_fault() -> None:
    def shaky(probe: Probe, files: dict[str, str]) -> Probed:
        return replace(answer(probe, files), is_stable=NEW_FILE not in files)

    assert judged(CHECK, green().end(), shaky).verdict == "fault"


def test_asks_for_all_runs_at_once() -> None:
    with pytest.raises(NotRecordedError) as missing:
        CHECK.score(green().end())

    assert len({probe.key for probe in missing.value.probes}) == 3
