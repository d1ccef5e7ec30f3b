"""`--format FORM[=FILE]`: several forms at once, each to standard output or to a file."""

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from audition.report.github import Annotation


@dataclass(frozen=True)
class Form:
    """A form that somebody asked for, and where it goes."""

    name: str
    file: Path | None = None

    def __str__(self) -> str:
        """As it is written on a command line."""
        return self.name if self.file is None else f"{self.name}={self.file}"


class FormOption(click.ParamType[Form]):
    """Reads `text`, or `junit=gate.xml`."""

    name = "form"

    def __init__(self, names: Sequence[str]) -> None:
        self._names = names

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:
        """How the option is written."""
        return f"[{'|'.join(self._names)}][=FILE]"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Form:
        """One form."""
        if isinstance(value, Form):
            return value
        name, has_file, file = str(value).partition("=")
        if name not in self._names or (has_file and not file):
            self.fail(
                f"{value!r} is none of {', '.join(self._names)}, with =FILE or without", param
            )
        return Form(name, Path(file) if file else None)


def say_on_github(
    annotations: "Iterable[Annotation]", summary: str, file: Path | None = None
) -> None:
    """Print annotations, and add a summary to that of the step, or to a file that is named.

    Other commands of the step write into it as well, so nothing there is replaced.
    """
    from audition.report.github import within_summary

    for annotation in annotations:
        click.echo(str(annotation))
    named = os.environ.get("GITHUB_STEP_SUMMARY")
    target = file or (Path(named) if named else None)
    if target is not None:
        with target.open("a", encoding="utf-8") as stream:
            stream.write(within_summary(summary, taken=stream.tell()))
