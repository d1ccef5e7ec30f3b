"""Which agent takes which case, before and after."""

from collections import Counter
from collections.abc import Iterable, Iterator

from audition.compare.comparison import CaseChange
from audition.record import Trial
from audition.summary import NONE

Routes = tuple[tuple[str, int], ...]
"""Agents and how often they were started; most often first, then by name."""

_NAMED_MOST = 5


def routes(trials: Iterable[Trial]) -> Routes:
    """Which agents these trials started first; faulted ones left out."""
    started = Counter(trial.delegated_to or NONE for trial in trials if trial.verdict != "fault")
    return tuple(sorted(started.items(), key=lambda route: (-route[1], route[0])))


def taken(cases: Iterable[CaseChange]) -> Iterator[str]:
    """Sentences on the cases that mostly went elsewhere before; the longest list first."""
    moves: dict[tuple[str, str], list[str]] = {}
    for change in cases:
        before, after = _most(change.base_routes), _most(change.head_routes)
        if change.case.agent is None and before and after and not set(before) & set(after):
            moves.setdefault((before[0], after[0]), []).append(change.case.id)
    for (old, new), names in sorted(moves.items(), key=lambda move: (-len(move[1]), move[0])):
        noun = f"{len(names)} case{'' if len(names) == 1 else 's'}"
        more = len(names) - _NAMED_MOST
        listed = ", ".join(names[:_NAMED_MOST]) + (f" and {more} more" if more > 0 else "")
        if old == NONE:
            yield f"{new} took {noun} that no agent took before ({listed})"
        elif new == NONE:
            yield f"{noun} of {old} went to no agent ({listed})"
        else:
            yield f"{new} took {noun} from {old} ({listed})"


def _most(found: Routes) -> tuple[str, ...]:
    """Those that were started most often: several where none was started more than another."""
    return tuple(name for name, count in found if count == found[0][1])
