"""The JSON of a history, for programs: `{"folder": …, "lines": […], "skipped": […]}`.

Texts are kept whole and are escaped to ASCII. A rate over nothing, and a cost of which a part is
not known, are `null`.
"""

import json
from dataclasses import asdict
from typing import Any

from audition.history.nights import Night
from audition.history.since import SinceLast
from audition.history.trends import Trend
from audition.history.view import Drifted, History, LineView
from audition.report.history_words import news_of, unsafe
from audition.stats.cusum import NEEDED


def render_history_json(history: History) -> str:
    """The history as JSON text."""
    document = {
        "folder": str(history.folder),
        "lines": [_line(line) for line in history.lines],
        "skipped": [asdict(one) for one in history.skipped],
        "empty": list(history.empty),
    }
    return json.dumps(document, ensure_ascii=True, indent=2).replace("\x7f", "\\u007f") + "\n"


def _line(line: LineView) -> dict[str, Any]:
    return {
        "unsafe": list(unsafe(line)),
        **asdict(line.kin),
        "current": line.is_current,
        "headline": news_of(line).headline,
        "changed": not line.is_quiet if line.since else None,
        "since_last": _since(line.since) if line.since else None,
        "alarms": [_drifted(one) for one in line.drifted],
        "nights": [_night(night) for night in line.nights],
        "trends": [_trend(trend) for trend in line.trends],
        "changes": [asdict(change) for _, change in line.changes],
        "mixed": [{**asdict(one), "flaky": one.is_flaky} for one in line.mixed],
        "copies": list(line.copies),
    }


def _night(night: Night) -> dict[str, Any]:
    record = night.record
    return {
        "name": night.name,
        "started_at": night.runs[0].record.started_at,
        "runs": [run.path.name for run in night.runs],
        "passed": sum(trial.verdict == "pass" for trial in night.judged),
        "judged": len(night.judged),
        "copied": len(night.trials) - len(night.fresh),
        "faults": list(night.faults),
        "spent_usd": None if night.unpriced else night.spent_usd,
        "served": list(night.served),
        "setup_digest": record.setup_digest,
        "loop_version": record.loop_version,
        "audition_version": record.audition_version,
    }


def _since(since: SinceLast) -> dict[str, Any]:
    return {
        "before": since.before.name,
        "after": since.after.name,
        "like_for_like": since.is_like_for_like,
        "flips": [asdict(flip) for flip in since.flips],
        "new_cases": list(since.new_cases),
        "gone_cases": list(since.gone_cases),
        "new_faults": [{"reason": reason, "times": times} for reason, times in since.new_faults],
        "cost_factor": since.cost_factor,
        "differs": list(since.differs),
    }


def _trend(trend: Trend) -> dict[str, Any]:
    watch = trend.watch
    return {
        "subject": trend.subject,
        "name": trend.name,
        "points": [
            {"passed": point.passed, "of": point.of, "rate": point.rate} for point in trend.points
        ],
        "reference": watch.stretches[-1].mean if watch.learning is None else None,
        "nights_to_a_reference": 0 if watch.learning is None else NEEDED - watch.learning,
        "unused": sorted(watch.unused),
    }


def _drifted(one: Drifted) -> dict[str, Any]:
    return {
        "subject": one.trend.subject,
        "name": one.trend.name,
        "falls": one.alarm.falls,
        "at": one.at,
        "since": one.since,
        "was": one.alarm.was,
        "now": one.alarm.now,
        "repeated": one.is_repeated,
        "changes": [asdict(change) for change in one.changes],
    }
