"""The lexical baseline: words decide, built-in agents are never chosen, and it may abstain."""

import asyncio
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audition.conversation import Address, Ask, Call, Offer, Opening, Prompt, Reply
from audition.models.lexical import Lexical
from audition.runfile import load
from tests.conftest import Cli, Project

OPENING = Opening(Path(), "suite")
EAGER = Lexical(abstain_below=0.0)
SHOP = (
    Offer("backend", "Builds endpoints and database access.", "All tools"),
    Offer("frontend", "Builds pages, styles and components in the browser.", "All tools"),
    Offer("writer", "Writes guides and release notes.", "All tools"),
)


def reply(request: str, *offers: Offer, model: Lexical | None = None, turn: int = 1) -> Reply:
    ask = Ask(Prompt("", (), (), 100), Address("case", 1, turn=turn), request, offers)

    async def run() -> Reply:
        async with (model or Lexical()).open(OPENING) as answer:
            return await answer(ask)

    return asyncio.run(run())


def chosen(request: str, *offers: Offer, model: Lexical | None = None) -> str | None:
    """The agent that takes the request; None where the main thread answers."""
    blocks = reply(request, *offers, model=model).blocks
    calls = [block for block in blocks if isinstance(block, Call)]
    return str(calls[0].input["subagent_type"]) if calls else None


@pytest.mark.parametrize(
    ("request_text", "agent"),
    [
        ("Add an endpoint with access to the database", "backend"),
        ("Style the page in the browser", "frontend"),
        ("WRITE RELEASE NOTES!", "writer"),
    ],
)
def test_the_description_that_shares_most_words_wins(request_text: str, agent: str) -> None:
    assert chosen(request_text, *SHOP) == agent


def test_the_name_of_an_agent_counts_as_its_words() -> None:
    offers = (Offer("data-janitor", "Tidies up.", ""), Offer("poet", "Sings.", ""))

    assert chosen("Call the janitor for our data", *offers) == "data-janitor"


def test_word_endings_do_not_matter() -> None:
    offers = (Offer("a", "Handles endpoints.", ""), Offer("b", "Handles stylesheets.", ""))

    assert chosen("one more endpoint", *offers, model=EAGER) == "a"
    assert chosen("one more stylesheet", *offers, model=EAGER) == "b"


@pytest.mark.parametrize("request_text", ["What is it?", "the and of", "Pourquoi pas?", "…", "42"])
def test_it_abstains_where_no_word_is_shared(request_text: str) -> None:
    answer = reply(request_text, *SHOP)

    assert answer.stop == "end_turn"
    assert chosen(request_text, *SHOP) is None


def test_it_abstains_below_a_score_that_can_be_set() -> None:
    request = "Add an endpoint"

    assert chosen(request, *SHOP, model=EAGER) == "backend"
    assert chosen(request, *SHOP, model=Lexical(abstain_below=50.0)) is None


def test_a_built_in_agent_is_never_chosen() -> None:
    plan = Offer("Plan", "Works out how a change should be made.", "All tools", builtin=True)

    assert chosen("Plan how a change should be made", plan, *SHOP) != "Plan"
    assert chosen("Plan how a change should be made", plan) is None


def test_an_empty_roster_answers_by_itself() -> None:
    assert chosen("Add an endpoint") is None


def test_where_several_fit_alike_the_first_one_is_taken() -> None:
    twins = (Offer("a", "Bakes bread.", ""), Offer("b", "Bakes bread.", ""))

    assert chosen("Bake some bread", *twins, model=EAGER) == "a"


def test_it_hands_the_request_over_as_the_brief_and_ends_after_that() -> None:
    (call,) = reply("Write release notes", *SHOP).blocks

    assert isinstance(call, Call)
    assert call.input["prompt"] == "Write release notes"
    assert reply("Write release notes", *SHOP, turn=2).stop == "end_turn"


@settings(max_examples=60, deadline=None)
@given(
    request=st.text(max_size=60),
    descriptions=st.lists(st.text(max_size=60), max_size=4),
    abstain_below=st.sampled_from([0.0, 0.5]),
)
def test_whatever_is_asked_it_takes_an_agent_on_offer_or_none_and_always_the_same(
    request: str, descriptions: list[str], abstain_below: float
) -> None:
    offers = [Offer(f"agent-{i}", text, "") for i, text in enumerate(descriptions)]
    model = Lexical(abstain_below)
    agent = chosen(request, *offers, model=model)

    assert agent is None or agent in {offer.name for offer in offers}
    assert chosen(request, *offers, model=model) == agent


def test_a_run_of_it_is_labelled_a_baseline(project: Project, cli: Cli) -> None:
    project.edit("cases.yaml", "Give the pages a dark theme", "New components for the browser")
    said = cli("run", "suite.yaml", "--model", "lexical", "--out", "a.run.db")
    run = load(project.root / "a.run.db")

    assert "BASELINE" in said.out
    assert run.record.nature == "baseline"
    assert {t.delegated_to for t in run.trials if t.case == "dark-mode"} == {"frontend"}
    assert {t.cost_usd for t in run.trials} == {0.0}


def test_its_option_is_part_of_its_name(project: Project, cli: Cli) -> None:
    cli("run", "suite.yaml", "--model", "lexical:abstain_below=90", "--out", "a.run.db")
    run = load(project.root / "a.run.db")

    assert run.record.model == "lexical:abstain_below=90"
    assert {trial.delegated_to for trial in run.trials} == {None}


@pytest.mark.parametrize("option", ["abstain_below=-1", "abstain_below=much", "seed=3"])
def test_an_option_that_makes_no_sense_is_refused(project: Project, cli: Cli, option: str) -> None:
    assert cli("run", "suite.yaml", "--model", f"lexical:{option}").code == 2
