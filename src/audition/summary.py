"""The numbers of a run: a function of its records, recomputed every time, never stored."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import fsum

from audition.record import CaseRecord, RunRecord, Trial
from audition.remarks import headline, is_excused, warnings
from audition.score import Kind, Score, Verdict
from audition.stats.agreement import macro_f1
from audition.stats.gaffke import gaffke
from audition.stats.intervals import Cluster, beta_binomial, wilson
from audition.stats.repeats import pass_all, pass_at
from audition.tally import CaseSummary, Confusion, Group, Rate, Repeats, Summary

NONE = "none"
"""What stands for no delegation in a confusion table."""
_JUDGED: tuple[Verdict, ...] = ("pass", "fail")
_VERDICTS: tuple[Verdict, ...] = ("pass", "fail", "skip", "fault")
_KINDS: tuple[Kind, ...] = ("routing", "process", "outcome", "budget")
_ROUTING_CHECKS = ("routes_to", "delegates_in_order")


def summarize(
    record: RunRecord,
    cases: Sequence[CaseRecord],
    trials: Sequence[Trial],
    planned: Mapping[str, int],
) -> Summary:
    """All numbers of a run; the order of the trials makes no difference.

    Args:
        record: how the run was made.
        cases: the cases of the run; every trial belongs to one of them.
        trials: what was played so far.
        planned: how many trials each case was to have, by case id.

    Raises:
        KeyError: a trial of a case that is not among the cases.
    """
    played: dict[str, list[Trial]] = {case.id: [] for case in cases}
    for trial in trials:
        played[trial.case].append(trial)
    rows = tuple(
        case_summary(case, played[case.id], planned.get(case.id, 0), record.allow) for case in cases
    )
    judged = [trial for tried in played.values() for trial in tried if trial.verdict in _JUDGED]
    graded = [trial for tried in played.values() for trial in tried if trial.verdict != "fault"]
    routing = _routing(cases, judged)
    confusion = _confusion(cases, graded)
    verdict = _run_verdict(rows)
    return Summary(
        verdict=verdict,
        headline=headline(verdict, rows),
        warnings=warnings(record, rows, trials, routing.delegated if routing.silent else None),
        planned=sum(planned.get(case.id, 0) for case in cases),
        played=len(trials),
        reused=sum(bool(trial.reused_from) for trial in trials),
        verdicts={name: sum(trial.verdict == name for trial in trials) for name in _VERDICTS},
        pass_rate=_rate((row.passed, row.judged) for row in rows),
        cases=rows,
        cases_passed=sum(row.verdict == "pass" for row in rows),
        cases_judged=sum(row.verdict in _JUDGED for row in rows),
        by_kind=_by_score(graded, lambda score: score.kind, order=_KINDS),
        by_check=_by_score(graded, lambda score: score.check),
        by_tag=_by_case(rows, lambda case: dict.fromkeys(case.tags)),
        by_origin=_by_case(rows, lambda case: (case.origin,)),
        by_split=_by_case(rows, lambda case: (case.split,)),
        by_copied=_by_case(rows, lambda case: ("copied" if case.copied else "own words",)),
        delegated=routing.delegated,
        right=routing.right,
        confusion=confusion,
        macro_f1=(
            macro_f1(confusion.expected, confusion.found, confusion.counts)
            if confusion and not routing.silent
            else None
        ),
        repeats=_repeats(rows, [planned.get(case.id, 0) for case in cases]),
        unexpected_passes=tuple(
            row.case.id for row in rows if row.case.known and row.verdict == "pass"
        ),
        cost_usd=_total([trial.cost_usd for trial in trials]),
        tokens=sum(trial.tokens for trial in trials),
        duration_s=fsum(trial.duration_s for trial in trials),
    )


def case_summary(case: CaseRecord, tried: Sequence[Trial], planned: int, allow: int) -> CaseSummary:
    """What a case came to: k of n trials, and the verdict that follows.

    Args:
        case: the case.
        tried: its trials.
        planned: how many it was to have.
        allow: how many of them may fail.
    """
    counts = Counter(trial.verdict for trial in tried)
    missing = max(0, planned - len(tried))
    return CaseSummary(
        case=case,
        verdict=_case_verdict(counts, missing=missing, allow=allow),
        passed=counts["pass"],
        judged=counts["pass"] + counts["fail"],
        faults=counts["fault"],
        skips=counts["skip"],
        missing=missing,
        flaky=bool(counts["pass"] and counts["fail"]),
        cost_usd=_total([trial.cost_usd for trial in tried]),
        duration_s=fsum(trial.duration_s for trial in tried),
    )


def _case_verdict(counts: Counter[Verdict], *, missing: int, allow: int) -> Verdict:
    if counts["fail"] > allow:
        return "fail"
    if missing:
        return "skip"
    if counts["fault"]:
        return "fault"
    if counts["skip"]:
        return "skip"
    if counts["pass"]:
        return "pass"
    # However many failures are allowed, a case that never passed does not pass.
    return "fail" if counts["fail"] else "skip"


def _run_verdict(rows: Sequence[CaseSummary]) -> Verdict:
    found = {row.verdict for row in rows if not is_excused(row)}
    for verdict in ("fail", "fault", "skip"):
        if verdict in found:
            return verdict
    return "pass" if rows else "skip"


def _rate(clusters: Iterable[Cluster]) -> Rate:
    """The share over all trials; repeats of one case are not taken for independent."""
    filled = [(passed, of) for passed, of in clusters if of]
    passed, of = sum(passed for passed, _ in filled), sum(of for _, of in filled)
    if not of:
        return Rate(0, 0, None, None, None, "")
    if of == len(filled):
        return Rate(passed, of, passed / of, *wilson(passed, of), "Wilson")
    return Rate(passed, of, passed / of, *beta_binomial(filled), "beta-binomial")


def _by_case(
    rows: Sequence[CaseSummary], names: Callable[[CaseRecord], Iterable[str]]
) -> tuple[Group, ...]:
    groups: dict[str, list[Cluster]] = defaultdict(list)
    for row in rows:
        for name in names(row.case):
            groups[name].append((row.passed, row.judged))
    return tuple(Group(name, len(groups[name]), _rate(groups[name])) for name in sorted(groups))


def _by_score(
    graded: Sequence[Trial], name: Callable[[Score], str], *, order: Sequence[str] = ()
) -> tuple[Group, ...]:
    """Groups of scores, with cases as clusters.

    The scores of a trial that met a fault are left out whole: its evidence was cut short.
    """
    verdicts: dict[str, dict[str, Counter[Verdict]]] = defaultdict(lambda: defaultdict(Counter))
    for trial in graded:
        for score in trial.scores:
            verdicts[name(score)][trial.case][score.verdict] += 1
    return tuple(
        Group(
            group,
            len(verdicts[group]),
            _rate((seen["pass"], seen["pass"] + seen["fail"]) for seen in verdicts[group].values()),
        )
        for group in order or sorted(verdicts)
        if group in verdicts
    )


@dataclass(frozen=True)
class _Routing:
    delegated: Rate | None
    right: Rate | None

    @property
    def silent(self) -> bool:
        """A delegation was expected of judged trials, and there was none."""
        return self.delegated is not None and self.delegated.rate == 0


def _routing(cases: Sequence[CaseRecord], judged: Sequence[Trial]) -> _Routing:
    """P(delegate) and P(right | delegate) over the cases that expect a delegation."""
    expecting = {case.id: case.agents for case in cases if case.agents}
    if not expecting:
        return _Routing(None, None)
    started: dict[str, list[bool]] = defaultdict(list)
    right: dict[str, list[bool]] = defaultdict(list)
    for trial in judged:
        if trial.case in expecting:
            started[trial.case].append(trial.delegated_to is not None)
            decided = _is_right(trial, expecting[trial.case][0])
            if trial.delegated_to is not None and decided is not None:
                right[trial.case].append(decided)
    delegated = _rate((sum(seen), len(seen)) for seen in started.values())
    if not delegated.passed:
        return _Routing(delegated, None)
    return _Routing(delegated, _rate((sum(seen), len(seen)) for seen in right.values()))


def _is_right(trial: Trial, expected: str) -> bool | None:
    """Whether the work went where the case accepts it; None where the check did not decide.

    The case's own `routes_to` and `delegates_in_order` are the judges, since they know what else is
    accepted; where it has neither, the first delegation has to be to the expected agent.
    """
    verdicts = {
        score.verdict
        for score in trial.scores
        if score.kind == "routing" and score.check in _ROUTING_CHECKS
    }
    if not verdicts:
        return trial.delegated_to == expected
    if "fail" in verdicts:
        return False
    return True if verdicts == {"pass"} else None


def _confusion(cases: Sequence[CaseRecord], graded: Sequence[Trial]) -> Confusion | None:
    rows = {
        case.id: case.agents[0] if case.agents else NONE
        for case in cases
        if case.agents is not None
    }
    counts: Counter[tuple[str, str]] = Counter()
    right: Counter[tuple[str, str]] = Counter()
    for trial in graded:
        if trial.case in rows:
            cell = rows[trial.case], trial.delegated_to or NONE
            counts[cell] += 1
            right[cell] += not _is_misrouted(trial)
    if not counts:
        return None
    expected = sorted({row for row, _ in counts}, key=_none_last)
    found = sorted({column for _, column in counts}, key=_none_last)
    return Confusion(
        tuple(expected),
        tuple(found),
        tuple(tuple(counts[row, column] for column in found) for row in expected),
        tuple(tuple(right[row, column] for column in found) for row in expected),
    )


def _is_misrouted(trial: Trial) -> bool:
    return any(score.kind == "routing" and score.verdict == "fail" for score in trial.scores)


def _none_last(name: str) -> tuple[bool, str]:
    return name == NONE, name


def _repeats(rows: Sequence[CaseSummary], planned: Sequence[int]) -> tuple[Repeats, ...]:
    most = min(planned, default=0)
    sizes = sorted({*range(1, min(most, 5) + 1), most} - {0})
    found = []
    for k in sizes:
        clusters = [(row.passed, row.judged) for row in rows if row.judged >= k]
        if clusters:
            once = _rate(clusters) if k == 1 else None
            at = _mean_rate([pass_at(passed, of, k=k) for passed, of in clusters], once)
            every = _mean_rate([pass_all(passed, of, k=k) for passed, of in clusters], once)
            found.append(Repeats(k, at, every, len(clusters)))
    return tuple(found)


def _mean_rate(values: Sequence[float], once: Rate | None) -> Rate:
    """The mean over cases; `passed` counts the cases whose value is 1.

    For a single trial both numbers are the pass rate, and so is their interval (`once`).
    """
    mean, sure = fsum(values) / len(values), sum(value == 1 for value in values)
    if once is None or once.low is None or once.high is None:
        return Rate(sure, len(values), mean, *gaffke(values), "Gaffke")
    low, high = min(once.low, mean), max(once.high, mean)
    return Rate(sure, len(values), mean, low, high, once.method)


def _total(costs: Sequence[float | None]) -> float | None:
    known = [cost for cost in costs if cost is not None]
    return fsum(known) if len(known) == len(costs) else None
