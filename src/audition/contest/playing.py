"""Both sides of a comparison as runs: those that are there, and those that are played for it.

Played are only the cases that can tell the two apart. What an earlier run holds is reused; the
trials of both sides are played in turns.
"""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from audition.crew import Pace
from audition.errors import InputError, Problem
from audition.overrides import Overrides
from audition.performance import Audience, Part, perform
from audition.record import EndedBy
from audition.results import load_either
from audition.revisions import RunFile
from audition.revisions.arms import Arms, Inquiry, opened_arms
from audition.revisions.preview import Preview, preview
from audition.revisions.sides import check_playable, cut_down
from audition.runfile import SUFFIX, Run, load

Watching = Callable[[str], AbstractContextManager[Audience]]
"""Opens a display of trials under a name."""


@dataclass(frozen=True)
class Sides:
    """Both sides, ready to be compared."""

    base: Run | None
    """None where no case can tell the two apart; then `head` is None, too."""
    head: Run | None
    base_label: str
    head_label: str
    renamed: Mapping[str, str] = field(default_factory=dict)
    untouched: tuple[str, ...] = ()
    """Cases that were not played, since nothing that they depend on is another."""
    changes: tuple[str, ...] = ()
    """In what the setups differ."""
    ended_by: EndedBy = "finished"


def stored_sides(asked: Inquiry) -> Sides | None:
    """Both sides where they are run files that lie there already; None where one has to be played.

    Raises:
        FileFormatError: one of them cannot be read.
        InputError: head is a run file, and base is none.
    """
    if not isinstance(asked.head, RunFile):
        return None
    if not isinstance(asked.base, RunFile):
        what = "a run file as head can only be compared with another run file"
        raise InputError([Problem("--head", what, "name a run file with --base as well")])
    return Sides(
        load_either(asked.base.path),
        load_either(asked.head.path),
        asked.base.label,
        asked.head.label,
        renamed=asked.renamed,
    )


def played_sides(
    asked: Inquiry,
    overrides: Overrides,
    *,
    reports: Path,
    now: datetime,
    watching: Watching,
) -> Sides:
    """Both sides, played as far as they are not there yet.

    Raises:
        InputError: with everything that is wrong, before anything is spent.
        NothingSelectedError: the selection leaves no case.
        KeyboardInterrupt: interrupted; everything finished is kept, and the same command goes on.
    """
    labels = asked.base.label, asked.head.label
    with opened_arms(asked, overrides, now=now, plays=False) as arms:
        seen = preview(arms, reports, labels=labels)
        touched = tuple(case.case for case in seen.touched)
        if not touched:
            return _sides(None, None, arms, seen)
        head = cut_down(arms.head, touched, "head")
        base = cut_down(arms.base, touched, "base") if arms.base else None
        check_playable(*filter(None, (base, head)))
        stem = f"{head.suite.name}-compare"
        parts = {"head": Part(head, side_path(reports, stem, "head", now))}
        with watching("base and head" if base else "head") as shown:
            parts["head"] = Part(head, parts["head"].out, shown)
            if base:
                parts["base"] = Part(base, side_path(reports, stem, "base", now), shown)
            pace = Pace(concurrency=head.suite.concurrency)
            order = [parts[side] for side in ("base", "head") if side in parts]
            ended_by = asyncio.run(perform(order, pace))
        before = load(parts["base"].out) if base else arms.run
        return _sides(before, load(parts["head"].out), arms, seen, ended_by)


def side_path(reports: Path, stem: str, side: str, now: datetime) -> Path:
    """A new run file for one side of a comparison."""
    number, tail = 1, ""
    while (path := reports / f"{stem}-{now:%Y%m%d-%H%M%S}{tail}-{side}{SUFFIX}").exists():
        number += 1
        tail = f"-{number}"
    return path


def _sides(
    base: Run | None, head: Run | None, arms: Arms, seen: Preview, ended_by: EndedBy = "finished"
) -> Sides:
    return Sides(
        base,
        head,
        seen.base,
        seen.head,
        renamed=arms.renamed,
        untouched=seen.untouched,
        changes=tuple(map(str, seen.changes)),
        ended_by=ended_by,
    )
