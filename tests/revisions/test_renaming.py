from dataclasses import replace

import pytest

from audition.checks.delegates_in_order import DelegatesInOrder
from audition.checks.never import Never
from audition.checks.routes_to import RoutesTo
from audition.checks.says import Says
from audition.errors import InputError
from audition.parts import adapter
from audition.revisions.renaming import read_renamed, renaming_problems, with_new_names
from tests.revisions.test_influences import case, expects

NAMES = {"backend": "api"}


def checks_after(*checks: object) -> list[object]:
    return [item.check for item in with_new_names(case(*checks), NAMES).expectations]


def test_what_is_expected_of_the_old_name_is_expected_of_the_new_one() -> None:
    assert checks_after(
        RoutesTo("backend", accept=("Plan", "backend")), DelegatesInOrder(("Plan", "backend"))
    ) == [RoutesTo("api", accept=("Plan", "api")), DelegatesInOrder(("Plan", "api"))]


def test_patterns_are_renamed_wherever_they_name_agents() -> None:
    read = adapter(Never).validate_python
    before = read({"called": "Bash", "by": "backend"})

    assert checks_after(before) == [read({"called": "Bash", "by": "api"})]


def test_a_check_that_speaks_of_no_agent_is_left_alone() -> None:
    assert checks_after(Says("backend")) == [Says("backend")]


def test_the_words_of_an_expectation_follow() -> None:
    before = replace(expects(RoutesTo("backend")), text="routes_to: backend")
    (after,) = with_new_names(
        replace(case(RoutesTo("backend")), expectations=(before,)), NAMES
    ).expectations

    assert after.text == "routes_to: api"


def test_pairs_are_read_and_what_is_none_is_said() -> None:
    assert read_renamed(["a=b", " c = d "]) == {"a": "b", "c": "d"}
    with pytest.raises(InputError) as refused:
        read_renamed(["a", "b=", "c=d", "c=e"])
    assert len(refused.value.problems) == 3


@pytest.mark.parametrize(
    ("renamed", "said"),
    [
        ({"backend": "api"}, ""),
        ({"bakcend": "api"}, "did you mean 'backend'?"),
        ({"backend": "ap"}, "did you mean 'api'?"),
        ({"Plan": "api"}, "head still has 'Plan'"),
        ({"backend": "api", "frontend": "api"}, "cannot both be 'api'"),
    ],
)
def test_names_that_a_side_does_not_have_are_mistakes(renamed: dict[str, str], said: str) -> None:
    base, head = {"backend", "frontend", "Plan"}, {"api", "Plan"}
    problems = renaming_problems(renamed, base, head)

    assert [said in str(problem) for problem in problems] == ([True] if said else [])
