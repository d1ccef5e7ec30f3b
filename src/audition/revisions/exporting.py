"""The suites, datasets, workspaces and checks of a revision, laid out in a private folder.

A change is judged by what stood before it: its own suites and its own Python never run beside the
key. The whole tree of the revision is written from git's objects; no filter or hook runs, no path
leaves the folder, links that would are left out and named. The folder is a work tree of the
original repository with its own `HEAD` and index, both at the revision, so that in a dataset of it

    workspace: {git: ., ref: HEAD}

means that repository at that revision, other refs mean what they mean there, and what git ignores
is known. Nothing is written into the repository.

Toolchains that git does not track (`.venv`, `node_modules`) are the machine's and no part of a
revision: where a dataset names one, the one in the original's work tree is meant.
"""

import os
import posixpath
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from audition.dataset import Case
from audition.errors import InputError, Problem
from audition.git_objects import GITLINK, LINK, GitObjects
from audition.hardened_git import FAILURES, run_git
from audition.revisions import GitRevision
from audition.revisions.reading import path_within
from audition.setups.loader import SetupSpec
from audition.suite import Suite
from audition.yamlfile import read_yaml

MAX_FILES = 100_000
MAX_BYTES = 1 << 30
"""Of all files together."""
_JUDGE = "take the suites of the change with --suite-from head"
_IGNORABLE = dict.fromkeys(
    [*range(0x200C, 0x2010), *range(0x202A, 0x202F), *range(0x206A, 0x2070), 0xFEFF]
)
"""Characters that the file system of a Mac does not see. Source: git, `utf8.c`."""


@dataclass(frozen=True)
class Export:
    """A revision, laid out; gone when its context ends."""

    revision: GitRevision
    root: Path
    """The top of its files."""
    left_out: tuple[str, ...] = ()
    """Links that would leave it, and submodules, by path."""

    def place(self, path: Path) -> Path:
        """Where a file of the repository is in here.

        Raises:
            InputError: it lies outside of the repository, or the revision does not have it.
        """
        inside = path_within(self.revision.objects.repository, path.absolute())
        if inside is None:
            what = f"lies outside of the repository that {self.revision.label} is of"
            raise InputError([Problem(str(path), what, _JUDGE)])
        here = self.root / inside
        if not here.exists() and not path.exists():
            raise InputError([Problem(str(path), "there is no such file", "check the path")])
        if not here.exists():
            what = f"is not there at {self.revision.label}"
            raise InputError([Problem(str(path), what, _JUDGE)])
        return here

    def original(self, path: Path) -> Path:
        """Where a path in here lies in the repository's own work tree."""
        if path.is_relative_to(self.root):
            return self.revision.objects.repository / path.relative_to(self.root)
        return path

    def original_setup(self, place: Path | SetupSpec) -> Path | SetupSpec:
        """What a suite in here names as its setup, in the repository's own work tree."""
        if isinstance(place, Path):
            return self.original(place)
        parts = {name: self.original(path) for name, path in vars(place).items() if path}
        return SetupSpec(**parts)

    def named(self, text: str) -> str:
        """A text with places in here called as git calls them, `main:evals/suite.yaml`."""
        return text.replace(f"{self.root}/", f"{self.revision.text}:")

    def settled(self, suite: Suite) -> Suite:
        """A suite of here: places are called by their revision, toolchains are the machine's."""
        return replace(
            suite,
            setup=self.original_setup(suite.setup),
            cases=tuple(self._settled(case) for case in suite.cases),
        )

    def _settled(self, case: Case) -> Case:
        work = case.work
        if work is not None and work.project.toolchains:
            tools = tuple(self._toolchain(Path(path)) for path in work.project.toolchains)
            work = replace(work, project=replace(work.project, toolchains=tools))
        return replace(case, where=self.named(case.where), work=work)

    def _toolchain(self, path: Path) -> str:
        inside = path.is_relative_to(self.root)
        stands_in = inside and _is_untracked(self.revision.objects, path.relative_to(self.root))
        return str(self.original(path) if stands_in else path)


@contextmanager
def exported(revision: GitRevision, suite: Path) -> Iterator[Export]:
    """Lay out the revision for as long as the context lasts.

    Args:
        revision: What to lay out.
        suite: The suite that will be loaded, as it is called in the original's work tree.

    Raises:
        InputError: it is too large, holds a path that no checkout would make, or cannot be read.
        OSError: there is no room for it.
    """
    _check_size(revision)
    place = Path(
        tempfile.mkdtemp(prefix="audition-revision-")
    ).resolve()  # nobody else may enter it
    try:
        root = place / "tree"
        root.mkdir()
        objects = revision.objects
        _write_files(revision, root)
        submodules = [entry.path for entry in objects.entries.values() if entry.mode == GITLINK]
        left_out = (*submodules, *_make_links(objects, root))
        _make_work_tree(revision, root, place / "git")
        export = Export(revision, root, left_out)
        _lend_toolchains(export, export.place(suite))
        yield export
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _check_size(revision: GitRevision) -> None:
    entries = revision.objects.entries
    size = sum(entry.size for entry in entries.values())
    what = ""
    if len(entries) > MAX_FILES:
        what = f"holds {len(entries)} files, and {MAX_FILES} are laid out at most"
    elif size > MAX_BYTES:
        what = f"holds {size >> 20} MB, and {MAX_BYTES >> 20} are laid out at most"
    else:
        odd = next((path for path in entries if not _is_sound(path)), None)
        what = f"holds the path {odd!r}, which is not written anywhere" if odd else ""
    if what:
        raise InputError([Problem(revision.label, what, _JUDGE)])


def _is_sound(path: str) -> bool:
    """False for a path that leaves its folder, or that a file system may take for git's own."""
    plain = [name.translate(_IGNORABLE).casefold() for name in path.split("/")]
    return not any(
        name in ("", ".", "..", "git~1") or name.rstrip(" .") == ".git" for name in plain
    )


def _write_files(revision: GitRevision, root: Path) -> None:
    objects = revision.objects
    files = [entry for entry in objects.entries.values() if entry.mode not in (LINK, GITLINK)]
    try:
        for entry, content in objects.contents(files):
            place = root / entry.path
            place.parent.mkdir(parents=True, exist_ok=True)
            mode = 0o700 if entry.mode & 0o100 else 0o600
            descriptor = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
    except (FileExistsError, NotADirectoryError, IsADirectoryError) as error:
        what = f"holds {error.filename!r} twice"  # on a file system that takes A for a
        raise InputError([Problem(revision.label, what, _JUDGE)]) from None


def _make_links(objects: GitObjects, root: Path) -> Iterator[str]:
    """Make the links, when all files are written: nothing may be written through one.

    Yields the paths that are left out.
    """
    for path, target in objects.links.items():
        place = root / path
        if not _stays_inside(objects, path, target) or os.path.lexists(place):
            yield path
            continue
        place.parent.mkdir(parents=True, exist_ok=True)
        place.symlink_to(target)


def _stays_inside(objects: GitObjects, path: str, target: str) -> bool:
    try:
        return objects.resolved(path) is not None
    except (
        OSError
    ):  # a link to nothing: what it says has to lie inside, should something come there
        written = posixpath.normpath(posixpath.join(posixpath.dirname(path), target))
        return bool(target) and not written.startswith(("../", "/")) and written != ".."


def _make_work_tree(revision: GitRevision, root: Path, place: Path) -> None:
    """What `git worktree add` would make, but for the note in the repository.

    Source: git, `gitrepository-layout(5)`, `commondir`.
    """
    top, commit = revision.objects.repository, revision.objects.commit
    try:
        asked = ["rev-parse", "--path-format=absolute", "--git-common-dir"]
        common = run_git(asked, cwd=top).removesuffix(b"\n")
        place.mkdir()
        (place / "HEAD").write_text(f"{commit}\n")
        (place / "commondir").write_bytes(common + b"\n")
        (place / "gitdir").write_text(f"{root / '.git'}\n")
        (root / ".git").write_text(f"gitdir: {place}\n")
        run_git(["read-tree", commit], cwd=root)
    except FAILURES as error:
        what = f"cannot be laid out as a work tree ({error})"
        raise InputError([Problem(revision.label, what, "try a newer git")]) from None


def _lend_toolchains(export: Export, suite: Path) -> None:
    """Put links to the machine's own toolchains where the datasets of the suite look for them.

    One that git tracks now would be brought along by the change, so it is not lent.
    """
    for path in _toolchains(suite):
        original = export.original(path)
        if original == path or os.path.lexists(path) or not original.is_dir():
            continue
        inside = path.relative_to(export.root).as_posix()
        tracked = ["ls-files", "-z", "--cached", "--", f":(top,literal){inside}"]
        if not run_git(tracked, cwd=export.revision.objects.repository):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.symlink_to(original.resolve())


def _toolchains(suite: Path) -> Iterator[Path]:
    """The toolchains that a suite's datasets name; what is wrong with them is said on loading."""
    for text in _texts(_data(suite), "dataset"):
        dataset = Path(os.path.normpath(suite.parent / text))
        if not dataset.is_file():
            continue
        data = _data(dataset)
        cases = data.get("cases")
        for part in (data, *(cases if isinstance(cases, list) else ())):
            project = part.get("project") if isinstance(part, dict) else None
            for tools in _texts(project if isinstance(project, dict) else {}, "toolchains"):
                yield Path(os.path.normpath(dataset.parent / tools))


def _data(path: Path) -> dict[str, object]:
    try:
        data = read_yaml(path, []).data
    except InputError:
        return {}
    return data if isinstance(data, dict) else {}


def _texts(data: dict[str, object], key: str) -> list[str]:
    value = data.get(key)
    values = value if isinstance(value, list) else [value]
    return [text for text in values if isinstance(text, str)]


def _is_untracked(objects: GitObjects, path: Path) -> bool:
    return path.as_posix() not in objects.folders
