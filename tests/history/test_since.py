from dataclasses import replace

from audition.history.since import SinceLast
from audition.record import AgentRecord, RunRecord
from audition.score import Score
from tests.history.nights import BAD, BROKEN, MODEL, WORSE, Nights, write_run, write_trials
from tests.report.report_runs import make_case


def since(nights: Nights) -> SinceLast:
    found = nights.line.since
    assert found is not None
    return found


def shorter_prompt(record: RunRecord) -> RunRecord:
    first, *others = record.agents
    edited: AgentRecord = replace(first, body="Be brief.")
    return replace(record, agents=(edited, *others), setup_digest="f" * 32)


def test_two_nights_alike_are_quiet(nights: Nights) -> None:
    nights.repeat({"refunds": BAD}, times=2)

    assert since(nights).is_quiet
    assert nights.line.is_quiet


def test_the_first_night_has_nothing_to_be_compared_with(nights: Nights) -> None:
    nights.add({})

    assert nights.line.since is None
    assert not nights.line.is_quiet


def test_flips_are_told_by_case_and_check_failures_first(nights: Nights) -> None:
    nights.add({"paging": WORSE})
    nights.add({"refunds": BAD, "dark-mode": BROKEN})

    flips = since(nights).flips
    assert [(f.case, f.before.verdict, f.after.verdict) for f in flips] == [
        ("refunds", "pass", "fail"),
        ("dark-mode", "pass", "fault"),
        ("paging", "fail", "pass"),
    ]
    (check,) = flips[0].checks
    assert (check.check, check.after.passed, check.after.of) == ("routes_to", 1, 2)
    assert check.reason == "routes_to says fail"
    assert flips[1].checks == ()


def test_a_check_that_flips_in_a_case_that_does_not_is_told(nights: Nights) -> None:
    nights.add({})
    quiet = Score(verdict="fail", reason="not polite", check="says", required=False)
    pleasant = replace(quiet, verdict="pass", reason="polite")
    for score in (pleasant, quiet):
        nights.add({}, scores=(score,))

    flips = since(nights).flips
    assert {flip.case for flip in flips} == set(nights.cases)
    assert not any(flip.is_whole for flip in flips)
    assert [check.check for check in flips[0].checks] == ["says"]


def test_a_limit_that_was_reached_is_a_check_that_failed(nights: Nights) -> None:
    nights.add({})
    route = Score(verdict="pass", reason="", check="routes_to")
    limit = Score(verdict="fail", reason="reached its limit", check="limits", kind="budget")
    nights.add(dict.fromkeys(nights.cases, WORSE), scores=(route, limit))

    (check,) = next(f for f in since(nights).flips if f.case == "refunds").checks
    assert (check.check, check.before) == ("limits", None)


def test_what_flips_every_other_night_comes_after_real_news(nights: Nights) -> None:
    for results in ({"refunds": BAD}, {}, {"refunds": BAD}, {}):
        nights.add(results)
    nights.add({"refunds": WORSE, "question": WORSE})

    first, second = since(nights).flips
    assert first.case == "question"
    assert first.mixed is None
    assert second.mixed is not None
    assert (second.mixed.passed, second.mixed.of) == (6, 8)


def test_new_and_gone_and_edited_cases_are_named(nights: Nights) -> None:
    nights.add({})
    left = {name: case for name, case in nights.cases.items() if name != "paging"}
    nights.cases = {
        **left,
        "refunds": replace(left["refunds"], request="Refund them all"),
        "export": make_case("export"),
    }
    nights.add({"refunds": WORSE})

    found = since(nights)
    assert (found.new_cases, found.gone_cases) == (("export",), ("paging",))
    assert [(flip.case, flip.is_edited) for flip in found.flips] == [("refunds", True)]
    assert "cases: 1 new, 1 gone, 1 edited" in found.differs


def test_a_run_of_some_cases_is_compared_with_the_last_whole_night(nights: Nights) -> None:
    first = nights.add({})
    command = "audition run evals/routing.yaml --cases refunds"
    record = replace(first.record, series="", command=command, started_at="2026-09-01T12:00:00Z")
    some = {"refunds": nights.cases["refunds"]}
    write_run(nights.folder / "some.run.db", record, some, {"refunds": WORSE})

    chosen = since(nights)
    assert [flip.case for flip in chosen.flips] == ["refunds"]
    assert (chosen.gone_cases, chosen.differs) == ((), ())

    nights.add({})
    whole = since(nights)
    assert whole.before.name == "2026-09-01"
    assert whole.is_quiet


def test_a_known_failure_is_marked(nights: Nights) -> None:
    nights.add({})
    known = replace(nights.cases["refunds"], known="a bug of the loop")
    nights.cases = {**nights.cases, "refunds": known}
    nights.add({"refunds": WORSE})

    (flip,) = since(nights).flips
    assert flip.is_known


def test_what_else_is_another_is_named(nights: Nights) -> None:
    nights.add({})
    nights.add({}, shorter_prompt, served=("claude-sonnet-5-6",))

    assert since(nights).differs == (
        "backend: prompt",
        f"served by claude-sonnet-5-6 instead of {MODEL}",
    )
    assert since(nights).flips == ()
    assert not since(nights).is_quiet


def test_a_setup_that_differs_in_what_no_run_file_holds_is_said(nights: Nights) -> None:
    nights.add({})
    nights.add({}, lambda record: replace(record, setup_digest="f" * 32))

    (words,) = since(nights).differs
    assert "settings" in words


def test_another_loop_is_not_like_for_like(nights: Nights) -> None:
    nights.repeat({}, times=25)
    newer = dict.fromkeys(nights.cases, WORSE)
    nights.repeat(newer, times=5, edit=lambda record: replace(record, loop_version=2))

    assert not nights.line.drifted
    assert nights.line.suite.watch.learning == 5
    assert [change.is_break for _, change in nights.line.changes] == [True]


def test_only_faults_of_a_new_kind_are_new(nights: Nights) -> None:
    nights.add({"refunds": BROKEN}, faults=("provider: 529 after 3 s",))
    nights.add({"refunds": BROKEN}, faults=("provider: 529 after 4 s", "network: reset"))

    assert since(nights).new_faults == (("network: reset", 8),)


def test_cost_is_news_from_a_quarter_on_and_unknown_is_no_number(nights: Nights) -> None:
    for dollars in (0.01, 0.012, 0.02):
        nights.add({}, cost_usd=dollars)
    assert since(nights).is_cost_news

    nights.add({}, cost_usd=None)
    assert since(nights).cost_factor is None
    assert not since(nights).is_cost_news


def test_copied_trials_take_part_in_the_comparison(nights: Nights) -> None:
    """A run that plays only what an edit touches is compared whole."""
    first = nights.add({"refunds": BAD})
    record = replace(first.record, series="", started_at="2026-10-01T08:00:00+00:00")
    trials = [
        replace(trial, reused_from=first.path.name)
        if trial.case != "question"
        else replace(trial, key=f"new{trial.number}", verdict="fail", started_at=record.started_at)
        for trial in first.trials
    ]
    write_trials(nights.folder / "later.run.db", record, nights.cases, trials)

    assert len(nights.line.nights[-1].fresh) == 2
    assert [flip.case for flip in since(nights).flips] == ["question"]


def test_a_drift_names_what_changed_when_it_began(nights: Nights) -> None:
    nights.repeat({}, times=24)
    nights.repeat({"refunds": WORSE, "paging": WORSE}, times=4, edit=shorter_prompt)

    drifted = nights.line.drifted
    suite = [one for one in drifted if one.trend.subject == "suite"][-1]
    assert suite.alarm.falls
    assert suite.since == "2026-09-25"
    assert [(change.night, change.what) for change in suite.changes] == [
        ("2026-09-25", ("backend: prompt",))
    ]
    names = {one.trend.name for one in drifted}
    assert "backend" in names
    assert "frontend" not in names


def test_an_alarm_that_repeats_another_says_so(nights: Nights) -> None:
    nights.repeat({}, times=24)
    nights.repeat({"refunds": WORSE, "paging": WORSE}, times=6)

    suite = [one for one in nights.line.drifted if one.trend.subject == "suite"]
    assert [one.is_repeated for one in suite] == [*[True] * (len(suite) - 1), False]
    assert len({one.since for one in suite}) == 1


def test_a_steady_line_raises_nothing(nights: Nights) -> None:
    for place in range(60):
        nights.add({"refunds": BAD} if place % 5 == 0 else {})

    assert nights.line.drifted == ()
