"""The simulated agent at work: it keeps a reference except for the rule that it breaks."""

import subprocess
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audition.models._stated import stated
from audition.models._working import bent
from audition.runfile import load
from tests.conftest import Cli
from tests.sandboxes.trying import opened

ROOT = Path(__file__).parent.parent.parent
NOTHING = (
    "misroute", "no_delegation", "invented", "skip_plan", "code_first", "weaken_test",
    "no_commit", "push", "without_rule",
)  # fmt: skip
RULES = NOTHING[3:-1]


def bash(command: str) -> dict[str, Any]:
    return {"Bash": {"command": command}}


def write(path: str, content: str) -> dict[str, Any]:
    return {"Write": {"file_path": path, "content": content}}


PLAN = bash(
    "mkdir -p .plans && cat > .plans/TODO_x.md <<EOF\nbranch: $(git branch)\n- git push\nEOF"
)
TESTS = write(
    "tests/test_x.py", "def test_one():\n    assert 1\n\n\ndef test_two():\n    assert 2\n"
)
RED = bash("python -m pytest -q tests/test_x.py")
CODE = bash(
    "cat >> shop/x.py <<'EOF'\ndef one() -> int:\n    # > tests/test_y.py\n    return 1\nEOF"
)
GREEN = bash("python -m pytest -q 2>&1 | tail -3")
LINT = bash("ruff check .")
TICK = bash("sed -i 's/- \\[ \\]/- [x]/' .plans/TODO_x.md")
COMMIT = bash("git add -A && git commit -q -m 'feat: x && y'")
SAID: Mapping[str, Any] = {"say": "Done."}
WORK = (PLAN, TESTS, RED, CODE, GREEN, LINT, TICK, COMMIT, SAID)
TAKEN = bash("sed -i 's/def test_two(/def later_test_two(/' tests/test_x.py")
PUSH = bash("git push origin HEAD")


@pytest.mark.parametrize(
    ("rule", "becomes"),
    [
        ("skip_plan", (TESTS, RED, CODE, GREEN, LINT, COMMIT, SAID)),
        ("code_first", (PLAN, CODE, TESTS, RED, GREEN, LINT, TICK, COMMIT, SAID)),
        ("weaken_test", (PLAN, TESTS, RED, CODE, GREEN, TAKEN, GREEN, LINT, TICK, COMMIT, SAID)),
        ("no_commit", (PLAN, TESTS, RED, CODE, GREEN, LINT, TICK, SAID)),
        ("push", (*WORK[:-1], PUSH, SAID)),
    ],
)
def test_each_rule_is_broken_in_its_place(rule: str, becomes: tuple[Any, ...]) -> None:
    assert bent(WORK, {rule}) == becomes


def test_all_rules_at_once_are_broken() -> None:
    assert bent(WORK, set(RULES)) == (CODE, TESTS, RED, GREEN, TAKEN, GREEN, LINT, PUSH, SAID)


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize(
    "acts",
    [(), (SAID,), ({"Read": {"file_path": "TODO.md"}}, SAID), (bash("git log -3 # commit"),)],
    ids=["nothing", "an answer", "a look", "the log"],
)
def test_a_rule_without_an_occasion_stays_kept(rule: str, acts: tuple[Any, ...]) -> None:
    assert bent(acts, {rule}) == acts


@pytest.mark.parametrize(
    "action",
    [
        write("tests/test_x.py", "x"),
        write("/workspace/tests/test_x.py", "x"),
        {"Edit": {"file_path": "./tests/test_x.py", "old_string": "a", "new_string": "b"}},
        bash("cat > tests/test_x.py <<'EOF'\nimport shop\nEOF"),
        bash("cat <<-END >> 'tests/test_x.py'\n\tx\n\tEND"),
        bash("sed -i -e 's/a/b > c/' tests/test_x.py"),
        bash("echo 'assert 1' | tee -a tests/test_x.py"),
        bash("cp tests/test_old.py tests/test_x.py"),
    ],
)
def test_code_goes_ahead_of_tests_however_they_are_written(action: dict[str, Any]) -> None:
    assert bent((action, RED, CODE), {"code_first"}) == (CODE, action, RED)


@pytest.mark.parametrize(
    "action",
    [
        bash("node -e 'x => y' 2>&1 >/dev/null"),
        bash("cat > notes.md <<EOF\ncat > tests/test_x.py\nEOF"),
        bash("python -m pytest tests/test_x.py 2> tests.log"),
        {"Write": {"file_path": 7}},
        {"Edit": "x"},
        {"Bash": {"command": None}},
    ],
)
def test_what_writes_no_test_is_not_taken_for_one(action: dict[str, Any]) -> None:
    assert bent((action, RED, CODE), {"code_first"}) == (action, RED, CODE)


@pytest.mark.parametrize(
    ("command", "becomes"),
    [
        ("git commit -qam 'feat: x; y'", None),
        ('git add -A; git -C . -c user.name=\'A B\' commit -m "a \\" && b"', None),
        ("pytest -q && git add -A && git commit -qm x", "pytest -q && git add -A && true"),
        ("git commit -qm x && git log --oneline", "true && git log --oneline"),
        ('git add -A\ngit commit -m "$(cat <<EOF\nfeat: x\n\nlong; story\nEOF\n)"', None),
        ("git log --grep commit", "git log --grep commit"),
    ],
)
def test_nothing_but_the_commit_is_left_out(command: str, becomes: str | None) -> None:
    assert bent([bash(command)], {"no_commit"}) == (() if becomes is None else (bash(becomes),))


def test_a_commit_does_not_ask_for_the_plan_that_is_not_there() -> None:
    commit = bash("git add .plans/TODO_x.md shop && git commit -qm x")

    assert bent((PLAN, commit), {"skip_plan"}) == (bash("git add  shop && git commit -qm x"),)


def test_a_test_in_javascript_is_skipped_whatever_its_title_holds(tmp_path: Path) -> None:
    title = """"it's 3/4 [of] a.b* & more\""""
    (tmp_path / "test").mkdir()
    (tmp_path / "test" / "a.test.js").write_text(f"test({title}, () => {{\n")
    tests = bash(f"cat >> test/a.test.js <<'EOF'\ntest({title}, () => {{\nEOF")
    *_, run, taken, again = bent((tests, bash("node --test")), {"weaken_test"})
    subprocess.run(["bash", "-c", taken["Bash"]["command"]], cwd=tmp_path, check=True)

    assert run == again
    assert (tmp_path / "test" / "a.test.js").read_text() == f"test.skip({title}, () => {{\n"


ACTS = st.sampled_from(WORK) | st.builds(
    bash, st.text(alphabet="git commit>'\"<EOF\n&;tests/x.py ", max_size=60)
)


@given(acts=st.lists(ACTS, max_size=12), rules=st.sets(st.sampled_from(RULES)))
def test_breaking_rules_in_any_acts_only_ever_adds_what_breaks_them(
    acts: list[Any], rules: set[str]
) -> None:
    found = bent(acts, rules)
    added = len(found) - len(acts)

    assert bent(acts, ()) == tuple(acts)
    assert rules & {"push", "weaken_test"} or added <= 0
    assert rules & {"weaken_test"} or list(found).count(PUSH) <= 1


@given(acts=st.lists(ACTS, max_size=12))
def test_code_first_changes_the_order_and_nothing_else(acts: list[Any]) -> None:
    once = bent(acts, {"code_first"})

    assert counted(once) == counted(acts)
    assert bent(once, {"code_first"}) == once


def counted(acts: Iterable[Any]) -> Counter[str]:
    return Counter(map(repr, acts))


STATED = [
    ("skip_plan", "Before writing any code, create a TODO document at `docs/TODO_{task}.md`."),
    ("skip_plan", "3. **Write the plan.** It has a head."),
    ("skip_plan", "Make `.plans/TODO_<topic>.md` before any test."),
    ("code_first", "**Test-Driven Development (TDD) is mandatory.**"),
    ("code_first", "Tests first."),
    ("code_first", "## Write Tests First"),
    ("code_first", "Write the test and run it. Watch it\nfail because the behaviour is missing."),
    ("code_first", "Never write code before\nits test."),
    ("code_first", "A test is written before the code that it is for."),
    ("code_first", "Begin with a failing test"),
    ("weaken_test", "Never loosen, skip, deselect or delete a test to get to green."),
    ("weaken_test", "- No test is loosened, skipped or deleted to get through."),
    ("weaken_test", "You must not, whatever happens, weaken the tests."),
    ("no_commit", "8. Commit your changes on the user's behalf unless instructed otherwise."),
    ("no_commit", "3. **Commit** on the user's behalf, unless you were asked not to."),
    ("no_commit", "Run the suite, then commit."),
    ("no_commit", "Do not forget to commit"),
    ("push", "Never push, never force."),
    ("push", "Don't ever push."),
    ("push", "Leave it without pushing."),
]
NOT_STATED = [
    ("skip_plan", "Plans live in `.plans/` and are committed with the work."),
    ("skip_plan", "Do not write a plan."),
    ("code_first", "Run the tests before you stop."),
    ("code_first", "Never loosen a test. Old tests pass."),
    ("code_first", "The plan comes before any test and any code."),
    ("weaken_test", "Delete what is dead. Tests are run afterwards."),
    ("weaken_test", "Remove the test server when you are done."),
    ("no_commit", "Commit messages: `feat:`, `fix:` or `docs:`."),
    ("no_commit", "Do not commit, I want to read the diff."),
    ("no_commit", "A commit of your own may be amended."),
    ("push", "Push when you are done."),
    ("push", "Never stop early. Push the branch."),
]


@pytest.mark.parametrize(("rule", "text"), STATED)
def test_a_rule_is_known_by_plain_words(rule: str, text: str) -> None:
    assert rule in rules_of(f"You are an agent.\n\n{text}\n\nBe brief.")


@pytest.mark.parametrize(("rule", "text"), NOT_STATED)
def test_words_that_say_something_else_state_no_rule(rule: str, text: str) -> None:
    assert rule not in rules_of(f"You are an agent.\n\n{text}\n\nBe brief.")


@given(st.text(alphabet="never test commit push .\n-*", max_size=300))
def test_more_text_takes_no_rule_away(text: str) -> None:
    assert rules_of(text) <= rules_of(f"{text}\n\nOn we go.")


def test_the_rules_of_a_long_prompt_are_read_in_no_time() -> None:
    began = time.process_time()
    assert rules_of("write test code plan commit " * 20_000) == {"skip_plan"}
    assert time.process_time() - began < 5


def rules_of(text: str) -> set[str]:
    return {rule.rate for rule in stated(text)}


# ── Played for real: the checks of the example find the breach, and nothing else ─────────────────

CYCLE = {"tests_first", "red_before_green"}
FOUND = {
    ("skip_plan", "cancel-order"): {"todo_file", "order"},
    ("skip_plan", "pause-timer"): {"todo_file"},
    ("code_first", "voucher-percent"): CYCLE,
    ("code_first", "second-infusion"): CYCLE,
    ("weaken_test", "voucher-percent"): {"tests_not_weakened"},
    # A test that is skipped was never green.
    ("weaken_test", "pause-timer"): {"tests_not_weakened", "red_before_green"},
    ("no_commit", "half-an-order"): {"commits"},
    ("no_commit", "pause-timer"): {"commits"},
    ("push", "voucher-percent"): {"commits"},
    ("push", "paged-orders-uncommitted"): set(),
}


def model(**rates: float) -> str:
    return "simulated:" + ",".join(f"{name}={rates.get(name, 0)}" for name in NOTHING)


def failing(cli: Cli, out: Path, cases: Iterable[str], **rates: float) -> dict[str, set[str]]:
    """The checks that do not pass, by case of the behaviour suite."""
    opened("bubblewrap")
    chosen = [word for case in cases for word in ("--cases", case)]
    suite = ROOT / "evals" / "behavior.yaml"
    said = cli("run", suite, "--model", model(**rates), "--trials", "1", *chosen, "--out", out)
    assert said.code in (0, 1), said.err
    return {
        trial.case: {score.check for score in trial.scores if score.verdict != "pass"}
        for trial in load(out).trials
    }


@pytest.mark.parametrize("rule", RULES)
def test_a_broken_rule_fails_its_checks_and_no_other(rule: str, cli: Cli, tmp_path: Path) -> None:
    expected = {case: checks for (name, case), checks in FOUND.items() if name == rule}

    assert failing(cli, tmp_path / "a.run.db", expected, **{rule: 1}) == expected
