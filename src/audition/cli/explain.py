"""`audition explain NAME`: the manual of a part, which is the docstring of its file."""

import click

from audition import parts
from audition.errors import InputError, Problem

SHELVES = {"checks": "check", "models": "model", "runtimes": "runtime"}


@click.command()
@click.argument("name", required=False)
def explain(name: str | None) -> None:
    """Print the manual of a check, a model or a runtime; without NAME, list them all."""
    if name is None:
        for shelf, noun in SHELVES.items():
            click.secho(f"{noun}s", bold=True)
            for part in parts.names(shelf):
                click.echo(f"  {part:<20} {parts.manual(shelf, part).splitlines()[0]}")
        return
    for shelf, noun in SHELVES.items():
        if name in parts.names(shelf):
            click.secho(f"{name} ({noun})\n", bold=True)
            click.echo(parts.manual(shelf, name))
            return
    known = tuple(part for shelf in SHELVES for part in parts.names(shelf))
    raise InputError([Problem(name, "no such part", parts.suggestion(name, known))])
