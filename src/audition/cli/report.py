"""`audition report`: the HTML page of a run."""

from pathlib import Path

import click

from audition.cli._output import write_page
from audition.runfile import load, page_path


@click.command()
@click.argument("run_file", metavar="RUN", type=click.Path(path_type=Path))
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Where to write the page.")
@click.option("--open", "opens", is_flag=True, help="Open the page in a browser.")
def report(run_file: Path, output: Path | None, opens: bool) -> None:
    """Write the HTML report of a run, one self-contained file."""
    page = output or page_path(run_file)
    write_page(load(run_file), page)
    click.echo(f"Report: {page}")
    if opens:
        click.launch(str(page.resolve()))
