from audition.outcome import Probed
from audition.report.harness_runs import harness_view
from audition.report.strip import MOST_MARKS, Mark, Strip, strip_view
from tests.report.work_runs import GREEN, PROJECT, RED, make_work
from tests.working import Work


def strip_of(work: Work) -> Strip:
    evidence = work.end()
    return strip_view(evidence, harness_view(evidence).probes)


def letters(strip: Strip, row: int) -> str:
    return "".join(mark.letter for mark in strip.marks if mark.row == row)


def only(strip: Strip, letter: str) -> Mark:
    (mark,) = (mark for mark in strip.marks if mark.letter == letter)
    return mark


def test_every_thread_has_a_row_and_every_step_a_mark_in_order() -> None:
    strip = strip_of(make_work())

    assert [thread.name for thread in strip.threads] == ["main", "backend", "reviewer"]
    assert [letters(strip, row) for row in range(3)] == ["→■", "oT✗I✓L✓C→", "✓"]
    assert [mark.column for mark in strip.marks] == list(range(strip.columns))
    assert [mark.event for mark in strip.marks] == sorted(mark.event for mark in strip.marks)


def test_the_same_agent_started_twice_has_two_rows() -> None:
    strip = strip_of(Work().delegates("backend").returns().delegates("backend").returns())

    assert [thread.name for thread in strip.threads] == ["main", "backend", "backend (2)"]
    assert [mark.to_row for mark in strip.marks[:2]] == [1, 2]


def test_the_harness_decides_over_what_the_command_printed_and_the_mark_says_so() -> None:
    lying = strip_of(Work().runs("pytest", outcome="passed").finds(RED))
    silent = strip_of(Work().runs("pytest | tail"))

    assert (lying.marks[0].look, lying.marks[0].is_probed) == ("failed", True)
    assert "by the harness's own run: 1 passed, 1 failed" in lying.marks[0].words
    assert (silent.marks[0].look, silent.marks[0].is_probed) == ("unknown", False)
    assert "cannot tell how it ended, by its own output" in silent.marks[0].words


def test_a_run_that_was_not_the_same_twice_is_neither_red_nor_green() -> None:
    wavering = Probed(exit_code=0, tests=GREEN.tests, is_stable=False)

    assert strip_of(Work().runs("pytest", outcome="passed").finds(wavering)).marks[0].letter == "?"


def test_files_that_one_call_writes_are_one_mark_for_each_role() -> None:
    strip = strip_of(Work().heredoc({"tests/test_a.py": "", "tests/test_b.py": "", "a.py": "x"}))

    assert letters(strip, 0) == "IT■"
    assert "created tests/test_a.py, created tests/test_b.py" in only(strip, "T").words


def test_git_commands_are_no_test_runs() -> None:
    strip = strip_of(Work(project=PROJECT).git("status"))

    assert letters(strip, 0) == "■"


def test_the_legend_names_what_occurs_and_only_that() -> None:
    words = {entry.words for entry in strip_of(make_work()).legend}

    assert "tests failed (by the harness's own run)" in words
    assert "limit or fault" not in words
    assert len(words) == len(strip_of(make_work()).legend)


def test_more_marks_than_fit_are_counted() -> None:
    work = Work()
    for _ in range(MOST_MARKS + 5):
        work.runs("pytest", outcome="failed")

    strip = strip_of(work)

    assert strip.columns == MOST_MARKS
    assert strip.left_off == 6
