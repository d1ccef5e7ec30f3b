from hypothesis import given
from hypothesis import strategies as st

from audition.report.figures import counted, dollars, moment, percent, seconds


@given(st.floats(0, 1))
def test_only_all_reads_as_all_and_only_none_as_none(rate: float) -> None:
    words = percent(rate)

    assert (words == "100%") == (rate == 1)
    assert (words == "0%") == (rate == 0)


def test_a_rate_of_nothing_is_no_number() -> None:
    assert percent(None) == "–"


@given(st.floats(min_value=1e-6, max_value=1e6))
def test_a_price_is_never_rounded_to_nothing(cost_usd: float) -> None:
    assert float(dollars(cost_usd).strip("$").replace(",", "")) > 0


def test_an_unknown_price_is_not_zero() -> None:
    assert dollars(None) == "unknown"
    assert dollars(0) == "$0"
    assert dollars(0.0123) == "$0.012"
    assert dollars(1234.5) == "$1,234.50"


def test_times_read_as_people_say_them() -> None:
    assert [seconds(s) for s in (0.416, 12.4, 185, 7440)] == [
        "0.42 s",
        "12 s",
        "3 min 5 s",
        "2 h 4 min",
    ]
    assert moment("2026-11-24T07:48:00Z") == "2026-11-24 07:48 UTC"
    assert counted(1, "trial") == "1 trial"
    assert counted(1200, "trial") == "1,200 trials"
