"""`audition schema`: the form of a dataset or a suite, as JSON Schema for editors.

    audition schema dataset > schemas/dataset.schema.json

An editor that knows the YAML language server completes and checks a file that begins with

    # yaml-language-server: $schema=../schemas/dataset.schema.json
"""

from pathlib import Path

import click

from audition.parts import load_own
from audition.schemas import render_schema


@click.command()
@click.argument("kind", type=click.Choice(["dataset", "suite"]))
@click.option(
    "--check",
    "checks",
    multiple=True,
    type=click.Path(path_type=Path),
    help="A Python file with a check of your own that datasets may use as well.",
)
def schema(kind: str, checks: tuple[Path, ...]) -> None:
    """Print the JSON Schema of a dataset or a suite, for editors."""
    own = {path.stem: load_own(path) for path in checks}
    click.echo(render_schema(kind, own), nl=False)
