from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audition.compare.comparison import Change, Comparison, Delta
from audition.compare.pairing import compare
from audition.record import RunState
from audition.runfile import load
from tests.compare.two_runs import REASON, make_case, make_side
from tests.conftest import Cli, Project

OPPOSITE: Mapping[Change, Change] = {
    "broke": "fixed", "fixed": "broke", "worse": "better", "better": "worse",
    "same": "same", "unknown": "unknown", "no evidence": "no evidence",
}  # fmt: skip
LETTERS = st.text("pfrlsx ", min_size=1, max_size=5)
ARMS = st.dictionaries(st.sampled_from("abcdefg"), st.tuples(LETTERS, LETTERS), max_size=5)


def compared(trials: Mapping[str, tuple[str, str]]) -> Comparison:
    """Two runs from the letters of each case in base and in head."""
    base, head = ({name: sides[n] for name, sides in trials.items()} for n in (0, 1))
    return compare(make_side(base, "base"), make_side(head, "head"))


def rows(comparison: Comparison) -> list[Delta]:
    overall = [comparison.overall] if comparison.overall else []
    return [*overall, *comparison.by_kind, *comparison.by_check, *comparison.by_tag]


@pytest.mark.parametrize(
    ("base", "head", "change"),
    [
        ("ppp", "fff", "broke"),
        ("ppp", "ppr", "broke"),
        ("fff", "ppp", "fixed"),
        ("ppf", "pff", "worse"),
        ("pff", "ppf", "better"),
        ("pff", "pff", "same"),
        ("ppp", "ppp", "same"),
        ("ppp", "xxx", "unknown"),
        ("sss", "ppp", "unknown"),
        ("ppp", "   ", "unknown"),
    ],
)
def test_a_case_came_to(base: str, head: str, change: Change) -> None:
    (case,) = compared({"a": (base, head)}).cases

    assert case.change == change


def test_broken_cases_come_first_and_among_them_those_that_lost_most() -> None:
    found = compared(
        {"fine": ("pp", "pp"), "mended": ("ff", "pp"), "half": ("pp", "pf"), "gone": ("pp", "rr")}
    )

    assert [case.case.id for case in found.cases] == ["gone", "half", "mended", "fine"]
    assert [case.case.id for case in found.changed("broke", "worse")] == ["gone", "half"]


def test_cases_that_were_left_out_on_purpose_are_kept_by_name() -> None:
    run = make_side({"a": "p"})

    assert compare(make_side({"a": "p"}, "base"), run, untouched=["b"]).untouched == ("b",)


def test_a_check_that_moved_tells_the_reason_of_the_first_trial_that_failed() -> None:
    (case,) = compared({"a": ("ppp", "pff")}).cases
    (check,) = case.checks

    assert (check.check, str(check.base), str(check.head)) == ("tests_first", "3/3", "1/3")
    assert (check.reason, check.trial) == (REASON, 2)


def test_a_faulted_trial_is_never_a_failure_and_is_counted_apart() -> None:
    found = compared({"a": ("pp", "xp"), "b": ("pp", "xf")})
    gone, kept = found.cases

    assert (gone.case.id, gone.change, str(gone.head), gone.head.faults) == ("b", "broke", "0/1", 1)
    assert gone.checks[0].trial == 2
    assert (kept.change, str(kept.head), kept.checks) == ("same", "1/1", ())
    assert (found.head.amounts.faults, found.head.amounts.tried) == (2, 4)
    assert found.head.amounts.trials == 2


@settings(deadline=None)
@given(ARMS)
def test_base_and_head_exchanged_exchange_signs_and_nothing_else(
    trials: Mapping[str, tuple[str, str]],
) -> None:
    there = compared(trials)
    base, head = ({name: sides[n] for name, sides in trials.items()} for n in (0, 1))
    back = compare(make_side(head, "head"), make_side(base, "base"))

    changes = {case.case.id: case.change for case in there.cases}
    assert {case.case.id: OPPOSITE[case.change] for case in back.cases} == changes
    assert [row.name for row in rows(back)] == [row.name for row in rows(there)]
    for one, other in zip(rows(there), rows(back), strict=True):
        assert (one.cases, one.pairs) == (other.cases, other.pairs)
        assert (one.base, one.head) == pytest.approx((other.head, other.base))
        assert (one.low, one.high) == pytest.approx((-other.high, -other.low), abs=1e-6)
        assert (one.p, one.q) == pytest.approx((other.p, other.q), abs=1e-9)


@settings(deadline=None)
@given(ARMS)
def test_a_difference_lies_in_its_interval_which_leaves_0_out_just_where_p_is_small(
    trials: Mapping[str, tuple[str, str]],
) -> None:
    for row in rows(compared(trials)):
        assert row.low - 1e-6 <= row.difference <= row.high + 1e-6
        assert row.difference == pytest.approx(row.head - row.base)
        assert row.is_shown == (row.q < 0.05) or abs(row.q - 0.05) < 1e-6
        assert 0 <= row.p <= row.q <= 1


@given(st.dictionaries(st.sampled_from("abcdefg"), st.text("pfrlx", min_size=1, max_size=5)))
def test_a_run_beside_itself_is_no_evidence(trials: Mapping[str, str]) -> None:
    run = make_side(trials)
    found = compare(run, run)

    assert {case.change for case in found.cases} <= {"no evidence"}
    assert len(found.cases) == len(trials)
    assert (found.overall, found.by_kind, found.by_check, found.by_tag) == (None, (), (), ())
    assert (found.evidence, found.taken, found.definitions) == ((), (), ())
    assert found.head.amounts.trials == 0


def test_a_case_of_which_some_trials_are_the_same_is_no_evidence() -> None:
    """The other side was played more often; no definition that the case rests on has changed."""
    base, head = make_side({"a": "ppfppp"}, "same"), make_side({"a": "ppf"}, "same")

    (case,) = compare(base, head).cases

    assert case.change == "no evidence"


def test_a_case_without_a_partner_is_named_and_not_counted() -> None:
    base, head = make_side({"a": "p", "old": "f"}, "base"), make_side({"a": "p", "new": "f"})

    found = compare(base, head)

    assert (found.base.unpaired, found.head.unpaired) == (("old",), ("new",))
    assert [case.case.id for case in found.cases] == ["a"]
    assert found.overall is not None
    assert (found.overall.cases, found.overall.head) == (1, 1.0)
    assert found.head.confusion is not None
    assert found.head.confusion.counts == ((1,),)


def test_a_case_counts_as_many_pairs_as_the_side_with_fewer_trials_has() -> None:
    found = compared({"a": ("pppppppppp", "pff"), "b": ("p", "ppp")})

    assert found.overall is not None
    assert (found.overall.cases, found.overall.pairs) == (2, 4)
    assert found.overall.difference == pytest.approx(-2 / 4)


def test_a_check_is_compared_only_where_both_sides_judged_it() -> None:
    found = compared({"a": ("pp", "rr"), "b": ("pp", "pp")})
    by_check = {row.name: row for row in found.by_check}

    assert (by_check["routes_to"].cases, by_check["tests_first"].cases) == (2, 1)
    assert by_check["tests_first"].difference == 0


def test_cost_is_unknown_as_soon_as_one_trial_has_none() -> None:
    base, head = make_side({"a": "pp"}, "base"), make_side({"a": "pl"})
    head = replace(head, trials=(head.trials[0], replace(head.trials[1], cost_usd=None)))

    found = compare(base, head)

    assert found.base.amounts.cost_usd == pytest.approx(0.04)
    assert found.head.amounts.cost_usd is None
    assert (found.base.amounts.limited, found.head.amounts.limited) == (0, 1)


def test_who_took_cases_from_whom_is_said_and_a_draw_is_no_move() -> None:
    found = compared({"a": ("pp", "rr"), "b": ("pp", "rr"), "c": ("pp", "pr"), "d": ("rr", "pp")})

    assert found.taken == (
        "frontend took 2 cases from backend (a, b)",
        "backend took 1 case from frontend (d)",
    )


def test_a_renamed_agent_is_one_agent() -> None:
    old = make_case("a", expects=("routes_to: server", "tests_first"), agents=("server",))
    base = make_side(
        {"a": "p"}, "base", cases={"a": old}, agents={"server": "Old.", "frontend": "Pages."}
    )
    head = make_side({"a": "p"}, agents={"backend": "New.", "frontend": "Pages."})

    found = compare(base, head, renamed={"server": "backend"})
    (change,) = found.definitions

    assert found.taken == ()
    assert found.unlike == ()
    assert found.base.confusion == found.head.confusion
    assert (change.name, change.what) == ("backend", "changed")
    assert change.parts == ("name", "description", "prompt")


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("model", "anthropic:other", "The model is another: anthropic:some-model in base"),
        ("loop_version", 4, "The version of the agent loop is another: 3 in base, 4 in head."),
        ("limits", {"turns": 9}, "The set of limits is another: turns 20 in base, turns 9 in head"),
        ("allow", 1, "The number of failures that a case may have is another: 0 in base, 1 in"),
        ("nature", "scripted", "The run of head is scripted"),
    ],
)
def test_what_is_not_like_for_like_is_said(field: str, value: object, sentence: str) -> None:
    changed: dict[str, Any] = {field: value}

    found = compare(make_side({"a": "p"}, "base"), make_side({"a": "p"}, "head", **changed))

    assert len(found.unlike) == 1
    assert found.unlike[0].startswith(sentence)


def test_other_requests_other_numbers_of_trials_and_an_open_end_are_said() -> None:
    base = make_side({"a": "p", "b": "p"}, "base")
    asked = {"a": make_case("a", request="Another thing", expects=("commits",))}
    state = RunState(ended_by="interrupted")
    head = make_side({"a": "ppp", "b": "p"}, cases=asked, state=state)

    assert compare(base, head).unlike == (
        "The request is another in a.",
        "The set of expectations is another in a.",
        "The number of trials is another in a (1 in base and 3 in head): a case with more trials "
        "has more chances to fail, so look at shares there and not at flips.",
        "The run of head is not complete: it was interrupted.",
    )


def test_an_edit_is_told_by_part_and_line() -> None:
    long = [f"Rule {number}." for number in range(3_000)]
    base = make_side({"a": "p"}, "base", agents={"backend": "\n".join(long), "old": "Gone."})
    edited = [*long[:2_000], "Never push.", *long[2_001:]]
    head = make_side({"a": "p"}, agents={"backend": "\n".join(edited), "new": "Come."})

    first, new, old = compare(base, head).definitions

    assert (first.name, first.what, first.parts) == ("backend", "changed", ("prompt",))
    assert first.diff == (
        "@@ -2002,5 +2002,5 @@", " Rule 1998.", " Rule 1999.", "-Rule 2000.", "+Never push.",
        " Rule 2001.", " Rule 2002.",
    )  # fmt: skip
    assert (new.what, old.what, old.diff[-1]) == ("added", "removed", "-Gone.")


def test_two_runs_of_the_command_line_are_compared(project: Project, cli: Cli) -> None:
    """An edited description, and a model that sends everything astray since."""
    model = "simulated:misroute=0,no_delegation=0,invented=0,seed=1"
    assert cli("run", "suite.yaml", "--model", model, "--out", "base.run.db").code == 0
    project.edit("agents/backend.md", "Builds endpoints", "Builds or mends endpoints")
    model = "simulated:misroute=1,no_delegation=0,invented=0,seed=1"
    assert cli("run", "suite.yaml", "--model", model, "--out", "head.run.db").code == 1

    found = compare(load(Path("base.run.db")), load(Path("head.run.db")))

    assert [(case.case.id, case.change) for case in found.cases] == [
        ("refunds", "broke"), ("dark-mode", "broke"), ("question", "broke"),
    ]  # fmt: skip
    assert [(d.name, d.parts) for d in found.definitions] == [("backend", ("description",))]
    assert found.overall is not None
    assert (found.overall.base, found.overall.head, found.overall.pairs) == (1.0, 0.0, 6)
    assert found.overall.is_shown
    assert found.unlike[0].startswith("The model is another: simulated:seed=1,misroute=0.0")
    assert len(found.taken) == 3


def test_an_edit_that_no_case_can_feel_is_no_evidence(project: Project, cli: Cli) -> None:
    cli("run", "suite.yaml", "--out", "base.run.db")
    project.edit("agents/backend.md", "Tests first.", "Tests come first.")
    cli("run", "suite.yaml", "--out", "head.run.db")

    found = compare(load(Path("base.run.db")), load(Path("head.run.db")))

    assert {case.change for case in found.cases} == {"no evidence"}
    assert [(d.name, d.parts) for d in found.definitions] == [("backend", ("prompt",))]


def test_a_case_that_was_left_out_on_purpose_is_not_missed() -> None:
    base, head = make_side({"a": "pp", "b": "pp"}, "base"), make_side({"a": "pf"}, "head")
    found = compare(base, head, untouched=["b"])

    assert (found.base.unpaired, found.untouched) == ((), ("b",))
