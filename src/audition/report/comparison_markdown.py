"""A comparison as Markdown, for a pull request: only what changed, below the limits of services.

Texts of somebody else's mean nothing but themselves in it, as `as_markdown.plain` makes them.
"""

import re
from collections.abc import Iterator

from audition.compare.comparison import CaseChange, Comparison
from audition.inert import inert
from audition.report.as_markdown import code, plain, plain_html, table
from audition.report.comparison_words import (
    LISTED,
    TITLES,
    TONES,
    amounts,
    certainty,
    check_words,
    delta_groups,
    headline,
    interval,
    left_out,
    named,
    points,
    q_value,
    rates,
    route_words,
    shown,
    stamps,
    tone,
    tries,
    unsafe,
)
from audition.report.figures import MARKS, counted, dollars

LONGEST = 60_000
CASES_LISTED = 40
_CHECKS_LISTED = 3
_NAMES_LISTED = 10
_ROWS_LISTED = 60
_DIFF_CHARACTERS = 20_000
_FENCE = re.compile(r"(`{3,})")


def render_comparison_markdown(comparison: Comparison, *, labels: tuple[str, str]) -> str:
    """What changed, as Markdown of at most `LONGEST` characters."""
    stamped = " and ".join(dict.fromkeys(stamps(comparison)))
    parts = [
        *(f"> **! {plain(note)}**\n" for note in unsafe(comparison)),
        f"## {MARKS[tone(comparison)]} {plain(headline(comparison))}",
        "",
        f"**{plain(stamped)}** · {plain(labels[0])} → {plain(labels[1])} · "
        f"{plain(_cost(comparison))}",
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
    kept = text[: LONGEST - 300].rsplit("\n", 1)[0].split("\n")
    fence, opened = "", 0
    for line in kept:
        if fence:
            fence = "" if line == fence else fence
        elif found := _FENCE.fullmatch(line):
            fence = found[1]
        else:
            opened += line.startswith("<details>") - line.startswith("</details>")
    closing = [*([fence] if fence else []), *["</details>"] * opened]
    return "\n".join([*kept, *closing, "", "*Cut here; the rest is on the page.*", ""])


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
        rows = (_row(case) for case in found[:CASES_LISTED])
        yield from table(("case", "", "base", "head", "what moved"), rows)
    yield from _more(len(found) - CASES_LISTED)
    yield from (f"- {plain(words)}" for words in comparison.taken[:_NAMES_LISTED])
    yield ""
    yield from _more(len(comparison.taken) - _NAMES_LISTED)


def _more(more: int) -> Iterator[str]:
    if more > 0:
        yield f"And {more} more, on the page."
        yield ""


def _row(change: CaseChange) -> tuple[str, ...]:
    words = [route_words(change), *(check_words(check) for check in change.checks[:_CHECKS_LISTED])]
    more = len(change.checks) - _CHECKS_LISTED
    words += [counted(more, "more check")] if more > 0 else []
    title = f"{MARKS[TONES[change.change]]} {TITLES[change.change].lower()}"
    known = ", known to fail" if change.case.known else ""
    return (
        plain(change.case.id),
        f"{title}{known}",
        tries(change.base),
        tries(change.head),
        "<br>".join(plain(each) for each in words if each),
    )


def _cost(comparison: Comparison) -> str:
    sides = comparison.base.amounts, comparison.head.amounts
    known = [side.cost_usd for side in sides if side.cost_usd is not None]
    trials = counted(sum(side.trials for side in sides), "trial")
    return f"{trials}, {dollars(sum(known) if len(known) == len(sides) else None)}"


def _numbers(comparison: Comparison) -> Iterator[str]:
    rows = [
        (
            plain(f"{title}: {row.name}" if row is not comparison.overall else title),
            *rates(row),
            points(row.difference),
            interval(row),
            q_value(row),
            shown(row),
        )
        for title, group in delta_groups(comparison)
        for row in group
    ]
    if rows:
        yield "<details><summary>Pass rates, cost and time</summary>"
        yield ""
        columns = ("", "base", "head", "difference", "95 %", "q", "")
        yield from table(columns, rows[:_ROWS_LISTED])
        yield from _more(len(rows) - _ROWS_LISTED)
        figures = ((a.name, plain(a.base), plain(a.head), a.change) for a in amounts(comparison))
        yield from table(("", "base", "head", ""), figures)
        yield "</details>"
        yield ""


def _left_out(comparison: Comparison) -> Iterator[str]:
    for why, names in left_out(comparison):
        if why == "As before":
            yield f"{why}: {counted(len(names), 'case')}"
        else:
            yield f"{why}: {plain(named(names, _NAMES_LISTED))}"
        yield ""


def markdown_definitions(comparison: Comparison) -> Iterator[str]:
    """The difference of each definition, folded."""
    left = _DIFF_CHARACTERS
    for change in comparison.definitions:
        parts = ", ".join(change.parts) or change.what
        text = inert("\n".join(change.diff), keep_layout=True)
        yield f"<details><summary>{plain_html(change.name)}: {plain_html(parts)}</summary>"
        yield ""
        yield code(text[:left] + ("\n…" if len(text) > left or change.is_cut else ""))
        yield ""
        yield "</details>"
        yield ""
        left = max(0, left - len(text))
