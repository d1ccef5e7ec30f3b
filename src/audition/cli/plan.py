"""`audition plan`: how large a gate has to be, and what it costs."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from audition.cli._output import say
from audition.inert import inert

if TYPE_CHECKING:
    from audition.gate.power import Sight
    from audition.planning import Outlook, Plan, Size

REFUSED = 3
_HEAD = (
    "                        passes if        fails, 1, 2 or 4   fails, all rates",
    "cases trials     cost  unchanged         cases broken      −10 pt  −20 pt  proves",
)


@click.command()
@click.argument("suite", metavar="SUITE", type=click.Path(path_type=Path))
@click.option("--base", type=click.Path(path_type=Path), help="A run file, for its pass rates.")
@click.option(
    "--rate",
    "rates",
    type=click.FloatRange(0, 1),
    multiple=True,
    help="A pass rate to assume instead; repeatable.",
)
@click.option("--profile", type=click.Choice(["pr", "release"]), help="As for `audition gate`.")
@click.option("--margin", type=click.FloatRange(0, 1, min_open=True, max_open=True))
@click.option("--model", help="The model whose price counts.")
@click.option("--trials", type=click.IntRange(1, 10_000), help="Trials of every case in head.")
@click.option("--base-trials", type=click.IntRange(1, 10_000), help="Trials of a case in base.")
@click.option("--cases", multiple=True, metavar="GLOB", help="Only cases whose id fits.")
@click.option("--tag", multiple=True, help="Only cases with this tag; repeatable.")
@click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True
)
def plan(
    suite: Path,
    base: Path | None,
    rates: tuple[float, ...],
    profile: Any,
    margin: float | None,
    base_trials: int | None,
    form: str,
    **given: Any,
) -> int:
    """Say what a gate over SUITE would see and cost, and how large it has to be.

    Nothing is played. Exits with 0; with 3 for a release gate that an unchanged head would not
    even pass every other time; with 2 for wrong input, 5 if nothing was selected.
    """
    from audition.dataset import CaseSelection
    from audition.job import prepare
    from audition.overrides import Overrides
    from audition.planning import plan_gate
    from audition.results import load_either

    overrides = Overrides(
        model=given["model"],
        trials=given["trials"],
        selection=CaseSelection(given["cases"], given["tag"]),
    )
    job = prepare(suite, overrides, now=datetime.now(UTC), plays=False)
    found = plan_gate(
        job,
        profile=profile,
        margin=margin,
        base_trials=base_trials,
        run=load_either(base) if base else None,
        rates=rates,
    )
    if form == "json":
        data = {**asdict(found), "refusals": found.refusals, "is_refused": found.is_refused}
        click.echo(json.dumps(data, indent=2, ensure_ascii=False))
    else:
        say("\n".join(_lines(found)))
    return REFUSED if found.is_refused else 0


def _lines(found: "Plan") -> Iterator[str]:
    design = found.design
    yield click.style(f"A gate over {inert(found.suite)}, profile {found.profile}", bold=True)
    alpha, margin = 100 * design.alpha, 100 * design.margin
    yield f"It fails a head that does worse by a test at {alpha:g} %, and passes one if a"
    yield f"loss of more than {margin:g} points is ruled out. Costs are those of head with"
    yield f"{inert(found.model)}; base is played once and then reused."
    for outlook in found.outlooks:
        yield ""
        yield click.style(f"If {inert(outlook.rates)}:", bold=True)
        yield from (f"  {line}" for line in _HEAD)
        for size in outlook.sizes:
            yield f"{'▸' if size.is_present else ' '} {_row(size)}"
        yield from _advice(outlook, found)


def _row(size: "Size") -> str:
    seen = size.forecast
    broken, drops = dict(seen.catches_broken), dict(seen.catches_drop)
    caught = [_percent(broken[n]) if n in broken else "–" for n in (1, 2, 4)]
    fallen = [_percent(drops[drop]) for drop in (0.1, 0.2)]
    return (
        f"{size.cases:5} {size.design.head_trials:6} {_usd(size.usd):>8} "
        f"{_percent(seen.passes_unchanged):>10}   "
        + " ".join(f"{cell:>6}" for cell in caught)
        + "    "
        + " ".join(f"{cell:>7}" for cell in fallen)
        + f" {100 * seen.sight.smallest_margin:5.1f} pt"
    )


def _advice(outlook: "Outlook", found: "Plan") -> Iterator[str]:
    refusal = outlook.refusal(found.profile)
    if refusal:
        yield click.style(f"  {refusal}", fg="red")
        return
    sees = outlook.present.forecast.sight
    if found.profile == "pr":
        yield f"  {_caught(sees)}"
    needed = outlook.trials_for_release
    yield f"  An unchanged head is proved 4 times in 5 with {needed} trials of each case."


def _caught(sees: "Sight") -> str:
    found = []
    if sees.fewest_broken is not None:
        cases = "1 broken case" if sees.fewest_broken == 1 else f"{sees.fewest_broken} broken cases"
        found.append(cases)
    if sees.smallest_drop is not None:
        found.append(f"every rate falling by {100 * sees.smallest_drop:.0f} points")
    if not found:
        return "As it is, there is no loss that it would catch 4 times in 5."
    return f"As it is, it catches 4 times in 5: {', or '.join(found)}."


def _usd(usd: float | None) -> str:
    if usd is None:
        return "?"
    return "free" if not usd else f"${usd:.2f}"


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"
