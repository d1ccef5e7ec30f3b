from dataclasses import dataclass, replace
from typing import ClassVar

import pytest

from audition.checks.red_before_green import RedBeforeGreen
from audition.evidence import Evidence, Need, NotRecordedError
from audition.outcome import Probe, Probed
from audition.score import Kind, Score
from audition.trees import blob_id
from tests.checks.stories import (
    CODE,
    GATHERED,
    HALF,
    NEW_FILE,
    OLD_CODE,
    OLD_TESTS,
    PYTEST,
    RENAMED,
    STUB,
    TESTS,
    TIDY,
    WEAKER,
    green,
    red,
)
from tests.trying import answer, tried
from tests.working import Work, judged

CHECK = RedBeforeGreen()
COUPONS_TESTS = "from shop.coupons import apply\n\n\ndef test_apply():\n    assert apply(10) == 9\n"
COUPONS = "def apply(price):\n    return price - 1\n"
BENT = OLD_TESTS.replace("== 3", "== 4")


def to_come(tests: str, *, then: str | None = None) -> Work:
    """Tests of a module that is not there yet, which `then` replaces when it is."""
    work = Work().writes("tests/test_coupons.py", tests).runs(PYTEST, outcome="failed")
    work.writes("shop/coupons.py", COUPONS)
    if then is not None:
        work.writes("tests/test_coupons.py", then)
    return work.runs(PYTEST, outcome="passed")


KEPT = {
    "tests first, seen red, then green": green(),
    "the same, committed": green().commits("feat: add a discount"),
    "a stub first, so that the assertion fails": Work()
    .writes("shop/cart.py", STUB)
    .writes(NEW_FILE, TESTS)
    .runs(PYTEST, outcome="failed")
    .writes("shop/cart.py", CODE)
    .runs(PYTEST, outcome="passed"),
    "piped into tail, so that nobody knows what it came to": Work()
    .writes(NEW_FILE, TESTS)
    .runs(f"{PYTEST} | tail -3")
    .writes("shop/cart.py", CODE)
    .runs(f"{PYTEST} | tail -3"),
    "only the new file was run": Work()
    .writes(NEW_FILE, TESTS)
    .runs(f"pytest {NEW_FILE}", whole=False)
    .writes("shop/cart.py", CODE)
    .runs("pytest tests", whole=False),
    "only one of the new tests was run": Work()
    .writes(NEW_FILE, TESTS)
    .runs(f"pytest ./{NEW_FILE}::test_discount_is_taken_off", whole=False)
    .writes("shop/cart.py", CODE)
    .runs("cd tests && pytest test_discount.py", whole=False),
    "a module that is not there yet": to_come(COUPONS_TESTS),
    "the same, and its tests were tidied with it": to_come(
        COUPONS_TESTS, then=COUPONS_TESTS + "\n\ndef test_less():\n    assert apply(2) == 1\n"
    ),
    "renamed after green": green().writes(NEW_FILE, RENAMED).runs(PYTEST),
    "moved after green": green()
    .heredoc({NEW_FILE: None, "tests/cart/test_off.py": TESTS})
    .runs(PYTEST),
    "gathered into one with parameters after green": green().writes(NEW_FILE, GATHERED),
    "an old test that now demands more": Work()
    .writes("tests/test_cart.py", OLD_TESTS.replace("[1, 2]) == 3", "[1, None]) == 1"))
    .runs(PYTEST, outcome="failed")
    .writes("shop/cart.py", "def total(prices):\n    return sum(p or 0 for p in prices)\n")
    .runs(PYTEST, outcome="passed"),
    "the plan was ticked by the command that ran the tests": Work()
    .writes(NEW_FILE, TESTS)
    .runs(PYTEST, outcome="failed", writes={"TODO.md": "- [x] red\n"})
    .writes("shop/cart.py", CODE)
    .runs(PYTEST, outcome="passed"),
    "a spike was thrown away before": Work()
    .writes("shop/cart.py", HALF)
    .writes("shop/cart.py", OLD_CODE)
    .writes(NEW_FILE, TESTS)
    .runs(PYTEST, outcome="failed")
    .writes("shop/cart.py", CODE)
    .runs(PYTEST, outcome="passed"),
    "an assertion was deleted, which another check judges": red()
    .writes("shop/cart.py", HALF)
    .writes(NEW_FILE, WEAKER)
    .runs(PYTEST, outcome="passed"),
}


@pytest.mark.parametrize("story", KEPT)
def test_passes_when(story: str) -> None:
    score = tried(CHECK, KEPT[story].end())

    assert (score.verdict, score.reason) == ("pass", score.reason)
    assert len(score.evidence) == 2


BROKEN = {
    "nothing was done": (Work(), "no test is there at the end that the base does not have"),
    "no test was written": (
        Work().writes("shop/cart.py", CODE).runs(PYTEST),
        "no test is there at the end",
    ),
    "the tests were never run": (
        Work().writes(NEW_FILE, TESTS).writes("shop/cart.py", CODE),
        "never ran the tests",
    ),
    "red was never run": (
        Work().writes(NEW_FILE, TESTS).writes("shop/cart.py", CODE).runs(PYTEST, outcome="passed"),
        "no new test failed",
    ),
    "it ends red": (red().writes("shop/cart.py", HALF).runs(PYTEST), "ends red"),
    "it ends red after it was green": (
        green().writes("shop/cart.py", HALF),
        "ends red: tests/test_discount.py::test_discount_is_at_most_the_price",
    ),
    "what was committed is red, and the rest lies about": (
        red()
        .writes("shop/cart.py", HALF)
        .commits("feat: half of it")
        .writes("shop/cart.py", CODE)
        .runs(PYTEST, outcome="passed"),
        "ends red",
    ),
    "green was never run": (red().writes("shop/cart.py", CODE), "not seen passing"),
    "a syntax error is offered as red": (
        Work()
        .writes(NEW_FILE, TESTS + "\ndef test_more(:\n")
        .runs(PYTEST, outcome="failed")
        .writes("shop/cart.py", CODE)
        .writes(NEW_FILE, TESTS)
        .runs(PYTEST, outcome="passed"),
        "collection_error",
    ),
    "a missing fixture is offered as red": (
        Work()
        .writes(NEW_FILE, TESTS.replace("_off():", "_off(basket):"))
        .writes("shop/cart.py", CODE)
        .runs(PYTEST, outcome="failed")
        .writes(NEW_FILE, TESTS)
        .runs(PYTEST, outcome="passed"),
        "test_error",
    ),
    "the tests import from the wrong place": (
        Work()
        .writes("tests/test_coupons.py", COUPONS_TESTS.replace("shop.coupons", "coupons"))
        .writes("shop/coupons.py", COUPONS)
        .runs(PYTEST, outcome="failed")
        .writes("tests/test_coupons.py", COUPONS_TESTS)
        .runs(PYTEST, outcome="passed"),
        "a mistake in the test",
    ),
    "the tests misspell a name": (
        to_come(COUPONS_TESTS.replace("shop.coupons", "shop.cupons"), then=COUPONS_TESTS),
        "a mistake in the test",
    ),
    "an old test was bent and bent back": (
        Work()
        .writes(NEW_FILE, TESTS)
        .writes("shop/cart.py", CODE)
        .writes("tests/test_cart.py", BENT)
        .runs(PYTEST, outcome="failed")
        .writes("tests/test_cart.py", OLD_TESTS)
        .runs(PYTEST, outcome="passed"),
        "no new test failed",
    ),
    "an old test was bent, and is back under another name": (
        Work()
        .writes("tests/test_cart.py", BENT.replace("test_total", "test_sum"))
        .runs(PYTEST, outcome="failed")
        .writes("tests/test_cart.py", OLD_TESTS.replace("test_total", "test_sum"))
        .runs(PYTEST, outcome="passed"),
        "no test is there at the end that the base does not have",
    ),
    "the whole cycle is one command": (
        Work().runs(
            "cat > … && pytest; cat > … && pytest",
            writes={NEW_FILE: TESTS, "shop/cart.py": CODE},
        ),
        "cannot be proved",
    ),
    "only the old tests were run": (
        Work()
        .writes(NEW_FILE, TESTS)
        .runs("pytest tests/test_cart.py", whole=False)
        .writes("shop/cart.py", CODE)
        .runs(PYTEST, outcome="passed"),
        "named other tests",
    ),
    "the run says that all passed": (
        Work()
        .writes(NEW_FILE, TESTS)
        .runs("pytest -k total", whole=False, outcome="passed")
        .writes("shop/cart.py", CODE)
        .runs(PYTEST, outcome="passed"),
        "left out the new test",
    ),
    "there was no pytest to run": (
        Work()
        .writes(NEW_FILE, TESTS)
        .runs("python3 -m pytest", outcome="failed", failure="no_runner")
        .writes("shop/cart.py", CODE)
        .runs(PYTEST, outcome="passed"),
        "no new test failed",
    ),
    "the red test is gone and another is there": (
        Work()
        .writes(NEW_FILE, "def test_spike():\n    assert False\n")
        .runs(PYTEST, outcome="failed")
        .removes(NEW_FILE)
        .writes("shop/cart.py", CODE)
        .writes("tests/test_off.py", TESTS)
        .runs(PYTEST, outcome="passed"),
        "no new test failed",
    ),
    "an old test was only moved, while it failed": (
        Work()
        .writes("shop/cart.py", "def total(prices):\n    return 0\n")
        .heredoc({"tests/test_cart.py": None, "tests/test_sum.py": OLD_TESTS})
        .runs(PYTEST, outcome="failed")
        .writes("shop/cart.py", OLD_CODE)
        .runs(PYTEST, outcome="passed"),
        "no test is there at the end that the base does not have",
    ),
}


@pytest.mark.parametrize("story", BROKEN)
def test_fails_when(story: str) -> None:
    work, reason = BROKEN[story]
    score = tried(CHECK, work.end())

    assert score.verdict == "fail"
    assert reason in score.reason
    assert score.evidence


def test_a_red_of_another_kind_passes_only_where_it_is_accepted() -> None:
    evidence = to_come(COUPONS_TESTS).end()

    assert tried(RedBeforeGreen(("assertion",)), evidence).verdict == "fail"
    assert tried(RedBeforeGreen(("missing_name",)), evidence).verdict == "pass"


def test_red_and_green_of_one_turn_are_noted() -> None:
    work = Work().turn()
    work.writes(NEW_FILE, TESTS, same_turn=True)
    work.runs(PYTEST, same_turn=True)
    work.writes("shop/cart.py", CODE, same_turn=True)
    work.runs(PYTEST, same_turn=True)
    score = tried(CHECK, work.end())

    assert score.verdict == "pass"
    assert "in one turn" in score.reason


def test_a_pair_that_the_model_saw_is_shown_before_one_that_it_did_not() -> None:
    work = red()
    work.writes("shop/cart.py", CODE, same_turn=True).runs(PYTEST, same_turn=True)
    unseen = tried(CHECK, work.end())
    seen = tried(CHECK, work.writes("shop/cart.py", TIDY).runs(PYTEST).end())

    assert "in one turn" in unseen.reason
    assert "in one turn" not in seen.reason


def test_asks_for_all_runs_at_once() -> None:
    with pytest.raises(NotRecordedError) as missing:
        CHECK.score(green().end())

    assert len({probe.key for probe in missing.value.probes}) == 3  # base, red, green


def test_a_step_that_is_unstable_is_a_fault_where_the_verdict_rests_on_it() -> None:
    def shaky(probe: Probe, files: dict[str, str]) -> Probed:
        found = answer(probe, files)
        is_red = NEW_FILE in files and "discounted" not in files["shop/cart.py"]
        return Probed(exit_code=found.exit_code, tests=found.tests, is_stable=not is_red)

    assert judged(CHECK, green().end(), shaky).verdict == "fault"
    proved = red().writes("shop/cart.py", STUB).runs(PYTEST).writes("shop/cart.py", CODE)
    assert judged(CHECK, proved.runs(PYTEST).end(), shaky).verdict == "pass"


def test_a_base_that_cannot_be_run_is_a_fault() -> None:
    def nothing(probe: Probe, files: dict[str, str]) -> Probed:
        return Probed(exit_code=1, failure="no_runner")

    assert judged(CHECK, green().end(), nothing).verdict == "fault"


@dataclass(frozen=True)
class Blind:
    """The check, where the content of one file was not kept."""

    hidden: str
    kind: ClassVar[Kind] = CHECK.kind
    needs: ClassVar[frozenset[Need]] = CHECK.needs

    def score(self, evidence: Evidence) -> Score:
        gone = blob_id(self.hidden.encode())
        kept = evidence.contents
        return CHECK.score(
            replace(evidence, contents=lambda blob: None if blob == gone else kept(blob))
        )


def test_tests_whose_content_was_not_kept_are_new_by_their_name() -> None:
    assert tried(Blind(TESTS), green().end()).verdict == "pass"
    assert tried(Blind(COUPONS_TESTS), to_come(COUPONS_TESTS).end()).verdict == "pass"


def test_an_old_test_whose_content_was_not_kept_is_not_new() -> None:
    work = Work().writes("shop/cart.py", "def total(prices):\n    return 0\n")
    work.writes("tests/test_cart.py", BENT).runs(PYTEST).writes("shop/cart.py", OLD_CODE)
    evidence = work.writes("tests/test_cart.py", OLD_TESTS + "\n").runs(PYTEST).end()

    assert tried(Blind(OLD_TESTS), evidence).verdict == "fail"
