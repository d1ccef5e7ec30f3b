"""Audition's side of the comparison: plays suites, prints what the second of them cost.

    python play_audition.py WARMUP SUITE CONCURRENCY [--unsafe-no-sandbox] [--latency SECONDS]

Both suites are played in the same process, the first only so that everything is loaded. What is
measured is all that `audition run` does once the second suite has been read, up to the sealed run
file.
"""

import argparse
import asyncio
from datetime import UTC, datetime
from pathlib import Path

from usage import Meter

from audition.crew import Pace
from audition.job import Job, prepare
from audition.overrides import Overrides
from audition.performance import Audience, Part, perform
from audition.record import Trial
from audition.rehearsal import PERFECT


def main() -> None:
    """Play both, and make sure that every trial passed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("suites", nargs=2, type=Path)
    parser.add_argument("concurrency", type=int)
    parser.add_argument("--unsafe-no-sandbox", action="store_true")
    parser.add_argument("--latency", type=float, default=0.0)
    args = parser.parse_args()
    overrides = Overrides(
        model=f"{PERFECT},latency_s={args.latency}",
        concurrency=args.concurrency,
        unsafe_no_sandbox=args.unsafe_no_sandbox,
    )
    warmup, suite = args.suites
    _play(prepare(warmup, overrides, now=datetime.now(UTC)), warmup.parent)
    job = prepare(suite, overrides, now=datetime.now(UTC))
    meter = Meter()
    print(meter.read(_play(job, suite.parent)).to_json())


def _play(job: Job, folder: Path) -> int:
    """Everything up to the sealed run file; returns how many trials there were.

    Raises:
        RuntimeError: one of them did not pass, so that nobody knows what was measured.
    """
    failed: list[str] = []
    count = 0

    def heard(trial: Trial) -> None:
        nonlocal count
        count += 1
        if trial.verdict != "pass":
            failed.append(f"{trial.case}: {trial.verdict} {trial.scores} {trial.faults}")

    out = folder / "played" / f"{datetime.now(UTC).timestamp()}.run.db"
    pace = Pace(job.suite.concurrency)
    asyncio.run(perform([Part(job, out, Audience(heard=heard))], pace, fresh=True))
    if failed:
        raise RuntimeError(f"{len(failed)} of {count} trials did not pass: {failed[0]}")
    return count


if __name__ == "__main__":
    main()
