"""The options of every command that looks at two revisions."""

import shlex
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from audition.errors import InputError, Problem

if TYPE_CHECKING:
    from audition.overrides import Overrides
    from audition.revisions.arms import Inquiry

Command = Callable[..., Any]

SIDES = ("base", "head")
_SHOWING = ("form", "forms", "output")
"""Parameters that only say how something is shown, and where."""

_OPTIONS = (
    click.option("--base", help="What it was: a git revision, a folder, a run file, or none."),
    click.option("--head", help="What it is now, named likewise; the working tree by default."),
    click.option(
        "--suite-from",
        type=click.Choice(SIDES),
        default="base",
        show_default=True,
        help="Whose suite, datasets, workspaces and checks judge.",
    ),
    click.option(
        "--renamed", multiple=True, metavar="OLD=NEW", help="An agent has a new name; repeatable."
    ),
    click.option("--model", help="recorded, lexical, simulated[:field=value,…] or anthropic:ID."),
    click.option("--base-model", help="The model of base, where two models are compared."),
    click.option("--head-model", help="The model of head."),
    click.option("--base-url", help="A server that speaks the Messages API."),
    click.option("--trials", type=click.IntRange(1, 10_000), help="Trials of every case."),
    click.option(
        "--cases", multiple=True, metavar="GLOB", help="Only cases whose id fits; repeatable."
    ),
    click.option("--tag", multiple=True, help="Only cases with this tag; repeatable."),
)
_PLAYING = (
    click.option("--concurrency", type=click.IntRange(1, 1_000), help="Trials at once."),
    click.option(
        "--budget-usd",
        type=click.FloatRange(min=0, min_open=True),
        help="What all of it may cost together.",
    ),
    click.option(
        "--unsafe-no-sandbox",
        is_flag=True,
        help="Run commands that a model wrote on this machine, as you; every report says so.",
    ),
)


def sides(command: Command) -> Command:
    """Add the options that say what is compared; they arrive as keywords."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def playing(command: Command) -> Command:
    """Add the options that say how trials are played."""
    for option in reversed(_PLAYING):
        command = option(command)
    return command


def read_overrides(given: dict[str, Any]) -> "Overrides":
    """What the command line says over the suite."""
    from audition.dataset import CaseSelection
    from audition.overrides import Overrides

    return Overrides(
        model=given["model"],
        base_url=given["base_url"],
        trials=given["trials"],
        concurrency=given.get("concurrency"),
        budget_usd=given.get("budget_usd"),
        unsafe_no_sandbox=given.get("unsafe_no_sandbox", False),
        series=given.get("series", ""),
        selection=CaseSelection(given["cases"], given["tag"]),
    )


def read_sides(suite: Path, given: dict[str, Any]) -> "Inquiry":
    """What is compared.

    Raises:
        InputError: a side means nothing, or both are one and the same.
    """
    from audition.revisions import WorkingTree
    from audition.revisions.arms import Inquiry, Side
    from audition.revisions.renaming import read_renamed
    from audition.revisions.resolving import resolve

    beside = suite.absolute().parent
    models: dict[Side, str] = {}
    if given["base_model"]:
        models["base"] = given["base_model"]
    if given["head_model"]:
        models["head"] = given["head_model"]
    named = [given["base"], given["head"]]
    if named[0] is None and not models:
        what = "nothing says what head is compared with"
        do = "name a revision, a folder, a run file or none; two models take --base-model"
        raise InputError([Problem("--base", what, do)])
    base, head = (
        WorkingTree() if text is None else resolve(text, beside=beside, option=option)
        for text, option in zip(named, ("--base", "--head"), strict=True)
    )
    return Inquiry(suite, base, head, given["suite_from"], read_renamed(given["renamed"]), models)


def _is_default(context: click.Context, parameter: click.Parameter) -> bool:
    source = context.get_parameter_source(parameter.name or "")
    return source is click.core.ParameterSource.DEFAULT


def command_line(context: click.Context) -> str:
    """The command line that does this again, without what only says how it is shown."""
    words = ["audition", context.info_name or ""]
    for parameter in context.command.params:
        value = context.params.get(parameter.name or "")
        if isinstance(parameter, click.Argument):
            words += [str(value)] if value is not None else []
        elif parameter.name in _SHOWING:
            continue
        elif value not in (None, (), False) and not _is_default(context, parameter):
            option = parameter.opts[0]
            if value is True:
                words.append(option)
            else:
                values = value if isinstance(value, tuple) else (value,)
                words += [word for each in values for word in (option, str(each))]
    return shlex.join(words)
