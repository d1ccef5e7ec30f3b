"""What a gate is asked: which cases count, by which design, and whether it can be decided."""

import inspect
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from math import ceil, log
from pathlib import Path
from typing import Any

from audition.contest.baseline import baseline_problems, first_trials
from audition.digests import digest
from audition.errors import InputError, Problem
from audition.gate.decision import Profile
from audition.gate.power import ROUNDS
from audition.gate.rules import Design
from audition.hardened_git import committed_below
from audition.job import Job, playing_problems
from audition.record import Trial
from audition.revisions import NoAgents
from audition.revisions.arms import Arms, Inquiry, Side
from audition.revisions.preview import Preview, preview
from audition.revisions.sides import cut_down
from audition.runfile import SUFFIX
from audition.stats.noninferiority import zero_failures_bound
from audition.version import __version__

_VERSION = 2
"""Raised when a verdict would come to something else from the same trials."""


@dataclass(frozen=True, kw_only=True)
class Terms:
    """What somebody asks of a gate beside what the suite says."""

    profile: Profile | None = None
    margin: float | None = None
    base_trials: int | None = None
    is_fresh: bool = False
    """Whether a question that was decided before is played anew, at half the level."""
    rounds: int = ROUNDS
    """How often the simulation of what the suite can see is played."""


@dataclass(frozen=True)
class Question:
    """What is asked, with both sides read and nothing played."""

    arms: Arms
    asked: Inquiry
    terms: Terms
    reports: Path

    @cached_property
    def preview(self) -> Preview:
        """What would be played, and why."""
        labels = self.asked.base.label, self.asked.head.label
        return preview(self.arms, self.reports, labels=labels)

    @cached_property
    def touched(self) -> tuple[str, ...]:
        """The cases that can tell the two sides apart."""
        return tuple(case.case for case in self.preview.touched)

    @cached_property
    def known(self) -> Mapping[str, str]:
        """Why an affected case is excused today."""
        return {c.id: c.known for c in self.arms.head.cases if c.known and c.id in self.touched}

    @cached_property
    def gated(self) -> tuple[str, ...]:
        """Those of them that count: failures that are known today do not."""
        return tuple(case for case in self.touched if case not in self.known)

    @cached_property
    def design(self) -> Design:
        """Sizes and levels of a first attempt."""
        asks, suite = self.arms.head.suite.gate, self.arms.head.suite
        wanted = self.terms.base_trials or asks.base_trials or suite.trials
        base_trials = max(wanted, suite.trials)
        if self.arms.run is not None:
            held = [sum(t.case == case for t in self.arms.run.trials) for case in self.gated]
            base_trials = min(held, default=suite.trials)
        return Design(
            base_trials=base_trials,
            head_trials=suite.trials,
            margin=self.terms.margin or asks.margin,
            alpha=asks.alpha,
        )

    @property
    def profile(self) -> Profile:
        """Whether a loss has to be shown, or its absence."""
        return self.terms.profile or self.arms.head.suite.gate.profile

    def check(self) -> None:
        """What keeps this gate from coming to a verdict is said before anything is spent.

        Raises:
            InputError: with all of it.
        """
        problems: list[Problem] = []
        run, trials = self.arms.run, self.arms.head.suite.trials
        for job in filter(None, (self.arms.base, self.arms.head)):
            if job.record.nature == "baseline":
                what = f"{job.record.model} is a baseline from word matching, and decides nothing"
                problems.append(Problem("--model", what, "name a model, or use `audition compare`"))
            elif job.record.model == "recorded" and (wrong := self._unplayable(job)):
                what = (
                    f"{wrong} of the recordings that this would replay are missing or of another "
                    "prompt, and so no evidence about this change"
                )
                problems.append(Problem("--model", what, "name a model, or record them again"))
        if self.terms.base_trials is not None and self.terms.base_trials < trials:
            what = f"base needs at least as many trials of a case as head, which has {trials}"
            problems.append(Problem("--base-trials", what, "raise it, or lower --trials"))
        if run is not None:
            differ = bool(self.asked.models)
            found = [*baseline_problems(run, self.arms.head, self.gated, models_differ=differ)]
            problems += found
            fewest = min((sum(t.case == c for t in run.trials) for c in self.gated), default=trials)
            if not found and fewest < trials:
                what = f"holds {fewest} trials of a case, and head has {trials}"
                do = f"play head with --trials {fewest}, or make a base with more"
                problems.append(Problem(str(run.path), what, do))
        problems += self._brought_along()
        problems += self._hopeless_base()
        if problems:
            raise InputError(problems)
        self._check_release()

    def _hopeless_base(self) -> list[Problem]:
        """Where base fails every case without a call, head can lose nothing, whatever it does."""
        base = self.arms.base
        if base is None or isinstance(self.asked.base, NoAgents) or not self.gated:
            return []
        if not all(case in base.lacking for case in self.gated):
            return []
        missing = ", ".join(sorted({name for names in base.lacking.values() for name in names}))
        what = f"has no {missing}, so that every affected case fails there and nothing can be lost"
        do = "name a base that has them, or `--base none` if that is meant"
        return [Problem("--base", what, do)]

    def _brought_along(self) -> list[Problem]:
        """A change could bring its verdict, or the trials of it, along in its own commits.

        A link in place of the folder could do the same; a page or `.gitignore` in it does nothing.
        """
        folder = self.reports.name
        brought = [
            name
            for name in committed_below(self.reports)
            if f"{name}/".startswith(f"{folder}/verdicts/")
            or name.endswith(SUFFIX)
            or name == folder
        ]
        if not brought:
            return []
        what = f"is in the repository ({len(brought)} such): a change could bring its verdict along"
        do = "take it out with `git rm --cached`; keep the folder in a cache or an artefact"
        return [Problem(brought[0], what, do)]

    def _check_release(self) -> None:
        design, cases = self.design, len(self.gated)
        can_prove = zero_failures_bound(cases * design.head_trials, alpha=design.pass_level)
        if cases and self.profile == "release" and can_prove > design.margin:
            needed = ceil(log(design.pass_level) / log(1 - design.margin) / cases)
            what = (
                f"{cases} cases with {design.head_trials} trials each cannot prove a margin of "
                f"{100 * design.margin:g} points where base passes all of its own, not even if "
                "every trial passes"
            )
            do = f"play {needed} trials of each; `audition plan` says what it takes"
            raise InputError([Problem("--profile", what, do)])

    def _unplayable(self, job: Job) -> int:
        cut = cut_down(job, self.touched, "head", trials=self.design.head_trials)
        return len(playing_problems(cut.suite, cut.settings, cut.entries))

    def digest(self) -> str:
        """What a verdict is kept under: the trials that make it, and how they are judged."""
        base = (
            [trial.key for trial in self.of_the_run()]
            if self.arms.base is None
            else [entry.key for entry in self.side("base", self.gated, self.design).entries]
        )
        head = [entry.key for entry in self.side("head", self.gated, self.design).entries]
        expected = {c.id: c.expects for c in self.arms.head.cases if c.id in self.gated}
        lacking = [job.lacking for job in (self.arms.base, self.arms.head) if job]
        design = asdict(self.design)
        suite = self.arms.head.suite
        judge = [__version__, suite.name, {n: _source(c) for n, c in suite.own_checks.items()}]
        asked = [_VERSION, base, head, expected, lacking, design, self.profile, judge]
        return digest(asked)[:32]

    def side(self, side: Side, names: Sequence[str], design: Design) -> Job:
        """What is played of these cases on one side."""
        job = self.arms.base if side == "base" else self.arms.head
        assert job is not None  # noqa: S101 # a base that is a run is never played
        trials = design.base_trials if side == "base" else design.head_trials
        series = f"attempt-{design.attempt}" if design.attempt else None
        return cut_down(job, names, side, trials=trials, series=series)

    def critical_cases(self) -> set[str]:
        """Cases with a check that may never get worse."""
        cases = (case for case in self.arms.head.suite.cases if case.id in self.gated)
        return {case.id for case in cases if any(e.critical for e in case.expectations)}

    def of_the_run(self) -> list[Trial]:
        """The trials of base that count, where base is a run; else none."""
        run = self.arms.run
        if run is None:
            return []
        count = self.design.base_trials
        return [trial for case in self.gated for trial in first_trials(run, case, count)]


def _source(check: type[Any]) -> str:
    """The text of a check of the user's own."""
    try:
        return inspect.getsource(check)
    except (OSError, TypeError):
        return repr(check)
