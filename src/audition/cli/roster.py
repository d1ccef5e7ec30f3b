"""`audition roster DIR`: the agents of a setup as they would be loaded, and what would be lost."""

import json
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from audition.allowed import with_tool_findings
from audition.cli._output import say
from audition.inert import inert
from audition.setups.loader import load_setup
from audition.setups.setup import Agent, Finding, Setup

_SHOWN_EXAMPLES = 3


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True
)
@click.option("--strict", is_flag=True, help="Exit with 1 if anything in DIR is not loaded.")
def roster(folder: Path, form: str, strict: bool) -> None:
    """Show the agents of DIR as Claude Code would load them, and every loss on the way."""
    setup = with_tool_findings(load_setup(folder))
    if form == "json":
        click.echo(json.dumps(_as_json(setup), indent=2))
    else:
        say("\n".join(_lines(setup)))
    if strict and _lost(setup):
        raise click.exceptions.Exit(1)


def _as_json(setup: Setup) -> dict[str, Any]:
    return {
        "agents": [
            {
                "name": agent.name,
                "description": agent.description,
                "model": agent.model,
                "tools": None if agent.tools is None else list(agent.tools),
                "examples": [{"request": e.request, "agent": e.agent} for e in agent.examples],
                "path": agent.path,
            }
            for agent in setup.agents
        ],
        "not_loaded": [{"path": f.path, "line": f.line, "why": f.what} for f in _lost(setup)],
        "findings": [
            {"path": f.path, "line": f.line, "level": f.level, "what": f.what, "do": f.do}
            for f in setup.findings
        ],
    }


def _lines(setup: Setup) -> Iterator[str]:
    count = len(setup.agents)
    yield f"{inert(setup.label)}: {count} agent{'' if count == 1 else 's'}"
    for agent in setup.agents:
        yield ""
        yield from _agent_lines(agent)
    yield ""
    yield f"built in: {', '.join(agent.name for agent in setup.builtins) or 'none'}"
    if setup.instructions:
        yield f"instructions: {', '.join(inert(text.path) for text in setup.instructions)}"
    for level in ("not loaded", "altered", "not modelled", "note"):
        findings = [finding for finding in setup.findings if finding.level == level]
        if findings:
            yield ""
            yield f"{level} ({len(findings)})"
            yield from (_finding_line(finding) for finding in findings)


def _agent_lines(agent: Agent) -> Iterator[str]:
    yield f"{inert(agent.name)}  ({inert(agent.path)})"
    yield f"  {inert(_shortened(agent.description))}"
    yield f"  model {inert(agent.model or 'inherit')}; tools {inert(agent.listed_tools)}"
    if agent.examples:
        yield f"  examples ({len(agent.examples)})"
    for example in agent.examples[:_SHOWN_EXAMPLES]:
        to = "" if example.agent == agent.name else f" → {example.agent}"
        yield f"    {inert(_shortened(example.request) + to)}"
    if len(agent.examples) > _SHOWN_EXAMPLES:
        yield "    …"


def _finding_line(finding: Finding) -> str:
    return inert(f"  {finding.path}:{finding.line}: {finding.what}; {finding.do}")


def _shortened(text: str) -> str:
    return textwrap.shorten(text, 90, placeholder=" …")


def _lost(setup: Setup) -> list[Finding]:
    return [finding for finding in setup.findings if finding.level == "not loaded"]
