"""What a comparison would do, before anything of it is done: nothing is asked of a model.

A case is touched where the key of its trials is another in head than in base: only such a case can
tell the two apart, and the same trial in both arms is no evidence.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from audition.affected import Entry, stored
from audition.dataset import Case
from audition.job import Job
from audition.revisions.arms import Arms
from audition.revisions.influences import AGENT, Difference, Part, all_parts, differences, parts_of
from audition.runfile import Run


@dataclass(frozen=True)
class Share:
    """What one arm takes: of a case, or of all touched cases."""

    trials: int = 0
    reused: int = 0
    """Of these, stored already."""
    lacks: tuple[str, ...] = ()
    """Agents that the case needs and the arm does not have: it fails without a call."""

    @property
    def to_play(self) -> int:
        """Trials that would be played."""
        return self.trials - self.reused


@dataclass(frozen=True)
class Touched:
    """A case that can tell head from base."""

    case: str
    reasons: tuple[Difference, ...]
    base: Share
    head: Share


@dataclass(frozen=True)
class Preview:
    """What a comparison would do."""

    base: str
    head: str
    suite: str
    """Where suite, datasets and checks come from."""
    model: str
    changes: tuple[Difference, ...]
    """Everything in which the setups differ, whether or not a case depends on it."""
    touched: tuple[Touched, ...]
    untouched: tuple[str, ...]
    base_usd: tuple[float, float] | None
    """A likely figure and the most; None without a price."""
    head_usd: tuple[float, float] | None

    def total(self, side: str) -> Share:
        """What an arm takes in all."""
        shares = [getattr(case, side) for case in self.touched]
        return Share(sum(s.trials for s in shares), sum(s.reused for s in shares))


def preview(arms: Arms, reports: Path, *, labels: tuple[str, str]) -> Preview:
    """What would be played, what is stored already, and what the rest would cost.

    Args:
        arms: Both sides.
        reports: The folder of run files.
        labels: How base and head are called.
    """
    head = arms.head
    keys = {"head": _keys(head), "base": _keys(arms.base) if arms.base else _run_keys(arms.run)}
    cases = [case.id for case in head.cases]
    touched = [case for case in cases if _is_touched(case, keys["base"], keys["head"], arms)]
    base_left, base = _shares(arms.base, touched, reports)
    head_left, head_shares = _shares(head, touched, reports)
    if arms.run is not None:
        base = {case: Share(n := len(keys["base"].get(case, ())), n) for case in touched}
    reasons = _reasons(arms, touched)
    return Preview(
        *labels,
        suite=arms.suite_label,
        model=head.record.model,
        changes=_changes(arms),
        touched=tuple(Touched(c, reasons[c], base[c], head_shares[c]) for c in touched),
        untouched=tuple(case for case in cases if case not in set(touched)),
        base_usd=_usd(arms.base, base_left),
        head_usd=_usd(head, head_left),
    )


def _keys(job: Job) -> dict[str, frozenset[str]]:
    keys: dict[str, set[str]] = {}
    for entry in job.entries:
        keys.setdefault(entry.case.id, set()).add(entry.key)
    return {case: frozenset(found) for case, found in keys.items()}


def _run_keys(run: Run | None) -> dict[str, frozenset[str]]:
    keys: dict[str, set[str]] = {}
    for trial in run.trials if run else ():
        if not trial.faulted:
            keys.setdefault(trial.case, set()).add(trial.key)
    return {case: frozenset(found) for case, found in keys.items()}


def _is_touched(
    case: str, base: Mapping[str, frozenset[str]], head: Mapping[str, frozenset[str]], arms: Arms
) -> bool:
    if case in arms.head.lacking or (arms.base is not None and case in arms.base.lacking):
        return base.get(case) != head.get(case)
    # One arm may have more trials than the other: what both have would have to be the same.
    smaller, larger = sorted((head[case], base.get(case, frozenset())), key=len)
    return not smaller or not smaller <= larger


def _shares(
    job: Job | None, touched: Sequence[str], reports: Path
) -> tuple[list[Entry], dict[str, Share]]:
    """What is left to play, and by case what an arm takes."""
    if job is None:
        return [], {}
    wanted = set(touched)
    entries = [entry for entry in job.entries if entry.case.id in wanted]
    found = {trial.key for trial, _, _ in stored(entries, reports, reports / "none of them")}
    shares = {}
    for case in touched:
        own = [entry.key for entry in entries if entry.case.id == case]
        reused = sum(key in found for key in own)
        shares[case] = Share(len(own), reused, job.lacking.get(case, ()))
    return [entry for entry in entries if entry.key not in found], shares


def _usd(job: Job | None, entries: Sequence[Entry]) -> tuple[float, float] | None:
    return job.projected_usd(entries) if job is not None and entries else (0.0, 0.0)


def _changes(arms: Arms) -> tuple[Difference, ...]:
    head = all_parts(arms.head.settings.setup)
    if arms.base is not None:
        return differences(all_parts(arms.base.settings.setup), head, arms.renamed)
    return _of_the_run(arms.run, arms.head) if arms.run else ()


def _reasons(arms: Arms, touched: Sequence[str]) -> dict[str, tuple[Difference, ...]]:
    if arms.run is not None:
        found = _of_the_run(arms.run, arms.head) or _unnamed(arms.run, arms.head)
        held = {case.id for case in arms.run.cases}
        new = (Difference("case", "the case", "is not in the run"),)
        return {case: found if case in held else new for case in touched}
    assert arms.base is not None  # noqa: S101 # a comparison has a base of one kind or the other
    base, head = arms.base, arms.head
    cases: tuple[dict[str, Case], ...] = tuple(
        {case.id: case for case in job.suite.cases} for job in (base, head)
    )
    return {
        case: differences(
            parts_of(cases[0][case], base.settings.setup),
            parts_of(cases[1][case], head.settings.setup),
            arms.renamed,
        )
        for case in touched
    }


def _of_the_run(run: Run, head: Job) -> tuple[Difference, ...]:
    """What a run file tells of what it was made with that is another now."""
    was, now = run.record, head.record
    if not was.agents:
        return ()  # it does not tell what it was made with
    base, head_parts = (
        {Part(AGENT, agent.name, "description"): agent.description for agent in record.agents}
        for record in (was, now)
    )
    found = [*differences(base, head_parts)]
    for name, before, after in (
        ("the model", was.model, now.model),
        ("the runtime", was.runtime, now.runtime),
        ("the version of the agent loop", was.loop_version, now.loop_version),
    ):
        if before != after:
            found.append(Difference("run", name, f"is {after} now, was {before}"))
    return tuple(found)


def _unnamed(run: Run, head: Job) -> tuple[Difference, ...]:
    if run.record.setup_digest != head.record.setup_digest:
        what = "differ in what a run file does not tell"
        return (Difference("run", "the definitions", what),)
    what = "is another, or has other limits, a new series or another number of trials"
    return (Difference("run", "the case", what),)
