"""The setup of a suite at a revision: the same relative paths, read there.

A part that a revision lacks is empty there, and a part that lies outside the repository is the same
at all of its revisions; findings say both.
"""

import posixpath
from dataclasses import replace
from pathlib import Path
from typing import Any

from audition.errors import InputError, Problem
from audition.git_objects import top_of
from audition.revisions import Folder, GitRevision, NoAgents, Revision, RunFile, WorkingTree
from audition.setups.git_tree import GitTree
from audition.setups.loader import (
    Located,
    LocatedParts,
    SetupSpec,
    load_parts,
    load_setup,
    load_tree,
    locate,
)
from audition.setups.setup import Finding, Setup
from audition.setups.tree import FolderTree

_FOLDERS = ("agents", "home")


def load_setup_at(revision: Revision, place: Path | SetupSpec, *, beside: Path) -> Setup:
    """The setup that a suite names, at a revision.

    Args:
        revision: Where to read it.
        place: What the suite names, in absolute paths: a folder, or the places of its parts.
        beside: The folder of the suite.

    Raises:
        InputError: the revision has no such setup, or it cannot be read.
    """
    match revision:
        case WorkingTree():
            return load_setup(place, label=revision.label)
        case Folder():
            return _in_folder(revision, place, beside)
        case GitRevision():
            return _at_commit(revision, place)
        case NoAgents():
            return without_agents(load_setup(place))
        case RunFile():
            what = "holds results, and no definitions that could be played again"
            do = "name the revision that it was made of"
            raise InputError([Problem(revision.label, what, do)])


def without_agents(setup: Setup) -> Setup:
    """The setup with the built-in agents alone: instructions and settings stay."""
    return replace(setup, agents=(), label=NoAgents().label)


def path_within(top: Path, path: Path) -> str | None:
    """The path from the top of a repository, as it is written there; None outside of it.

    Links on the way to the top are followed, those below it are not: a revision has its own.
    """
    for above in (path, *path.parents):
        if above.resolve() == top:
            return posixpath.normpath(path.relative_to(above).as_posix())
    return None


def _in_folder(revision: Folder, place: Path | SetupSpec, beside: Path) -> Setup:
    """A folder with a repository in it is read where the suite's own has the setup."""
    if not (revision.path / ".git").exists():
        return load_setup(revision.path)
    top = top_of(beside)
    if top is None:
        return load_setup(revision.path)

    def there(path: Path) -> Path:
        inside = path_within(top, path)
        return path if inside is None else revision.path / inside

    if isinstance(place, Path):
        return load_setup(there(place))
    parts = {name: there(path) for name, path in vars(place).items() if path is not None}
    return load_setup(SetupSpec(**parts), label=revision.label)


def _at_commit(revision: GitRevision, place: Path | SetupSpec) -> Setup:
    top = revision.objects.repository
    if isinstance(place, Path):
        inside = path_within(top, place)
        if inside is None:
            what = f"is a revision of {top}, and the setup {place} lies outside of it"
            raise InputError([Problem(revision.label, what, "name two folders")])
        return load_tree(_tree(revision, inside), label=revision.label)
    parts, findings = _parts(revision, place)
    if findings and parts == LocatedParts():
        do = "name a revision that has it, or `none`"
        raise InputError([Problem(revision.label, "has no part of the setup", do)])
    setup = load_parts(parts, label=revision.label)
    return replace(setup, findings=(*setup.findings, *findings))


def _parts(revision: GitRevision, spec: SetupSpec) -> tuple[LocatedParts, list[Finding]]:
    """The parts as the revision has them, and what is to be said of those that it lacks."""
    places: dict[str, Any] = {}
    findings = []
    for name, path in vars(spec).items():
        if path is None:
            continue
        inside = path_within(revision.objects.repository, path)
        if inside is None:
            is_home = name == "home"
            places[name] = FolderTree(path) if is_home else locate(path, is_folder=name in _FOLDERS)
            what = "lies outside of the repository, so it is the same at every revision"
            findings.append(Finding(str(path), 1, what, "nothing, if that is meant"))
        elif (found := _part(revision, name, inside)) is not None:
            places[name] = found
        else:
            what = f"is not there at {revision.label}, so this setup is without it"
            do = "nothing, if that is meant"
            findings.append(Finding(inside, 1, what, do, "not loaded"))
    return LocatedParts(**places), findings


def _part(revision: GitRevision, name: str, path: str) -> Located | GitTree | None:
    """A part where the revision has it, links to it followed; None where it has none."""
    objects = revision.objects
    try:
        real = objects.resolved(path)
    except OSError:
        return None
    if real is None or real not in (objects.folders if name in _FOLDERS else objects.entries):
        return None
    if name == "home":
        return _tree(revision, real)
    folder, _, last = real.rpartition("/")
    return Located(_tree(revision, folder), last or ".")


def _tree(revision: GitRevision, folder: str) -> GitTree:
    return GitTree(revision.objects, "" if folder == "." else folder, revision.label)
