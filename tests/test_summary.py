from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from random import Random
from time import process_time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audition.record import CaseRecord, RunRecord, Trial
from audition.score import Score, Verdict
from audition.summary import summarize
from audition.tally import Group, Rate, Summary

UNHURRIED = settings(deadline=None)
"""A busy machine is no bug."""


def make_run(**changes: Any) -> RunRecord:
    run = RunRecord(
        suite="routing",
        suite_path="evals/routing.yaml",
        datasets=("datasets/routing.yaml",),
        setup=".",
        setup_digest="",
        routing_digest="",
        model="anthropic:some-model",
        nature="real",
        runtime="messages",
        loop_version=1,
        audition_version="0.1.0",
        trials=1,
        command="audition run evals/routing.yaml",
        started_at="2026-01-01T00:00:00Z",
    )
    return replace(run, **changes)


def make_case(id: str, *agents: str, **changes: Any) -> CaseRecord:  # noqa: A002
    case = CaseRecord(
        id=id, request=f"Do {id}", where="datasets/routing.yaml:1", expects=(), agents=agents
    )
    return replace(case, **changes)


def make_score(verdict: Verdict, check: str = "routes_to", **changes: Any) -> Score:
    score = Score(verdict=verdict, reason="because", check=check, kind="routing")
    return replace(score, **changes)


def make_trial(case: str, number: int, verdict: Verdict = "pass", **changes: Any) -> Trial:
    trial = Trial(
        case=case,
        number=number,
        key=f"{case}#{number}",
        verdict=verdict,
        scores=(make_score(verdict),),
        cost_usd=0.01,
        duration_s=1.0,
    )
    return replace(trial, **changes)


def make_trials(case: str, verdicts: str, **changes: Any) -> list[Trial]:
    """One trial for each letter: p passes, f fails, s skips, x meets a fault."""
    named: Mapping[str, Verdict] = {"p": "pass", "f": "fail", "s": "skip", "x": "fault"}
    return [make_trial(case, n, named[v], **changes) for n, v in enumerate(verdicts, 1)]


def summarize_letters(verdicts: Mapping[str, str], planned: int, **run: Any) -> Summary:
    """Summarise cases that expect no agent, from the letters of their trials."""
    return summarize(
        make_run(**run),
        [make_case(case) for case in verdicts],
        [trial for case, letters in verdicts.items() for trial in make_trials(case, letters)],
        dict.fromkeys(verdicts, planned),
    )


def group(groups: Sequence[Group], name: str) -> Group:
    return next(group for group in groups if group.name == name)


def counted(rate: Rate | None) -> tuple[int, int] | None:
    return None if rate is None else (rate.passed, rate.of)


# Verdicts


@pytest.mark.parametrize(
    ("letters", "allow", "expected"),
    [
        ("ppp", 0, "pass"),
        ("ppf", 0, "fail"),
        ("ppf", 1, "pass"),
        ("pff", 1, "fail"),
        ("fff", 3, "fail"),
        ("ppx", 0, "fault"),
        ("psx", 0, "fault"),
        ("fxx", 0, "fail"),
        ("pps", 0, "skip"),
        ("sss", 0, "skip"),
        ("pp", 0, "skip"),
        ("px", 0, "skip"),
        ("f", 0, "fail"),
        ("", 0, "skip"),
    ],
)
def test_a_case_is_judged_by_all_its_planned_trials(
    letters: str, allow: int, expected: Verdict
) -> None:
    summary = summarize_letters({"a": letters}, 3, allow=allow)

    assert summary.cases[0].verdict == expected
    assert summary.verdict == expected
    assert summary.cases[0].missing == 3 - len(letters)


@pytest.mark.parametrize(
    ("letters", "expected"),
    [
        ({"a": "p", "b": "p"}, "pass"),
        ({"a": "p", "b": "s"}, "skip"),
        ({"a": "s", "b": "x"}, "fault"),
        ({"a": "x", "b": "f"}, "fail"),
        ({}, "skip"),
    ],
)
def test_the_worst_case_decides_the_run(letters: Mapping[str, str], expected: Verdict) -> None:
    assert summarize_letters(letters, 1).verdict == expected


def test_a_known_failure_is_excused_and_an_unexpected_pass_is_news() -> None:
    cases = [make_case("old", known="see #7"), make_case("fixed", known="see #8"), make_case("a")]
    trials = [make_trial("old", 1, "fail"), make_trial("fixed", 1), make_trial("a", 1)]
    summary = summarize(make_run(), cases, trials, {"old": 1, "fixed": 1, "a": 1})

    assert summary.verdict == "pass"
    assert summary.unexpected_passes == ("fixed",)
    assert summary.headline == "Passed: 2 of 3 cases passed (2 of 3 trials); 1 failed as known."
    assert counted(summary.pass_rate) == (2, 3)


@pytest.mark.parametrize(
    ("letters", "headline"),
    [
        ({"a": "pp", "b": "pp"}, "Passed: 2 of 2 cases passed (4 of 4 trials)."),
        ({"a": "pp", "b": "fp"}, "Failed: 1 of 2 cases failed (b)."),
        (dict.fromkeys("abcde", "ff"), "Failed: 5 of 5 cases failed (a, b, c and 2 more)."),
        (
            {"a": "pp", "b": "px"},
            "Not decided: 1 of 2 cases could not be judged because the infrastructure failed (b).",
        ),
        (
            {"a": "pp", "b": "p"},
            "Not decided: 1 of 2 cases could not be judged because trials are missing or were "
            "skipped (b).",
        ),
        ({"a": "s"}, "Not decided: no trial was judged."),
    ],
)
def test_the_headline_is_the_verdict_in_one_sentence(
    letters: Mapping[str, str], headline: str
) -> None:
    assert summarize_letters(letters, 2).headline == headline


def test_nothing_but_known_failures_is_not_called_passed() -> None:
    summary = summarize(
        make_run(), [make_case("a", known="see #7")], [make_trial("a", 1, "fail")], {"a": 1}
    )

    assert summary.headline == "Nothing new: 1 of 1 case failed as known."


# Rates


def test_single_trials_get_a_wilson_interval() -> None:
    rate = summarize_letters({str(n): "f" if n else "p" for n in range(29)}, 1).pass_rate

    assert (rate.method, rate.passed, rate.of) == ("Wilson", 1, 29)
    assert (rate.low, rate.high) == pytest.approx((0.0061, 0.1718), abs=5e-5)


def test_repeats_of_a_case_are_not_taken_for_independent() -> None:
    repeated = summarize_letters({"a": "ppppp", "b": "ppppp", "c": "fffff"}, 5).pass_rate
    single = summarize_letters({str(n): "f" if n < 5 else "p" for n in range(15)}, 1).pass_rate

    assert repeated.method == "beta-binomial"
    assert repeated.rate == single.rate
    assert width(repeated) > 1.5 * width(single)


def test_nothing_judged_is_unknown_and_not_zero() -> None:
    summary = summarize_letters({"a": "sx"}, 2)

    assert summary.pass_rate == Rate(0, 0, None, None, None, "")
    assert summary.repeats == ()


def test_faults_and_skips_are_counted_apart() -> None:
    summary = summarize_letters({"a": "ppx", "b": "fs"}, 3)

    assert summary.verdicts == {"pass": 2, "fail": 1, "skip": 1, "fault": 1}
    assert (summary.planned, summary.played) == (6, 5)
    assert counted(summary.pass_rate) == (2, 3)
    assert [(c.passed, c.judged, c.faults, c.skips, c.missing) for c in summary.cases] == [
        (2, 2, 1, 0, 0),
        (0, 1, 0, 1, 1),
    ]


def test_a_case_with_both_outcomes_is_flaky() -> None:
    summary = summarize_letters({"a": "pf", "b": "pp", "c": "ff", "d": "px"}, 2)

    assert [case.flaky for case in summary.cases] == [True, False, False, False]


def test_one_unknown_cost_makes_the_total_unknown() -> None:
    cases, plan = [make_case("a"), make_case("b")], {"a": 1, "b": 1}
    trials = [make_trial("a", 1, input_tokens=7), make_trial("b", 1, cost_usd=None)]
    summary = summarize(make_run(), cases, trials, plan)

    assert summary.cost_usd is None
    assert [case.cost_usd for case in summary.cases] == [0.01, None]
    assert (summary.tokens, summary.duration_s) == (7, 2.0)


def test_cases_are_grouped_by_tag_origin_split_and_wording() -> None:
    cases = [
        make_case("a", tags=("api", "clear"), origin="session"),
        make_case("b", tags=("api",), split="holdout"),
        make_case("c", copied=True, tags=("unplayed",)),
    ]
    trials = [*make_trials("a", "pp"), *make_trials("b", "fp")]
    summary = summarize(make_run(), cases, trials, {"a": 2, "b": 2, "c": 2})

    assert [(g.name, g.cases, counted(g.rate)) for g in summary.by_tag] == [
        ("api", 2, (3, 4)),
        ("clear", 1, (2, 2)),
        ("unplayed", 1, (0, 0)),
    ]
    assert [(g.name, counted(g.rate)) for g in summary.by_origin] == [
        ("human", (1, 2)),
        ("session", (2, 2)),
    ]
    assert [(g.name, counted(g.rate)) for g in summary.by_split] == [
        ("holdout", (1, 2)),
        ("tune", (2, 2)),
    ]
    assert [(g.name, g.cases) for g in summary.by_copied] == [("copied", 1), ("own words", 2)]
    assert group(summary.by_copied, "copied").rate.rate is None


def test_scores_are_grouped_by_kind_and_by_check() -> None:
    scores = (
        make_score("pass"),
        make_score("fail", "says", kind="outcome", required=False),
        make_score("pass", "says", kind="outcome"),
        make_score("skip", "max_turns", kind="budget"),
    )
    trials = make_trials("a", "pp", scores=scores)
    summary = summarize(make_run(), [make_case("a")], trials, {"a": 2})

    assert [(g.name, counted(g.rate)) for g in summary.by_kind] == [
        ("routing", (2, 2)),
        ("outcome", (2, 4)),
        ("budget", (0, 0)),
    ]
    assert [(g.name, counted(g.rate)) for g in summary.by_check] == [
        ("max_turns", (0, 0)),
        ("routes_to", (2, 2)),
        ("says", (2, 4)),
    ]


# Routing


def test_delegating_and_delegating_rightly_are_two_numbers() -> None:
    cases = [make_case("a", "api"), make_case("b", "web"), make_case("c"), make_case("d")]
    trials = [
        make_trial("a", 1, delegated_to="api"),
        make_trial("a", 2, "fail", delegated_to="web"),
        make_trial("b", 1, "fail"),
        make_trial("b", 2, "fault"),
        make_trial("c", 1),
        make_trial("d", 1, "fail", delegated_to="api"),
    ]
    summary = summarize(make_run(), cases, trials, {"a": 2, "b": 2, "c": 1, "d": 1})

    assert counted(summary.delegated) == (2, 3)
    assert counted(summary.right) == (1, 2)


def test_the_check_decides_what_else_is_accepted() -> None:
    cases = [make_case("accepts", "api"), make_case("own check", "api"), make_case("order", "api")]
    process = make_score("fail", "tests_first", kind="process")
    trials = [
        make_trial("accepts", 1, delegated_to="Plan", scores=(make_score("pass"), process)),
        make_trial("own check", 1, delegated_to="Plan", scores=(make_score("pass", "mine"),)),
        make_trial(
            "order", 1, delegated_to="api", scores=(make_score("fail", "delegates_in_order"),)
        ),
    ]
    plan = {case.id: 1 for case in cases}

    assert counted(summarize(make_run(), cases, trials, plan).right) == (1, 3)
    assert counted(summarize(make_run(), cases[:2], trials[:2], plan).right) == (1, 2)


def test_a_routing_check_that_was_not_asked_decides_nothing() -> None:
    scores = (make_score("skip"), make_score("fail", "says", kind="outcome"))
    trials = [make_trial("a", 1, "fail", delegated_to="api", scores=scores)]
    summary = summarize(make_run(), [make_case("a", "api")], trials, {"a": 1})

    assert counted(summary.delegated) == (1, 1)
    assert counted(summary.right) == (0, 0)


def test_the_confusion_table_names_none_last_and_leaves_out_free_cases() -> None:
    cases = [
        make_case("a", "zeta"),
        make_case("b", "api", "zeta"),
        make_case("c"),
        make_case("free", agents=None),
    ]
    trials = [
        make_trial("a", 1, delegated_to="zeta"),
        make_trial("a", 2, "fail"),
        make_trial("b", 1, "fail", delegated_to="other"),
        make_trial("b", 2, "skip", delegated_to="api"),
        make_trial("c", 1),
        make_trial("c", 2, "fault", delegated_to="zeta"),
        make_trial("free", 1, delegated_to="api"),
    ]
    summary = summarize(make_run(), cases, trials, dict.fromkeys(["a", "b", "c", "free"], 2))

    assert summary.confusion is not None
    assert summary.confusion.expected == ("api", "zeta", "none")
    assert summary.confusion.found == ("api", "other", "zeta", "none")
    assert summary.confusion.counts == ((1, 1, 0, 0), (0, 0, 1, 1), (0, 0, 0, 1))
    assert summary.macro_f1 == pytest.approx(2 / 3)


def test_without_expectations_there_is_no_table() -> None:
    trials = [make_trial("a", 1, delegated_to="api")]
    summary = summarize(make_run(), [make_case("a", agents=None)], trials, {"a": 1})

    assert (summary.confusion, summary.macro_f1) == (None, None)
    assert (summary.delegated, summary.right) == (None, None)


def test_a_model_that_never_delegates_gets_no_accuracy() -> None:
    cases = [make_case("a", "api"), make_case("b", "web"), make_case("c")]
    trials = [make_trial("a", 1, "fail"), make_trial("b", 1, "fail"), make_trial("c", 1)]
    summary = summarize(make_run(), cases, trials, {"a": 1, "b": 1, "c": 1})

    assert summary.warnings[0] == (
        "No agent was started in any of the 2 judged trials that expect a delegation, so there is "
        "no routing accuracy to give."
    )
    assert counted(summary.delegated) == (0, 2)
    assert (summary.right, summary.macro_f1) == (None, None)


def test_where_no_delegation_was_judged_nothing_is_said_of_it() -> None:
    summary = summarize(
        make_run(), [make_case("a", "api")], [make_trial("a", 1, "fault")], {"a": 1}
    )

    assert summary.delegated == Rate(0, 0, None, None, None, "")
    assert summary.right is None
    assert not any("No agent" in warning for warning in summary.warnings)


# Warnings


def test_a_clean_run_of_a_real_model_has_no_warning() -> None:
    cases = [make_case("a", "api")]
    trials = [make_trial("a", 1, delegated_to="api", served=("m-1",))]

    assert summarize(make_run(), cases, trials, {"a": 1}).warnings == ()


def test_labels_of_one_kind_are_one_sentence_with_an_example() -> None:
    trials = [
        make_trial("a", 1, labels=("otherwise: `x` failed", "stale: yes")),
        make_trial("a", 2, labels=("otherwise: `y` failed", "stale: yes")),
        make_trial("a", 3),
    ]
    summary = summarize(make_run(), [make_case("a")], trials, {"a": 3})

    assert summary.warnings[:2] == (
        'Said of 2 of 3 trials, such as: "otherwise: `x` failed"',
        'Said of 2 of 3 trials: "stale: yes"',
    )


def test_every_warning_is_in_its_place() -> None:
    cases = [make_case("a", "api", copied=True), make_case("b")]
    trials = [
        make_trial("a", 1, "fail", labels=("stale", "by hand"), served=("m-1",)),
        make_trial("a", 2, "fail", labels=("stale",), served=("m-1", "m-2"), cost_usd=None),
        make_trial("b", 1, "fault"),
        make_trial("b", 2, "skip"),
    ]
    summary = summarize(make_run(nature="scripted"), cases, trials, {"a": 3, "b": 3})

    assert summary.warnings == (
        "The model was scripted: these trials show that the harness and the checks work, and say "
        "nothing about how a real model behaves.",
        'Said of 2 of 4 trials: "stale"',
        'Said of 1 of 4 trials: "by hand"',
        "No agent was started in any of the 2 judged trials that expect a delegation, so there is "
        "no routing accuracy to give.",
        "In 1 of 4 trials the infrastructure failed: no rate counts them.",
        "1 of 4 trials could not be judged: no pass rate counts them.",
        "Not played: 2 of 6 planned trials.",
        "The cost of 1 of 4 trials is unknown, so no total is given.",
        "In 1 of 2 cases the request quotes a description word for word: the answer was in the "
        "prompt, so they are counted apart.",
        "More than one model answered: m-1 (2 trials), m-2 (1 trial).",
    )


def test_a_baseline_is_called_one() -> None:
    warnings = summarize_letters({"a": "p"}, 1, nature="baseline").warnings

    assert warnings[0].startswith("A lexical baseline chose the agents")


# Repeats


def test_repeats_are_averaged_over_cases() -> None:
    summary = summarize_letters({"a": "ppfff", "b": "ppppp"}, 5)
    two = summary.repeats[1]

    assert [repeats.k for repeats in summary.repeats] == [1, 2, 3, 4, 5]
    assert two.pass_at.rate == pytest.approx((0.7 + 1) / 2)
    assert two.pass_all.rate == pytest.approx((0.1 + 1) / 2)
    assert (two.pass_at.method, two.pass_at.of, two.cases) == ("Gaffke", 2, 2)
    assert summary.repeats[0].pass_at.rate == summary.pass_rate.rate
    assert summary.repeats[0].pass_at.method == "beta-binomial"


def test_many_repeats_show_the_first_five_and_the_largest() -> None:
    summary = summarize_letters({"a": "p" * 9, "b": "p" * 8 + "x"}, 9)

    assert [repeats.k for repeats in summary.repeats] == [1, 2, 3, 4, 5, 9]
    assert [repeats.cases for repeats in summary.repeats] == [2, 2, 2, 2, 2, 1]


# Laws

LETTERS = st.dictionaries(
    st.sampled_from("abcde"), st.text("pfsx", min_size=1, max_size=6), min_size=1
)


def make_varied(letters: Mapping[str, str]) -> tuple[list[CaseRecord], list[Trial]]:
    """Cases of every sort, whose trials delegate, cost and score differently."""
    agents = (("api",), ("web",), (), None, ("api", "web"))
    cases = [
        make_case(case, agents=agents[ord(case) % 5], tags=(case, "all"), copied=case == "b")
        for case in letters
    ]
    trials = [
        replace(
            trial,
            delegated_to=(None, "api", "web")[(trial.number + ord(trial.case)) % 3],
            cost_usd=0.1 * trial.number,
            served=(f"m-{trial.number % 2}",),
            duration_s=0.1 * trial.number,
        )
        for case, verdicts in letters.items()
        for trial in make_trials(case, verdicts)
    ]
    return cases, trials


@UNHURRIED
@given(LETTERS, st.randoms(use_true_random=False))
def test_the_order_of_trials_makes_no_difference(
    letters: Mapping[str, str], random: Random
) -> None:
    cases, trials = make_varied(letters)
    shuffled = random.sample(trials, len(trials))
    plan = dict.fromkeys(letters, 6)

    assert summarize(make_run(), cases, shuffled, plan) == summarize(
        make_run(), cases, trials, plan
    )


@UNHURRIED
@given(LETTERS, st.sampled_from("abcde"))
def test_adding_a_fault_changes_no_rate(letters: Mapping[str, str], where: str) -> None:
    letters = {where: "p", **letters}
    cases, trials = make_varied(letters)
    fault = make_trial(
        where, 99, "fault", delegated_to="other", scores=(make_score("pass"), make_score("fail"))
    )
    before = summarize(make_run(), cases, trials, dict.fromkeys(letters, 6))
    after = summarize(make_run(), cases, [*trials, fault], dict.fromkeys(letters, 6))

    for name in RATES:
        assert getattr(after, name) == getattr(before, name), name
    assert after.verdicts["fault"] == before.verdicts["fault"] + 1


RATES = [
    field.name
    for field in fields(Summary)
    if field.name.startswith("by_")
    or field.name
    in ("pass_rate", "delegated", "right", "confusion", "macro_f1", "repeats", "cases_passed")
]


@UNHURRIED
@given(st.lists(st.text("pf", min_size=5, max_size=5), min_size=1, max_size=8))
def test_over_the_same_cases_one_of_k_rises_and_all_of_k_falls(verdicts: list[str]) -> None:
    repeats = summarize_letters({str(n): v for n, v in enumerate(verdicts)}, 5).repeats
    at = [each.pass_at.rate or 0.0 for each in repeats]
    every = [each.pass_all.rate or 0.0 for each in repeats]

    assert at == pytest.approx(sorted(at))
    assert every == pytest.approx(sorted(every, reverse=True))


@pytest.mark.parametrize(("cases", "trials"), [(5000, 1), (1000, 5), (60, 84)])
def test_five_thousand_trials_take_well_under_a_second(cases: int, trials: int) -> None:
    random = Random(1)
    records = [
        make_case(str(n), random.choice(["api", "web"]), tags=(f"tag-{n % 20}",))
        for n in range(cases)
    ]
    played = []
    for n, record in enumerate(records):
        letters = "".join(random.choices("pf", weights=[4, n % 7], k=trials))
        to = random.choice(["api", "web", None])
        played += make_trials(record.id, letters, delegated_to=to)
    began = process_time()
    summary = summarize(make_run(), records, played, {record.id: trials for record in records})

    assert process_time() - began < 1.0
    assert summary.played == cases * trials


def width(rate: Rate) -> float:
    assert rate.low is not None
    assert rate.high is not None
    return rate.high - rate.low
