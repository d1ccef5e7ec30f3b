"""What a gate over a suite would see and cost, before anything is played.

Pass rates come from a run that was made before, or are assumed. Every size is judged by the rules
of the gate itself, on simulated trials with a seed: the same question gives the same numbers.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import cycle, islice
from math import ceil, fsum
from statistics import fmean

from audition.errors import InputError, Problem
from audition.gate.decision import Profile
from audition.gate.power import Forecast, forecast, likely_rates, trials_to_pass
from audition.gate.rules import Design
from audition.job import Job
from audition.runfile import Run

ASSUMED = (1.0, 0.95, 0.8)
"""Pass rates that are looked at where nobody names one."""
_OTHER_TRIALS = (3, 5, 10)


@dataclass(frozen=True)
class Size:
    """A gate of some size, and what it would come to."""

    cases: int
    design: Design
    forecast: Forecast
    usd: float | None
    """What playing head costs; None without a price."""
    base_usd: float | None
    """What playing base costs where nothing of it is there yet."""
    is_present: bool
    """Whether this is the size that the suite has now."""

    @property
    def head_trials(self) -> int:
        """Trials of head in all."""
        return self.cases * self.design.head_trials


@dataclass(frozen=True)
class Outlook:
    """Sizes of a gate at some pass rates; the first is the suite's own."""

    rates: str
    """Where the pass rates come from."""
    mean: float
    sizes: tuple[Size, ...]
    trials_for_release: int
    """Trials of each case with which an unchanged head passes 4 times in 5, at the suite's own
    number of cases."""

    @property
    def present(self) -> Size:
        """The suite as it is."""
        return self.sizes[0]

    def refusal(self, profile: Profile) -> str:
        """Why a gate of this profile is not worth playing at the present size; else empty."""
        here = self.present.forecast
        if profile != "release" or here.can_release:
            return ""
        return (
            f"A release gate of {self.present.cases} cases with {self.present.design.head_trials} "
            f"trials each would pass an unchanged head in {100 * here.passes_unchanged:.0f} % of "
            f"cases only: {self.trials_for_release} trials each would pass it 4 times in 5, or a "
            "wider margin."
        )


@dataclass(frozen=True)
class Plan:
    """What a gate over a suite would see and cost."""

    suite: str
    model: str
    profile: Profile
    design: Design
    outlooks: tuple[Outlook, ...]

    @property
    def refusals(self) -> tuple[str, ...]:
        """Why the gate is not worth playing, at the rates at which it is not."""
        found = (outlook.refusal(self.profile) for outlook in self.outlooks)
        return tuple(words for words in found if words)

    @property
    def is_refused(self) -> bool:
        """Whether at none of the rates this gate is worth playing."""
        return len(self.refusals) == len(self.outlooks)


def plan_gate(
    job: Job,
    *,
    profile: Profile | None = None,
    margin: float | None = None,
    base_trials: int | None = None,
    run: Run | None = None,
    rates: Sequence[float] = (),
    seed: int = 0,
) -> Plan:
    """What a gate over the cases of a job would see and cost.

    Args:
        job: The suite, prepared.
        profile: In place of the suite's own.
        margin: In place of the suite's own.
        base_trials: Trials of each case in base, in place of what the suite says.
        run: A run of the suite, from which pass rates and costs are taken.
        rates: Pass rates to assume where there is no run; `ASSUMED` where none is named.
        seed: For the simulations.

    Raises:
        InputError: the run says nothing about these cases.
    """
    suite, asks = job.suite, job.suite.gate
    wanted = base_trials or asks.base_trials or suite.trials
    design = Design(
        base_trials=max(wanted, suite.trials),
        head_trials=suite.trials,
        margin=margin or asks.margin,
        alpha=asks.alpha,
    )
    per_trial = _usd_of_a_trial(job, run)
    outlooks = []
    for words, found in _all_rates(job, run, rates):
        sizes = tuple(_sizes(found, design, per_trial, seed))
        needed = ceil(trials_to_pass(found, design) / len(found))
        outlooks.append(Outlook(words, fmean(found), sizes, needed))
    return Plan(suite.name, job.record.model, profile or asks.profile, design, tuple(outlooks))


def _all_rates(
    job: Job, run: Run | None, rates: Sequence[float]
) -> Iterator[tuple[str, list[float]]]:
    if run is None:
        for rate in rates or ASSUMED:
            yield f"every case passes {100 * rate:g} % of its trials", [rate] * len(job.cases)
        return
    tried = {case.id: (0, 0) for case in job.cases}
    for trial in run.trials:
        if trial.case in tried and trial.verdict in ("pass", "fail"):
            passed, of = tried[trial.case]
            tried[trial.case] = passed + (trial.verdict == "pass"), of + 1
    judged = [(passed, of) for passed, of in tried.values() if of]
    if not judged:
        what = "holds no judged trial of these cases"
        raise InputError([Problem(str(run.path), what, "name a run of this suite, or --rate")])
    fewest = min(of for _, of in judged)
    # Cases with more trials than the others are cut down in proportion: one size for all.
    found = likely_rates([round(passed * fewest / of) for passed, of in judged], of=fewest)
    words = f"as in {run.path} ({fewest} trials a case, {len(judged)} of {len(tried)} cases)"
    yield words, list(islice(cycle(found), len(tried)))


def _usd_of_a_trial(job: Job, run: Run | None) -> float | None:
    """What a trial costs on average: as it did in the run, or as it is projected to."""
    if run is not None and run.record.model == job.record.model:
        costs = [trial.cost_usd for trial in run.trials if trial.cost_usd is not None]
        if costs and len(costs) == len(run.trials):
            return fsum(costs) / len(costs)
    projected = job.projected_usd(job.entries)
    return projected[0] / len(job.entries) if projected and job.entries else None


def _sizes(rates: Sequence[float], design: Design, usd: float | None, seed: int) -> Iterator[Size]:
    yield _size(rates, design, usd, seed, is_present=True)
    for trials in _OTHER_TRIALS:
        if trials > design.head_trials:
            other = replace(design, head_trials=trials, base_trials=max(trials, design.base_trials))
            yield _size(rates, other, usd, seed)
    twice = list(islice(cycle(rates), 2 * len(rates)))
    yield _size(twice, design, usd, seed)


def _size(
    rates: Sequence[float],
    design: Design,
    usd: float | None,
    seed: int,
    *,
    is_present: bool = False,
) -> Size:
    cost = [
        None if usd is None else usd * len(rates) * trials
        for trials in (design.head_trials, design.base_trials)
    ]
    found = forecast(rates, design, seed=seed)
    return Size(len(rates), design, found, cost[0], cost[1], is_present)
