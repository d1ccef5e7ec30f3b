"""What a comparison says in words, the same in every form.

A difference that chance could have made is called "not shown"; that there is none is never said.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from audition.compare.comparison import (
    Amounts,
    CaseChange,
    Change,
    CheckChange,
    Comparison,
    Delta,
    Tries,
)
from audition.report.figures import NOTHING, count, counted, dollars, percent, seconds
from audition.report.view import STAMPS, unsafe_notes
from audition.score import Verdict

TITLES: dict[Change, str] = {
    "broke": "Broke",
    "worse": "Passes less often",
    "unknown": "Not judged on both sides",
    "fixed": "Fixed",
    "better": "Passes more often",
    "same": "As before",
    "no evidence": "The very same trials on both sides, so no evidence",
}
TONES: dict[Change, Verdict] = {
    "broke": "fail",
    "worse": "fail",
    "unknown": "skip",
    "fixed": "pass",
    "better": "pass",
    "same": "skip",
    "no evidence": "skip",
}
LISTED: tuple[Change, ...] = ("broke", "worse", "unknown", "fixed", "better")
"""What is written out; the rest is named."""


@dataclass(frozen=True)
class Amount:
    """A figure of both sides."""

    name: str
    base: str
    head: str
    change: str = ""
    """`+25%`; empty where it cannot be said."""


def stamps(comparison: Comparison) -> tuple[str, str]:
    """What the runs of base and head are stamped with: `SCRIPTED`, or the name of a real model."""
    base, head = (
        STAMPS.get(arm.record.nature, arm.record.model)
        for arm in (comparison.base, comparison.head)
    )
    return base, head


def unsafe(comparison: Comparison) -> tuple[str, ...]:
    """Notes that come before everything else: nothing kept the commands of the agents in."""
    return tuple(
        f"{side}: {note}"
        for side, arm in (("base", comparison.base), ("head", comparison.head))
        for note in unsafe_notes(arm.record)
    )


def headline(comparison: Comparison) -> str:
    """What happened to the cases, in one sentence."""
    judged = len(comparison.evidence)
    if not judged:
        return "No case was judged on both sides with trials of its own: nothing can be said."
    counts = [
        (len(comparison.changed("broke")), "broke"),
        (len(comparison.changed("fixed")), "fixed"),
        (len(comparison.changed("worse")), "passes less often"),
        (len(comparison.changed("better")), "passes more often"),
    ]
    said = [f"{number} {_many(words, number)}" for number, words in counts if number]
    if not said:
        return f"{counted(judged, 'case')} compared, and every one passes as often as before."
    return f"Of {counted(judged, 'case')} compared: {', '.join(said)}."


def _many(words: str, number: int) -> str:
    if words == "fixed":
        return "were fixed" if number > 1 else "was fixed"
    return words.replace("passes", "pass") if number > 1 else words


def tone(comparison: Comparison) -> Verdict:
    """What the headline is marked with: never more than that nothing bad was seen."""
    if comparison.changed("broke", "worse"):
        return "fail"
    return "pass" if comparison.changed("fixed", "better") else "skip"


def certainty(delta: Delta | None) -> str:
    """Whether the difference of whole trials is more than chance, in one sentence."""
    if delta is None:
        return ""
    between = f"on average, 95 % interval {interval(delta)}"
    if delta.is_shown:
        size = points(abs(delta.difference)).removeprefix("+")
        return f"The head passes {size} {'more' if delta.low > 0 else 'less'} {between}."
    said = f"{points(delta.difference)} {between}"
    return f"No difference is shown: {said}. That does not mean that there is none."


def points(share: float) -> str:
    """`+3.2 points`, `−12 points`."""
    return f"{_signed(share, whole_from=0.1)} points"


def interval(delta: Delta) -> str:
    """`−12 to +3`, in points; an end that is not 0 never reads as if it were."""
    return f"{_signed(delta.low, whole_from=0.01)} to {_signed(delta.high, whole_from=0.01)}"


def _signed(share: float, *, whole_from: float) -> str:
    size = 100 * abs(share)
    if size < 1e-6:
        return "0"
    sign = "+" if share > 0 else "−"
    return f"{sign}{max(size, 0.1):.1f}" if abs(share) < whole_from else f"{sign}{size:.0f}"


def shown(delta: Delta) -> str:
    """`shown`, or `not shown` where chance could have made it."""
    return "shown" if delta.is_shown else "not shown"


def q_value(delta: Delta) -> str:
    """`0.03`, `< 0.001`."""
    return "< 0.001" if delta.q < 0.001 else f"{delta.q:.2g}"


def rates(delta: Delta) -> tuple[str, str]:
    """Pass rates of base and head."""
    return percent(delta.base), percent(delta.head)


def case_words(change: CaseChange) -> str:
    """`refunds: 3/3 → 0/3`."""
    told = ["known to fail"] if change.case.known else []
    told += [
        counted(side.faults + side.skips, "trial") + f" of {name} not judged"
        for name, side in (("base", change.base), ("head", change.head))
        if side.faults + side.skips
    ]
    notes = f" ({', '.join(told)})" if told else ""
    return f"{change.case.id}: {tries(change.base)} → {tries(change.head)}{notes}"


def check_words(change: CheckChange) -> str:
    """`tests_first 3/3 → 0/3: why`."""
    why = f": {change.reason}" if change.reason else ""
    return f"{change.check} {tries(change.base)} → {tries(change.head)}{why}"


def tries(side: Tries) -> str:
    """`2/3`, or that there is nothing to count."""
    return str(side) if side.judged else "not judged"


def route_words(change: CaseChange) -> str:
    """Where it went before and now, if that is another."""
    if change.base_routes == change.head_routes or change.case.agent is not None:
        return ""
    if not change.base_routes or not change.head_routes:
        return ""
    before, after = (
        ", ".join(f"{name} {count}×" for name, count in routes)
        for routes in (change.base_routes, change.head_routes)
    )
    return f"went to {before}; now to {after}"


def amounts(comparison: Comparison) -> tuple[Amount, ...]:
    """What a trial took on both sides, and the trouble they met."""
    sides = comparison.base.amounts, comparison.head.amounts
    return (
        Amount("trials compared", *(count(side.trials) for side in sides)),
        _mean("cost a trial", sides, lambda side: side.cost_usd, dollars),
        _mean("tokens a trial", sides, lambda side: side.tokens, lambda mean: count(round(mean))),
        _mean("turns a trial", sides, lambda side: side.turns, "{:.1f}".format),
        _mean("time a trial", sides, lambda side: side.duration_s, seconds),
        Amount("limits reached", *(f"{count(s.limited)} of {count(s.tried)}" for s in sides)),
        Amount("faults", *(f"{count(side.faults)} of {count(side.tried)}" for side in sides)),
    )


def _mean(
    name: str,
    sides: tuple[Amounts, Amounts],
    total: Callable[[Amounts], float | None],
    words: Callable[[float], str],
) -> Amount:
    before, after = (_per_trial(side, total(side)) for side in sides)
    change = ""
    if before and after is not None:
        ratio = round(100 * (after / before - 1))
        change = f"{'+' if ratio > 0 else '−' if ratio < 0 else ''}{abs(ratio)}%"
    base, head = (
        words(mean) if mean is not None else "unknown" if side.trials else NOTHING
        for side, mean in zip(sides, (before, after), strict=True)
    )
    return Amount(name, base, head, change)


def _per_trial(side: Amounts, total: float | None) -> float | None:
    return None if total is None or not side.trials else total / side.trials


def left_out(comparison: Comparison) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The cases that are not written out, by why that is."""
    rows = (
        ("As before", tuple(case.case.id for case in comparison.changed("same"))),
        (
            "No evidence, the same trials on both sides",
            tuple(case.case.id for case in comparison.changed("no evidence")),
        ),
        ("Not touched by the change, and not played", comparison.untouched),
        ("Only in base", comparison.base.unpaired),
        ("Only in head", comparison.head.unpaired),
    )
    return tuple((why, names) for why, names in rows if names)


def named(names: Sequence[str], most: int) -> str:
    """The first of these names, and how many more there are."""
    more = len(names) - most
    return ", ".join(names[:most]) + (f" and {count(more)} more" if more > 0 else "")


def delta_groups(comparison: Comparison) -> tuple[tuple[str, tuple[Delta, ...]], ...]:
    """The differences, by what they are of."""
    whole = (comparison.overall,) if comparison.overall else ()
    groups = (
        ("Whole trials", whole),
        ("By kind of check", comparison.by_kind),
        ("By check", comparison.by_check),
        ("By tag", comparison.by_tag),
    )
    return tuple((name, rows) for name, rows in groups if rows)


def definition_words(comparison: Comparison) -> tuple[str, ...]:
    """`backend: description, prompt` for each definition that is another."""
    return tuple(
        f"{change.name}: {', '.join(change.parts) or change.what}"
        for change in comparison.definitions
    )
