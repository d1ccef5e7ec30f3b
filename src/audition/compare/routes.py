"""Which agent takes which case, before and after."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from audition.compare.comparison import CaseChange
from audition.record import Trial
from audition.summary import NONE

Routes = tuple[tuple[str, int], ...]
"""Agents and how often they were started; most often first."""


def routes(trials: Iterable[Trial], renamed: Mapping[str, str]) -> Routes:
    """Which agents these trials started first, by their new names; faulted ones left out."""
    started = (trial.delegated_to or NONE for trial in trials if trial.verdict != "fault")
    return tuple(Counter(renamed.get(name, name) for name in started).most_common())


def taken(cases: Iterable[CaseChange]) -> Iterator[str]:
    """Sentences on the cases that mostly went elsewhere before; the longest list first."""
    moves: dict[tuple[str, str], list[str]] = {}
    for change in cases:
        if change.case.agent is None and change.base_routes and change.head_routes:
            before, after = change.base_routes[0][0], change.head_routes[0][0]
            if before != after:
                moves.setdefault((before, after), []).append(change.case.id)
    for (before, after), names in sorted(moves.items(), key=lambda move: -len(move[1])):
        noun = f"{len(names)} case{'' if len(names) == 1 else 's'}"
        listed = ", ".join(names[:5]) + (" …" if len(names) > 5 else "")
        if before == NONE:
            yield f"{after} took {noun} that no agent took before ({listed})"
        elif after == NONE:
            yield f"{noun} of {before} went to no agent ({listed})"
        else:
            yield f"{after} took {noun} from {before} ({listed})"
