"""What a history says in words: the news of a line, and its standing figures, for every format.

The news are what a person reads in the morning, the worst first. Texts are as the run files have
them: each renderer makes them harmless in its own one place.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from audition.history.nights import Kin, Night
from audition.history.since import CaseFlip, SinceLast, Tried
from audition.history.trends import MAIN, Point, Trend
from audition.history.view import Change, Drifted, History, LineView
from audition.report.figures import count, counted, dollars, moment, percent
from audition.report.view import STAMPS, Fact, unsafe_notes
from audition.score import Verdict
from audition.stats.cusum import NEEDED

_FLIPS_LISTED = 20
_FAULTS_LISTED = 5
_LONGEST_REASON = 200


@dataclass(frozen=True)
class Item:
    """One piece of news."""

    tone: Verdict
    text: str
    details: tuple[str, ...] = ()
    case: str = ""
    """The case that it is about, where it is about one."""


@dataclass(frozen=True)
class News:
    """What is new on the newest night of a line."""

    tone: Verdict
    headline: str
    items: tuple[Item, ...]
    facts: tuple[Fact, ...]
    """What stands beside it, changed or not: trials that passed, cost, faults, the watch."""


def title(kin: Kin) -> str:
    """What a line is called."""
    place = f" at {kin.base_url}" if kin.base_url else ""
    runtime = "" if kin.runtime == "messages" else f" by {kin.runtime}"
    return f"{kin.suite} · {kin.model}{place}{runtime}"


def stamp(kin: Kin) -> str:
    """`SCRIPTED` or `BASELINE`; empty for a real model."""
    return STAMPS.get(kin.nature, "")


def night_name(name: str) -> str:
    """A series as it is named, the time of a run as people read it."""
    return moment(name)


def unsafe(line: LineView) -> tuple[str, ...]:
    """What comes before everything else: nothing kept the commands of the agents in."""
    notes = [note for night in line.nights for note in unsafe_notes(night.record)]
    return tuple(dict.fromkeys(notes))


def overall(history: History) -> News:
    """The news of all lines in one sentence."""
    news = [(line, news_of(line)) for line in history.current]
    loud = [(line, one) for line, one in news if not line.is_quiet and line.since]
    fresh = sum(line.since is None for line in history.current)
    if not loud:
        words = "Nothing changed." if fresh < len(news) else "Nothing to compare yet."
        tone: Verdict = "pass" if fresh < len(news) else "skip"
        return News(tone, words, (), ())
    worst = min((one.tone for _, one in loud), key=("fail", "fault", "skip", "pass").index)
    named = ", ".join(title(line.kin) for line, _ in loud[:3])
    more = f" and {len(loud) - 3} more" if len(loud) > 3 else ""
    if len(news) == 1:
        return News(worst, loud[0][1].headline, (), ())
    return News(worst, f"Something changed in {len(loud)} of {len(news)}: {named}{more}.", (), ())


def news_of(line: LineView) -> News:
    """The news of a line: what changed on its newest night."""
    night, since = line.nights[-1], line.since
    facts = tuple(_facts(line))
    if not line.is_current:
        return News("skip", f"Not played since {night_name(night.name)}.", (), facts)
    if since is None:
        words = f"The first night, {night_name(night.name)}: nothing to compare it with yet."
        return News("skip", words, (), facts)
    before = night_name(since.before.name)
    items = tuple(_items(line, since))
    if not items:
        return News("pass", f"Nothing changed since {before}.", (), facts)
    tones = [item.tone for item in items]
    tone: Verdict = next((t for t in ("fail", "fault", "skip") if t in tones), "pass")
    return News(tone, f"Since {before}: {_headline(line, since)}.", items, facts)


def _headline(line: LineView, since: SinceLast) -> str:
    broke = [flip for flip in since.flipped_to("fail") if not flip.is_known]
    open_now = [*since.flipped_to("fault"), *since.flipped_to("skip")]
    checks = sum(not flip.is_whole for flip in since.flips)
    mended = since.flipped_to("pass")
    words = [
        f"{_cases(len(broke))} broke" if broke else "",
        f"{_cases(len(open_now))} could not be judged" if open_now else "",
        _drift_words(line.drifted_last),
        f"{_cases(len(mended))} passed again" if mended else "",
        f"{counted(checks, 'case')} with checks that flipped" if checks else "",
        counted(sum(times for _, times in since.new_faults), "new fault")
        if since.new_faults
        else "",
        f"{_cases(len(since.new_cases))} new" if since.new_cases else "",
        f"{_cases(len(since.gone_cases))} gone" if since.gone_cases else "",
        "no case flipped" if not since.flips else "",
    ]
    return ", ".join(word for word in words if word)


def _drift_words(drifted: Sequence[Drifted]) -> str:
    if not drifted:
        return ""
    first = f"{trend_name(drifted[0].trend)} {_moved(drifted[0])}"
    more = len(drifted) - 1
    return f"{first} with {counted(more, 'other trend')}" if more else first


def _moved(drifted: Drifted) -> str:
    if drifted.is_repeated:
        return f"is still {'down' if drifted.alarm.falls else 'up'}"
    return f"has {'fallen' if drifted.alarm.falls else 'risen'}"


def _cases(number: int) -> str:
    return counted(number, "case")


def _items(line: LineView, since: SinceLast) -> Iterator[Item]:
    if not since.is_like_for_like:
        yield Item("fault", "Not like for like: another loop played this night than the one before")
    shown = since.flips[:_FLIPS_LISTED]
    yield from (_flip_item(flip) for flip in shown if flip.after.verdict != "pass")
    yield from (drift_item(drifted) for drifted in line.drifted_last)
    yield from (_flip_item(f) for f in shown if f.after.verdict == "pass" and not f.is_whole)
    mended = [f"{flip.case} ({_share(flip)})" for flip in since.flipped_to("pass")]
    if mended:
        yield Item("pass", f"Passed again: {_some(mended)}")
    more = sum(not (f.is_whole and f.after.verdict == "pass") for f in since.flips[len(shown) :])
    if more:
        yield Item("skip", f"{counted(more, 'more case')} flipped")
    yield from _fault_items(since)
    yield from _case_items(since)
    if since.is_cost_news and since.cost_factor is not None:
        change = percent(abs(since.cost_factor - 1))
        words = "dearer" if since.cost_factor > 1 else "cheaper"
        yield Item("skip", f"A trial is {change} {words} than the night before")
    if since.differs:
        yield Item("skip", "Also different from the night before", since.differs)


def _flip_item(flip: CaseFlip) -> Item:
    text = f"{flip.case}: {tried(flip.before)} → {tried(flip.after)}"
    if not flip.is_whole:
        text = f"{flip.case}: still {tried(flip.after)}, but checks flipped"
    return Item(flip.after.verdict, text, tuple(_flip_details(flip)), flip.case)


def _flip_details(flip: CaseFlip) -> Iterator[str]:
    for check in flip.checks:
        before = tried(check.before) if check.before else "not there"
        reason = _cut(check.reason)
        if (check.before, check.after) == (flip.before, flip.after):  # the case says it already
            if reason:
                yield f"{check.check}: {reason}"
        else:
            found = f" ({reason})" if reason else ""
            yield f"{check.check}: {before} → {tried(check.after)}{found}"
    if flip.is_edited:
        yield "the case itself was edited in between"
    if flip.is_known:
        yield "it fails as it is known to"
    if flip.mixed is not None:
        yield f"both ways before: {flip.mixed.passed} of {flip.mixed.of} trials passed"


def drift_item(drifted: Drifted) -> Item:
    """An alarm in a sentence, with what changed about when it began."""
    alarm = drifted.alarm
    text = (
        f"Drift: {trend_name(drifted.trend)} {_moved(drifted)}: {percent(alarm.now)} since about "
        f"{night_name(drifted.since)}, {percent(alarm.was)} before"
    )
    changes = [_change_words(change) for change in drifted.changes]
    if not changes:
        changes = ["nothing that a run file records changed about then"]
        if drifted.last_change is not None:
            changes.append(f"the last change before: {_change_words(drifted.last_change)}")
    return Item("fail" if alarm.falls else "pass", text, tuple(changes))


def _change_words(change: Change) -> str:
    return f"{night_name(change.night)}: {'; '.join(change.what)}"


def trend_name(trend: Trend) -> str:
    """What a trend is about."""
    if trend.subject == "suite":
        return "the suite"
    return f"agent {trend.name}" if trend.subject == "agent" and trend.name != MAIN else trend.name


def _fault_items(since: SinceLast) -> Iterator[Item]:
    if since.new_faults:
        details = [
            f"{_cut(reason)}{f' ({times} times)' if times > 1 else ''}"
            for reason, times in since.new_faults[:_FAULTS_LISTED]
        ]
        more = len(since.new_faults) - _FAULTS_LISTED
        details += [f"and {more} others"] if more > 0 else []
        yield Item("fault", "Faults that the night before did not meet", tuple(details))


def _case_items(since: SinceLast) -> Iterator[Item]:
    for words, names in (("New", since.new_cases), ("Gone", since.gone_cases)):
        if names:
            yield Item("skip", f"{words}: {_some(names)}")


def _some(names: Sequence[str]) -> str:
    more = len(names) - _FLIPS_LISTED
    return ", ".join(names[:_FLIPS_LISTED]) + (f" and {more} more" if more > 0 else "")


def _share(flip: CaseFlip) -> str:
    return f"{flip.before.passed}/{flip.before.of} → {flip.after.passed}/{flip.after.of}"


def _facts(line: LineView) -> Iterator[Fact]:
    night = line.nights[-1]
    before = None if line.before is None else line.nights[line.before]
    points = line.suite.points
    earlier = "" if line.before is None else point_words(points[line.before])
    yield Fact("Trials passed", _beside(point_words(points[-1]), earlier))
    verdicts = [row.verdict for row in night.summaries.values()]
    failing = f"{count(verdicts.count('fail'))} of {_cases(len(verdicts))}"
    yield Fact("Cases that fail", failing)
    yield Fact("Paid", _beside(paid(night), paid(before) if before else ""))
    met = [count(len(one.faults)) if one else "" for one in (night, before)]
    yield Fact("Faults", _beside(*met))
    yield Fact("Drift", watch_words(line, line.suite))


def _beside(now: str, before: str) -> str:
    return f"{now}, the night before {before}" if before else now


def point_words(point: Point) -> str:
    """`55 of 60 (92%)`."""
    if point.rate is None:
        return "none was judged"
    return f"{count(point.passed)} of {count(point.of)} ({percent(point.rate)})"


def paid(night: Night) -> str:
    """What a night cost; what is not known is not left out."""
    unknown = f"{counted(night.unpriced, 'play')} of unknown cost" if night.unpriced else ""
    if unknown and not night.spent_usd:
        return unknown
    return f"{dollars(night.spent_usd)} and {unknown}" if unknown else dollars(night.spent_usd)


def watch_words(line: LineView, trend: Trend) -> str:
    """How far watching a trend has come, and what it has found."""
    watch = trend.watch
    if watch.learning is not None:
        return f"not watched yet: {watch.learning} of {NEEDED} nights"
    last = line.last_alarm(trend)
    reference = percent(watch.stretches[-1].mean)
    if last is not None:
        moved = "fallen" if last.alarm.falls else "risen"
        return f"{moved} from {reference} (alarm {night_name(last.at)})"
    if len(trend.points) - 1 in watch.unused:
        return "this night had too few cases to say"
    return f"none; the reference is {reference}"


def tried(one: Tried) -> str:
    """`fail 1/3`; without a count where nothing was judged."""
    return f"{one.verdict} {one.passed}/{one.of}" if one.of else one.verdict


def _cut(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST_REASON else f"{line[:_LONGEST_REASON]}…"
