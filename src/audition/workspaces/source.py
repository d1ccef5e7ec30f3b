"""Source: where the files of a workspace come from, a folder or a revision of a repository.

    workspace: workspaces/shop
    workspace: {git: ., ref: 4f1c2d9, setup: npm ci}

A folder is what git tracks in it plus what it does not ignore, so that folder and revision agree;
outside of a git work tree it is all that lies there, caches left out. Contents are taken byte by
byte: no filter, no line end is changed. Submodules are left out.
"""

import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from pathlib import Path

from audition.digests import digest
from audition.hardened_git import FAILURES, listed_files, run_git
from audition.trees import EXECUTABLE, LINK, REGULAR, blob_id

HIDDEN = ("evals", "datasets", "reports")
"""What a repository holds for the harness: an agent that finds it finds its own examination."""
CACHES = frozenset({"__pycache__", ".pytest_cache", ".ruff_cache", ".mypy_cache"})
MAX_FILES = 20_000
MAX_DEPTH = 64
MAX_BYTES = 512 << 20
"""Of all files together; a workspace may hold no more while commands work in it."""

_GIT_FILES = frozenset({REGULAR, EXECUTABLE, LINK})
_LINE = re.compile(rb"(\d{6}) (\w+) ([0-9a-f]{40,64}) +(\d+|-)\t(.+)", re.DOTALL)


@dataclass(frozen=True)
class Held:
    """One file of a source."""

    path: str
    """With `/`; bytes that are no UTF-8 are kept as the operating system's functions give them."""
    mode: int
    blob: str
    size: int


@dataclass(frozen=True)
class Listing:
    """What a source holds."""

    files: tuple[Held, ...] = ()
    by_git: bool = False
    """Git says what belongs to it: all of that is committed, whatever a `.gitignore` says."""
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Source:
    """What a dataset says of its workspace; paths are absolute."""

    folder: Path
    """A template, or a folder of a repository where there is a `ref`."""
    ref: str | None = None
    """A revision of that repository."""
    setup: str | None = None
    """A command of the user's, run once when the template is built."""
    hidden: tuple[str, ...] = HIDDEN
    """Entries at the top that are left out where there is a `ref`."""

    def problems(self) -> tuple[str, ...]:
        """What is wrong with it, in sentences; found without running anything of it."""
        return self.listing.problems

    @cached_property
    def identity(self) -> str:
        """A digest of all that the template is made of: 64 hexadecimal digits.

        A folder and a revision of the same content have the same one.
        """
        files = [[held.path, held.mode, held.blob] for held in self.listing.files]
        return digest({"files": files, "setup": self.setup or ""})

    @cached_property
    def listing(self) -> Listing:
        """Its files by path, as they are at the first look."""
        try:
            found = self._listed()
        except OSError as error:
            return Listing(problems=(f"{self.folder} cannot be read ({error.strerror})",))
        if found.problems:
            return found
        problem = _too_much(found.files)
        return Listing(problems=(f"{self._name} {problem}",)) if problem else found

    def contents(self) -> Iterator[tuple[Held, bytes]]:
        """Every file with what it holds.

        Raises:
            OSError: one of them is gone or is another than it was.
            subprocess.SubprocessError: git cannot read them.
        """
        blobs = self._blobs() if self.ref else {}
        for held in self.listing.files:
            content = blobs[held.blob] if self.ref else _read(self.folder / held.path)
            if blob_id(content) != held.blob:
                raise OSError(f"{held.path} has changed since it was listed")
            yield held, content

    @property
    def _name(self) -> str:
        return f"{self.folder} at {self.ref}" if self.ref else str(self.folder)

    def _listed(self) -> Listing:
        if not self.folder.is_dir():
            what = "is no folder" if self.folder.exists() else "does not exist"
            return Listing(problems=(f"{self.folder} {what}",))
        if self.ref:
            return self._revision(self.ref)
        known = listed_files(self.folder)
        if known is None:
            return _listing(
                self.folder, sorted(islice(_walk(self.folder), MAX_FILES + 1)), by_git=False
            )
        return _listing(self.folder, sorted(known), by_git=True)

    def _revision(self, ref: str) -> Listing:
        try:
            tree = _tree_of(self.folder, ref)
            lines = run_git(
                ["ls-tree", "-r", "-z", "-l", "--full-tree", tree], cwd=self.folder
            ).split(b"\0")
        except FAILURES:
            return Listing(problems=(f"{self.folder}: git has no revision {ref} there",))
        matches = [match for match in map(_LINE.fullmatch, lines) if match]
        files = [
            Held(os.fsdecode(path), int(mode, 8), blob.decode(), int(size))
            for mode, kind, blob, size, path in (match.groups() for match in matches)
            if kind == b"blob" and int(mode, 8) in _GIT_FILES
        ]
        kept = [held for held in files if held.path.partition("/")[0] not in self.hidden]
        return Listing(tuple(sorted(kept, key=lambda held: held.path)), by_git=True)

    def _blobs(self) -> dict[str, bytes]:
        asked = sorted({held.blob for held in self.listing.files})
        stdin = "".join(f"{blob}\n" for blob in asked).encode()
        said = run_git(["cat-file", "--batch"], cwd=self.folder, stdin=stdin)
        found, position = {}, 0
        for blob in asked:
            header = said[position : said.index(b"\n", position)]
            if header.endswith(b" missing"):
                raise OSError(f"git has no content for {blob}")
            size = int(header.split()[2])
            position += len(header) + 1
            found[blob] = said[position : position + size]
            position += size + 1
        return found


def _tree_of(folder: Path, ref: str) -> str:
    """The id of a revision's tree, seen from the folder."""
    if ref.startswith("-"):
        raise OSError("no revision begins with a dash")
    prefix = run_git(["rev-parse", "--show-prefix"], cwd=folder).decode().rstrip("\n")
    asked = f"{ref}^{{commit}}:{prefix}"
    return (
        run_git(["rev-parse", "--verify", "--end-of-options", asked], cwd=folder).decode().strip()
    )


def _too_much(files: tuple[Held, ...]) -> str:
    if not files:
        return "holds no file"
    if len(files) > MAX_FILES:
        return f"holds {len(files)} files, and a workspace may have {MAX_FILES}"
    size = sum(held.size for held in files)
    return f"holds {size >> 20} MB, and a workspace may have {MAX_BYTES >> 20}" * (size > MAX_BYTES)


def _walk(root: Path) -> Iterator[str]:
    """Every file below a folder that git has no say in."""
    pending = [(root, "", 0)]
    while pending:
        folder, prefix, depth = pending.pop()
        with os.scandir(folder) as entries:
            for entry in entries:
                path = f"{prefix}{entry.name}"
                if entry.name == ".git":
                    continue
                if not entry.is_dir(follow_symlinks=False):
                    yield path
                elif entry.name not in CACHES and depth < MAX_DEPTH:
                    pending.append((Path(entry.path), f"{path}/", depth + 1))


def _listing(root: Path, paths: list[str], *, by_git: bool) -> Listing:
    if len(paths) > MAX_FILES:
        problem = f"{root} holds more than {MAX_FILES} files"
        return Listing(by_git=by_git, problems=(problem,))
    files, problems = [], []
    for path in paths:
        try:
            found = _held(root, path)
        except FileNotFoundError:
            continue  # git knows it, and it was deleted
        except OSError as error:
            problems.append(f"{root / path} cannot be read ({error.strerror})")
            continue
        if found:
            files.append(found)
    return Listing(tuple(files), by_git, tuple(problems))


def _held(root: Path, path: str) -> Held | None:
    """The file as it lies there; None for a repository inside of this one."""
    status = (root / path).lstat()
    if stat.S_ISDIR(status.st_mode):
        return None
    content = _read(root / path)
    executable = EXECUTABLE if status.st_mode & stat.S_IXUSR else REGULAR
    mode = LINK if stat.S_ISLNK(status.st_mode) else executable
    return Held(path, mode, blob_id(content), len(content))


def _read(path: Path) -> bytes:
    status = path.lstat()
    if stat.S_ISLNK(status.st_mode):
        return os.fsencode(path.readlink())
    if not stat.S_ISREG(status.st_mode):
        raise OSError(0, "it is no regular file")
    if status.st_size > MAX_BYTES:
        raise OSError(0, f"it is larger than {MAX_BYTES >> 20} MB")
    return path.read_bytes()
