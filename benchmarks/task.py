"""One piece of work in a process of its own, so that its CPU time and its memory are its own.

    python task.py play SUITE RUN MODEL CONCURRENCY   play a suite into a run file; no report
    python task.py stream RUN                         read every trial back with its events
    python task.py summarize RUN                      work out the summary
    python task.py render RUN PAGE                    write the HTML page
    python task.py compare RUN RUN                    compare two runs
    python task.py open PAGE CHROMIUM                 open the page in Chromium

Each prints one number, by which the caller sees that the work was really done: how many trials, and
for `open` the seconds until the page says that it is ready.
"""

import asyncio
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from audition.runfile import load

TABS = 7
# Runs before the page does and notes, on the page's own clock, when it says that it is ready.
WATCH = """
new MutationObserver(() => {
  if (document.documentElement?.dataset.ready !== undefined) window.readyAt ??= performance.now();
}).observe(document, {subtree: true, childList: true, attributes: true});
"""


def play(suite: str, out: str, model: str, concurrency: str) -> int:
    """Everything that `audition run` does up to the finished run file."""
    from audition.crew import Pace
    from audition.job import prepare
    from audition.overrides import Overrides
    from audition.performance import Audience, Part, perform

    overrides = Overrides(model=model, concurrency=int(concurrency))
    job = prepare(Path(suite), overrides, now=datetime.now(UTC))
    verdicts: list[str] = []
    audience = Audience(heard=lambda trial: verdicts.append(trial.verdict))
    asyncio.run(perform([Part(job, Path(out), audience)], Pace(job.suite.concurrency)))
    return sum(verdict in ("pass", "fail") for verdict in verdicts)


def stream(run: str) -> int:
    """Every trial with all its events."""
    return sum(trace[-1].kind == "end" for _, trace in load(Path(run)).traces())


def summarize(run: str) -> int:
    """Rates, intervals, confusion matrix, warnings."""
    from audition.summary import summarize as summary_of

    loaded = load(Path(run))
    summary = summary_of(loaded.record, loaded.cases, loaded.trials, loaded.planned)
    return summary.pass_rate.of


def render(run: str, page: str) -> int:
    """The page, written to disk."""
    from audition.report.as_html import render_html

    loaded = load(Path(run))
    Path(page).write_text(render_html(loaded), encoding="utf-8")
    return len(loaded.trials)


def compare(base: str, head: str) -> int:
    """Every case paired, every difference with its interval."""
    from audition.compare.pairing import compare as comparison_of

    comparison = comparison_of(load(Path(base)), load(Path(head)))
    return len(comparison.evidence)


def open_page(page: str, chromium: str) -> float:
    """The page from disk at 1440 pixels: the quickest of several tabs of one browser."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        ready_s = []
        for _ in range(TABS):
            with browser.new_page(viewport={"width": 1440, "height": 900}) as tab:
                tab.add_init_script(WATCH)
                tab.goto(Path(page).resolve().as_uri())
                tab.wait_for_function("window.readyAt !== undefined")
                ready_s.append(float(tab.evaluate("window.readyAt")) / 1000)
        browser.close()
    return min(ready_s)


TASKS: dict[str, Callable[..., float]] = {
    "play": play,
    "stream": stream,
    "summarize": summarize,
    "render": render,
    "compare": compare,
    "open": open_page,
}

if __name__ == "__main__":
    print(TASKS[sys.argv[1]](*sys.argv[2:]))
