"""A page for a terminal of 80 columns.

Commands are never broken, so that they can be copied whole.
"""

from io import StringIO
from typing import TYPE_CHECKING

from audition.inert import inert
from audition.score import Verdict

if TYPE_CHECKING:
    from rich.text import Text

WIDTH = 80
VERDICT_STYLES: dict[Verdict, str] = {
    "pass": "bold green",
    "fail": "bold red",
    "skip": "bold",
    "fault": "bold yellow",
}
QUIET = "dim"


class Sheet:
    """The one place where text goes out: made inert, wrapped to the width, coloured if wanted."""

    def __init__(self, *, colour: bool) -> None:
        from rich.console import Console

        self._page = StringIO()
        self._console = Console(
            file=self._page,
            width=WIDTH,
            color_system="standard" if colour else None,
            force_terminal=colour,
            no_color=not colour,
            highlight=False,
            markup=False,
            emoji=False,
            legacy_windows=False,
            _environ={},
        )

    @property
    def text(self) -> str:
        """All of it."""
        return self._page.getvalue()

    def paragraph(self, words: str, *, indent: int = 0, hang: int = 0, style: str = "") -> None:
        """A text in lines of the width; `hang` indents those after the first further."""
        from rich.text import Text

        whole = Text(inert(words, keep_layout=True), style=style)
        margin = " " * indent
        for line in whole.wrap(self._console, WIDTH - indent - hang):
            self._write(Text(margin) + line)
            margin = " " * (indent + hang)

    def heading(self, words: str) -> None:
        """A title after an empty line."""
        self._page.write("\n")
        self.paragraph(words, style="bold")

    def gap(self) -> None:
        """An empty line."""
        self._page.write("\n")

    def command(self, words: str, *, indent: int = 0) -> None:
        """A command in one line, however long."""
        from rich.text import Text

        self._write(Text(" " * indent) + Text(inert(words), style="cyan"))

    def _write(self, line: "Text") -> None:
        line.rstrip()
        self._console.print(line, soft_wrap=True)
