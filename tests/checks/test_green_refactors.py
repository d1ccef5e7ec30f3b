import pytest

from audition.checks.green_refactors import GreenRefactors
from audition.outcome import Probe, Probed
from tests.checks.stories import CODE, HALF, NEW_FILE, OLD_CODE, PYTEST, TESTS, TIDY, green, red
from tests.trying import answer, tried
from tests.working import Work, judged

CHECK = GreenRefactors()
CENTS_TESTS = "from shop import cart\n\n\ndef test_cents():\n    assert cart.cents(2) == 200\n"
CENTS = CODE + "\n\ndef cents(price):\n    return price * 100\n"

KEPT = {
    "tidied and run again": (green().writes("shop/cart.py", TIDY).runs(PYTEST), "run green again"),
    "tidied in two steps and run once": (
        green().writes("shop/cart.py", HALF).writes("shop/cart.py", TIDY).runs(PYTEST),
        "run green again",
    ),
    "broken, mended and run": (
        green()
        .writes("shop/cart.py", HALF)
        .runs(PYTEST, outcome="failed")
        .writes("shop/cart.py", TIDY)
        .runs(PYTEST, outcome="passed"),
        "run green again",
    ),
    "piped into tail": (
        green().writes("shop/cart.py", TIDY).runs(f"{PYTEST} | tail -2"),
        "run green again",
    ),
    "nothing was refactored": (green(), "nothing was refactored"),
    "only tests and documents came after": (
        green().writes(NEW_FILE, TESTS + "\n").writes("README.md", "# Shop\n\nDiscounts.\n"),
        "nothing was refactored",
    ),
    "a refactoring was given up": (
        green().writes("shop/cart.py", HALF).writes("shop/cart.py", CODE),
        "brought back",
    ),
    "put away and brought back": (green().stashes().pops(), "brought back"),
    "a second cycle": (
        green()
        .writes("tests/test_cents.py", CENTS_TESTS)
        .runs(PYTEST, outcome="failed")
        .writes("shop/cart.py", CENTS)
        .runs(PYTEST, outcome="passed"),
        "run green again",
    ),
}


@pytest.mark.parametrize("story", KEPT)
def test_passes_when(story: str) -> None:
    work, reason = KEPT[story]
    score = tried(CHECK, work.end())

    assert (score.verdict, score.reason) == ("pass", score.reason)
    assert reason in score.reason


BROKEN = {
    "nothing was done": (Work(), "never green"),
    "it was never green": (red().writes("shop/cart.py", HALF).runs(PYTEST), "never green"),
    "there are no new tests": (Work().writes("shop/cart.py", TIDY).runs(PYTEST), "never green"),
    "a new test passes while an old one fails": (
        Work()
        .writes(NEW_FILE, TESTS)
        .writes("shop/cart.py", CODE.replace("sum(prices)", "0"))
        .runs(PYTEST, outcome="failed"),
        "never green",
    ),
    "green was one command with the edit": (
        red().runs(f"cat > shop/cart.py && {PYTEST}", writes={"shop/cart.py": CODE}),
        "cannot be told",
    ),
    "tidied and not run": (
        green().writes("shop/cart.py", TIDY),
        "shop/cart.py was changed after green and the tests were not run",
    ),
    "tidied by a formatter and not run": (
        green().runs("ruff format .", role="lint", tool="ruff", writes={"shop/cart.py": TIDY}),
        "the tests were not run after that",
    ),
    "tidied and red": (
        green().writes("shop/cart.py", HALF).runs(PYTEST, outcome="failed"),
        "the run after that is not green",
    ),
    "tidied, and the run says that it failed": (
        green().writes("shop/cart.py", TIDY).runs(PYTEST, outcome="failed"),
        "the run after that is not green",
    ),
    "tidied and run by one command": (
        green().runs(f"sed -i … && {PYTEST}", writes={"shop/cart.py": TIDY}),
        "cannot be proved",
    ),
    "committed, and changed after that": (
        green().commits().writes("shop/cart.py", TIDY),
        "the tests were not run after that",
    ),
    "thrown away at the end": (green().writes("shop/cart.py", OLD_CODE), "not run after that"),
}


@pytest.mark.parametrize("story", BROKEN)
def test_fails_when(story: str) -> None:
    work, reason = BROKEN[story]
    score = tried(CHECK, work.end())

    assert score.verdict == "fail"
    assert reason in score.reason


def test_a_run_that_is_unstable_is_a_fault_where_the_verdict_rests_on_it() -> None:
    def shaky(probe: Probe, files: dict[str, str]) -> Probed:
        found = answer(probe, files)
        return Probed(
            exit_code=found.exit_code, tests=found.tests, is_stable=files["shop/cart.py"] != TIDY
        )

    once = green().writes("shop/cart.py", TIDY).runs(PYTEST)

    assert judged(CHECK, once.end(), shaky).verdict == "fault"
    assert judged(CHECK, once.writes("shop/cart.py", CODE).end(), shaky).verdict == "pass"
