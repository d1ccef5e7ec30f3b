import shutil
from dataclasses import replace
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from audition.history.nights import lines_of
from audition.history.reading import read_runs
from audition.history.trends import trends
from audition.record import RunState, Trial
from audition.runfile import Run
from tests.history.nights import BAD, BROKEN, GOOD, MODEL, Nights, write_run, write_trials
from tests.report.report_runs import Played, make_case, make_record, make_trial


def test_nights_of_one_suite_and_model_are_a_line_oldest_first(nights: Nights) -> None:
    nights.repeat({}, times=3)

    assert [night.name for night in nights.line.nights] == [
        "2026-09-01", "2026-09-02", "2026-09-03"
    ]  # fmt: skip


def test_scripted_and_baseline_runs_are_never_on_the_line_of_a_real_model(nights: Nights) -> None:
    nights.add({})
    for nature in ("scripted", "baseline"):
        nights.add({}, lambda record, nature=nature: replace(record, nature=nature))  # type: ignore[misc] # a nature

    natures = [line.kin.nature for line in nights.history.lines]
    assert sorted(natures) == ["baseline", "real", "scripted"]
    assert [len(line.nights) for line in nights.history.lines] == [1, 1, 1]


def test_another_suite_model_server_or_runtime_is_another_line(nights: Nights) -> None:
    nights.add({})
    for name in ("suite", "model", "base_url", "runtime"):
        nights.add({}, lambda record, name=name: replace(record, **{name: "other"}))  # type: ignore[misc] # a field

    assert len(nights.history.lines) == 5


def test_a_copied_trial_counts_in_the_night_that_played_it(nights: Nights) -> None:
    first = nights.add({"refunds": BAD})
    copies = [replace(trial, reused_from=first.path.name) for trial in first.trials[:-1]]
    record = replace(first.record, series="", started_at="2026-10-01T08:00:00+00:00")
    own = replace(
        first.trials[-1], key="edited", verdict="fail", started_at="2026-10-01T08:00:01+00:00"
    )
    later = nights.folder / "later.run.db"
    write_trials(later, record, nights.cases, [*copies, own])

    line = nights.line
    assert [len(night.fresh) for night in line.nights] == [8, 1]
    assert [(p.passed, p.of) for p in line.suite.points] == [(7, 8), (0, 1)]


def test_a_run_of_nothing_but_copies_is_no_night(nights: Nights) -> None:
    first = nights.add({})
    shutil.copy(first.path, nights.folder / "zz-copy.run.db")

    line = nights.line
    assert len(line.nights) == 1
    assert len(line.suite.points) == 1


def test_a_trial_that_was_played_again_is_new_data_under_the_same_key(nights: Nights) -> None:
    first = nights.add({})
    again = [replace(trial, started_at="2026-10-01T08:00:00+00:00") for trial in first.trials]
    record = replace(first.record, series="")
    write_trials(nights.folder / "fresh.run.db", record, nights.cases, again)

    assert [len(night.fresh) for night in nights.line.nights] == [8, 8]


def test_run_files_of_one_series_and_setup_are_one_night(nights: Nights) -> None:
    first = nights.add({"refunds": BROKEN})
    key = next(trial.key for trial in first.trials if trial.faulted)
    mended = [
        replace(trial, verdict="pass", faulted=False, started_at="2026-09-01T09:00:00+00:00")
        for trial in first.trials
        if trial.key == key
    ]
    write_trials(nights.folder / "more.run.db", first.record, nights.cases, mended)

    (night,) = nights.line.nights
    assert [run.path.name for run in night.runs] == [first.path.name, "more.run.db"]
    assert nights.line.suite.points[0].of == 8
    assert night.summaries["refunds"].faults == 0


def test_an_edited_setup_begins_another_night_on_the_same_day(nights: Nights) -> None:
    first = nights.add({})
    edited = replace(first.record, setup_digest="f" * 32, started_at="2026-09-01T09:00:00+00:00")
    write_run(nights.folder / "more.run.db", edited, nights.cases, {"refunds": GOOD})

    assert len(nights.line.nights) == 2


def test_a_night_that_is_gone_on_with_later_keeps_its_place(nights: Nights) -> None:
    first = nights.add({})
    nights.add({})
    resumed = replace(first.record, started_at="2026-12-24T00:00:00+00:00")
    write_trials(first.path, resumed, nights.cases, first.trials)

    assert [night.name for night in nights.line.nights] == ["2026-09-01", "2026-09-02"]


def test_a_fault_is_no_failure_and_a_night_of_faults_has_no_rate(nights: Nights) -> None:
    nights.add({"refunds": BROKEN})
    nights.add(dict.fromkeys(nights.cases, ("fault", "fault")))

    first, second = nights.line.suite.points
    assert (first.passed, first.of) == (7, 7)
    assert second.rate is None


def test_what_was_paid_and_what_is_unknown_are_kept_apart(nights: Nights) -> None:
    nights.add({})
    nights.add({"refunds": ("pass",)}, cost_usd=None)

    priced, unpriced = nights.line.nights
    assert round(priced.spent_usd, 2) == 0.08
    assert (unpriced.spent_usd, unpriced.unpriced) == (0.0, 7)


def test_runs_without_a_trial_are_named_and_are_no_night(nights: Nights) -> None:
    nights.add({})
    record = make_record(nature="real", model=f"{MODEL}-other")
    write_trials(nights.folder / "nothing.run.db", record, nights.cases, [])

    assert nights.history.empty == ("nothing.run.db",)
    assert len(lines_of(read_runs(nights.folder).runs)) == 2


SHELVES = st.lists(
    st.lists(st.tuples(st.integers(1, 6), st.booleans()), unique_by=lambda held: held[0]),
    max_size=8,
)


@given(SHELVES)
def test_every_trial_counts_once_however_often_it_was_copied(
    shelves: list[list[tuple[int, bool]]],
) -> None:
    """Each file holds some trials of its own and copies of what earlier files played."""
    case = make_case("refunds")
    played: dict[tuple[int, int], Trial] = {}
    runs = []
    for place, held in enumerate(shelves):
        began = f"2026-09-{place + 1:02}T02:00:00+00:00"
        trials = []
        for number, copies in held:
            earlier = [trial for (of, n), trial in played.items() if n == number and of < place]
            if copies and earlier:
                trials.append(replace(earlier[-1], reused_from="earlier.run.db"))
            else:
                own = make_trial(case, number, Played("backend"))[0]
                played[place, number] = replace(own, started_at=began)
                trials.append(played[place, number])
        record = replace(make_record(nature="real"), started_at=began)
        runs.append(Run(Path(f"{place}.run.db"), record, RunState(), (case,), tuple(trials)))

    nights = [night for line in lines_of(runs) for night in line.nights]
    assert sum(len(night.fresh) for night in nights) == len(played)
    assert all(night.fresh for night in nights)
    for line in lines_of(runs):
        counted = sum(point.of for point in trends(line.nights)[0].points)
        assert counted == len(played)
