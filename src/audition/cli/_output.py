"""What the commands share about writing to a terminal."""

import os
import sys
from pathlib import Path

from audition.runfile import Run


def coloured() -> bool:
    """Whether standard output should be coloured: on a terminal, unless `NO_COLOR` says no."""
    if os.environ.get("NO_COLOR"):
        return False
    return sys.stdout.isatty() or bool(os.environ.get("FORCE_COLOR"))


def write_page(run: Run, page: Path) -> None:
    """Write the HTML report, whole or not at all."""
    from audition.report.as_html import render_html

    draft = page.with_name(page.name + ".new")
    page.parent.mkdir(parents=True, exist_ok=True)
    draft.write_text(render_html(run), encoding="utf-8")
    draft.replace(page)
