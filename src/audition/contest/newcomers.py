"""Cases that only head's own suite has: played and shown, never gated.

Base brought the judge, so head's suite is read for this alone. Python that base does not have is
not run: where head's suite names checks of its own that are new or changed, its new cases are named
and not played.
"""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from audition.affected import plan_trials
from audition.contest.playing import Watching
from audition.crew import Pace
from audition.errors import AuditionError
from audition.job import Job
from audition.overrides import Overrides
from audition.performance import Part, perform
from audition.revisions import GitRevision
from audition.revisions.arms import Arms, Inquiry, opened_arms
from audition.revisions.exporting import exported
from audition.revisions.sides import check_playable, cut_down
from audition.runfile import Run, load
from audition.yamlfile import read_yaml


@dataclass(frozen=True)
class Newcomers:
    """The cases that base does not have."""

    cases: tuple[str, ...] = ()
    run: Run | None = None
    notes: tuple[str, ...] = ()


def play_newcomers(
    asked: Inquiry,
    overrides: Overrides,
    arms: Arms,
    *,
    out: Path | None,
    now: datetime,
    watching: Watching,
    budget_usd: float | None = None,
) -> Newcomers:
    """Find the new cases of head, and play them into a file; only name them where there is none.

    What is wrong with head's own suite is a note: the gate itself does not depend on it.
    """
    if asked.judging != "base":
        return Newcomers()
    try:
        with _head_suite(asked, overrides, arms, now) as (job, why_not):
            known = {case.id for case in arms.head.suite.cases}
            names = tuple(case.id for case in job.cases if case.id not in known) if job else ()
            if job is None or not names or out is None:
                return Newcomers(names, notes=(why_not,) if why_not else ())
            cut = _by_the_judge(job, names, arms.head)
            cut = replace(cut, suite=replace(cut.suite, budget_usd=budget_usd))
            check_playable(cut)
            with watching("new cases") as shown:
                asyncio.run(perform([Part(cut, out, shown)], Pace(cut.suite.concurrency)))
            return Newcomers(names, load(out))
    except AuditionError as error:
        first = str(error).split("\n", 1)[0]
        return Newcomers(notes=(f"Head's own suite was not looked at: {first}",))


def _by_the_judge(theirs: Job, names: Sequence[str], judge: Job) -> Job:
    """New cases as the gate's own suite plays: its model, server, prices, trials and limits.

    Else a change could have its cases played by a server of its own choice, with the key.
    """
    new = cut_down(theirs, names, "head")
    limits = judge.suite.limits
    cases = tuple(
        replace(case, trials=None, limits=limits) for case in theirs.suite.cases if case.id in names
    )
    suite = replace(judge.suite, cases=cases)
    played = [case for case in cases if case.id not in new.lacking]
    return replace(
        new,
        suite=suite,
        settings=judge.settings,
        entries=plan_trials(played, judge.settings),
        record=replace(judge.record, side="head"),
    )


@contextmanager
def _head_suite(
    asked: Inquiry, overrides: Overrides, arms: Arms, now: datetime
) -> "Iterator[tuple[Job | None, str]]":
    """Head's suite, prepared; or the reason why it is not even read."""
    with ExitStack() as opened:
        place = asked.suite
        if isinstance(asked.head, GitRevision):
            export = opened.enter_context(exported(asked.head, asked.suite))
            place = export.place(asked.suite)
        if _brings_python(place, arms.head.suite.path):
            why = "Head's suite has Python checks that base does not have: they were not run, and"
            yield None, f"{why} its new cases, if there are any, not played."
            return
        theirs = replace(asked, suite_from="head")
        both = opened.enter_context(opened_arms(theirs, overrides, now=now, plays=False))
        yield both.head, ""


def _brings_python(head: Path, base: Path) -> bool:
    data: Any = read_yaml(head, []).data
    named = data.get("checks") if isinstance(data, dict) else None
    texts = [named] if isinstance(named, str) else named or []
    return any(_is_foreign(str(text), head.parent, base.parent) for text in texts)


def _is_foreign(text: str, head: Path, base: Path) -> bool:
    """Whether a file is not, byte for byte, one that base has below its own suite."""
    if Path(text).is_absolute() or ".." in Path(text).parts:
        return True
    there = _content(base / text)
    return there is None or there != _content(head / text)


def _content(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:
        return None
