"""Pass rates night by night: of the suite, of each agent, of each check."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from audition.history.differing import is_break
from audition.history.drift import LIMIT, Alarm, Counts, Watch, limit_among, watch
from audition.history.nights import Night

Subject = Literal["suite", "agent", "check"]

MAIN = "no agent expected"
"""What stands for the agent where the case expects no delegation."""

_Count = tuple[str, bool]
"""The identity of a case, and whether a trial of it passed."""


@dataclass(frozen=True)
class Point:
    """One night of a trend."""

    passed: int
    of: int

    @property
    def rate(self) -> float | None:
        """None where nothing was judged: unknown is not zero."""
        return self.passed / self.of if self.of else None


@dataclass(frozen=True)
class Trend:
    """A pass rate over the nights of a line."""

    subject: Subject
    name: str
    points: tuple[Point, ...]
    """One for every night of the line."""
    watch: Watch

    @property
    def newest_alarm(self) -> Alarm | None:
        """The alarm that the newest night raised."""
        raised = [alarm for alarm in self.watch.alarms if alarm.at == len(self.points) - 1]
        return raised[-1] if raised else None


def trends(nights: Sequence[Night]) -> tuple[Trend, ...]:
    """The suite's trend, then those of its agents and of its checks, by name."""
    breaks = {place for place in range(1, len(nights)) if is_break(*nights[place - 1 : place + 1])}
    agents = _by_name(nights, _agent_counts)
    checks = _by_name(nights, _check_counts)
    limit = limit_among(len(agents) + len(checks))
    whole = _by_name(nights, _suite_counts).get("", [{} for _ in nights])
    return (
        _trend("suite", "", whole, breaks, LIMIT),
        *(_trend("agent", name, agents[name], breaks, limit) for name in sorted(agents)),
        *(_trend("check", name, checks[name], breaks, limit) for name in sorted(checks)),
    )


def _trend(
    subject: Subject, name: str, counts: Sequence[Counts], breaks: set[int], limit: float
) -> Trend:
    points = tuple(
        Point(sum(passed for passed, _ in night.values()), sum(of for _, of in night.values()))
        for night in counts
    )
    return Trend(subject, name, points, watch(counts, breaks=breaks, limit=limit))


def _by_name(
    nights: Sequence[Night], counts: Callable[[Night], Iterable[tuple[str, _Count]]]
) -> dict[str, list[Counts]]:
    """By name of what is counted, the counts of every night."""
    found: dict[str, list[dict[str, tuple[int, int]]]] = {}
    for place, night in enumerate(nights):
        for name, (case, passed) in counts(night):
            mine = found.setdefault(name, [{} for _ in nights])[place]
            good, of = mine.get(case, (0, 0))
            mine[case] = good + passed, of + 1
    return {name: list(each) for name, each in found.items()}


def _suite_counts(night: Night) -> Iterable[tuple[str, _Count]]:
    for trial in night.judged:
        yield "", (night.identities[trial.case], trial.verdict == "pass")


def _agent_counts(night: Night) -> Iterable[tuple[str, _Count]]:
    """By the agent that has to take the case first; cases that leave it open are in none."""
    for trial in night.judged:
        case = night.cases[trial.case]
        expected = (case.agent,) if case.agent else case.agents
        if expected is not None:
            name = expected[0] if expected else MAIN
            yield name, (night.identities[trial.case], trial.verdict == "pass")


def _check_counts(night: Night) -> Iterable[tuple[str, _Count]]:
    for trial in night.fresh:
        if trial.verdict == "fault":  # its evidence was cut short
            continue
        for score in trial.scores:
            if score.verdict in {"pass", "fail"}:
                yield score.check, (night.identities[trial.case], score.verdict == "pass")
