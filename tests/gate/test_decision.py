import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audition.gate.counts import Arm, Case
from audition.gate.critical import Critical
from audition.gate.decision import Decision, decide
from audition.gate.rules import Design
from audition.stats.noninferiority import Pairs

THREE = Design(base_trials=3, head_trials=3)
KEPT = (3, 3)


def make_cases(*passes: tuple[int, int], design: Design = THREE) -> list[Case]:
    """Cases that were played to the end, from the passes of base and head."""
    ka, kb = design.base_trials, design.head_trials
    return [
        Case(
            id=f"case-{number}",
            base=Arm(passed=base, failed=ka - base),
            head=Arm(passed=head, failed=kb - head),
        )
        for number, (base, head) in enumerate(passes)
    ]


def make_critical(*, reruns: int = 0, failures: int = 0, base_trials: int = 10) -> Critical:
    return Critical(
        check="tests_first",
        case="case-0",
        base_trials=base_trials,
        base_failures=0,
        head_trials=3,
        head_failures=1,
        reruns=reruns,
        rerun_failures=failures,
    )


def quick(cases: list[Case], design: Design = THREE, **options: object) -> Decision:
    return decide(cases, design, rounds=10, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("cases", "margin", "verdict"),
    [
        ([KEPT] * 20, 0.05, "pass"),
        ([KEPT] * 12, 0.05, "inconclusive"),
        ([KEPT] * 12, 0.10, "pass"),
        ([(3, 0)] + [KEPT] * 11, 0.05, "fail"),
        ([], 0.05, "nothing changed"),
    ],
)
def test_the_known_verdicts_come_out(
    cases: list[tuple[int, int]], margin: float, verdict: str
) -> None:
    design = Design(base_trials=3, head_trials=3, margin=margin)

    assert quick(make_cases(*cases), design).verdict == verdict


@pytest.mark.parametrize(
    ("cases", "in_pull_request", "in_release"),
    [([KEPT] * 20, 0, 0), ([KEPT] * 12, 0, 3), ([(3, 0)] + [KEPT] * 11, 1, 1), ([], 0, 0)],
)
def test_only_a_release_is_stopped_by_an_open_question(
    cases: list[tuple[int, int]], in_pull_request: int, in_release: int
) -> None:
    assert quick(make_cases(*cases)).exit_code == in_pull_request
    assert quick(make_cases(*cases), profile="release").exit_code == in_release


def test_a_fail_says_what_led_to_it_and_what_it_promises() -> None:
    decision = quick(make_cases((3, 0), *[KEPT] * 11))

    assert decision.reasons == (
        "Fail: the head does worse than the base; 12 cases compared.",
        "The base passed 36 of 36 trials, the head 33 of 36.",
        "If the change did nothing, a head this bad or worse would come up in 5 % of comparisons; "
        "fail needs 5 % or less.",
        "Of 36 pairs of a base and a head trial of one case, 3 were lost and 0 gained. If the "
        "change cost more than 5 points, that few losses would come up in 89.6 % of comparisons; "
        "pass needs 5 % or less.",
        "If the change did nothing, results this bad would come up at most once in 20 such "
        "comparisons.",
    )


def test_a_pass_promises_no_more_than_the_margin() -> None:
    assert quick(make_cases(*[KEPT] * 20)).reasons[-1] == (
        "If the change cost these cases more than 5 points on average, this would have said pass "
        "at most once in 20 such comparisons."
    )


def test_an_open_question_says_what_would_decide() -> None:
    decision = decide(make_cases(*[KEPT] * 12), THREE)

    assert decision.reasons[0].startswith("Inconclusive: neither a loss nor its absence is shown")
    assert decision.reasons[-2] == (
        "With 12 cases and 36 head trials, this gate catches 1 case broken entirely or a fall of "
        "every pass rate by 18 points 4 times in 5; the smallest loss that it can rule out is 7.98 "
        "points."
    )
    assert "takes 59 head trials if all pass" in decision.reasons[-1]
    assert decision.what_would_decide is not None
    assert decision.what_would_decide.flawless_trials == 59


def test_every_number_is_kept() -> None:
    numbers = quick(make_cases((3, 3), (3, 1), (2, 2), (3, 0), (1, 2), (3, 3))).numbers

    assert numbers.tests is not None
    assert numbers.tests.perm_p == pytest.approx(0.1205)
    assert numbers.tests.pairs == Pairs(6, 2, 18)
    assert numbers.tests.guard_p is None
    assert (numbers.base, numbers.head) == (Arm(passed=15, failed=3), Arm(passed=11, failed=7))
    assert numbers.compared == numbers.affected == 6


def test_a_case_that_lost_a_trial_leaves_both_arms() -> None:
    cases = make_cases(*[KEPT] * 20)
    cases[4] = Case(id="lost", base=Arm(passed=3), head=Arm(passed=0, failed=2, lost=1))
    decision = quick(cases)

    assert decision.verdict == "inconclusive"
    assert decision.numbers.compared == 19
    assert decision.numbers.head == Arm(passed=57)
    assert decision.notes == (
        "1 case left out of both arms, for trials that met faults or could not be judged: lost.",
    )


def test_more_than_one_case_lost_in_twenty_is_too_many() -> None:
    cases = make_cases(*[KEPT] * 19)
    cases[4] = Case(id="lost", base=Arm(passed=3), head=Arm(passed=2, lost=1))
    decision = quick(cases)

    assert (decision.verdict, decision.exit_code) == ("invalid", 4)
    assert decision.reasons[1] == (
        "1 of 19 cases lost trials to faults or could not be judged, which is more than 5 %: play "
        "them again."
    )


def test_faults_that_fall_on_one_arm_make_it_invalid() -> None:
    design = Design(base_trials=8, head_trials=8)
    cases = make_cases(*[(8, 8)] * 20, design=design)
    cases[0] = Case(id="lost", base=Arm(passed=8), head=Arm(passed=0, lost=8))
    decision = quick(cases, design)

    assert decision.verdict == "invalid"
    assert not decision.numbers.has_too_many_lost
    assert "0 trials of the base and 8 of the head met faults" in decision.reasons[1]


def test_limits_that_one_arm_reaches_far_oftener_make_it_invalid() -> None:
    limited = Arm(passed=0, failed=3, limited=3)
    cases = make_cases(*[KEPT] * 9)
    cases += [Case(id=f"long-{n}", base=Arm(passed=3), head=limited) for n in range(3)]
    decision = quick(cases)

    assert decision.verdict == "invalid"
    assert "0 of 36 base trials reached a limit of their own, and 9 of 36" in decision.reasons[1]


def test_a_few_limits_more_are_ordinary_failures() -> None:
    cases = make_cases(*[KEPT] * 11)
    cases.append(Case(id="long", base=Arm(passed=3), head=Arm(passed=0, failed=3, limited=3)))

    assert quick(cases).verdict == "fail"


class TestCritical:
    def test_check_that_fails_again_fails_the_gate(self) -> None:
        cases = make_cases((3, 2), *[KEPT] * 19)
        decision = quick(cases, critical=[make_critical(reruns=3, failures=1)])

        assert decision.verdict == "fail"
        assert decision.reasons[0] == "Fail: a critical check broke."
        assert "again in 1 of 3 re-runs" in decision.reasons[1]
        assert not any("once in 20" in reason for reason in decision.reasons)

    def test_check_that_fails_again_fails_even_where_arms_cannot_be_compared(self) -> None:
        cases = make_cases((3, 2), *[KEPT] * 5)
        cases[3] = Case(id="lost", base=Arm(passed=3), head=Arm(passed=2, lost=1))

        assert quick(cases, critical=[make_critical(reruns=1, failures=1)]).verdict == "fail"

    def test_failure_withholds_a_pass_until_it_was_run_again(self) -> None:
        critical = make_critical()
        cases = make_cases(*[KEPT] * 20)
        decision = quick(cases, critical=[critical])

        assert decision.verdict == "inconclusive"
        assert decision.confirm == (critical,)

    def test_flake_is_noted_and_changes_nothing(self) -> None:
        decision = quick(make_cases(*[KEPT] * 20), critical=[make_critical(reruns=3)])

        assert decision.verdict == "pass"
        assert "taken for a flake" in decision.notes[0]

    def test_check_with_too_short_a_past_is_like_any_other(self) -> None:
        decision = quick(make_cases(*[KEPT] * 20), critical=[make_critical(base_trials=3)])

        assert decision.verdict == "pass"
        assert "not armed" in decision.notes[0]


class TestStoppedEarly:
    def test_fail_holds_though_most_was_never_played(self) -> None:
        cases = [Case(id=f"case-{n}", base=Arm(passed=3), head=Arm(passed=0)) for n in range(11)]
        cases.append(Case(id="broken", base=Arm(passed=3), head=Arm(passed=0, failed=3)))
        decision = quick(cases)

        assert decision.verdict == "fail"
        assert decision.numbers.filled == "passed"
        assert (
            "33 of 36 head trials were not played; below they are taken to have passed."
            in decision.reasons
        )

    def test_limits_alone_do_not_make_it_invalid_where_the_rest_could_even_them_out(self) -> None:
        """Played to the end, 3 of 36 against none is within chance."""
        cases = [Case(id=f"case-{n}", base=Arm(passed=3), head=Arm(passed=0)) for n in range(11)]
        long = Arm(passed=0, failed=3, limited=3)
        cases.append(Case(id="long", base=Arm(passed=3), head=long))

        assert quick(cases).verdict == "fail"

    def test_pass_takes_the_rest_to_have_failed(self) -> None:
        design = Design(base_trials=3, head_trials=3, margin=0.3)
        cases = make_cases(*[KEPT] * 11, design=design)
        cases.append(Case(id="last", base=Arm(passed=3), head=Arm(passed=2)))
        decision = quick(cases, design)

        assert (decision.verdict, decision.numbers.filled) == ("pass", "failed")

    def test_run_that_ended_too_soon_is_open(self) -> None:
        cases = [Case(id=f"case-{n}", base=Arm(passed=3), head=Arm(passed=2)) for n in range(20)]
        decision = quick(cases)

        assert decision.verdict == "inconclusive"
        assert "The trials that were not played could still decide." in decision.reasons


def test_a_fresh_attempt_has_half_the_level_and_says_so() -> None:
    design = Design(base_trials=3, head_trials=3, attempt=1)
    decision = quick(make_cases((3, 0), *[KEPT] * 11), design)

    assert decision.verdict == "inconclusive"
    assert "divided by 2" in decision.notes[0]


@pytest.mark.parametrize(
    ("base", "head", "wrong"),
    [
        (Arm(passed=4), Arm(passed=3), "more base trials than planned"),
        (Arm(passed=3), Arm(passed=4), "more head trials than planned"),
        (Arm(passed=3), Arm(passed=2, failed=1, limited=2), "reached a limit than failed"),
    ],
)
def test_counts_that_cannot_be_are_refused(base: Arm, head: Arm, wrong: str) -> None:
    with pytest.raises(ValueError, match=wrong):
        quick([Case(id="odd", base=base, head=head)])


def arms(trials: int, *, whole: bool) -> st.SearchStrategy[Arm]:
    def finish(parts: tuple[int, int, int, int]) -> Arm:
        passed, failed, lost, limited = parts
        rest = trials - min(trials, passed + failed + lost)
        passed = min(passed, trials)
        failed = min(failed, trials - passed)
        lost = min(lost, trials - passed - failed) if lost > 2 else 0
        if whole:
            failed = trials - passed - lost
        return Arm(passed=passed, failed=failed, lost=lost, limited=min(limited, failed, rest))

    return st.tuples(*[st.integers(0, trials)] * 4).map(finish)


@settings(deadline=None, max_examples=150)
@given(
    st.lists(st.tuples(arms(3, whole=True), arms(3, whole=False)), max_size=8),
    st.lists(st.builds(make_critical, reruns=st.integers(0, 3), failures=st.just(0)), max_size=2),
)
def test_whatever_was_counted_is_decided_in_words_that_promise_no_safety(
    played: list[tuple[Arm, Arm]], critical: list[Critical]
) -> None:
    cases = [Case(id=f"case-{n}", base=base, head=head) for n, (base, head) in enumerate(played)]
    decision = quick(cases, critical=critical)
    said = " ".join([*decision.reasons, *decision.notes])

    assert decision.reasons[0].split(":")[0].lower() == decision.verdict
    assert "safe" not in said.lower()
    assert "nan" not in said
    assert all(sentence.endswith(".") for sentence in (*decision.reasons, *decision.notes))


@settings(deadline=None, max_examples=50)
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=8))
def test_the_order_of_cases_does_not_matter(passes: list[tuple[int, int]]) -> None:
    one, other = quick(make_cases(*passes)), quick(make_cases(*reversed(passes)))

    assert one.verdict == other.verdict
    assert one.numbers == other.numbers
