"""Loading a setup from a folder, or from parts that lie in different places."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from audition.errors import InputError, Problem
from audition.setups.builtins import BUILTINS
from audition.setups.definition import read_definition
from audition.setups.examples import finder, read_examples
from audition.setups.instructions import PROJECT, read_instructions
from audition.setups.settings import PATH, denied_agents, merged_settings, read_settings
from audition.setups.setup import Agent, Finding, Instruction, Setup
from audition.setups.tree import FolderTree, Tree

AGENT_FOLDERS = (".claude/agents", "agents")
HOME = "~/"
_NOT_READ = {
    ".claude/settings.local.json": "holds personal settings, which are left out",
    ".claude/skills": "holds skills, which a trial does not offer",
    ".claude/commands": "holds commands, which a trial does not offer",
    ".mcp.json": "names MCP servers, which a trial does not start",
}


@dataclass(frozen=True)
class SetupSpec:
    """A setup whose parts lie in different places; a part that is not named is empty."""

    agents: Path | None = None
    """A folder of definitions."""
    instructions: Path | None = None
    """A file that takes the place of `CLAUDE.md`; its folder is the project for its imports."""
    settings: Path | None = None
    """A JSON file."""
    home: Path | None = None
    """A folder laid under the setup, as the user's own: what it holds has the lower precedence."""


@dataclass(frozen=True)
class Located:
    """A part of a setup: the tree that it is read from, and its name there."""

    tree: Tree
    name: str


@dataclass(frozen=True)
class LocatedParts:
    """The parts of a setup, each where it is read from; a part that is None is empty."""

    agents: Located | None = None
    instructions: Located | None = None
    settings: Located | None = None
    home: Tree | None = None


@dataclass(frozen=True)
class _Part:
    """What was read in one place."""

    agents: tuple[Agent, ...] = ()
    instructions: tuple[Instruction, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()


def load_setup(source: Path | SetupSpec, *, label: str | None = None) -> Setup:
    """Read a setup as Claude Code would; what is lost on the way is in its findings.

    Args:
        source: A folder, or the places of the parts.
        label: How to call the setup; by default as the user named its place.

    Raises:
        InputError: a named folder or file is not there.
    """
    if isinstance(source, Path):
        return load_tree(FolderTree(source), label=label)
    agents, texts, settings = source.agents, source.instructions, source.settings
    parts = LocatedParts(
        agents=locate(agents, is_folder=True) if agents is not None else None,
        instructions=locate(texts, is_folder=False) if texts is not None else None,
        settings=locate(settings, is_folder=False) if settings is not None else None,
        home=FolderTree(source.home) if source.home is not None else None,
    )
    places = (agents, texts, settings, source.home)
    named = ", ".join(str(place) for place in places if place is not None)
    return load_parts(parts, label=label or named)


def load_parts(parts: LocatedParts, *, label: str) -> Setup:
    """Read a setup whose parts lie in different places, each from its own tree.

    Args:
        parts: Where the parts are.
        label: How to call the setup.
    """
    read = []
    if parts.agents is not None:
        read.append(_read_agents(parts.agents.tree, parts.agents.name))
    if parts.instructions is not None:
        read.append(_read_texts(parts.instructions.tree, (parts.instructions.name,)))
    if parts.settings is not None:
        read.append(_read_settings(parts.settings.tree, parts.settings.name))
    home = _read_home(parts.home) if parts.home is not None else _Part()
    return _assembled(label, _joined(read), home)


def load_tree(tree: Tree, *, home: Tree | None = None, label: str | None = None) -> Setup:
    """Read a setup from the files of a tree.

    Args:
        tree: A folder or a revision.
        home: The user's own files, of lower precedence.
        label: How to call the setup; by default as its tree is called.
    """
    parts = (
        _read_project_agents(tree),
        _read_texts(tree, PROJECT),
        _read_settings(tree, PATH),
        _Part(findings=tuple(_not_read(tree))),
    )
    return _assembled(label or tree.label, _joined(parts), _read_home(home) if home else _Part())


def locate(path: Path, *, is_folder: bool) -> Located:
    """The tree in which a named part lies, and its name there."""
    kind = "folder" if is_folder else "file"
    try:
        place = path.resolve()
        is_there = place.is_dir() if is_folder else place.is_file()
    except (OSError, RuntimeError, ValueError):
        is_there = False
    if not is_there:
        raise InputError([Problem(str(path), f"is no {kind}", f"name a {kind} that exists")])
    return Located(FolderTree(place.parent, definitions=(place.name,)), place.name)


def _read_project_agents(tree: Tree) -> _Part:
    for folder in AGENT_FOLDERS:
        part = _read_agents(tree, folder)
        if part.agents or part.findings:
            return part
    part = _read_agents(tree, "")
    if part.agents or part.findings:
        return part
    what = f"holds no agents: none in {' or '.join(AGENT_FOLDERS)}, and none lies beside CLAUDE.md"
    return _Part(findings=(Finding(".", 1, what, "nothing, if that is meant"),))


def _read_agents(tree: Tree, folder: str, prefix: str = "") -> _Part:
    """The definitions of a folder; at the top of the tree, other Markdown files are no loss."""
    by_name: dict[str, Agent] = {}
    findings = list(tree.findings(folder)) if folder else []
    for path in tree.files(folder, deep=bool(folder)):
        if not path.endswith(".md") or path in (*PROJECT, "CLAUDE.local.md"):
            continue
        try:
            reading = read_definition(path, tree.read(path))
        except OSError as error:
            what = f"cannot be read: it {error.strerror}"
            findings.append(Finding(path, 1, what, "mend the file", "not loaded"))
            continue
        if folder or reading.has_front_matter:
            findings += reading.findings
        if reading.agent is not None:
            loser = by_name.get(reading.agent.name)
            findings += _duplicates(loser, reading.agent) if loser else ()
            by_name[reading.agent.name] = reading.agent
    return _Part(
        agents=tuple(replace(agent, path=prefix + agent.path) for agent in by_name.values()),
        findings=tuple(replace(finding, path=prefix + finding.path) for finding in findings),
    )


def _duplicates(loser: Agent, winner: Agent) -> tuple[Finding, Finding]:
    do = "rename one of the two"
    what = f"has the name `{loser.name}`, which {winner.path} has as well, and that one counts"
    lost = Finding(loser.path, loser.line, what, do, "not loaded")
    what = f"has the name `{winner.name}`, which {loser.path} has as well; this one counts"
    return lost, Finding(winner.path, winner.line, what, do)


def _read_texts(tree: Tree, paths: tuple[str, ...], prefix: str = "") -> _Part:
    instructions, findings = read_instructions(tree, paths, prefix=prefix)
    return _Part(instructions=instructions, findings=findings)


def _read_settings(tree: Tree, path: str, prefix: str = "") -> _Part:
    findings = tree.findings(path)
    if not tree.files(path):
        return _Part(findings=findings)
    try:
        data = tree.read(path)
    except OSError as error:
        what = f"cannot be read: it {error.strerror}"
        return _Part(findings=(*findings, Finding(path, 1, what, "mend the file", "not loaded")))
    settings, found = read_settings(prefix + path, data)
    return _Part(settings=settings, findings=(*findings, *found))


def _read_home(tree: Tree) -> _Part:
    own = ".claude/CLAUDE.md"
    texts = own if tree.files(own) else "CLAUDE.md"
    return _joined(
        (
            _read_agents(tree, AGENT_FOLDERS[0], HOME),
            _read_texts(tree, (texts,), HOME),
            _read_settings(tree, PATH, HOME),
        )
    )


def _not_read(tree: Tree) -> Iterator[Finding]:
    for path, what in _NOT_READ.items():
        if tree.files(path):
            yield Finding(path, 1, what, "read results with that in mind", "not modelled")


def _joined(parts: Iterable[_Part]) -> _Part:
    parts = tuple(parts)
    return _Part(
        agents=tuple(agent for part in parts for agent in part.agents),
        instructions=tuple(text for part in parts for text in part.instructions),
        settings=next((part.settings for part in parts if part.settings), {}),
        findings=tuple(finding for part in parts for finding in part.findings),
    )


def _assembled(label: str, project: _Part, home: _Part) -> Setup:
    """One setup of the project's part over the home's; denied agents go, examples are read."""
    settings = merged_settings(home.settings, project.settings)
    denied = denied_agents(settings)
    findings = [*home.findings, *project.findings]
    by_name = {agent.name: agent for agent in home.agents}
    for agent in project.agents:
        if agent.name in by_name:
            what = f"gives way to {agent.path}, the project's agent of the same name"
            do = "nothing, if that is meant"
            findings.append(Finding(by_name[agent.name].path, 1, what, do))
        by_name[agent.name] = agent
    for name in sorted(denied & set(by_name)):
        gone = by_name.pop(name)
        what = f"is denied by the settings (`Agent({name})`), so it is not on offer"
        findings.append(Finding(gone.path, 1, what, "delete the denial", "not loaded"))
    builtins = tuple(agent for agent in BUILTINS if agent.name not in denied)
    for agent in builtins:
        if agent.name in by_name:
            what, do = "takes the place of a built-in agent", "nothing, if that is meant"
            findings.append(Finding(by_name[agent.name].path, 1, what, do))
    named = finder({*by_name, *(agent.name for agent in builtins)})
    agents = (
        replace(agent, examples=read_examples(agent.description, name, named))
        for name, agent in sorted(by_name.items())
    )
    return Setup(
        label=label,
        agents=tuple(agents),
        builtins=tuple(sorted(builtins, key=lambda agent: agent.name)),
        instructions=(*home.instructions, *project.instructions),
        settings=settings,
        findings=tuple(sorted(set(findings), key=lambda f: (f.path, f.line, f.level, f.what))),
    )
