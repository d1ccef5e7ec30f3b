from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from audition.compare.comparison import Comparison
from audition.compare.pairing import compare
from audition.report.comparison_text import CASES_LISTED, render_comparison_text
from audition.report.sheet import WIDTH
from tests.compare.two_runs import FILES, LABELS, make_hostile, make_mixed, make_side

HOSTILE = "\x1b[31mred\x1b[0m \u202eright to left [/bold][red]x[/red] \x9b2J\n\x7f"
TRIALS = st.dictionaries(
    st.text(min_size=1, max_size=60), st.text("pfrlsx ", min_size=1), max_size=4
)
MIXED = """\
base  main (1a2b3c4d5e) · anthropic:some-model
head  the working tree · anthropic:some-model

✗ Of 7 cases compared: 2 broke, 1 was fixed, 1 passes less often, 1 passes
  more often.
  No difference is shown: −9.5 points on average, 95 % interval −43 to +26. That
  does not mean that there is none.

Broke
  ✗ register-endpoint: 3/3 → 0/3
      tests_first 3/3 → 0/3: shop/orders.py was written before any test
      audition show reports/head.run.db --trial 'register-endpoint#1'
  ✗ paging: 3/3 → 1/3
      went to backend 3×; now to frontend 2×, backend 1×
      routes_to 3/3 → 1/3: went to frontend
      audition show reports/head.run.db --trial 'paging#2'

Passes less often
  ✗ refunds: 2/3 → 1/3
      tests_first 2/3 → 1/3: shop/orders.py was written before any test
      audition show reports/head.run.db --trial 'refunds#2'

Not judged on both sides
  – gone: 3/3 → not judged (3 trials of head not judged)
      routes_to 3/3 → not judged
      tests_first 3/3 → not judged

Fixed
  ✓ search: 0/3 → 3/3
      tests_first 0/3 → 3/3

Passes more often
  ✓ login: 1/3 → 2/3
      went to frontend 2×, backend 1×; now to backend 2×, frontend 1×
      routes_to 1/3 → 2/3

Who takes what
  frontend took 1 case from backend (paging)
  backend took 1 case from frontend (login)

"""


def shown(comparison: Comparison) -> str:
    return render_comparison_text(comparison, labels=LABELS, files=FILES, colour=False)


def test_the_cases_that_flipped_come_first_with_reason_and_command() -> None:
    assert shown(make_mixed()).startswith(MIXED)


def test_every_number_has_its_interval_and_is_called_shown_or_not() -> None:
    text = shown(make_mixed())

    assert "  all trials                71%   62%    −9.5    −43 to +26" in text
    assert text.count("not shown") == 6
    assert "cost a trial              $0.020        $0.025    +25%" in text
    assert "faults                   0 of 24       3 of 24" in text


def test_a_difference_that_is_shown_is_called_so() -> None:
    trials = {f"c{n}": "ppp" for n in range(12)}
    worse = dict.fromkeys(trials, "fff")

    text = shown(compare(make_side(trials, "base"), make_side(worse)))

    assert "The head passes 100 points less on average" in text
    assert (
        "  routes_to                100%  100%       0    −10 to +10         1  not shown\n"
        "  tests_first              100%    0%    −100   −100 to −81   < 0.001  shown\n"
    ) in text


def test_other_cases_and_definitions_are_named() -> None:
    text = shown(make_mixed())

    assert "  As before: audit-log, export\n" in text
    assert "  Only in base: old-one\n  Only in head: new-one\n" in text
    assert text.endswith("What differs in the definitions\n  backend: prompt\n  reviewer: added\n")


def test_a_run_beside_itself_says_that_nothing_can_be_said() -> None:
    run = make_side({"a": "ppf", "b": "ppp"})

    text = shown(compare(run, run))

    assert "nothing can be said" in " ".join(text.split())
    assert "No evidence, the same trials on both sides: a, b" in text
    assert "Pass rates" not in text


@pytest.mark.parametrize(("nature", "stamp"), [("scripted", "SCRIPTED"), ("baseline", "BASELINE")])
def test_what_is_no_real_model_is_stamped(nature: str, stamp: str) -> None:
    text = shown(make_mixed(nature=nature))

    assert f"base  main (1a2b3c4d5e) · {stamp}\n" in text
    assert "says nothing about a real model" in " ".join(text.split())


def test_commands_that_nothing_kept_in_are_told_before_all_else() -> None:
    text = shown(make_mixed(notes=("Agents ran WITHOUT A SANDBOX.", "By hand.")))

    assert text.startswith("! base: Agents ran WITHOUT A SANDBOX.\n! head: Agents ran WITHOUT")


def test_long_lists_are_cut_and_say_where_the_rest_is() -> None:
    base = make_side({f"c{n}": "p" for n in range(CASES_LISTED + 3)}, "base")
    head = make_side({f"c{n}": "f" for n in range(CASES_LISTED + 3)})

    text = shown(compare(base, head))

    assert text.count("  ✗ c") == CASES_LISTED
    assert "  and 3 more, on the page and in the JSON\n" in text


@pytest.mark.parametrize("colour", [True, False])
def test_hostile_text_arrives_inert(colour: bool) -> None:
    text = render_comparison_text(
        make_hostile(HOSTILE), labels=(HOSTILE, HOSTILE), files=(HOSTILE, HOSTILE), colour=colour
    )

    assert "\\x1b[31mred" in text
    assert "[/bold][red]x[/red]" in text
    assert not set("\u202e\x9b\x7f") & set(text)
    assert "\x1b[31mred" not in text
    assert colour or "\x1b" not in text


@settings(deadline=None)
@given(TRIALS)
def test_lines_fit_a_terminal_and_the_same_comparison_gives_the_same_bytes(
    trials: Mapping[str, str],
) -> None:
    base = make_side(dict.fromkeys(trials, "ppp"), "base")
    comparison = compare(base, make_side(trials))

    text = shown(comparison)

    assert text == shown(comparison)
    lines = [line for line in text.splitlines() if not line.strip().startswith("audition ")]
    assert max(map(cell_len, lines)) <= WIDTH
