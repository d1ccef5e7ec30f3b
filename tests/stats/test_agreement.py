import pytest

from audition.stats.agreement import macro_f1


def test_the_textbook_value_comes_out() -> None:
    truth, guess = [0, 1, 2, 0, 1, 2], [0, 2, 1, 0, 0, 1]
    counts = [
        [
            sum((t, g) == (row, column) for t, g in zip(truth, guess, strict=True))
            for column in range(3)
        ]
        for row in range(3)
    ]

    assert macro_f1("012", "012", counts) == pytest.approx(0.26667, abs=5e-6)


def test_columns_may_stand_in_another_order_than_rows() -> None:
    assert macro_f1(["a", "b"], ["b", "a"], [[0, 3], [2, 0]]) == 1.0


def test_a_class_that_was_never_found_counts_as_zero() -> None:
    assert macro_f1(["a", "b"], ["a"], [[4], [0]]) == pytest.approx(0.5)


def test_a_class_that_was_only_found_has_no_score_of_its_own() -> None:
    assert macro_f1(["a"], ["a", "x"], [[1, 1]]) == pytest.approx(2 / 3)


def test_no_expectation_gives_no_number() -> None:
    assert macro_f1([], [], []) is None
