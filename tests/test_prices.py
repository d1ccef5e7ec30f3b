import pytest
from hypothesis import given
from hypothesis import strategies as st

from audition.prices import FREE, PRICES_AS_OF, Price, Usage, cost_usd, price_of

counts = st.integers(0, 2_000_000)
usages = st.builds(Usage, counts, counts, counts, counts)


@pytest.mark.parametrize(
    ("model_id", "family"),
    [
        ("claude-sonnet-5-5-20261001", "claude-sonnet-5-5"),
        ("claude-haiku-5-5@20261001", "claude-haiku-5-5"),
        ("claude-opus-5-5-latest", "claude-opus-5-5"),
    ],
)
def test_an_id_with_a_date_costs_what_its_family_costs(model_id: str, family: str) -> None:
    assert price_of(model_id, {}) == price_of(family, {}) != None  # noqa: E711 - one chain


@pytest.mark.parametrize("model_id", ["claude-sonnet-5-50", "models/qwen.gguf", "", "20261001"])
def test_a_model_that_nobody_priced_has_no_price(model_id: str) -> None:
    assert price_of(model_id, {}) is None


def test_a_price_of_the_suite_wins_over_the_table() -> None:
    assert price_of("claude-sonnet-5-5-20261001", {"claude-sonnet-5-5": FREE}) == FREE


def test_a_price_for_one_dated_id_leaves_the_other_dates_alone() -> None:
    own = {"claude-sonnet-5-5-20261001": FREE}

    assert price_of("claude-sonnet-5-5-20261002", own) == price_of("claude-sonnet-5-5", {})


def test_the_four_kinds_of_tokens_are_priced_apart() -> None:
    price = Price(input=1, output=10, cache_read=100, cache_write=1000)

    assert cost_usd(Usage(1_000_000), price) == 1
    assert cost_usd(Usage(output=1_000_000), price) == 10
    assert cost_usd(Usage(cache_read=1_000_000), price) == 100
    assert cost_usd(Usage(cache_write=1_000_000), price) == 1000


def test_a_prompt_of_more_than_100k_tokens_costs_haiku_five_times_as_much() -> None:
    haiku = price_of("claude-haiku-5-5", {})
    assert haiku is not None

    at_most = cost_usd(Usage(input=60_000, cache_read=40_000, output=1_000), haiku)
    beyond = cost_usd(Usage(input=60_000, cache_read=40_001, output=1_000), haiku)

    assert at_most == pytest.approx(0.006 + 0.0004 + 0.0005)
    assert beyond == pytest.approx(5 * at_most, rel=1e-5)


@given(usage=usages)
def test_nothing_costs_less_than_nothing_and_free_is_free(usage: Usage) -> None:
    opus = price_of("claude-opus-5-5", {})
    assert opus is not None

    assert cost_usd(usage, opus) >= 0
    assert cost_usd(usage, FREE) == 0


@given(usage=usages, more=st.integers(1, 100_000))
def test_more_output_never_costs_less(usage: Usage, more: int) -> None:
    haiku = price_of("claude-haiku-5-5", {})
    assert haiku is not None
    longer = Usage(usage.input, usage.output + more, usage.cache_read, usage.cache_write)

    assert cost_usd(longer, haiku) > cost_usd(usage, haiku)


def test_the_table_says_how_old_it_is() -> None:
    year, month = PRICES_AS_OF.split("-")

    assert (int(year), int(month)) >= (2026, 11)
