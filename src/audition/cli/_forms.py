"""`--format FORM[=FILE]`: several forms at once, each to standard output or to a file."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click


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
