"""`audition init`: from a folder of definitions to a suite that runs."""

import os
from pathlib import Path

import click

from audition.drafting import draft
from audition.setups.loader import load_setup


@click.command()
@click.argument("folder", default=".", type=click.Path(path_type=Path))
def init(folder: Path) -> None:
    """Draft a suite and a dataset from the definitions in FOLDER; nothing is overwritten."""
    from audition.schemas import render_schema

    setup = load_setup(folder)
    suite_path = folder / "evals" / "routing.yaml"
    drafted = draft(setup, Path(os.path.relpath(folder, suite_path.parent)).as_posix())
    files = {
        suite_path: drafted.suite,
        folder / "datasets" / "routing.yaml": drafted.dataset,
        folder / "schemas" / "suite.schema.json": render_schema("suite"),
        folder / "schemas" / "dataset.schema.json": render_schema("dataset"),
        folder / "reports" / ".gitignore": "*\n",
    }
    click.echo(f"Agents found: {len(setup.agents)}. Examples in them: {drafted.quoted}.")
    if not setup.agents:
        click.echo(f"Looked in {folder}/.claude/agents, {folder}/agents and {folder} itself.")
    for path, text in files.items():
        _write_new(path, text)
    lost = [finding for finding in setup.findings if finding.level == "not loaded"]
    if lost:
        click.echo(f"Not loaded: {len(lost)}. `audition roster {folder}` says why.")
    click.echo(f"\nNext:\n  audition run {suite_path}")


def _write_new(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with path.open("x", encoding="utf-8") as handle:
            handle.write(text)
    except FileExistsError:
        click.echo(f"  kept     {path} (it was there)")
    else:
        click.echo(f"  written  {path}")
