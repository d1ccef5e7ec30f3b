"""What a summary says in words: the verdict in one sentence, and what to know before any number."""

from collections import Counter
from collections.abc import Sequence

from audition.record import RunRecord, Trial
from audition.score import Verdict
from audition.tally import CaseSummary, Rate

_NATURES = {
    "scripted": (
        "The model was scripted: these trials show that the harness and the checks work, and say "
        "nothing about how a real model behaves."
    ),
    "baseline": (
        "A lexical baseline chose the agents, by the words that a request shares with their "
        "descriptions: this is what word matching reaches, and says nothing about how a real model "
        "routes."
    ),
}
_UNDECIDED: dict[Verdict, str] = {
    "fault": "could not be judged because the infrastructure failed",
    "skip": "could not be judged because trials are missing or were skipped",
}


def headline(verdict: Verdict, rows: Sequence[CaseSummary]) -> str:
    """The verdict in one sentence, with the cases that it is about."""
    excused = sum(map(is_excused, rows))
    known = f"; {excused} failed as known" if excused else ""
    named = [row.case.id for row in rows if row.verdict == verdict and not is_excused(row)]
    share = f"{len(named)} of {_count(len(rows), 'case')}"
    if verdict == "pass" and not named:
        return f"Nothing new: {excused} of {_count(len(rows), 'case')} failed as known."
    if verdict == "pass":
        judged = _count(sum(row.judged for row in rows), "trial")
        return f"Passed: {share} passed ({sum(row.passed for row in rows)} of {judged}){known}."
    if verdict == "fail":
        return f"Failed: {share} failed ({_few(named)}){known}."
    if verdict == "skip" and not any(row.judged for row in rows):
        return "Not decided: no trial was judged."
    return f"Not decided: {share} {_UNDECIDED[verdict]} ({_few(named)}){known}."


def warnings(
    record: RunRecord, rows: Sequence[CaseSummary], trials: Sequence[Trial], silent: Rate | None
) -> tuple[str, ...]:
    """What a reader has to know before any number, most important first.

    Args:
        record: how the run was made.
        rows: its cases.
        trials: its trials.
        silent: the delegation rate, where a delegation was expected and there was none at all.
    """
    everything = [_NATURES.get(record.nature, ""), *_label_warnings(trials)]
    if silent is not None:
        everything.append(
            "No agent was started in any of the "
            f"{_count(silent.of, 'judged trial')} that expect a delegation, so there is "
            "no routing accuracy to give."
        )
    everything += [
        _loss_warning(record),
        *_gap_warnings(rows, trials),
        _copied_warning(rows),
        _served_warning(trials),
    ]
    return tuple(warning for warning in everything if warning)


def _label_warnings(trials: Sequence[Trial]) -> list[str]:
    """One sentence for each kind of label; what trials of one kind differ in is told of one."""
    kinds: dict[str, list[str]] = {}
    for trial in trials:
        own = {label.partition(": ")[0]: label for label in reversed(trial.labels)}
        for kind, label in own.items():
            kinds.setdefault(kind, []).append(label)
    return [
        f"Said of {len(labels)} of {_count(len(trials), 'trial')}"
        f'{", such as" if len(set(labels)) > 1 else ""}: "{labels[0]}"'
        for _, labels in sorted(kinds.items(), key=lambda item: (-len(item[1]), item[0]))
    ]


def _gap_warnings(rows: Sequence[CaseSummary], trials: Sequence[Trial]) -> list[str]:
    """What is missing from the rates, and from the cost."""
    played = _count(len(trials), "trial")
    faults, skips = sum(row.faults for row in rows), sum(row.skips for row in rows)
    missing = sum(row.missing for row in rows)
    unpriced = sum(trial.cost_usd is None for trial in trials)
    thrown = sum(len(trial.faults) for trial in trials)
    again = sum(bool(trial.faults) for trial in trials)
    times = _count(thrown, "play")
    gaps = (
        (faults, f"In {faults} of {played} the infrastructure failed: no rate counts them."),
        (thrown, f"{again} of {played} met faults and began anew: {times} thrown away."),
        (skips, f"{skips} of {played} could not be judged: no pass rate counts them."),
        (missing, f"Not played: {missing} of {_count(len(trials) + missing, 'planned trial')}."),
        (unpriced, f"The cost of {unpriced} of {played} is unknown, so no total is given."),
    )
    return [sentence for count, sentence in gaps if count]


def _loss_warning(record: RunRecord) -> str:
    lost = sum(finding.level == "not loaded" for finding in record.findings)
    if not lost:
        return ""
    verb = "does" if lost == 1 else "do"
    return f"{_count(lost, 'thing')} in the setup {verb} not load: see the findings, or the roster."


def _copied_warning(rows: Sequence[CaseSummary]) -> str:
    copied = sum(row.case.copied for row in rows)
    if not copied:
        return ""
    return (
        f"In {copied} of {_count(len(rows), 'case')} the request quotes a description word for "
        "word: the answer was in the prompt, so they are counted apart."
    )


def _served_warning(trials: Sequence[Trial]) -> str:
    counts = Counter(name for trial in trials for name in trial.served)
    named = [f"{name} ({_count(count, 'trial')})" for name, count in sorted(counts.items()) if name]
    return f"More than one model answered: {', '.join(named)}." if len(named) > 1 else ""


def is_excused(row: CaseSummary) -> bool:
    """Whether the case fails as it is known to."""
    return row.verdict == "fail" and bool(row.case.known)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _few(names: Sequence[str]) -> str:
    rest = len(names) - 3
    return ", ".join(names[:3]) + (f" and {rest} more" if rest > 0 else "")
