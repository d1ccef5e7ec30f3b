"""`audition affected`: which cases a change touches, why, and what judging it would cost."""

import json
import textwrap
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from audition.cli._output import say
from audition.cli._sides import SIDES, read_overrides, read_sides, sides
from audition.inert import inert

if TYPE_CHECKING:
    from audition.revisions.preview import Preview, Share, Touched

_ROWS = textwrap.TextWrapper(
    100, initial_indent="    ", subsequent_indent="    ", break_on_hyphens=False
)


@click.command()
@click.argument("suite", metavar="SUITE", type=click.Path(path_type=Path))
@sides
@click.option("--series", default="", help="Trials of this series only.")
@click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True
)
def affected(suite: Path, form: str, **given: Any) -> None:
    """Say which cases of SUITE a change touches, why, and what playing them would cost.

    Nothing is played and no key is needed. Trials that run files under reports/ hold already are
    counted as reused. Exits with 0, with 2 for wrong input, with 5 if nothing was selected.
    """
    from audition.revisions.arms import opened_arms
    from audition.revisions.preview import preview

    asked = read_sides(suite, given)
    overrides, labels = read_overrides(given), (asked.base.label, asked.head.label)
    with opened_arms(asked, overrides, now=datetime.now(UTC), plays=False) as arms:
        found = preview(arms, Path("reports"), labels=labels)
    if form == "json":
        click.echo(json.dumps(_as_json(found), indent=2, ensure_ascii=False))
    else:
        say("\n".join(_lines(found)))


def _as_json(found: "Preview") -> dict[str, Any]:
    data = asdict(found)
    for case, entry in zip(found.touched, data["touched"], strict=True):
        entry["reasons"] = [str(reason) for reason in case.reasons]
    data["changes"] = [str(change) for change in found.changes]
    for side in SIDES:
        total = found.total(side)
        usd = data.pop(f"{side}_usd")
        likely, most = usd or (None, None)
        data[f"{side}_trials"] = {
            "planned": total.trials,
            "reused": total.reused,
            "to_play": total.to_play,
            "likely_usd": likely,
            "at_most_usd": most,
        }
    return data


def _lines(found: "Preview") -> Iterator[str]:
    yield f"base   {inert(found.base)}"
    yield f"head   {inert(found.head)}"
    yield f"cases  from {inert(found.suite)}, played by {inert(found.model)}"
    yield ""
    if not found.touched:
        yield from _nothing(found)
        return
    yield "What changed:"
    yield from (f"  {inert(str(change))}" for change in found.changes)
    count = len(found.touched) + len(found.untouched)
    yield ""
    yield click.style(f"Touched: {len(found.touched)} of {_counted(count, 'case')}", bold=True)
    for reasons, cases in _grouped(found.touched):
        yield f"  because {inert(reasons)}" if reasons else "  because of a change that has no name"
        yield from _case_lines(cases)
    if found.untouched:
        yield f"Not touched: {inert(_some(found.untouched))}"
        yield "  Their trials would be the same in both arms, which is no evidence either way."
    yield ""
    yield from _costs(found)


def _nothing(found: "Preview") -> Iterator[str]:
    count = _counted(len(found.untouched), "case")
    if not found.changes:
        yield click.style("Nothing changed: base and head are the same setup.", bold=True)
        return
    yield click.style(f"Nothing changed for the {count} of this suite.", bold=True)
    yield "The setups differ, in what none of them depends on:"
    yield from (f"  {inert(str(change))}" for change in found.changes)


def _grouped(touched: "tuple[Touched, ...]") -> "Iterator[tuple[str, list[Touched]]]":
    """Cases that are touched for the same reasons, in the order of the first of them."""
    groups: dict[str, list[Touched]] = {}
    for case in touched:
        groups.setdefault("; ".join(map(str, case.reasons)), []).append(case)
    yield from groups.items()


def _case_lines(cases: "list[Touched]") -> Iterator[str]:
    """The cases of one reason: those with a remark on lines of their own, the others in rows."""
    remarks = {case.case: _remark(case) for case in cases}
    plain = ", ".join(inert(name) for name, remark in remarks.items() if not remark)
    yield from _ROWS.wrap(plain)
    yield from (f"    {inert(name)}: {remark}" for name, remark in remarks.items() if remark)


def _remark(case: "Touched") -> str:
    shares: list[tuple[str, Share]] = [("base", case.base), ("head", case.head)]
    return "; ".join(
        f"{side} has no {inert(', '.join(share.lacks))}, so that it fails there without a call"
        for side, share in shares
        if share.lacks
    )


def _costs(found: "Preview") -> Iterator[str]:
    for side in SIDES:
        total = found.total(side)
        usd = found.base_usd if side == "base" else found.head_usd
        words = f"{side}   {_counted(total.trials, 'trial')}: "
        words += f"{total.reused} stored already, {total.to_play} to play"
        if total.to_play:
            words += f", {_dollars(usd)}"
        yield words


def _dollars(usd: tuple[float, float] | None) -> str:
    if usd is None:
        return "cost unknown: the model has no price"
    likely, most = usd
    return "free of charge" if most == 0 else f"about ${likely:.2f}, at most ${most:.2f}"


def _some(names: tuple[str, ...], most: int = 10) -> str:
    shown = ", ".join(names[:most])
    return shown if len(names) <= most else f"{shown} and {len(names) - most} more"


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"
