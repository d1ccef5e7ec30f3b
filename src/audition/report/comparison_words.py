"""What a comparison says in words, the same in every form."""

from dataclasses import dataclass

from audition.compare.comparison import CaseChange, Change, Comparison, Delta
from audition.report.figures import NOTHING, counted, dollars, percent, seconds
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
    if delta.low > 0 or delta.high < 0:
        size = points(abs(delta.difference)).removeprefix("+")
        return f"The head passes {size} {'more' if delta.low > 0 else 'less'} {between}."
    said = f"{points(delta.difference)} {between}"
    return f"No difference is shown: {said}. That does not mean that there is none."


def points(share: float) -> str:
    """`+3.2 points`, `-12 points`."""
    value = 100 * share
    if abs(value) < 0.05:
        return "0 points"
    rounded = f"{value:+.1f}" if abs(value) < 10 else f"{value:+.0f}"
    return f"{rounded.replace('-', '−')} points"


def interval(delta: Delta) -> str:
    """`−12 to +3`, in points."""
    low, high = (f"{100 * end:+.0f}".replace("-", "−") for end in (delta.low, delta.high))
    return f"{low} to {high}"


def q_value(delta: Delta) -> str:
    """`0.03`, `< 0.001`."""
    return "< 0.001" if delta.q < 0.001 else f"{delta.q:.2g}"


def rates(delta: Delta) -> tuple[str, str]:
    """Pass rates of base and head."""
    return percent(delta.base), percent(delta.head)


def case_words(change: CaseChange) -> str:
    """`refunds: 3/3 → 0/3`."""
    lost = [
        counted(side.faults + side.skips, "trial") + f" of {name} not judged"
        for name, side in (("base", change.base), ("head", change.head))
        if side.faults + side.skips
    ]
    told = f" ({', '.join(lost)})" if lost else ""
    return f"{change.case.id}: {change.base} → {change.head}{told}"


def route_words(change: CaseChange) -> str:
    """Where it went before and now, if that is another."""
    if change.base_routes == change.head_routes or change.case.agent is not None:
        return ""
    before, after = (
        ", ".join(f"{name} {count}×" for name, count in routes) or NOTHING
        for routes in (change.base_routes, change.head_routes)
    )
    return f"went to {before}; now to {after}"


def amounts(comparison: Comparison) -> tuple[Amount, ...]:
    """Cost, tokens, turns, time and trouble of both sides, per trial where that can be compared."""
    sides = comparison.base.amounts, comparison.head.amounts
    rows = [
        ("trials", *(str(side.trials) for side in sides)),
        ("cost", *(dollars(side.cost_usd) for side in sides)),
    ]
    for name, field in (("tokens", "tokens"), ("turns", "turns")):
        rows.append(
            (
                f"{name} a trial",
                *(f"{getattr(s, field) / s.trials:,.1f}" if s.trials else NOTHING for s in sides),
            )
        )
    rows.append(
        (
            "time a trial",
            *(seconds(s.duration_s / s.trials) if s.trials else NOTHING for s in sides),
        )
    )
    rows.append(("limits reached", *(str(side.limited) for side in sides)))
    rows.append(("faults", *(str(side.faults) for side in sides)))
    return tuple(Amount(*row) for row in rows)


def delta_groups(comparison: Comparison) -> tuple[tuple[str, tuple[Delta, ...]], ...]:
    """The differences, by what they are of."""
    whole = (comparison.overall,) if comparison.overall else ()
    groups = (
        ("trial", whole),
        ("kind", comparison.by_kind),
        ("check", comparison.by_check),
        ("tag", comparison.by_tag),
    )
    return tuple((name, rows) for name, rows in groups if rows)


def definition_words(comparison: Comparison) -> tuple[str, ...]:
    """`backend: description, prompt` for each definition that is another."""
    return tuple(
        f"{change.name}: {', '.join(change.parts) or change.what}"
        for change in comparison.definitions
    )
