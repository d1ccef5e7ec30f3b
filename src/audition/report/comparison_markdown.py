"""A comparison as Markdown, for a pull request: only what changed, below the limits of services."""

from collections.abc import Iterator

from audition.compare.comparison import CaseChange, Comparison
from audition.report.as_markdown import code, plain, table
from audition.report.comparison_words import (
    LISTED,
    TITLES,
    TONES,
    amounts,
    certainty,
    delta_groups,
    headline,
    interval,
    points,
    q_value,
    rates,
    route_words,
    tone,
)
from audition.report.figures import MARKS, counted, dollars

LONGEST = 60_000
_CASES_LISTED = 40
_DIFF_CHARACTERS = 20_000


def render_comparison_markdown(comparison: Comparison, *, labels: tuple[str, str]) -> str:
    """What changed, as Markdown of at most `LONGEST` characters."""
    parts = [
        f"## {MARKS[tone(comparison)]} {plain(headline(comparison))}",
        "",
        f"{plain(labels[0])} → {plain(labels[1])} · {plain(_paid(comparison))}",
        "",
        *markdown_flips(comparison),
        *_numbers(comparison),
        *_left_out(comparison),
        *markdown_definitions(comparison),
    ]
    return within("\n".join(parts).rstrip("\n") + "\n")


def within(text: str) -> str:
    """The text, cut at a line where it is longer than services take, and that said."""
    if len(text) <= LONGEST:
        return text
    cut = text[: LONGEST - 100].rsplit("\n", 1)[0]
    open_details = cut.count("<details>") - cut.count("</details>")
    return f"{cut}\n\n{'</details>' * open_details}\n\n*Cut here; the rest is on the page.*\n"


def markdown_flips(comparison: Comparison) -> Iterator[str]:
    """What is not like for like, how sure the difference is, and the cases that flipped."""
    for words in comparison.unlike:
        yield f"> **!** Not like for like: {plain(words)}"
        yield ""
    if comparison.overall:
        yield plain(certainty(comparison.overall))
        yield ""
    found = [case for change in LISTED for case in comparison.changed(change)]
    if found:
        rows = (_row(case) for case in found[:_CASES_LISTED])
        yield from table(("case", "", "base", "head", "what moved"), rows)
    if len(found) > _CASES_LISTED:
        yield f"and {len(found) - _CASES_LISTED} more, on the page"
        yield ""
    yield from (f"- {plain(words)}" for words in comparison.taken)
    yield ""


def _row(change: CaseChange) -> tuple[str, ...]:
    moved = [
        f"{check.check} {check.base} → {check.head}" + (f": {check.reason}" if check.reason else "")
        for check in change.checks[:3]
    ]
    routed = route_words(change)
    cell = "<br>".join(plain(words) for words in [*([routed] if routed else []), *moved])
    title = f"{MARKS[TONES[change.change]]} {TITLES[change.change].lower()}"
    return plain(change.case.id), title, str(change.base), str(change.head), cell


def _paid(comparison: Comparison) -> str:
    sides = comparison.base.amounts, comparison.head.amounts
    known = [side.cost_usd for side in sides if side.cost_usd is not None]
    trials = counted(sum(side.trials for side in sides), "trial")
    return f"{trials}, {dollars(sum(known) if len(known) == len(sides) else None)}"


def _numbers(comparison: Comparison) -> Iterator[str]:
    rows = [
        (
            plain(row.name if name == "trial" else f"{name} {row.name}"),
            *rates(row),
            points(row.difference),
            interval(row),
            q_value(row),
        )
        for name, group in delta_groups(comparison)
        for row in group
    ]
    if rows:
        yield "<details><summary>Pass rates, cost and time</summary>"
        yield ""
        yield from table(("", "base", "head", "difference", "95 %", "q"), rows)
        figures = ((amount.name, amount.base, amount.head) for amount in amounts(comparison))
        yield from table(("", "base", "head"), figures)
        yield "</details>"
        yield ""


def _left_out(comparison: Comparison) -> Iterator[str]:
    for words, names in (
        ("Not touched by the change, and not played", comparison.untouched),
        ("Only in base", comparison.base.unpaired),
        ("Only in head", comparison.head.unpaired),
        ("No evidence", [case.case.id for case in comparison.changed("no evidence")]),
    ):
        if names:
            yield f"{words}: {plain(', '.join(names))}"
            yield ""


def markdown_definitions(comparison: Comparison) -> Iterator[str]:
    """The difference of each definition, folded."""
    left = _DIFF_CHARACTERS
    for change in comparison.definitions:
        parts = ", ".join(change.parts) or change.what
        text = "\n".join(change.diff)
        yield f"<details><summary>{plain(change.name)}: {plain(parts)}</summary>"
        yield ""
        yield code(text[:left] + ("\n…" if len(text) > left or change.is_cut else ""))
        yield ""
        yield "</details>"
        yield ""
        left = max(0, left - len(text))
