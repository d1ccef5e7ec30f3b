"""What changed since the night before: verdicts that flipped, drift, faults, cost."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from audition.history.differing import is_break, new_cases, what_differs
from audition.history.mixed import Mixed
from audition.history.nights import Night
from audition.remarks import is_excused
from audition.score import Verdict
from audition.tally import CaseSummary

_NOTABLE = 1.25
"""From this factor on the cost of a trial is news."""
_WORST_FIRST: tuple[Verdict, ...] = ("fail", "fault", "skip", "pass")


@dataclass(frozen=True)
class Tried:
    """What a case or one of its checks came to on a night."""

    verdict: Verdict
    passed: int
    of: int


@dataclass(frozen=True)
class CheckFlip:
    """A check of a case that came to another verdict."""

    check: str
    before: Tried | None
    """None where it was not made, such as a limit that was not reached."""
    after: Tried
    reason: str
    """Why it did not pass, from the first trial in which it did not; empty where it passed."""


@dataclass(frozen=True)
class CaseFlip:
    """A case that came to another verdict, or some of whose checks did."""

    case: str
    before: Tried
    after: Tried
    checks: tuple[CheckFlip, ...]
    is_edited: bool = False
    """Its request or what it expects is another than before."""
    is_known: bool = False
    """It fails as it is known to."""
    mixed: Mixed | None = None
    """It had come out both ways before."""

    @property
    def is_whole(self) -> bool:
        """Whether the verdict of the case flipped, and not only that of a check."""
        return self.before.verdict != self.after.verdict


@dataclass(frozen=True)
class SinceLast:
    """The newest night of a line against the one before it."""

    before: Night
    after: Night
    flips: tuple[CaseFlip, ...]
    """Those that fail now first, then those that could not be judged, then those that pass."""
    new_cases: tuple[str, ...]
    gone_cases: tuple[str, ...]
    differs: tuple[str, ...]
    new_faults: tuple[tuple[str, int], ...]
    """Faults whose like the night before did not meet, with how often."""
    is_like_for_like: bool
    """False where another loop played, so that flips may come from that."""

    def flipped_to(self, verdict: Verdict) -> tuple[CaseFlip, ...]:
        """The cases whose verdict flipped to this one."""
        return tuple(f for f in self.flips if f.is_whole and f.after.verdict == verdict)

    @property
    def cost_factor(self) -> float | None:
        """What a fresh trial cost in dollars, over what it cost before; None where unknown."""
        before, after = _trial_usd(self.before), _trial_usd(self.after)
        return after / before if before and after is not None else None

    @property
    def is_cost_news(self) -> bool:
        """Whether trials became dearer or cheaper by a quarter or more."""
        factor = self.cost_factor
        return factor is not None and not 1 / _NOTABLE < factor < _NOTABLE

    @property
    def is_quiet(self) -> bool:
        """Whether nothing changed that somebody should look at."""
        return not (
            self.flips
            or self.new_cases
            or self.gone_cases
            or self.differs
            or self.new_faults
            or self.is_cost_news
        )


def since_last(before: Night, after: Night, mixed: Iterable[Mixed] = ()) -> SinceLast:
    """What changed from one night to another; `mixed` are cases that came out both ways so far."""
    both_ways = {one.case: one for one in mixed}
    both = [name for name in after.cases if name in before.cases]
    flips = [_flip(before, after, name, both_ways.get(name)) for name in both]
    changed = [flip for flip in flips if flip.is_whole or flip.checks]
    return SinceLast(
        before=before,
        after=after,
        flips=tuple(sorted(changed, key=_worst_first)),
        new_cases=new_cases(before, after),
        gone_cases=new_cases(after, before),
        differs=what_differs(before, after),
        new_faults=_new_faults(before.faults, after.faults),
        is_like_for_like=not is_break(before, after),
    )


def _worst_first(flip: CaseFlip) -> tuple[bool, bool, int, bool]:
    """What flips every other night is the least news among its like."""
    severity = _WORST_FIRST.index(flip.after.verdict)
    return not flip.is_whole, flip.is_known, severity, flip.mixed is not None


def _flip(before: Night, after: Night, case: str, mixed: Mixed | None) -> CaseFlip:
    old, new = before.summaries[case], after.summaries[case]
    return CaseFlip(
        case=case,
        before=_tried(old),
        after=_tried(new),
        checks=_check_flips(_checks(before, case), _checks(after, case)),
        is_edited=before.identities[case] != after.identities[case],
        is_known=is_excused(new),
        mixed=mixed,
    )


def _tried(row: CaseSummary) -> Tried:
    return Tried(row.verdict, row.passed, row.judged)


@dataclass
class _Checked:
    verdicts: Counter[Verdict]
    reason: str = ""
    """Of the first trial in which it failed."""

    @property
    def tried(self) -> Tried:
        verdict = next(one for one in _WORST_FIRST if self.verdicts[one])
        of = self.verdicts["pass"] + self.verdicts["fail"]
        return Tried(verdict, self.verdicts["pass"], of)


def _checks(night: Night, case: str) -> dict[str, _Checked]:
    """What each check of a case came to; a trial that met a fault says nothing of them."""
    found: dict[str, _Checked] = {}
    for trial in night.trials:
        if trial.case != case or trial.verdict == "fault":
            continue
        for score in trial.scores:
            one = found.setdefault(score.check, _Checked(Counter()))
            one.verdicts[score.verdict] += 1
            if score.verdict == "fail" and not one.reason:
                one.reason = score.reason
    return found


def _check_flips(
    before: Mapping[str, _Checked], after: Mapping[str, _Checked]
) -> tuple[CheckFlip, ...]:
    """Checks that passed and fail now, or the other way; a skip says nothing either way.

    One that is there now alone is news where it fails: a limit is a check once it is reached.
    """
    flips = []
    for name, checked in after.items():
        now, then = checked.tried, before[name].tried if name in before else None
        was = then.verdict if then else "pass"
        if {was, now.verdict} == {"pass", "fail"} and (then or before):
            reason = checked.reason if now.verdict == "fail" else ""
            flips.append(CheckFlip(name, then, now, reason))
    return tuple(sorted(flips, key=lambda flip: _WORST_FIRST.index(flip.after.verdict)))


def _new_faults(before: Sequence[str], after: Sequence[str]) -> tuple[tuple[str, int], ...]:
    known = {_kind(reason) for reason in before}
    counts = Counter(reason for reason in after if _kind(reason) not in known)
    return tuple(counts.most_common())


def _kind(reason: str) -> str:
    """A fault without its numbers, which are another every time."""
    return "".join(letter for letter in reason if not letter.isdigit())


def _trial_usd(night: Night) -> float | None:
    costs = [trial.cost_usd for trial in night.fresh]
    known = [cost for cost in costs if cost is not None]
    return sum(known) / len(known) if known and len(known) == len(costs) else None
