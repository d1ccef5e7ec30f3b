import re

from hypothesis import given, settings
from hypothesis import strategies as st

from audition.compare.pairing import compare
from audition.report.comparison_markdown import (
    CASES_LISTED,
    LONGEST,
    render_comparison_markdown,
    within,
)
from tests.compare.two_runs import LABELS, make_case, make_hostile, make_mixed, make_side

HOSTILE = "<img src=x> @team #12 https://x.example | `code` **bold** $x$ \x1b[31m \u202e\n# head"
FENCE = re.compile(r"`{3,}")


def outside_code(page: str) -> str:
    """The page without its blocks of code, each of which has to be closed."""
    fence, kept = "", []
    for line in page.splitlines():
        if fence:
            fence = "" if line == fence else fence
        elif FENCE.fullmatch(line):
            fence = line
        else:
            kept.append(line)
    assert not fence
    return "\n".join(kept)


def test_only_what_changed_is_there_broken_cases_first() -> None:
    page = render_comparison_markdown(make_mixed(), labels=LABELS)
    rows = [line for line in page.splitlines() if re.match(r"\| [a-z-]+ \| [✗✓–]", line)]

    assert page.startswith("## ✗ Of 7 cases compared: 2 broke, 1 was fixed")
    assert "**anthropic:some-model** · main (1a2b3c4d5e) → the working tree · 42 trials" in page
    assert [row.split(" | ")[1] for row in rows] == [
        "✗ broke", "✗ broke", "✗ passes less often", "– not judged on both sides", "✓ fixed",
        "✓ passes more often",
    ]  # fmt: skip
    assert rows[0].split(" | ")[2:4] == ["3/3", "0/3"]
    assert "audit-log" not in page
    assert "As before: 2 cases" in page
    assert "Only in base: old-one" in page


def test_a_summary_is_html_where_no_backslash_counts() -> None:
    page = render_comparison_markdown(make_hostile(HOSTILE), labels=LABELS)
    summaries = re.findall(r"<details><summary>(.*)</summary>", page)

    assert len(summaries) == 3
    assert any("&lt;img src=x&gt;" in words for words in summaries)
    assert not any("<" in words.replace("<!-- -->", "") for words in summaries)


def test_what_differs_in_a_definition_is_folded() -> None:
    page = render_comparison_markdown(make_mixed(), labels=LABELS)

    assert "<details><summary>backend: prompt</summary>\n\n```\n@@ " in page
    assert "\n-Write the test first.\n" in page
    assert page.count("<details>") == page.count("</details>") == 3


def test_every_row_of_a_table_has_the_columns_of_its_head() -> None:
    page = render_comparison_markdown(make_hostile("a|b\n|"), labels=("x|y", "z"))
    tables = re.findall(r"(?:^\|.*\n)+", outside_code(page) + "\n", re.MULTILINE)

    assert len(tables) == 3
    for table in tables:
        assert len({len(re.findall(r"(?<!\\)\|", line)) for line in table.splitlines()}) == 1


def test_hostile_text_means_nothing_but_itself() -> None:
    page = render_comparison_markdown(make_hostile(HOSTILE), labels=(HOSTILE, HOSTILE))
    words = re.sub("<summary>.*</summary>", "", outside_code(page))

    assert not re.search(r"(?<!\\)<img|@team|#12|https://|\*\*bold|(?<!\\)`code", words)
    assert not re.search(r"^# head", words, re.MULTILINE)
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]", page)
    assert page.startswith("> **! head: WITHOUT A SANDBOX")


@settings(deadline=None, max_examples=30)
@given(st.text(st.sampled_from("`~@#<>\\|\n\x1b\u202e\U000e0041ax -+"), min_size=1, max_size=80))
def test_the_page_is_never_too_long_and_what_is_open_is_closed(text: str) -> None:
    names = [f"{text}{number}" for number in range(60)]
    cases = {name: make_case(name, tags=(name,)) for name in names}
    base = make_side(dict.fromkeys(names, "p"), "base", cases=cases)
    agents = dict.fromkeys(names, f"{text}\n" * 60)
    head = make_side(
        dict.fromkeys(names, "f"), cases=cases, agents=agents, reason=text * 40, wrong=text
    )

    page = render_comparison_markdown(compare(base, head), labels=(text, text))

    assert len(page) <= LONGEST
    words = outside_code(page)
    assert words.count("<details>") == words.count("</details>")
    assert f"And {60 - CASES_LISTED} more, on the page." in page or "*Cut here" in page


def test_a_page_that_is_cut_within_code_says_so_outside_of_it() -> None:
    page = "<details><summary>a</summary>\n\n````\n" + "+```\n" * LONGEST

    cut = within(page)

    assert len(cut) <= LONGEST
    assert cut.endswith("+```\n````\n</details>\n\n*Cut here; the rest is on the page.*\n")


def test_nothing_is_told_twice_where_nothing_changed() -> None:
    page = render_comparison_markdown(
        compare(make_side({"a": "pp"}, "base"), make_side({"a": "pp"})), labels=LABELS
    )

    assert "1 case compared, and every one passes as often as before." in page
    assert "What moved" not in page
    assert "No difference is shown" in page
